import Foundation
import Support
import Testing

/// What the program says of the namespace of the calling thread.
func audit(_ more: [String] = []) throws -> Audited {
  let result = try BuiltProgram.run(["audit", "--format", "json"] + more)
  return try Audited(result)
}

/// An audit's JSON, as far as tests look at it.
struct Audited: Sendable {
  struct Finding: Decodable, Sendable {
    struct Change: Decodable, Sendable {
      var key: String
      var `operator`: String
      var value: String
      var current: String
      var effect: String
      var restart: [String]
    }
    var rule: String
    var severity: String
    var subjects: [String]
    var changes: [Change]
    var act: String?
    var remedy: String?
    var since_boot: Bool
  }
  struct Listener: Decodable, Sendable {
    struct Accept: Decodable, Sendable {
      var length: Int
      var peak: Int?
      var limit: Int
      var capacity: Int
      var binding: String
      var certain: Bool
    }
    struct Syn: Decodable, Sendable {
      var length: Int?
      var capacity: Int
      var binding: String
    }
    struct Owner: Decodable, Sendable {
      var pid: Int?
      var name: String?
    }
    var address: String
    var port: Int
    var accept_queue: Accept
    var syn_queue: Syn
    var drops: Int?
    var owner: Owner?
  }
  private struct Document: Decodable {
    struct Missing: Decodable { var fact, reason: String }
    struct Open: Decodable {
      var rule: String
      var missing: [Missing]
      var isAboutFiles: Bool {
        missing.allSatisfy { $0.fact == "entry" || $0.fact.hasPrefix("files.") }
      }
    }
    struct Host: Decodable { var namespace: String }
    var findings: [Finding]
    var listeners: [Listener]
    var not_checked: [Open]
    var host: Host
  }

  var status: Int32
  var findings: [Finding]
  var listeners: [Listener]
  /// Rules that stayed open, without those about sysctl files: these are the host's, and a private
  /// namespace has none.
  var notChecked: [String]
  /// Why those about files stayed open.
  var whyNoFiles: Set<String>
  var namespace: String

  init(_ result: BuiltProgram.Result) throws {
    status = result.status
    guard result.errors.isEmpty else { throw FixtureFailure(result.errors) }
    let document = try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
    findings = document.findings
    listeners = document.listeners
    notChecked = document.not_checked.filter { !$0.isAboutFiles }.map(\.rule)
    whyNoFiles = Set(
      document.not_checked.filter(\.isAboutFiles).flatMap { $0.missing.map(\.reason) })
    namespace = document.host.namespace
  }

  var rules: [String] { findings.map(\.rule) }

  func listener(_ port: Int) -> Listener? { listeners.first { $0.port == port } }

  /// The audit without findings of these rules, which a test's small numbers give besides.
  func without(_ rules: [String]) -> Audited {
    var other = self
    other.findings.removeAll { rules.contains($0.rule) }
    return other
  }
}

extension PrivateNetwork {
  /// Fills the queue of a listener that nobody accepts from, to the brim and beyond.
  func overflow(port: UInt16, holding capacity: Int) throws -> [TestSocket] {
    let clients = try connect(count: capacity + 3, to: port)
    let isFull = try wait { try tcptune_queue(port) == capacity }
    guard isFull else { throw FixtureFailure("port \(port): the queue does not fill") }
    return clients
  }

  private func tcptune_queue(_ port: UInt16) throws -> Int? {
    try audit(["--no-owners", "--fail-on", "never"]).listener(Int(port))?.accept_queue.length
  }
}

@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct RuleLiveTests {
  /// A key that is wrong on a real kernel gives its finding, and the remedy mends it.
  @Test(arguments: [
    ("net.ipv4.tcp_syncookies", "0", "syncookies-off"),
    ("net.ipv4.tcp_syncookies", "2", "syncookies-always"),
    ("net.ipv4.tcp_abort_on_overflow", "1", "abort-on-overflow"),
    ("net.ipv4.tcp_fin_timeout", "61", "fin-timeout-shorter-than-asked"),
    ("net.ipv4.tcp_fin_timeout", "119", "fin-timeout-shorter-than-asked"),
    ("net.ipv4.tcp_keepalive_probes", "0", "keepalive-without-probes"),
    ("net.ipv4.tcp_rmem", "9000000 87380 6291456", "vector-not-ascending"),
    ("net.ipv4.tcp_rmem", "4096 87380 174760", "receive-buffer-cap-low"),
    ("net.ipv4.tcp_rmem", "16777216 16777216 16777216", "buffers-start-large"),
    ("net.ipv4.tcp_wmem", "4096 16384 131072", "send-buffer-cap-low"),
    ("net.ipv4.tcp_wmem", "4194304 4194304 4194304", "buffers-start-large"),
    ("net.ipv4.tcp_synack_retries", "1", "synack-retries-few"),
    ("net.ipv4.tcp_synack_retries", "7", "synack-retries-many"),
    ("net.ipv4.tcp_syn_retries", "1", "syn-retries-few"),
    ("net.ipv4.tcp_syn_retries", "7", "syn-retries-many"),
    ("net.ipv4.tcp_orphan_retries", "1", "orphan-retries-few"),
    ("net.ipv4.tcp_retries2", "5", "retries2-few"),
    ("net.ipv4.tcp_fin_timeout", "3", "fin-timeout-very-short"),
    ("net.ipv4.tcp_keepalive_time", "10", "keepalive-very-soon"),
    ("net.ipv4.tcp_keepalive_intvl", "1", "keepalive-gives-up-early"),
    ("net.ipv4.tcp_window_scaling", "0", "window-scaling-off"),
    ("net.ipv4.tcp_sack", "0", "sack-off"),
    ("net.ipv4.tcp_timestamps", "0", "timestamps-off"),
    ("net.ipv4.tcp_moderate_rcvbuf", "0", "autotuning-off"),
    ("net.ipv4.tcp_max_tw_buckets", "100", "time-wait-buckets-few"),
    ("net.ipv4.tcp_fastopen", "519", "fast-open-without-cookies"),
    ("net.ipv4.ip_local_port_range", "40000 44999", "port-range-narrow"),
    ("net.core.somaxconn", "16", "somaxconn-low"),
  ])
  func wrongKeys(_ key: String, _ value: String, _ rule: String) throws {
    let (before, during, after) = try PrivateNetwork.run { network in
      let before = try audit()
      try network.set(key, value)
      let during = try audit()
      let plan = try BuiltProgram.run(["diff", "--format", "json"])
      let json = try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any]
      for change in json?["changes"] as? [[String: Any]] ?? [] {
        guard let key = change["key"] as? String, let value = change["value"] as? String else {
          throw FixtureFailure("a change without key or value: \(change)")
        }
        try network.set(key, value)
      }
      return (before, during, try audit())
    }
    #expect(before.rules == [] && before.status == 0)
    #expect(during.rules == [rule] && during.status == 1)
    #expect(after.rules == [] && after.status == 0)
  }

  @Test func reuseWithoutTimestamps() throws {
    let (alone, both) = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_tw_reuse", "1")
      let alone = try audit()
      try network.set("net.ipv4.tcp_timestamps", "0")
      return (alone, try audit())
    }
    #expect(alone.rules == [])
    #expect(both.rules == ["tw-reuse-without-timestamps"])
    #expect(both.findings[0].changes.map(\.key) == ["net.ipv4.tcp_timestamps"])
  }

  /// The cap binds: the sick listener is named, its neighbour is not, and the cap is what is offered.
  @Test func theCapBinds() throws {
    let found = try PrivateNetwork.run { network in
      try network.set("net.core.somaxconn", "8")
      let sick = try network.listen(port: 8001, backlog: 100)
      let neighbour = try network.listen(port: 8002, backlog: 100)
      let clients = try network.overflow(port: 8001, holding: 9)
      let visitors = try network.connect(count: 3, to: 8002)
      defer { withExtendedLifetime((sick, neighbour, clients, visitors)) {} }
      return try audit()
    }
    #expect(found.status == 1)
    #expect(found.namespace == "other")
    #expect(found.rules == ["accept-queue-capped-by-somaxconn"])
    #expect(found.findings[0].severity == "error")
    #expect(found.findings[0].subjects == ["127.0.0.1:8001"])
    let change = found.findings[0].changes[0]
    #expect(change.key == "net.core.somaxconn" && change.operator == "at-least")
    #expect(change.value == "16" || Int(change.value) ?? 0 >= 16)
    #expect(change.effect == "next-listen")
    let queue = found.listener(8001)?.accept_queue
    #expect(queue?.length == 9 && queue?.limit == 8 && queue?.capacity == 9)
    #expect(queue?.binding == "net.core.somaxconn" && queue?.certain == false)
    #expect(found.listener(8001)?.owner?.pid == Int(getpid()))
  }

  /// The program's own backlog binds: no sysctl is offered.
  @Test func theBacklogBinds() throws {
    let found = try PrivateNetwork.run { network in
      let sick = try network.listen(port: 8001, backlog: 5)
      let neighbour = try network.listen(port: 8002, backlog: 100)
      let clients = try network.overflow(port: 8001, holding: 6)
      defer { withExtendedLifetime((sick, neighbour, clients)) {} }
      return try audit()
    }
    #expect(found.rules == ["accept-queue-full-by-own-backlog"])
    #expect(found.findings[0].subjects == ["127.0.0.1:8001"])
    #expect(found.findings[0].changes.isEmpty)
    #expect(found.findings[0].act == "application")
    #expect(found.findings[0].remedy?.contains("listen() again") == true)
  }

  /// The cap was lowered after listen(): a note at peace, an error when it is full besides.
  @Test func theCapWasLowered() throws {
    let (peace, full) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 20)
      try network.set("net.core.somaxconn", "4")
      let peace = try audit()
      let clients = try network.overflow(port: 8001, holding: 21)
      defer { withExtendedLifetime((listener, clients)) {} }
      return (peace, try audit())
    }
    #expect(peace.rules == ["limit-above-cap"])
    #expect(peace.findings[0].severity == "note" && peace.status == 0)
    #expect(peace.listener(8001)?.accept_queue.binding == "backlog")
    #expect(full.rules == ["accept-queue-full-above-cap", "limit-above-cap"])
    #expect(full.findings[0].severity == "error" && full.status == 1)
  }

  /// A second listen() takes the new cap.
  @Test func listeningAgainTakesTheNewCap() throws {
    let limits = try PrivateNetwork.run { network in
      try network.set("net.core.somaxconn", "8")
      let listener = try network.listen(port: 8001, backlog: 100)
      try network.set("net.core.somaxconn", "64")
      let before = try audit().listener(8001)?.accept_queue.limit
      try listener.listen(backlog: 100)
      return [before, try audit().listener(8001)?.accept_queue.limit]
    }
    #expect(limits == [8, 64])
  }

  /// Trouble that is over is no error, and what stays open names the window.
  @Test func troubleThatIsOver() throws {
    let (later, measured) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 5)
      var clients = try network.overflow(port: 8001, holding: 6)
      // Those that were refused must not come back while we look.
      clients.removeAll()
      usleep(200_000)
      for connection in listener.accept(100) { close(connection) }
      defer { withExtendedLifetime(listener) {} }
      return (try audit(), try audit(["--window", "500ms"]))
    }
    #expect(!later.findings.contains { $0.severity != "note" })
    #expect(later.notChecked.contains("accept-queue-full-by-own-backlog"))
    #expect(measured.findings.isEmpty)
    #expect(measured.notChecked.isEmpty)
    #expect(
      measured.whyNoFiles == [
        "absent: files are for the host's first network namespace, not for this one"
      ])
  }

  /// Bursts that overflow and drain between two looks are laid at the listener's door.
  @Test func burstsWithinAWindow() throws {
    let found = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 5)
      let neighbour = try network.listen(port: 8002, backlog: 5)
      let stop = StopSign()
      // Threads inherit the namespace of the one that makes them.
      let burst = Thread {
        while !stop.isUp {
          let clients = (try? network.connect(count: 30, to: 8001)) ?? []
          usleep(2_000)
          for connection in listener.accept(100) { close(connection) }
          withExtendedLifetime(clients) {}
          usleep(20_000)
        }
      }
      burst.start()
      defer {
        stop.raise()
        while !burst.isFinished { usleep(1_000) }
        withExtendedLifetime((listener, neighbour)) {}
      }
      return try audit(["--window", "1s"])
    }
    #expect(found.rules == ["accept-queue-full-by-own-backlog"])
    #expect(found.findings.first?.severity == "error")
    #expect(found.findings.first?.subjects == ["127.0.0.1:8001"])
  }

  /// TIME_WAIT that overflows within a window is a warning; as a total since boot a note.
  @Test func timeWaitOverflows() throws {
    let (since, growing) = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_max_tw_buckets", "1")
      let listener = try network.listen(port: 8001, backlog: 100)
      @Sendable func closeSome() throws {
        let clients = try network.connect(count: 10, to: 8001)
        usleep(20_000)
        // The client closes first, so TIME_WAIT stands on its side.
        for client in clients { shutdown(client.descriptor, Int32(SHUT_RDWR)) }
        usleep(20_000)
        for connection in listener.accept(100) { close(connection) }
      }
      try closeSome()
      let since = try audit()
      let stop = StopSign()
      let churn = Thread {
        while !stop.isUp {
          try? closeSome()
        }
      }
      churn.start()
      defer {
        stop.raise()
        while !churn.isFinished { usleep(1_000) }
        withExtendedLifetime(listener) {}
      }
      return (since, try audit(["--window", "500ms"]))
    }
    let first = since.findings.first { $0.rule == "time-wait-buckets-overflow" }
    #expect(first?.severity == "note" && first?.since_boot == true)
    let second = growing.findings.first { $0.rule == "time-wait-buckets-overflow" }
    #expect(second?.severity == "warning" && second?.since_boot == false)
    #expect(second?.changes.map(\.key) == ["net.ipv4.tcp_max_tw_buckets"])
  }

  /// A busy server that keeps up gets no finding.
  @Test func aBusyHealthyHost() throws {
    let found = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 128)
      let stop = StopSign()
      let work = Thread {
        while !stop.isUp {
          let clients = (try? network.connect(count: 20, to: 8001)) ?? []
          usleep(1_000)
          for connection in listener.accept(100) { close(connection) }
          withExtendedLifetime(clients) {}
        }
      }
      work.start()
      defer {
        stop.raise()
        while !work.isFinished { usleep(1_000) }
        withExtendedLifetime(listener) {}
      }
      return try audit(["--window", "1s"])
    }
    #expect(found.findings.isEmpty)
    #expect(found.listener(8001)?.accept_queue.peak != nil)
  }
}

/// Tells a thread to end.
final class StopSign: @unchecked Sendable {
  private let lock = NSLock()
  private var up = false

  var isUp: Bool { lock.withLock { up } }

  func raise() { lock.withLock { up = true } }
}
