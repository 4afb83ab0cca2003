@testable import Audit
@testable import Catalogue
import Expressions
import Facts
import KernelModel
import Pages
import Support
import Testing

// The first look at coded conditions: it changes nothing of what an audit says, and spares most of
// the work.

/// The same rules without their code: every condition is evaluated.
private let evaluated: Catalogue = {
  let rules = EmbeddedFiles.rules().compactMap { EmbeddedFiles.body(of: $0.name) }
  var catalogue = Catalogue.embedded(without: Set(rules.map(\.name)))
  let problems = catalogue.add(rules)
  precondition(problems.isEmpty, "\(problems)")
  return catalogue
}()

/// Hosts at work: counters that grow, queues of every length, keys with any value.
private func host(
  _ stock: Snapshot, _ random: inout Seeded, keys: [SysctlKey], counters: [String]
) -> Snapshot {
  var snapshot = stock
  for key in keys.shuffled(using: &random).prefix(8) {
    let value = ["0", "1", "2", "5", "100", "5000", "65536", "100000000", "-1", "x"]
      .randomElement(using: &random)
    let count = snapshot.tunables[key]?.value?.split(separator: "\t").count ?? 1
    let text = (0..<count).map { _ in
      Bool.random(using: &random) ? value ?? "" : "\(Int.random(in: 1...1 << 22, using: &random))"
    }
    snapshot.tunables[key] = .known(text.joined(separator: "\t"))
  }
  if let gone = keys.randomElement(using: &random) { snapshot.tunables[gone] = nil }
  snapshot.listeners = .known(
    (0..<Int64.random(in: 0...24, using: &random)).map { number in
      let limit: Int64 = [0, 1, 128, 4096].randomElement(using: &random) ?? 0
      let length: Int64 = [0, limit, limit + 1, 20].randomElement(using: &random) ?? 0
      var one = listener(
        8000 + number / 2, length: length, limit: limit,
        drops: Int64.random(in: 0...2, using: &random))
      if Bool.random(using: &random) {
        one.attached = .known(
          Listener.Attached(
            synRecv: Int64.random(in: 0...200, using: &random),
            closeWaitUnaccepted: Int64.random(in: 0...10, using: &random),
            closeWaitHeld: Int64.random(in: 0...200, using: &random)))
      }
      return one
    })
  snapshot.counters.values["Tcp.CurrEstab"] = Int64.random(in: 0...200, using: &random)
  var growth: [String: Int64] = [:]
  for counter in counters.shuffled(using: &random).prefix(12) {
    growth[counter] = [1, 90, 5000].randomElement(using: &random)
  }
  if Bool.random(using: &random) { return snapshot.window(10, growth: growth) }
  for (name, more) in growth { snapshot.counters.values[name, default: 0] += more }
  return snapshot
}

@Test func aFirstLookChangesNothing() throws {
  var random = Seeded(state: 61)
  let keys = catalogue.pages.tunables.keys
  let counters = Set(
    catalogue.pages.rules.flatMap { rule in
      rule.when.asked.map { $0.replacing("rate(", with: "").replacing(")", with: "") }
    }
  ).filter { $0.hasPrefix("Tcp") }.sorted()
  #expect(evaluated.pages.rules.map(\.id) == catalogue.pages.rules.map(\.id))
  #expect(evaluated.pages.rules.allSatisfy { $0.screen == nil })
  #expect(catalogue.pages.rules.allSatisfy { $0.screen != nil })
  #expect(counters.count >= 25)
  var fired: Set<String> = []
  var open: Set<String> = []
  for recorded in IdleHost.all {
    let stock = try recorded.snapshot()
    for _ in 0..<20 {
      let snapshot = host(stock, &random, keys: keys, counters: counters)
      let screened = Audit(of: snapshot, with: catalogue).report()
      let whole = Audit(of: snapshot, with: evaluated).report()
      #expect(screened.findings == whole.findings)
      #expect(screened.notChecked == whole.notChecked)
      #expect(screened.rulesApplied == whole.rulesApplied)
      fired.formUnion(screened.findings.map(\.rule))
      open.formUnion(screened.notChecked.map(\.rule))
    }
  }
  // The hosts were sick enough to mean something.
  #expect(fired.count > 60, "\(fired.count)")
  #expect(open.count > 15, "\(open.count)")
}

/// The host a little later: most is as before, as on hosts at work.
private func later(
  _ last: Snapshot, _ random: inout Seeded, counters: [String]
) -> Snapshot {
  var snapshot = last
  snapshot.host.uptime = last.host.uptime.flatMap {
    $0.adding(Fraction(10)).map(Reading.known) ?? .absent("it does not fit")
  }
  if case .known(var listeners) = snapshot.listeners, Int.random(in: 0...2, using: &random) == 0,
    let index = listeners.indices.randomElement(using: &random)
  {
    switch Int.random(in: 0...3, using: &random) {
    case 0: listeners.remove(at: index)
    case 1: listeners[index].length += 1
    case 2: listeners[index].attached = .known(.init(synRecv: 3, closeWaitHeld: 200))
    default: listeners[index].unit = .known("other.service")
    }
    snapshot.listeners = .known(listeners)
  }
  if Int.random(in: 0...7, using: &random) == 0 {
    snapshot.destinations = .unreadable("reason \(Int.random(in: 0...1, using: &random))")
  }
  if Int.random(in: 0...7, using: &random) == 0 {
    snapshot.walk = .notGathered("reason \(Int.random(in: 0...1, using: &random))")
  }
  if Int.random(in: 0...7, using: &random) == 0 {
    snapshot.counters.values[counters.randomElement(using: &random) ?? ""] = nil
  }
  if Int.random(in: 0...7, using: &random) == 0 {
    // The window is gone: rates are those since boot.
    snapshot.window = .sinceBoot
    snapshot.countersBefore = nil
    return snapshot
  }
  var growth: [String: Int64] = [:]
  for counter in counters.shuffled(using: &random).prefix(Int.random(in: 0...2, using: &random)) {
    growth[counter] = [1, 90, 5000].randomElement(using: &random)
  }
  return snapshot.window(10, growth: growth)
}

/// What one sample leaves to the next is what the next would find by itself.
@Test func whatSamplesLeaveToEachOther() throws {
  var random = Seeded(state: 62)
  let keys = catalogue.pages.tunables.keys
  let counters = ["TcpExt.ListenOverflows", "TcpExt.ListenDrops", "TcpExt.SyncookiesSent"]
  var fired: Set<String> = []
  for recorded in IdleHost.all.prefix(6) {
    let stock = try recorded.snapshot()
    var last: Audit?
    for step in 0..<36 {
      // The keys change now and then, the rest each time, or only a little of it.
      let base = step % 9 == 0 ? stock : last?.snapshot ?? stock
      let snapshot =
        step % 3 == 0
        ? host(base, &random, keys: step % 9 == 0 ? keys : [], counters: counters)
        : later(base, &random, counters: counters)
      let audit = Audit(of: snapshot, with: catalogue, after: last)
      let isComplete = step % 7 != 0
      let fresh = Audit(of: snapshot, with: evaluated).report(isComplete: isComplete)
      let report = audit.report(isComplete: isComplete)
      #expect(report.findings == fresh.findings)
      #expect(report.notChecked == fresh.notChecked)
      #expect(report.rulesApplied == fresh.rulesApplied)
      fired.formUnion(report.findings.map(\.rule))
      last = audit
    }
  }
  #expect(fired.count > 30, "\(fired.count)")
}

/// Where nothing has moved, rules are not judged again; where one counter has, most are not.
@Test func aSampleLikeTheOneBeforeIsSpared() throws {
  var first = try stockSnapshot([listener(80, limit: 128)]).window(1, growth: [:])
  // As watch has them.
  first.files = .notGathered("watch reads no files")
  first.destinations = .notGathered("watch counts none")
  var audits = [Audit(of: first, with: catalogue)]
  for _ in 0..<2 {
    let audit = Audit(of: first, with: catalogue, after: audits.last)
    _ = audit.report(isComplete: false)
    audits.append(audit)
  }
  let all = catalogue.pages.rules.count
  let steps: [(growth: [String: Int64], least: Int)] = [
    ([:], all - 2), (["TcpExt.ListenOverflows": 5], all - 24),
  ]
  for (growth, least) in steps {
    let next = Audit(of: first.window(1, growth: growth), with: catalogue, after: audits.last)
    var screen = RuleScreen(Catalogue.screen, next.facts, rules: all, mostUndecided: 3)
    let open = (0..<all).filter { screen.outcome(of: $0) == nil }
    #expect(all - open.count >= least, "\(open.map { catalogue.pages.rules[$0].id })")
    #expect(!open.isEmpty || growth.isEmpty)
    screen.leaveMemory()
  }
}

/// On a host that is well nearly every condition is refuted without being read.
@Test func aFirstLookSparesTheRest() throws {
  let snapshot = try stockSnapshot([listener(80, limit: 128)])
  let facts = SnapshotFacts(snapshot, tunables: catalogue.pages.tunables)
  var screen = RuleScreen(Catalogue.screen, facts)
  let rules = catalogue.pages.rules.filter { $0.subject == .host }
  let left = rules.filter { rule in
    rule.screen.map { !screen.refutes($0, for: .host) } ?? true
  }
  #expect(rules.count > 80)
  #expect(left.count <= 5, "\(left.map(\.id))")
}

/// What the build found out about keys and counters is what the pages say.
@Test func rulesAreFoundByWhatTheyAreAbout() {
  for key in catalogue.pages.tunables.keys {
    let found = catalogue.rules(naming: key).map(\.id)
    #expect(found == evaluated.pages.rules.filter { $0.names(key) }.map(\.id), "\(key)")
  }
  #expect(catalogue.rules(naming: .somaxconn).count >= 5)
  #expect(
    catalogue.rules(asking: "TcpExt.ListenOverflows").map(\.id)
      == evaluated.pages.rules.filter { $0.asks("TcpExt.ListenOverflows") }.map(\.id))
}
