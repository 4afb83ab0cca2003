public import Facts
import JSON

/// The sysctl files as JSON.
public enum FilesJSON {
  /// `files` as one document.
  public static func render(_ report: FilesReport) -> String {
    let names = report.loaders.map(\.name)
    return JSONText.document([
      "kernel": .string(report.kernel), "boot": .string(report.boot),
      "system": .string(report.system), "files": .integer(Int64(report.fileCount)),
      "keys": .array(report.keys.map { key($0, names) }),
      "unnamed": .array(
        report.unnamed.map { key in
          .object([
            "key": .string(key.key.name), "running": .string(key.running),
            "default": .string(key.standard),
          ])
        }),
      "problems": .array(report.problems.map(problem)),
      "gaps": .array(
        report.gaps.map { .object(["what": .string($0.what), "reason": .string($0.reason)]) }),
    ])
  }

  private static func key(_ key: FilesReport.Key, _ loaders: [String]) -> JSONValue {
    var members: [String: JSONValue] = [
      "key": .string(key.name), "running": .optional(key.running.value, JSONValue.string),
      "loaders": .object(
        Dictionary(uniqueKeysWithValues: loaders.map { ($0, outcome(key.loaders[$0])) })),
      "assignments": .array(
        key.assignments.map { assignment in
          .object([
            "file": .string(assignment.source.file),
            "line": .integer(Int64(assignment.source.line)), "value": .string(assignment.value),
            "roles": .object(assignment.roles.mapValues { .string($0) }),
          ])
        }),
    ]
    if let absence = key.running.absence {
      members["running_missing"] = ReportJSON.absence(absence)
    }
    return .object(members)
  }

  private static func outcome(_ outcome: FilesReport.Outcome?) -> JSONValue {
    guard let outcome else { return .null }
    return .object([
      "value": .string(outcome.value),
      "effective": .optional(outcome.effective, JSONValue.string),
      "outcome": .string(outcome.outcome),
      "source": .object([
        "file": .string(outcome.source.file), "line": .integer(Int64(outcome.source.line)),
      ]),
    ])
  }

  private static func problem(_ problem: FilesReport.Problem) -> JSONValue {
    .object([
      "file": .string(problem.file),
      "line": .optional(problem.line) { .integer(Int64($0)) },
      "kind": .string(problem.kind), "message": .string(problem.message),
      "loaders": .strings(problem.loaders),
    ])
  }
}
