public import Facts
import JSON

/// A plan as JSON: what `apply --dry-run` prints.
public enum PlanJSON {
  /// The plan as one document; there is no transaction, for nothing is written.
  public static func render(_ plan: Plan) -> String {
    JSONText.document([
      "transaction": .null, "outcome": .string("dry-run"),
      "profile": .object([
        "name": .string(plan.name), "title": .string(plan.title),
        "origin": .optional(plan.origin, JSONValue.string),
      ]),
      "changes": .array(plan.changes.map(change)),
      "conflicts": .array(plan.conflicts.map(conflict)),
      "advice": .strings(plan.advice.map(PlanText.text)),
      "refused": .strings(plan.refusals.map(\.key.name)),
    ])
  }

  private static func change(_ change: PlannedChange) -> JSONValue {
    let before = change.current.value?.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    var members: [String: JSONValue] = [
      "key": .string(change.key.name), "before": .optional(before, JSONValue.string),
      "after": .string(change.target), "now": .optional(before, JSONValue.string),
      "verified": .boolean(false), "source": .string(change.source),
      "operator": .string(change.operator.rawValue), "reason": .string(change.reason),
      "effect": .string(change.effect.rawValue), "restart": .strings(change.restart),
      "warnings": .strings(change.warnings.map(PlanText.text)),
    ]
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

/// A difference as JSON: what `diff --format json` prints.
public enum DiffJSON {
  /// The difference as one document.
  ///
  /// - Parameters:
  ///   - diff: the unified difference, empty when the files are equal.
  ///   - file: the file that it is against.
  ///   - plan: the changes behind it.
  /// - Returns: the text.
  public static func render(diff: String, file: String, plan: Plan) -> String {
    JSONText.document([
      "file": .string(file), "diff": .string(diff), "differs": .boolean(!diff.isEmpty),
      "changes": .array(
        plan.writes.map { change in
          .object([
            "key": .string(change.key.name), "value": .string(change.target),
            "current": .optional(change.current.value, JSONValue.string),
            "effect": .string(change.effect.rawValue), "restart": .strings(change.restart),
            "rules": .string(change.source),
          ])
        }),
      "advice": .strings(plan.advice.map(PlanText.text)),
    ])
  }
}
