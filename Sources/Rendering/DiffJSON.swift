public import Facts
import JSON

/// A difference as JSON: what `diff --format json` prints.
public enum DiffJSON {
  /// The difference of one file.
  public struct Section: Sendable {
    /// The file, as the host names it.
    public var file: String
    /// The unified difference, empty when there is none.
    public var diff: String

    /// A file with its difference.
    public init(file: String, diff: String) {
      self.file = file
      self.diff = diff
    }
  }

  /// The difference as one document.
  ///
  /// - Parameters:
  ///   - sections: the file that keys are set in, then those that lines are taken out of.
  ///   - plan: the changes behind it.
  ///   - remarks: what is to be known beside it.
  /// - Returns: the text.
  public static func render(sections: [Section], plan: Plan, remarks: [String]) -> String {
    let diff = sections.map(\.diff).joined()
    var members = PlanJSON.parts(of: plan)
    members["file"] = .optional(sections.first?.file, JSONValue.string)
    members["diff"] = .string(diff)
    members["differs"] = .boolean(!diff.isEmpty)
    members["files"] = .array(
      sections.filter { !$0.diff.isEmpty }.map {
        .object(["file": .string($0.file), "diff": .string($0.diff)])
      })
    members["changes"] = .array(plan.writes.map(change))
    members["left_out"] = .array(
      plan.changes.filter { $0.outcome != .change && $0.outcome != .holds }.map(PlanJSON.change))
    members["remarks"] = .strings(remarks)
    return JSONText.document(members)
  }

  private static func change(_ change: PlannedChange) -> JSONValue {
    .object([
      "key": .string(change.key.name), "value": .string(change.target),
      "operator": .string(change.operatorWord),
      "current": .optional(change.currentText, JSONValue.string),
      "effect": .string(change.effect.rawValue), "restart": .strings(change.restart),
      "rules": .string(change.source), "reason": .string(PlanText.reason(of: change)),
      "warnings": .strings(change.warnings.map(PlanText.text)),
    ])
  }
}
