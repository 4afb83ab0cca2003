import Facts
import JSON

// The sysctl files in a saved snapshot: names as in the document of `tcptune files` where it has the
// same thing.
extension SnapshotFile {
  static func files(_ report: FilesReport) -> JSONValue {
    .object([
      "kernel": .string(report.kernel),
      "loaders": .array(
        report.loaders.map { .object(["name": .string($0.name), "title": .string($0.title)]) }),
      "boot": .string(report.boot), "system": .string(report.system),
      "files": .integer(Int64(report.fileCount)),
      "not_compared": .optional(report.notCompared, JSONValue.string),
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

  private static func key(_ key: FilesReport.Key) -> JSONValue {
    .object([
      "key": .string(key.name), "running": reading(key.running, JSONValue.string),
      "tunable": .boolean(key.isTunable), "there": .optional(key.isThere, JSONValue.boolean),
      "loaders": .object(key.loaders.mapValues(outcome)),
      "assignments": .array(key.assignments.map(assignment)),
    ])
  }

  private static func outcome(_ outcome: FilesReport.Outcome) -> JSONValue {
    .object([
      "value": .string(outcome.value),
      "effective": .optional(outcome.effective, JSONValue.string),
      "outcome": .string(outcome.outcome), "file": .string(outcome.source.file),
      "line": .integer(Int64(outcome.source.line)),
    ])
  }

  private static func assignment(_ line: FilesReport.Assignment) -> JSONValue {
    .object([
      "file": .string(line.source.file), "line": .integer(Int64(line.source.line)),
      "value": .string(line.value), "roles": .object(line.roles.mapValues(JSONValue.string)),
      "outcome": .optional(line.outcome, JSONValue.string),
      "leaves": .optional(line.leaves, JSONValue.string),
      "ignored_by": .strings(line.ignoredBy),
    ])
  }

  private static func problem(_ problem: FilesReport.Problem) -> JSONValue {
    .object([
      "file": .string(problem.file), "line": .optional(problem.line) { .integer(Int64($0)) },
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
      notCompared: try fields.present("not_compared")?.string(), keys: [], problems: [], gaps: [])
    for item in try fields.member("keys").items() { report.keys.append(try key(item)) }
    for item in try fields.member("problems").items() {
      report.problems.append(
        FilesReport.Problem(
          file: try item.member("file").string(), line: try item.present("line").map(line),
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
    for (loader, item) in try fields.member("loaders").members() {
      loaders[loader] = FilesReport.Outcome(
        value: try item.member("value").string(),
        effective: try item.present("effective")?.string(),
        outcome: try item.member("outcome").string(), source: try source(item))
    }
    var assignments: [FilesReport.Assignment] = []
    for item in try fields.member("assignments").items() {
      var roles: [String: String] = [:]
      for (loader, role) in try item.member("roles").members() { roles[loader] = try role.string() }
      var assignment = FilesReport.Assignment(
        source: try source(item), value: try item.member("value").string(), roles: roles)
      assignment.outcome = try item.present("outcome")?.string()
      assignment.leaves = try item.present("leaves")?.string()
      assignment.ignoredBy = try strings(item.member("ignored_by"))
      assignments.append(assignment)
    }
    var key = FilesReport.Key(
      name: try name.string(), running: try string(fields.member("running")),
      isTunable: try fields.member("tunable").boolean(), loaders: loaders,
      assignments: assignments)
    key.isThere = try fields.present("there")?.boolean()
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

extension Fields {
  /// The member of that name, nil where there is none or it is null.
  func present(_ name: String) throws(JSONProblem) -> Fields? {
    guard let member = try optional(name), !member.isNull else { return nil }
    return member
  }
}
