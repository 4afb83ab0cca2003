public import Facts
import JSON

/// A plan as JSON: what `apply --dry-run` prints.
public enum PlanJSON {
  /// The plan as one document; there is no transaction, for nothing is written.
  ///
  /// - Parameters:
  ///   - plan: what it is about.
  ///   - hindrances: why apply would refuse whatever the plan, one sentence each.
  ///   - warnings: what else sets these keys, one sentence each.
  /// - Returns: the text.
  public static func render(
    _ plan: Plan, hindrances: [String] = [], warnings: [String] = []
  ) -> String {
    var members = parts(of: plan)
    members["overridden_by"] = .strings(warnings)
    members["transaction"] = .null
    members["outcome"] = .string("dry-run")
    members["changes"] = .array(plan.changes.map(change))
    members["refused"] = .strings(plan.refusals.map(\.key.name))
    members["would_refuse"] = .strings(
      plan.refusals.map(PlanText.refusal) + hindrances)
    return JSONText.document(members)
  }

  /// Everything of a plan but its changes.
  static func parts(of plan: Plan) -> [String: JSONValue] {
    let asked = plan.members.filter { $0.includedBy == nil }
    return [
      // The one that was asked for; several are in `profiles` only.
      "profile": .optional(asked.count == 1 ? asked.first : nil, member),
      "profiles": .array(plan.members.map(member)),
      "drift": .array(plan.drift.map(FileJSON.drift)),
      "conflicts": .array(plan.conflicts.map(conflict)),
      "overruled": .array(plan.overruled.map(overruled)),
      "removals": .array(plan.removals.map(removal)),
      "advice": .strings(plan.advice.map(PlanText.text)),
    ]
  }

  private static func member(_ member: Plan.Member) -> JSONValue {
    .object([
      "name": .string(member.name), "title": .string(member.title),
      "origin": .string(member.origin),
      "included_by": .optional(member.includedBy, JSONValue.string),
    ])
  }

  private static func overruled(_ overruled: Plan.Overruled) -> JSONValue {
    func wish(_ wish: Plan.Overruled.Wish) -> JSONValue {
      .object([
        "profile": .string(wish.profile), "source": .string(wish.source),
        "operator": .string(wish.operator?.rawValue ?? "default"), "value": .string(wish.value),
      ])
    }
    return .object([
      "key": .string(overruled.key.name), "earlier": wish(overruled.earlier),
      "later": wish(overruled.later),
    ])
  }

  static func removal(_ removal: Removal) -> JSONValue {
    .object([
      "file": .string(removal.file), "line": .integer(Int64(removal.line)),
      "key": .string(removal.key.name), "rules": .string(removal.source),
      "reason": .string(removal.reason),
    ])
  }

  static func change(_ change: PlannedChange) -> JSONValue {
    let before = change.currentText
    var members: [String: JSONValue] = [
      "key": .string(change.key.name), "before": .optional(before, JSONValue.string),
      "after": .string(change.target), "now": .optional(before, JSONValue.string),
      "verified": .boolean(false), "source": .string(change.source),
      "operator": .string(change.operatorWord), "wanted": .string(change.wanted),
      "reason": .string(PlanText.reason(of: change)), "lost_at_boot": .boolean(change.isLostAtBoot),
      "effect": .string(change.effect.rawValue), "restart": .strings(change.restart),
      "warnings": .strings(change.warnings.map(PlanText.text)),
    ]
    if let sizing = change.sizing { members["sizing"] = SizingText.json(sizing) }
    switch change.outcome {
    case .change: members["outcome"] = .string("change")
    case .holds: members["outcome"] = .string("holds")
    case .notHere(let reason):
      members["outcome"] = .string("not-here")
      members["not_here"] = .string(PlanText.text(reason))
    case .refused(let refusal):
      members["outcome"] = .string("refused")
      members["refusal"] = .string(PlanText.text(refusal))
    }
    return .object(members)
  }

  private static func conflict(_ conflict: Plan.Conflict) -> JSONValue {
    .object([
      "key": .string(conflict.key.name),
      "element": .optional(conflict.element?.rawValue, JSONValue.string),
      "wishes": .array(
        conflict.wishes.map {
          .object([
            "rule": .string($0.rule), "operator": .string($0.operator.rawValue),
            "value": .string(String($0.value)),
          ])
        }),
    ])
  }
}
