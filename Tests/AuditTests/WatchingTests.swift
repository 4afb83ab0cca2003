import Audit
import Facts
import Testing

/// A host that is sampled every second.
private struct Sampled {
  private var watching: Watching
  private var snapshot: Snapshot
  private var moment: Int64 = 1_000_000

  init() throws {
    snapshot = try stockSnapshot()
    watching = Watching(host: snapshot.host)
  }

  var watched: Watched { watching.watched }

  var listeners: [WatchedListener] { watched.listeners.value ?? [] }

  /// One sample with these listeners, after counters have become these.
  mutating func sample(_ listeners: [Listener], counters: [String: Int64] = [:]) {
    let before = snapshot
    let isFirst = watching.watched.samples == 0
    for (name, value) in counters { snapshot.counters.values[name] = value }
    snapshot.listeners = .known(
      listeners.map { listener in
        var listener = listener
        guard !isFirst else { return listener }
        let first = before.listeners.value?.first { $0.cookie == listener.cookie }
        listener.sampling = Listener.Sampling(
          peak: max(first?.length ?? 0, listener.length), samples: first == nil ? 1 : 2,
          fullSamples: 0, dropsBefore: first?.drops ?? .noWindow("new"))
        return listener
      })
    if !isFirst {
      snapshot.window = .interval(seconds: Fraction(1))
      snapshot.countersBefore = before.counters
      moment += 1000
    }
    let audit = Audit(of: snapshot, with: catalogue)
    watching.add(snapshot, audit.report(isComplete: false), at: moment)
  }
}

private func socket(
  _ port: Int64, _ length: Int64, limit: Int64 = 8, drops: Int64 = 0, cookie: UInt64? = nil
) -> Listener {
  var listener = listener(port, length: length, limit: limit, drops: drops)
  listener.cookie = cookie ?? UInt64(port)
  return listener
}

private func names(_ events: [WatchEvent]) -> [String] {
  events.map { event in
    switch event {
    case .findingAppeared(let finding): "+\(finding.rule)"
    case .findingWent(let finding, let after): "-\(finding.rule) \(after)"
    case .overflowBegan(let item): "full \(item.queues.listener.port)"
    case .overflowEnded(let item): "not full \(item.queues.listener.port)"
    case .listenerCame(let listener): "came \(listener.port)"
    case .listenerWent(let listener): "went \(listener.port)"
    case .countersReset: "reset"
    }
  }
}

@Test func theFirstSampleMakesNoRates() throws {
  var host = try Sampled()
  host.sample([socket(80, 3, drops: 100)], counters: ["TcpExt.ListenDrops": 5])
  #expect(host.watched.interval == nil)
  #expect(host.watched.counters.isEmpty)
  #expect(host.watched.events.isEmpty, "what was there before is no news")
  #expect(host.listeners[0].lengths == [3])
  #expect(host.listeners[0].dropRate.absence?.kind == .noWindow)
  #expect(host.watched.gauges.dropped.absence?.kind == .noWindow)
}

/// Totals since boot support findings of an audit; a screen shows what happens now.
@Test func totalsSinceBootAreNoFindings() throws {
  var host = try Sampled()
  host.sample([], counters: ["TcpExt.ListenOverflows": 500, "TcpExt.ListenDrops": 500])
  #expect(host.watched.findings.isEmpty)
}

@Test func lengthsPeaksAndDrops() throws {
  var host = try Sampled()
  for (length, drops) in [(0, 10), (5, 10), (2, 14)] as [(Int64, Int64)] {
    host.sample([socket(80, length, drops: drops)])
  }
  #expect(host.listeners[0].lengths == [0, 5, 2])
  #expect(host.listeners[0].peak == 5)
  #expect(host.listeners[0].dropRate == .known(Fraction(4)))
}

@Test func aListenerIsBornAndGoes() throws {
  var host = try Sampled()
  host.sample([socket(80, 0)])
  host.sample([socket(80, 0), socket(81, 1)])
  #expect(names(host.watched.events) == ["came 81"])
  #expect(host.listeners.first { $0.queues.listener.port == 81 }?.lengths == [1])
  #expect(host.listeners.first { $0.queues.listener.port == 81 }?.dropRate.value == nil)
  host.sample([socket(81, 1)])
  #expect(names(host.watched.events) == ["went 80"])
  #expect(host.listeners.count == 1)
  host.sample([socket(81, 1)])
  #expect(host.watched.events.isEmpty)
}

/// A program that was restarted has another socket at the same address: nothing of the old one's
/// history or drops is its own.
@Test func anotherSocketAtTheSamePort() throws {
  var host = try Sampled()
  host.sample([socket(80, 7, drops: 900, cookie: 1)])
  host.sample([socket(80, 0, drops: 3, cookie: 2)])
  #expect(names(host.watched.events) == ["came 80", "went 80"])
  #expect(host.listeners[0].lengths == [0])
  #expect(host.listeners[0].peak == 0)
  #expect(host.listeners[0].dropRate.value == nil)
}

@Test func overflowsBeginAndEnd() throws {
  var host = try Sampled()
  host.sample([socket(80, 8)])
  host.sample([socket(80, 9)])
  #expect(names(host.watched.events).contains("full 80"))
  host.sample([socket(80, 9)])
  #expect(!names(host.watched.events).contains("full 80"))
  host.sample([socket(80, 8)])
  #expect(names(host.watched.events).contains("not full 80"))
}

@Test func findingsAppearAndGo() throws {
  let rule = "accept-queue-full-by-own-backlog"
  var host = try Sampled()
  host.sample([socket(80, 0)])
  host.sample([socket(80, 9)])
  host.sample([socket(80, 9), socket(81, 9)])
  #expect(host.watched.findings.map(\.finding.rule) == [rule])
  #expect(host.watched.findings[0].finding.subjects == ["0.0.0.0:80", "0.0.0.0:81"])
  #expect(host.watched.findings[0].since == 1_001_000)
  #expect(!names(host.watched.events).contains("+\(rule)"), "it was there before")
  #expect(host.watched.worst == .error)
  // The window that began with a full queue still shows it.
  host.sample([socket(80, 0)])
  host.sample([socket(80, 0)])
  #expect(names(host.watched.events).contains("-\(rule) 3000"))
  #expect(host.watched.findings[0].goneFor == 1)
  #expect(host.watched.worst == nil)
  for _ in 1..<Watching.remembrance { host.sample([socket(80, 0)]) }
  #expect(host.watched.findings.map(\.goneFor) == [Watching.remembrance])
  host.sample([socket(80, 0)])
  #expect(host.watched.findings.isEmpty)
  // Back again, it is new.
  host.sample([socket(80, 9)])
  #expect(names(host.watched.events).contains("+\(rule)"))
}

/// A finding that comes back while it is still remembered stands once.
@Test func aFindingThatFlickers() throws {
  var host = try Sampled()
  host.sample([socket(80, 9)])
  for _ in 0..<3 { host.sample([socket(80, 0)]) }
  host.sample([socket(80, 9)])
  #expect(host.watched.findings.count == 1)
  #expect(host.watched.findings[0].goneFor == nil)
  #expect(host.watched.findings[0].since == host.watched.moment)
}

@Test func countersThatMoveAreOrdered() throws {
  var host = try Sampled()
  host.sample(
    [],
    counters: [
      "Tcp.InSegs": 100, "Tcp.PassiveOpens": 7, "TcpExt.ListenDrops": 1, "Tcp.CurrEstab": 5,
      "IpExt.InOctets": 1, "TcpExt.TW": 3,
    ])
  host.sample(
    [],
    counters: [
      "Tcp.InSegs": 150, "Tcp.PassiveOpens": 9, "TcpExt.ListenDrops": 2, "Tcp.CurrEstab": 6,
      "IpExt.InOctets": 999, "TcpExt.TW": 3,
    ])
  #expect(
    host.watched.counters == [
      MovedCounter(name: "TcpExt.ListenDrops", growth: 1, rate: Fraction(1)),
      MovedCounter(name: "Tcp.InSegs", growth: 50, rate: Fraction(50)),
      MovedCounter(name: "Tcp.PassiveOpens", growth: 2, rate: Fraction(2)),
    ])
  #expect(host.watched.gauges.dropped == .known(Fraction(1)))
  #expect(host.watched.gauges.established == .known(6))
}

@Test func aWatchedCounterThatWasResetHasNoRate() throws {
  var host = try Sampled()
  host.sample([], counters: ["TcpExt.ListenDrops": 100, "Tcp.PassiveOpens": 5])
  host.sample([], counters: ["TcpExt.ListenDrops": 3, "Tcp.PassiveOpens": 6])
  #expect(names(host.watched.events).contains("reset"))
  #expect(host.watched.counters.map(\.name) == ["Tcp.PassiveOpens"])
  #expect(host.watched.gauges.dropped.absence?.reason.contains("reset") == true)
  host.sample([], counters: ["TcpExt.ListenDrops": 4])
  #expect(!names(host.watched.events).contains("reset"))
  #expect(host.watched.gauges.dropped == .known(Fraction(1)))
}

@Test func historiesHaveAnEnd() throws {
  var host = try Sampled()
  for length in 0..<Int64(Watching.historyLength + 5) {
    host.sample([socket(80, length, limit: 4000)])
  }
  #expect(host.listeners[0].lengths.count == Watching.historyLength)
  #expect(host.listeners[0].lengths.first == 5)
  #expect(host.listeners[0].peak == Int64(Watching.historyLength + 4))
}

/// Listeners that are alike in all their numbers are judged once; the others as before.
@Test func likenessChangesNoFinding() throws {
  var all: [Listener] = []
  for port in 1...40 as ClosedRange<Int64> {
    all.append(socket(port, port % 5 == 0 ? 9 : 0, limit: port % 7 == 0 ? 16 : 8))
  }
  let snapshot = try stockSnapshot(all)
  let together = Audit(of: snapshot, with: catalogue).report(isComplete: false)
  var subjects: [String: Set<String>] = [:]
  for finding in together.findings where !finding.subjects.isEmpty {
    subjects[finding.rule, default: []].formUnion(finding.subjects)
  }
  var alone: [String: Set<String>] = [:]
  for listener in all {
    var one = snapshot
    one.listeners = .known([listener])
    for finding in Audit(of: one, with: catalogue).report(isComplete: false).findings
    where !finding.subjects.isEmpty {
      alone[finding.rule, default: []].formUnion(finding.subjects)
    }
  }
  #expect(subjects == alone)
  #expect(subjects["accept-queue-full-by-own-backlog"]?.count == 7)
}
