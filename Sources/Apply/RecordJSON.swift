import Facts
import JSON
import SysctlConf

/// The text of a record: a JSON document that carries its own digest.
enum RecordJSON {
  /// The version of the document; another one is refused.
  static let format: Int64 = 1

  // MARK: Writing

  static func bytes(of record: ChangeRecord) -> [UInt8] { bytes(of: value(of: record)) }

  private static func bytes(of record: JSONValue) -> [UInt8] {
    let digest = SHA256.digits(of: Array(record.line.utf8))
    return Array(
      JSONValue.object([
        "format": .integer(format), "record": record, "sha256": .string(digest),
      ]).text.utf8)
  }

  private static func value(of record: ChangeRecord) -> JSONValue {
    let kind: JSONValue
    let target: JSONValue
    switch record.kind {
    case .apply: (kind, target) = (.string("apply"), .null)
    case .rollback(let id): (kind, target) = (.string("rollback"), .string(id))
    }
    return .object([
      "id": .string(record.id), "sequence": .integer(record.sequence), "kind": kind,
      "rollback_of": target, "phase": .string(record.phase.rawValue),
      "ending": .optional(record.ending) { .string($0.rawValue) },
      "reason": .optional(record.reason, JSONValue.string),
      "conflicts": .strings(record.conflicts.map(\.name)), "tool": .string(record.tool),
      "title": .string(record.title), "origin": origin(record.origin),
      "caller": caller(record.caller), "began_ms": .integer(record.began),
      "ended_ms": .optional(record.ended, JSONValue.integer),
      "deadline_boottime_ms": .integer(record.deadline),
      "trial_ms": .optional(record.trial, JSONValue.integer),
      "alarm": .string(record.alarm.rawValue),
      "keys": .array(
        record.keys.map { key in
          .object([
            "key": .string(key.key.name), "before": .string(key.before),
            "after": .string(key.after), "source": .string(key.source),
          ])
        }),
      "file": .optional(record.file) { file in
        .object([
          "name": .string(file.name), "before": .optional(file.before, content),
          "after": .optional(file.after, content),
        ])
      },
    ])
  }

  private static func origin(_ origin: ChangeRecord.Origin) -> JSONValue {
    .object([
      "boot_id": .string(origin.boot), "kernel": .string(origin.kernel),
      "memory_bytes": .integer(origin.memory), "network": .integer(origin.namespaces.network),
      "mounts": .integer(origin.namespaces.mounts),
      "processes": .integer(origin.namespaces.processes),
      "initial_network": .boolean(origin.isInitialNetwork),
    ])
  }

  private static func caller(_ caller: ChangeRecord.Caller) -> JSONValue {
    .object([
      "user": .integer(caller.user),
      "login_user": .optional(caller.loginUser, JSONValue.integer),
      "login_session": .optional(caller.loginSession, JSONValue.integer),
      "session": .integer(caller.session),
      "terminal": .optional(caller.terminal, JSONValue.string),
    ])
  }

  private static func content(_ content: ChangeRecord.Content) -> JSONValue {
    .object([
      "text": .string(content.text), "mode": .integer(content.mode),
      "owner": .integer(content.owner), "group": .integer(content.group),
      "label": .optional(content.label, JSONValue.string),
    ])
  }

  // MARK: Reading

  /// What is wrong with a document.
  struct Problem: Error {
    var message: String
  }

  /// The record in a document, which must be byte for byte what we write.
  static func record(from bytes: [UInt8]) throws(Problem) -> ChangeRecord {
    let document: JSONNode
    do {
      document = try JSONNode(parsing: bytes)
    } catch {
      throw Problem(message: "\(error.place(in: bytes)): \(error.message)")
    }
    let outer = try Members(document)
    let format = try outer.integer("format")
    guard format == Self.format else {
      throw Problem(message: "expected format \(Self.format), found \(format)")
    }
    let record = try self.record(try outer.members("record"))
    guard Self.bytes(of: record) == bytes else {
      throw Problem(message: "expected the text that its digest belongs to, found another")
    }
    return record
  }

  private static func record(_ members: Members) throws(Problem) -> ChangeRecord {
    let kind: ChangeRecord.Kind
    switch try members.text("kind") {
    case "apply": kind = .apply
    case "rollback": kind = .rollback(of: try members.text("rollback_of"))
    case let other: throw Problem(message: "expected apply or rollback, found '\(other)'")
    }
    var record = ChangeRecord(
      id: try members.text("id"), sequence: Int(try members.integer("sequence")), kind: kind,
      tool: try members.text("tool"), title: try members.text("title"),
      origin: try origin(try members.members("origin")),
      caller: try caller(try members.members("caller")),
      began: try members.integer("began_ms"), deadline: try members.integer("deadline_boottime_ms"),
      trial: try members.optionalInteger("trial_ms"), alarm: try members.word("alarm"), keys: [],
      file: nil)
    guard isID(record.id) else {
      throw Problem(message: "expected an id of eight hexadecimal digits, found '\(record.id)'")
    }
    guard (1...999_999).contains(record.sequence) else {
      throw Problem(
        message: "expected a number from 1 to 999999 as the sequence, found \(record.sequence)")
    }
    record.phase = try members.word("phase")
    if try members.optionalText("ending") != nil { record.ending = try members.word("ending") }
    record.reason = try members.optionalText("reason")
    record.ended = try members.optionalInteger("ended_ms")
    for node in try members.array("conflicts") {
      guard case .string(let name) = node.content else {
        throw Problem(message: "expected a key, found \(node.words)")
      }
      record.conflicts.append(try key(name))
    }
    for node in try members.array("keys") {
      let members = try Members(node)
      record.keys.append(
        ChangeRecord.Key(
          key: try key(try members.text("key")), before: try value(try members.text("before")),
          after: try value(try members.text("after")), source: try members.text("source")))
    }
    if let file = try members.optionalMembers("file") {
      let name = try file.text("name")
      guard KeptFile.isName(name) else {
        throw Problem(message: "expected the name of a file, found '\(name)'")
      }
      record.file = ChangeRecord.File(
        name: name, before: try content(try file.optionalMembers("before")),
        after: try content(try file.optionalMembers("after")))
    }
    return record
  }

  static func isID(_ text: String) -> Bool {
    text.utf8.count == 8
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func key(_ name: String) throws(Problem) -> SysctlKey {
    guard let key = SysctlKey(name), key.name == name else {
      throw Problem(message: "expected a key, found '\(name)'")
    }
    return key
  }

  /// A value is one line; the kernel cuts what is longer than a page.
  private static func value(_ text: String) throws(Problem) -> String {
    let isPlain = text.utf8.allSatisfy { $0 == 0x09 || (0x20...0x7e).contains($0) }
    guard isPlain, text.utf8.count < 1 << 16 else {
      throw Problem(message: "expected a value on one line, found '\(text.prefix(40))'")
    }
    return text
  }

  private static func origin(_ members: Members) throws(Problem) -> ChangeRecord.Origin {
    ChangeRecord.Origin(
      boot: try members.text("boot_id"), kernel: try members.text("kernel"),
      memory: try members.integer("memory_bytes"),
      namespaces: ChangeRecord.Namespaces(
        network: try members.number("network"), mounts: try members.number("mounts"),
        processes: try members.number("processes")),
      isInitialNetwork: try members.boolean("initial_network"))
  }

  private static func caller(_ members: Members) throws(Problem) -> ChangeRecord.Caller {
    ChangeRecord.Caller(
      user: try members.number("user"), loginUser: try members.optionalNumber("login_user"),
      loginSession: try members.optionalNumber("login_session"),
      session: try members.number("session"), terminal: try members.optionalText("terminal"))
  }

  private static func content(_ members: Members?) throws(Problem) -> ChangeRecord.Content? {
    guard let members else { return nil }
    return ChangeRecord.Content(
      text: try members.text("text"), mode: try members.number("mode"),
      owner: try members.number("owner"), group: try members.number("group"),
      label: try members.optionalText("label"))
  }

  // MARK: Members

  /// The members of an object, each of which must be there.
  private struct Members {
    private let nodes: [String: JSONNode]

    init(_ node: JSONNode) throws(Problem) {
      guard case .object(let nodes) = node.content else {
        throw Problem(message: "expected an object, found \(node.words)")
      }
      self.nodes = nodes
    }

    private func node(_ name: String) throws(Problem) -> JSONNode {
      guard let node = nodes[name] else { throw Problem(message: "expected '\(name)', found none") }
      return node
    }

    private func wrong(_ name: String, _ expected: String, _ node: JSONNode) -> Problem {
      Problem(message: "'\(name)': expected \(expected), found \(node.words)")
    }

    func members(_ name: String) throws(Problem) -> Members { try Members(try node(name)) }

    func optionalMembers(_ name: String) throws(Problem) -> Members? {
      let node = try node(name)
      if case .null = node.content { return nil }
      return try Members(node)
    }

    func array(_ name: String) throws(Problem) -> [JSONNode] {
      let node = try node(name)
      guard case .array(let nodes) = node.content else { throw wrong(name, "an array", node) }
      return nodes
    }

    func text(_ name: String) throws(Problem) -> String {
      guard let text = try optionalText(name) else {
        throw Problem(message: "'\(name)': expected a text, found null")
      }
      return text
    }

    func optionalText(_ name: String) throws(Problem) -> String? {
      let node = try node(name)
      switch node.content {
      case .null: return nil
      case .string(let text): return text
      default: throw wrong(name, "a text", node)
      }
    }

    func word<Word: RawRepresentable>(_ name: String) throws(Problem) -> Word
    where Word.RawValue == String {
      let text = try text(name)
      guard let word = Word(rawValue: text) else {
        throw Problem(message: "'\(name)': expected a word of ours, found '\(text)'")
      }
      return word
    }

    func boolean(_ name: String) throws(Problem) -> Bool {
      let node = try node(name)
      guard case .boolean(let value) = node.content else { throw wrong(name, "a boolean", node) }
      return value
    }

    func integer(_ name: String) throws(Problem) -> Int64 { try number(name) }

    func optionalInteger(_ name: String) throws(Problem) -> Int64? { try optionalNumber(name) }

    func number<Number: FixedWidthInteger>(_ name: String) throws(Problem) -> Number {
      guard let number: Number = try optionalNumber(name) else {
        throw Problem(message: "'\(name)': expected a number, found null")
      }
      return number
    }

    func optionalNumber<Number: FixedWidthInteger>(_ name: String) throws(Problem) -> Number? {
      let node = try node(name)
      switch node.content {
      case .null: return nil
      case .number(let text):
        guard let number = Number(text) else { throw wrong(name, "a whole number", node) }
        return number
      default: throw wrong(name, "a whole number", node)
      }
    }
  }
}
