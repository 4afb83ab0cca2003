public import Facts
import JSON

/// Every network namespace of a machine as JSON.
public enum NamespaceJSON {
  /// One document: each namespace with its whole audit.
  public static func render(
    _ all: [NamespaceReport], gaps: [Gap], minimum: Severity
  ) -> String {
    JSONText.document([
      "namespaces": .array(all.map { namespace($0, minimum) }),
      "not_read": .array(
        gaps.map { .object(["what": .string($0.what), "reason": .string($0.reason)]) }),
    ])
  }

  private static func namespace(
    _ namespace: NamespaceReport, _ minimum: Severity
  ) -> JSONValue {
    var members: [String: JSONValue] = [
      "inode": .string(String(namespace.inode)), "names": .strings(namespace.names),
      "processes": .integer(namespace.processes),
      "first_process": .optional(namespace.first) {
        .object(["pid": .integer($0.pid), "name": .string($0.name)])
      },
      "differing": .strings(namespace.differing.map(\.name)),
      "audit": .optional(namespace.report.value) {
        .object(ReportJSON.members(of: $0, minimum: minimum))
      },
    ]
    if let absence = namespace.report.absence {
      members["missing"] = ReportJSON.absence(absence)
    }
    return .object(members)
  }
}
