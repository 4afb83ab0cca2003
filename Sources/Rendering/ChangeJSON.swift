public import Facts
import JSON

/// How a change stands, as JSON: what apply, confirm, rollback, status and history print.
public enum ChangeJSON {
  /// One document.
  ///
  /// - Parameters:
  ///   - report: the change.
  ///   - plan: what it was made of; nil where that is not known.
  /// - Returns: the text.
  public static func render(_ report: ChangeReport, plan: Plan?) -> String {
    var members = plan.map(PlanJSON.parts) ?? [:]
    members["outcome"] = .string(report.outcome.rawValue)
    members["transaction"] = .optional(report.record) { transaction($0, report) }
    members["changes"] = .array(
      report.keys.map { key($0, plan, report.outcome) })
    members["file"] = .optional(report.path, JSONValue.string)
    members["remarks"] = .strings(report.remarks)
    members["error"] =
      report.reasons.isEmpty
      ? .null
      : .object([
        "message": .string(report.reasons[0]), "problems": .strings(report.reasons),
      ])
    return JSONText.document(members)
  }

  /// Every change that has ended.
  public static func history(_ records: [ChangeRecord]) -> String {
    JSONText.document([
      "history": .array(
        records.map { record in
          var members = Self.members(of: record)
          members["changes"] = .array(
            record.keys.map { key in
              .object([
                "key": .string(key.key.name), "before": .string(KeyState.plain(key.before)),
                "after": .string(KeyState.plain(key.after)), "source": .string(key.source),
              ])
            })
          return .object(members)
        })
    ])
  }

  private static func transaction(_ record: ChangeRecord, _ report: ChangeReport) -> JSONValue {
    var members = members(of: record)
    if record.ending == nil {
      members["deadline"] = .optional(report.deadline, JSONValue.string)
      members["seconds_left"] = .optional(report.secondsLeft, JSONValue.integer)
    }
    return .object(members)
  }

  private static func members(of record: ChangeRecord) -> [String: JSONValue] {
    var kind = "apply"
    var target: String?
    if case .rollback(let id) = record.kind { (kind, target) = ("rollback", id) }
    return [
      "id": .string(record.id), "sequence": .integer(record.sequence), "kind": .string(kind),
      "rollback_of": .optional(target, JSONValue.string), "title": .string(record.title),
      "phase": .string(record.ending?.rawValue ?? record.phase.rawValue),
      "reason": .optional(record.reason, JSONValue.string),
      "conflicts": .strings(record.conflicts.map(\.name)),
      "began_ms": .integer(record.began), "ended_ms": .optional(record.ended, JSONValue.integer),
      "alarm": .string(record.alarm.rawValue),
      "user": .integer(record.caller.loginUser ?? record.caller.user),
      "terminal": .optional(record.caller.terminal, JSONValue.string),
    ]
  }

  private static func key(
    _ state: KeyState, _ plan: Plan?, _ outcome: ChangeReport.Outcome
  ) -> JSONValue {
    let isBack = outcome == .reverted || outcome == .takenBack
    let wanted: KeyState.Owner = isBack ? .before : .ours
    let file: JSONValue
    switch state.file {
    case .value(let text): file = .string(KeyState.plain(text))
    case .none, .missing, .unread: file = .null
    }
    let change = plan?.changes.first { $0.key == state.key.key }
    return .object([
      "key": .string(state.key.key.name), "before": .string(KeyState.plain(state.key.before)),
      "after": .string(KeyState.plain(state.key.after)),
      "now": .optional(state.now.value.map(KeyState.plain), JSONValue.string),
      "verified": .boolean(state.owner == wanted || state.owner == .same), "file": file,
      "owner": .string(state.owner.rawValue),
      "verdict": .string(ChangeText.verdict(state, isKept: outcome == .kept).text),
      "source": .string(state.key.source), "transaction": .string(state.change),
      "effect": .optional(change?.effect.rawValue, JSONValue.string),
      "restart": .strings(change?.restart ?? []),
    ])
  }
}
