import Foundation
import Support
import Testing

/// Two profiles of a test: one that a change is made of, and one that is applied over it.
enum Tried {
  private static let folder = try? TestFolder()

  private static func written(_ name: String, _ values: [(String, String)]) -> String {
    let lines = values.map { "# A test wants it.\n\($0.0) = \($0.1)\n" }
    let text = "# title: a test\n# for: tests\n\n" + lines.joined(separator: "\n")
    return (try? folder?.write(text: text, to: name)) ?? "there is no such file"
  }

  /// What the host has at first.
  static let before = [
    "net.core.somaxconn": "4096", "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.tcp_rmem": "4096 131072 6291456", "net.ipv4.tcp_keepalive_time": "7200",
  ]
  /// What the first profile leaves.
  static let after = before.merging([
    "net.core.somaxconn": "8192", "net.ipv4.tcp_fin_timeout": "20",
    "net.ipv4.tcp_rmem": "4096 131072 8388608",
  ]) { $1 }
  /// What the second leaves after the first.
  static let later = after.merging([
    "net.core.somaxconn": "16384", "net.ipv4.tcp_keepalive_time": "600",
  ]) { $1 }

  static let profile = written(
    "web.conf",
    [
      ("net.core.somaxconn", "8192"), ("net.ipv4.tcp_fin_timeout", "20"),
      ("net.ipv4.tcp_rmem", "4096 131072 8388608"),
    ])
  static let laterProfile = written(
    "later.conf", [("net.core.somaxconn", "16384"), ("net.ipv4.tcp_keepalive_time", "600")])
}

/// What a body on another thread found wrong.
final class Seen {
  private var faults: [String] = []

  /// Runs a body on a host of its own, also from one of another host.
  static func faults(
    of body: @escaping @Sendable (PrivateHost, Seen) throws -> Void
  ) throws -> [String] {
    try PrivateHost.run { host in
      let seen = Seen()
      try host.reset()
      try body(host, seen)
      return seen.faults
    }
  }

  /// Adds what was found wrong elsewhere.
  func add(_ faults: [String]) { self.faults += faults }

  /// Notes what is not as expected.
  func expect(
    _ isTrue: Bool, _ what: @autoclosure () -> Any = "expected otherwise", line: UInt = #line
  ) {
    if !isTrue { faults.append("line \(line): \(what())") }
  }

  /// Notes two values that should be the same.
  func expect<Value: Equatable>(
    _ value: Value, is expected: Value, _ what: @autoclosure () -> Any = "", line: UInt = #line
  ) {
    if value != expected {
      faults.append("line \(line): \(what()) expected \(expected), found \(value)")
    }
  }

  /// Notes processes that are left on a host; one that was asked to end needs a moment for it.
  func expectNobody(_ host: PrivateHost, line: UInt = #line) {
    expect(host.wait { host.processes.isEmpty }, "left: \(host.processes)", line: line)
  }

  /// Notes a run that did not end with a status.
  @discardableResult
  func expect(
    _ result: BuiltProgram.Result, ends status: Int32, _ words: String = "", line: UInt = #line
  ) -> BuiltProgram.Result {
    let isTold = words.isEmpty || (result.output + result.errors).contains(words)
    if result.status != status || !isTold {
      faults.append("line \(line): expected \(status) and '\(words)', found \(result)")
    }
    return result
  }
}

/// Runs a body on a host of its own, with the values that it has at first.
func onPrivateHost(
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: @escaping @Sendable (PrivateHost, Seen) throws -> Void
) throws {
  for fault in try Seen.faults(of: body) {
    Issue.record(Comment(rawValue: fault), sourceLocation: sourceLocation)
  }
}

extension PrivateHost {
  static let file = "/etc/sysctl.d/99-tcptune.conf"
  static let state = "/var/lib/tcptune"
  static let journal = "\(state)/journal.json"

  /// Gives the keys the values that they have at first.
  func reset() throws { for (key, value) in Tried.before { try set(key, value) } }

  /// The keys of the tests with one blank between numbers.
  var keys: [String: String] {
    Tried.before.mapValues { _ in "" }.reduce(into: [:]) { keys, entry in
      keys[entry.key] = (try? value(entry.key))?.replacingOccurrences(of: "\t", with: " ")
    }
  }

  /// Runs a command that changes the host.
  func change(_ words: [String]) throws -> BuiltProgram.Result {
    try tcptune([words[0], "--in-namespace"] + words.dropFirst())
  }

  /// Applies the first profile, or another.
  func apply(_ words: String..., profile: String = Tried.profile) throws -> BuiltProgram.Result {
    try change(["apply", "--profile", profile] + words)
  }

  /// Runs a shell's script with the built program's path as $0.
  func shell(
    _ script: String, _ words: [String] = [], environment: [String: String] = [:]
  ) throws -> BuiltProgram.Result {
    try BuiltProgram.run(
      ["-c", script, BuiltProgram.path] + words, environment: environment, program: "/bin/bash")
  }

  /// The id of the open change.
  func openChange() throws -> String? {
    let status = try tcptune(["status", "--format", "json"])
    let transaction = status.document["transaction"] as? [String: Any]
    return transaction?["id"] as? String
  }

  /// The id of the newest change in the history.
  func lastChange() throws -> String {
    let name = names("\(Self.state)/history").last ?? ""
    return String(name.dropFirst(7).prefix(8))
  }

  /// Whether there is something of that name, even a link that leads nowhere.
  func exists(_ path: String) -> Bool { mode(path) != nil }
}

extension BuiltProgram.Result {
  /// Its output as JSON; empty where it is none.
  var document: [String: Any] {
    let value = try? JSONSerialization.jsonObject(with: Data(output.utf8))
    return value as? [String: Any] ?? [:]
  }

  /// The lines that it complained.
  var complaints: [Substring] { errors.split(separator: "\n") }
}
