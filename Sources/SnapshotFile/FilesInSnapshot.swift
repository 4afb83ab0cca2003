import Facts
import JSON

// The sysctl files in a saved snapshot: names as in the document of `tcptune files` where it has the
// same thing.
extension SnapshotFile {
  static func files(_ report: FilesReport) -> JSONValue {
    object([
      "kernel": .string(report.kernel),
      "loaders": .array(
        report.loaders.map { .object(["name": .string($0.name), "title": .string($0.title)]) }),
      "boot": .string(report.boot), "system": .string(report.system),
      "files": .integer(Int64(report.fileCount)),
      "not_compared": report.notCompared.map(JSONValue.string),
      "keys": .array(report.keys.map(key)),
      "problems": .array(report.problems.map(problem)),
      "gaps": .array(
        report.gaps.map { .object(["what": .string($0.what), "reason": .string($0.reason)]) }),
    ])
  }

  static func writer(_ writer: SysctlWriter) -> JSONValue {
    .object([
      "name": .string(writer.name), "seen_at": .string(writer.seenAt),
      "keys": .strings(writer.namedKeys.map(\.name)),
    ])
  }

  /// What is not known is left out.
  private static func object(_ members: [String: JSONValue?]) -> JSONValue {
    .object(members.compactMapValues { $0 })
  }

  private static func key(_ key: FilesReport.Key) -> JSONValue {
    object([
      "key": .string(key.name), "running": reading(key.running, JSONValue.string),
      "tunable": .boolean(key.isTunable), "there": key.isThere.map(JSONValue.boolean),
      "loaders": .array(
        key.loaders.sorted { $0.key < $1.key }.map { outcome($0.value, loader: $0.key) }),
      "assignments": .array(key.assignments.map(assignment)),
    ])
  }

  private static func outcome(_ outcome: FilesReport.Outcome, loader: String) -> JSONValue {
    object([
      "loader": .string(loader),
      "value": .string(outcome.value),
      "effective": outcome.effective.map(JSONValue.string),
      "outcome": .string(outcome.outcome), "file": .string(outcome.source.file),
      "line": .integer(Int64(outcome.source.line)),
    ])
  }

  private static func assignment(_ line: FilesReport.Assignment) -> JSONValue {
    object([
      "file": .string(line.source.file), "line": .integer(Int64(line.source.line)),
      "value": .string(line.value),
      "roles": .array(
        line.roles.sorted { $0.key < $1.key }.map {
          .object(["loader": .string($0.key), "role": .string($0.value)])
        }),
      "outcome": line.outcome.map(JSONValue.string),
      "leaves": line.leaves.map(JSONValue.string),
      "ignored_by": .strings(line.ignoredBy),
    ])
  }

  private static func problem(_ problem: FilesReport.Problem) -> JSONValue {
    object([
      "file": .string(problem.file), "line": problem.line.map { .integer(Int64($0)) },
      "kind": .string(problem.kind), "message": .string(problem.message),
      "loaders": .strings(problem.loaders),
    ])
  }

  // MARK: Reading

  static func report(_ fields: Fields) throws(JSONProblem) -> FilesReport {
    var loaders: [(name: String, title: String)] = []
    for item in try fields.member("loaders").items() {
      loaders.append((try item.member("name").string(), try item.member("title").string()))
    }
    var report = FilesReport(
      kernel: try fields.member("kernel").string(), loaders: loaders,
      boot: try fields.member("boot").string(), system: try fields.member("system").string(),
      fileCount: Int(try fields.member("files").integer(in: 0...1 << 20)),
      notCompared: try fields.optional("not_compared")?.string(), keys: [], problems: [], gaps: [])
    for item in try fields.member("keys").items() { report.keys.append(try key(item)) }
    for item in try fields.member("problems").items() {
      report.problems.append(
        FilesReport.Problem(
          file: try item.member("file").string(), line: try item.optional("line").map(line),
          kind: try item.member("kind").string(), message: try item.member("message").string(),
          loaders: try strings(item.member("loaders"))))
    }
    for item in try fields.member("gaps").items() {
      report.gaps.append(
        Gap(try item.member("what").string(), try item.member("reason").string()))
    }
    return report
  }

  static func writer(_ fields: Fields) throws(JSONProblem) -> SysctlWriter {
    var writer = SysctlWriter(
      name: try fields.member("name").string(), seenAt: try fields.member("seen_at").string())
    for item in try fields.member("keys").items() {
      guard let key = SysctlKey(try item.string()) else { throw item.problem("a sysctl key") }
      writer.namedKeys.append(key)
    }
    return writer
  }

  private static func key(_ fields: Fields) throws(JSONProblem) -> FilesReport.Key {
    let name = try fields.member("key")
    guard SysctlKey(try name.string()) != nil else { throw name.problem("a sysctl key") }
    var loaders: [String: FilesReport.Outcome] = [:]
    for item in try fields.member("loaders").items() {
      loaders[try item.member("loader").string()] = FilesReport.Outcome(
        value: try item.member("value").string(),
        effective: try item.optional("effective")?.string(),
        outcome: try item.member("outcome").string(), source: try source(item))
    }
    var assignments: [FilesReport.Assignment] = []
    for item in try fields.member("assignments").items() {
      var roles: [String: String] = [:]
      for role in try item.member("roles").items() {
        roles[try role.member("loader").string()] = try role.member("role").string()
      }
      var assignment = FilesReport.Assignment(
        source: try source(item), value: try item.member("value").string(), roles: roles)
      assignment.outcome = try item.optional("outcome")?.string()
      assignment.leaves = try item.optional("leaves")?.string()
      assignment.ignoredBy = try strings(item.member("ignored_by"))
      assignments.append(assignment)
    }
    var key = FilesReport.Key(
      name: try name.string(), running: try string(fields.member("running")),
      isTunable: try fields.member("tunable").boolean(), loaders: loaders,
      assignments: assignments)
    key.isThere = try fields.optional("there")?.boolean()
    return key
  }

  private static func source(_ fields: Fields) throws(JSONProblem) -> FilesReport.Source {
    FilesReport.Source(
      file: try fields.member("file").string(), line: try line(fields.member("line")))
  }

  private static func line(_ fields: Fields) throws(JSONProblem) -> Int {
    Int(try fields.integer(in: 0...Int64(Int32.max)))
  }

  private static func strings(_ fields: Fields) throws(JSONProblem) -> [String] {
    var all: [String] = []
    for item in try fields.items() { all.append(try item.string()) }
    return all
  }
}
