import Audit
import Catalogue
import Facts
import Pages
import Support
import Testing

/// An idle host as a distribution ships it gives no finding above a note.
@Test(arguments: RecordedHost.all)
func stockHostsAreQuiet(_ host: RecordedHost) throws {
  var snapshot = try snapshot(of: host)
  // The recordings ran experiments with full queues; what stays is counted since boot.
  for window in [false, true] {
    if window { snapshot = snapshot.window(10) }
    let report = Audit(of: snapshot, with: catalogue).report()
    #expect(report.findings.filter { $0.severity > .note } == [], "\(host)")
    let release = try #require(snapshot.host.release.value)
    #expect(
      report.rulesApplied == catalogue.pages.rules.count { $0.kernel.contains(release) })
  }
}

/// A key that is wrong gives the one finding that is about it.
struct KeyCase: Sendable, CustomTestStringConvertible {
  var changes: [(String, String)]
  var rule: String?
  var planned: String?
  var testDescription: String {
    changes.map { "\($0.0) = \($0.1)" }.joined(separator: ", ")
  }
}

@Test(arguments: [
  KeyCase(changes: [("net.ipv4.tcp_syncookies", "0")], rule: "syncookies-off", planned: "1"),
  KeyCase(changes: [("net.ipv4.tcp_syncookies", "2")], rule: "syncookies-always", planned: "1"),
  KeyCase(
    changes: [("net.ipv4.tcp_abort_on_overflow", "1")], rule: "abort-on-overflow", planned: "0"),
  KeyCase(changes: [("net.ipv4.tcp_fin_timeout", "60")]),
  KeyCase(
    changes: [("net.ipv4.tcp_fin_timeout", "61")], rule: "fin-timeout-shorter-than-asked",
    planned: "60"),
  KeyCase(
    changes: [("net.ipv4.tcp_fin_timeout", "119")], rule: "fin-timeout-shorter-than-asked",
    planned: "60"),
  KeyCase(changes: [("net.ipv4.tcp_fin_timeout", "120")]),
  KeyCase(
    changes: [("net.ipv4.tcp_keepalive_probes", "0")], rule: "keepalive-without-probes",
    planned: "9"),
  KeyCase(
    changes: [("net.ipv4.tcp_tw_reuse", "1"), ("net.ipv4.tcp_timestamps", "0")],
    rule: "tw-reuse-without-timestamps", planned: "1"),
  KeyCase(changes: [("net.ipv4.tcp_tw_reuse", "1")]),
  KeyCase(
    changes: [("net.ipv4.tcp_rmem", "9000000 87380 4096")], rule: "vector-not-ascending",
    planned: "4096 87380 87380"),
  KeyCase(
    changes: [("net.ipv4.tcp_mem", "3000 2000 1000")], rule: "vector-not-ascending",
    planned: "1000 2000 2000"),
])
func wrongKeys(_ c: KeyCase) throws {
  var snapshot = try stockSnapshot()
  for (key, value) in c.changes { snapshot = snapshot.with(key, value) }
  let audit = Audit(of: snapshot, with: catalogue)
  let report = audit.report()
  #expect(report.findings.map(\.rule) == (c.rule.map { [$0] } ?? []))
  #expect(report.worst == (c.rule == nil ? nil : .warning))
  #expect(audit.plan(for: report.findings).writes.map(\.target) == (c.planned.map { [$0] } ?? []))
}

struct QueueCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var cap: Int64
  var length: Int64
  var limit: Int64
  var rules: [String]
  var worst: Severity?
  var somaxconn: Int64?
}

@Test(arguments: [
  QueueCase(
    testDescription: "the cap binds", cap: 128, length: 129, limit: 128,
    rules: ["accept-queue-capped-by-somaxconn"], worst: .error, somaxconn: 256),
  QueueCase(
    testDescription: "as full as the limit is not full", cap: 128, length: 128, limit: 128,
    rules: []),
  QueueCase(
    testDescription: "the program's backlog binds", cap: 4096, length: 6, limit: 5,
    rules: ["accept-queue-full-by-own-backlog"], worst: .error),
  QueueCase(
    testDescription: "above a lowered cap, and full", cap: 128, length: 512, limit: 511,
    rules: ["accept-queue-full-above-cap", "limit-above-cap"], worst: .error, somaxconn: 1024),
  QueueCase(
    testDescription: "above a lowered cap, at peace", cap: 128, length: 0, limit: 511,
    rules: ["limit-above-cap"], worst: .note, somaxconn: 511),
])
func queues(_ c: QueueCase) throws {
  let snapshot = try stockSnapshot([
    listener(80, length: c.length, limit: c.limit, program: "nginx"),
    listener(443, length: 1, limit: min(c.limit, c.cap), program: "nginx"),
  ]).with("net.core.somaxconn", "\(c.cap)")
  let audit = Audit(of: snapshot, with: catalogue)
  let report = audit.report()
  #expect(report.findings.map(\.rule) == c.rules)
  #expect(report.worst == c.worst)
  for finding in report.findings { #expect(finding.subjects == ["0.0.0.0:80"]) }
  let plan = audit.plan(for: report.findings)
  #expect(plan.writes.map(\.target) == (c.somaxconn.map { ["\($0)"] } ?? []))
  if c.rules.contains("accept-queue-full-by-own-backlog") {
    #expect(report.findings[0].settings == ["nginx: listen ... backlog=N"])
    #expect(report.findings[0].act == .application)
  }
}

/// Where a program does not accept, a full queue is no reason for a longer one; its neighbour's is.
@Test func aFullQueueGivesWayToItsCause() throws {
  var hung = listener(80, length: 129, limit: 128, program: "nginx")
  hung.attached = .known(Listener.Attached(closeWaitUnaccepted: 100))
  var busy = listener(443, length: 129, limit: 128, program: "nginx")
  busy.attached = .known(Listener.Attached(closeWaitUnaccepted: 3))
  let snapshot = try stockSnapshot([hung, busy]).with("net.core.somaxconn", "128")
  let report = Audit(of: snapshot, with: catalogue).report()
  let found = report.findings.map { [$0.rule] + $0.subjects }
  #expect(
    found == [
      ["accept-queue-capped-by-somaxconn", "0.0.0.0:443"],
      ["program-does-not-accept", "0.0.0.0:80"],
    ])
  // The setting of the backlog is no help for a program that does not accept.
  #expect(report.findings.allSatisfy { $0.settings.isEmpty })
}

/// Listeners with the same trouble and the same remedy are one finding.
@Test func theSameRemedyIsOneFinding() throws {
  let snapshot = try stockSnapshot([
    listener(80, length: 129, limit: 128, program: "nginx"),
    listener(81, length: 130, limit: 128, program: "haproxy"),
    listener(82, length: 0, limit: 128),
  ]).with("net.core.somaxconn", "128")
  let report = Audit(of: snapshot, with: catalogue).report()
  #expect(report.findings.count == 1)
  #expect(Set(report.findings[0].subjects) == ["0.0.0.0:80", "0.0.0.0:81"])
  #expect(Set(report.findings[0].changes[0].restart) == ["nginx", "haproxy"])
  let peaks = report.findings[0].evidence.filter { $0.fact == "listener.peak" }
  #expect(Set(peaks.map(\.value)) == [.count(129), .count(130)])
}

// MARK: Rates

/// A total since boot is a note at most, and the report says how to measure.
@Test func totalsSinceBootAreWeak() throws {
  var snapshot = try stockSnapshot()
  snapshot.counters.values["TcpExt.TCPTimeWaitOverflow"] = 1000
  let since = Audit(of: snapshot, with: catalogue).report()
  #expect(since.findings.map(\.rule) == ["time-wait-buckets-overflow"])
  #expect(since.findings[0].severity == .note)
  #expect(since.findings[0].confidence == .low)
  #expect(since.findings[0].sinceBoot)

  let quiet = Audit(of: snapshot.window(10), with: catalogue).report()
  #expect(quiet.findings == [])

  let growing = Audit(
    of: snapshot.window(10, growth: ["TcpExt.TCPTimeWaitOverflow": 30]), with: catalogue
  ).report()
  #expect(growing.findings.map(\.severity) == [.warning])
  #expect(!growing.findings[0].sinceBoot)
  #expect(growing.findings[0].evidence[0].value == .quantity(Quantity(3, .perSecond)))
}

/// Drops alone accuse nobody; overflows that one listener alone explains do.
@Test func shortBurstsAreLaidAtTheRightDoor() throws {
  func report(_ drops: [Int64], overflows: Int64) throws -> Report {
    var listeners = drops.enumerated().map { index, _ in
      listener(Int64(80 + index), limit: 5, drops: 100)
    }
    for (index, more) in drops.enumerated() {
      listeners[index].sampling = Listener.Sampling(
        peak: 2, samples: 10, fullSamples: 0, dropsBefore: .known(100))
      listeners[index].drops = .known(100 + more)
    }
    let snapshot = try stockSnapshot(listeners)
      .window(10, growth: ["TcpExt.ListenOverflows": overflows])
    return Audit(of: snapshot, with: catalogue).report()
  }
  let one = try report([12, 0], overflows: 8)
  #expect(one.findings.map(\.subjects) == [["0.0.0.0:80"]])
  #expect(try report([12, 3], overflows: 8).findings == [], "two dropped: it may be either")
  #expect(try report([12, 0], overflows: 0).findings == [], "drops of another kind")
  #expect(try report([4, 0], overflows: 8).findings == [], "it does not explain them all")
}

/// Without a window the burst rule is open, and says that it wants one.
@Test func withoutAWindowBurstsAreOpen() throws {
  var snapshot = try stockSnapshot([listener(80, limit: 128, drops: 7)])
  snapshot.counters.values["TcpExt.ListenOverflows"] = 7
  let report = Audit(of: snapshot, with: catalogue).report()
  #expect(report.findings == [])
  let open = report.notChecked.filter { $0.rule == "accept-queue-full-by-own-backlog" }
  #expect(open.map(\.subjects) == [["0.0.0.0:80"]])
  #expect(open[0].missing.contains { $0.absence.kind == .noWindow })
}

@Test func aCounterThatWasResetHasNoRate() throws {
  var snapshot = try stockSnapshot().window(10)
  snapshot.countersBefore?.values["TcpExt.TCPTimeWaitOverflow"] = 5
  let report = Audit(of: snapshot, with: catalogue).report()
  #expect(report.findings == [])
  #expect(report.notChecked.map(\.rule) == ["time-wait-buckets-overflow"])
}

// MARK: Absence

/// In a namespace of its own the host-wide keys are not there; that is said, and nothing is guessed.
@Test func hostWideKeysAreAbsentElsewhere() throws {
  var snapshot = try stockSnapshot()
  snapshot.host.initialNamespace = .known(false)
  for key in ["net.ipv4.tcp_mem", "net.ipv4.tcp_max_orphans", "net.core.netdev_max_backlog"] {
    snapshot.tunables[try #require(SysctlKey(key))] = .absent("no such file")
  }
  let audit = Audit(of: snapshot, with: catalogue)
  #expect(audit.report().findings == [])
  #expect(audit.report().notChecked == [])
  let profile = try #require(catalogue.profile("high-conn")?.profile)
  let plan = audit.plan(for: [profile])
  let left = plan.changes.filter { $0.outcome == .notHere(.hostWide) }.map(\.key.name)
  #expect(left == ["net.core.netdev_max_backlog", "net.ipv4.tcp_max_orphans"])
}

@Test func listenersThatCouldNotBeReadLeaveTheirRulesOpen() throws {
  var snapshot = try stockSnapshot()
  snapshot.listeners = .unreadable("sock_diag: Operation not permitted")
  let report = Audit(of: snapshot, with: catalogue).report()
  let release = try #require(snapshot.host.release.value)
  let rules = catalogue.pages.rules.filter {
    $0.subject == .listener && $0.kernel.contains(release)
  }
  #expect(rules.count >= 10)
  for rule in rules {
    let open = try #require(report.notChecked.first { $0.rule == rule.id }, "\(rule.id)")
    #expect(open.missing.map(\.absence.reason) == ["sock_diag: Operation not permitted"])
  }
  // How many sockets are opening is what is left when listeners are taken away.
  let others = report.notChecked.filter { open in !rules.contains { $0.id == open.rule } }
  for open in others { #expect(open.missing.first?.fact == "sockets.opening_or_closing") }
}

/// A number that does not fit 64 bits is unreadable, and stops nothing else (6.19 to 7.1 print a
/// negative time so).
@Test func aNumberBeyond64BitsIsUnreadable() throws {
  let snapshot = try stockSnapshot().with("net.ipv4.tcp_fin_timeout", "-18372957097413714415")
  let report = Audit(of: snapshot, with: catalogue).report()
  #expect(report.findings == [])
  #expect(
    report.notChecked.map(\.rule) == [
      "fin-timeout-long", "fin-timeout-shorter-than-asked", "fin-timeout-very-short",
    ])
}
