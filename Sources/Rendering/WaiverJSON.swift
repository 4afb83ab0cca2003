import Facts
import JSON

/// Waivers and what they allowed as JSON.
enum WaiverJSON {
  static func use(_ use: WaiverUse) -> JSONValue {
    var members = members(of: use.waiver)
    members["state"] = .string(use.state.rawValue)
    return .object(members)
  }

  /// What was found and is allowed: the finding, and by what.
  static func waived(_ item: WaivedFinding) -> JSONValue {
    .object([
      "finding": FindingJSON.finding(item.finding), "waiver": .object(members(of: item.waiver)),
    ])
  }

  private static func members(of waiver: Waiver) -> [String: JSONValue] {
    [
      "rule": .string(waiver.rule), "source": .string(waiver.source),
      "subject": .optional(waiver.subject, JSONValue.string),
      "reason": .optional(waiver.reason, JSONValue.string),
      "until": .optional(waiver.until) { .string($0.description) },
    ]
  }
}
