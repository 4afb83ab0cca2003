import Foundation
import Support
import Testing

/// A process that sleeps in the network namespace of the thread that started it.
private final class Sleeper: Sendable {
  let pid: pid_t

  init() throws {
    var pid: pid_t = 0
    let words: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sleep"), strdup("60"), nil]
    defer { words.forEach { free($0) } }
    let failed = posix_spawn(&pid, "/bin/sleep", nil, nil, words, environ)
    guard failed == 0 else { throw FixtureFailure("sleep: \(String(cString: strerror(failed)))") }
    self.pid = pid
  }

  deinit {
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }
}

/// The document of `audit --all-netns`.
private struct All: Decodable, Sendable {
  struct Process: Decodable { var pid: Int }
  struct Tunable: Decodable {
    var key: String
    var value: String?
    var scope: String?
  }
  struct Listener: Decodable { var port: Int }
  struct Audit: Decodable {
    struct Host: Decodable { var namespace: String }
    var host: Host
    var tunables: [Tunable]
    var listeners: [Listener]
    var counters: [String: Int?]
  }
  struct Namespace: Decodable {
    var first_process: Process?
    var audit: Audit?
    var differing: [String]
  }
  var namespaces: [Namespace]
}

@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct NamespaceLiveTests {
  /// Another namespace by a process in it: its keys, its listeners, the owners by their numbers.
  @Test func byProcess() throws {
    let (outside, unknown) = try PrivateNetwork.run { network in
      try network.set("net.core.somaxconn", "77")
      let listener = try network.listen(port: 8001, backlog: 100)
      let sleeper = try Sleeper()
      defer { withExtendedLifetime((listener, sleeper)) {} }
      // From a namespace of its own the thread looks back into this one.
      let outside = try PrivateNetwork.run { _ in try audit(["--netns", "\(sleeper.pid)"]) }
      let unknown = try BuiltProgram.run(["audit", "--netns", "no-such-name"])
      return (outside, unknown)
    }
    #expect(outside.listener(8001)?.accept_queue.limit == 77)
    #expect(outside.listener(8001)?.owner?.pid == Int(getpid()))
    #expect(outside.namespace == "other")
    #expect(unknown.status == 2 && unknown.output.isEmpty)
    #expect(
      unknown.errors
        == "tcptune: --netns: expected a name in /run/netns, the number of a process or a path,"
        + " found 'no-such-name'\n")
  }

  /// Every namespace in one document; what belongs to the host is marked, nothing was walked.
  @Test func all() throws {
    let (document, pid) = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_fin_timeout", "31")
      let listener = try network.listen(port: 8001, backlog: 100)
      let sleeper = try Sleeper()
      defer { withExtendedLifetime((listener, sleeper)) {} }
      let result = try PrivateNetwork.run { _ in
        try BuiltProgram.run(["audit", "--all-netns", "--format", "json", "--fail-on", "never"])
      }
      guard result.status == 0 else { throw FixtureFailure(result.errors) }
      return (try JSONDecoder().decode(All.self, from: Data(result.output.utf8)), sleeper.pid)
    }
    // The program itself is the only one in the first; the host's own is among them.
    #expect(document.namespaces.count >= 3)
    #expect(document.namespaces[0].audit?.listeners.count == 0)
    let found = try #require(
      document.namespaces.first { $0.first_process?.pid == Int(pid) })
    let audited = try #require(found.audit)
    #expect(audited.listeners.map(\.port) == [8001])
    #expect(found.differing == ["net.ipv4.tcp_fin_timeout"])
    #expect(audited.counters["TcpExt.ListenDrops"] == 0)
    #expect(
      audited.tunables.first { $0.key == "net.ipv4.tcp_fin_timeout" }?.scope == "namespace")
    let host = try #require(document.namespaces.first { $0.audit?.host.namespace == "initial" })
    let memory = host.audit?.tunables.first { $0.key == "net.ipv4.tcp_mem" }
    #expect(memory?.scope == "host")
  }

  /// A namespace whose process has ended is unknown, or said to be gone.
  @Test func aNamespaceThatIsGone() throws {
    let pid = try PrivateNetwork.run { _ in try Sleeper().pid }
    let result = try BuiltProgram.run(["audit", "--netns", "\(pid)"])
    #expect(result.status == 2)
    #expect(result.errors.hasSuffix("found '\(pid)'\n"))
    let notOne = try BuiltProgram.run(["queues", "--netns", "/etc/hostname"])
    #expect(notOne.status == 2)
    #expect(
      notOne.errors
        == "tcptune: --netns: expected a network namespace, found '/etc/hostname'\n")
  }

  @Test(arguments: [
    (
      ["--netns", "1", "--root", "/"], "--netns: expected a live host, found one that was recorded"
    ),
    (["--all-netns", "--window", "1s"], "--all-netns: expected without --window, found both"),
    (["--all-netns", "--netns", "1"], "--all-netns: expected without --netns, found both"),
    (
      ["--all-netns", "--walk", "always"],
      "--all-netns: expected --walk never, found 'always': each namespace would cost a walk of the"
        + " whole table"
    ),
    (["--since", "x", "--window", "1s"], "expected --since or --window, found both"),
    (
      ["--netns", ""],
      "--netns: expected a name in /run/netns, the number of a process or a path,"
        + " found ''"
    ),
  ])
  func whatDoesNotGoTogether(_ arguments: [String], _ message: String) throws {
    let result = try BuiltProgram.run(["audit"] + arguments)
    #expect(result.status == 2)
    #expect(result.errors == "tcptune: \(message)\n")
  }

  // MARK: Since

  /// Rates since a snapshot of the same namespace; of another one they are refused.
  @Test func sinceASnapshot() throws {
    let folder = try TestFolder()
    let (now, saved, elsewhere) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 5)
      let path = try folder.write(
        text: try BuiltProgram.run(["snapshot"]).output, to: "before.json")
      let clients = try network.overflow(port: 8001, holding: 6)
      defer { withExtendedLifetime((listener, clients)) {} }
      let now = try audit(["--since", path])
      let later = try folder.write(
        text: try BuiltProgram.run(["snapshot"]).output, to: "later.json")
      let saved = try audit(["--since", path, "--snapshot", later])
      let elsewhere = try PrivateNetwork.run { _ in
        try BuiltProgram.run(["audit", "--since", path])
      }
      return (now, saved, elsewhere)
    }
    for report in [now, saved] {
      #expect(report.rules == ["accept-queue-full-by-own-backlog"])
      #expect(report.findings.first?.since_boot == false)
      #expect(report.listener(8001)?.accept_queue.peak == 6)
    }
    #expect(elsewhere.status == 2 && elsewhere.output.isEmpty)
    #expect(elsewhere.errors.contains("expected a snapshot of the network namespace net:["))
  }

  /// A snapshot of another boot, or one that came later, gives no rates.
  @Test func sinceAnotherTime() throws {
    let folder = try TestFolder()
    let text = try BuiltProgram.run(["snapshot", "--no-owners"]).output
    var json = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    var host = try #require(json["host"] as? [String: Any])
    host["uptime_seconds"] = 1_000_000_000
    json["host"] = host
    let late = try folder.write(
      text: String(decoding: try JSONSerialization.data(withJSONObject: json), as: UTF8.self),
      to: "late.json")
    host["boot_id"] = "another"
    json["host"] = host
    let other = try folder.write(
      text: String(decoding: try JSONSerialization.data(withJSONObject: json), as: UTF8.self),
      to: "other.json")
    let found = try [late, other].map { try BuiltProgram.run(["audit", "--since", $0]) }
    #expect(found.map(\.status) == [2, 2])
    #expect(found[0].errors.contains("taken before the other, found a later one"))
    #expect(found[1].errors.contains("expected a snapshot of boot "))
    #expect(found[1].errors.hasSuffix(", found another\n"))
  }
}
