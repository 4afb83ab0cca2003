import Audit
import Catalogue
import Facts
import Support
import Testing

private func facts(_ name: String, on snapshot: Snapshot) throws -> Explanation.ReferenceFacts {
  let found = try #require(catalogue.find(name))
  let subject = Audit(of: snapshot, with: catalogue).explanation(of: found).subject
  guard case .reference(let facts) = subject else { throw FixtureFailure("expected a reference") }
  return facts
}

/// A host on which the kernel's own sums are these.
private func host(open: Int64, timeWait: Int64, inUse: Int64) throws -> Snapshot {
  var snapshot = try stockSnapshot([listener(80, length: 0, limit: 128)])
  snapshot.counters = CounterTable(values: [
    "Tcp.CurrEstab": open, "sockstat.TCP.tw": timeWait, "sockstat.TCP.inuse": inUse,
    "sockstat6.TCP6.inuse": 0,
  ])
  return snapshot
}

/// Without a walk a state has at most what the kernel counts together with others.
@Test func aStateWithoutAWalk() throws {
  let busy = try host(open: 12, timeWait: 7, inUse: 18)
  for state in ["ESTABLISHED", "CLOSE_WAIT"] {
    let facts = try facts(state, on: busy)
    #expect(facts.sockets?.value == nil)
    #expect(facts.together?.count == 12)
    #expect(facts.together?.states == "ESTABLISHED and CLOSE_WAIT")
  }
  // 18 full sockets, of which 12 are open and one listens.
  #expect(try facts("SYN_SENT", on: busy).together?.count == 5)
  #expect(try facts("FIN_WAIT2", on: busy).together?.count == 12)
  #expect(try facts("TIME_WAIT", on: busy).together?.count == 7)
  #expect(try facts("LISTEN", on: busy).sockets == .known(1))
  #expect(try facts("LISTEN", on: busy).together == nil)
  for state in ["SYN_RECV", "NEW_SYN_RECV"] {
    let facts = try facts(state, on: busy)
    #expect(facts.sockets?.absence?.kind == .notGathered)
    #expect(facts.together == nil)
  }
  #expect(try facts("CLOSE", on: busy).sockets?.absence?.kind == .absent)
  // A page about no state has no such line.
  #expect(try facts("ECONNRESET", on: busy).sockets == nil)
}

/// What was not read is no sum of zeros.
@Test func aStateWithoutCounters() throws {
  var snapshot = try host(open: 1, timeWait: 1, inUse: 2)
  snapshot.counters = CounterTable()
  for state in ["ESTABLISHED", "SYN_SENT", "FIN_WAIT2", "TIME_WAIT"] {
    #expect(try facts(state, on: snapshot).together == nil)
    #expect(try facts(state, on: snapshot).sockets?.value == nil)
  }
}

/// A level is none of the numbers that grow since boot.
@Test func levelsAreNotTotals() throws {
  let found = try #require(catalogue.find("CurrEstab"))
  let snapshot = try host(open: 12, timeWait: 7, inUse: 18)
  let rows = Audit(of: snapshot, with: catalogue).explanation(of: found).counters
  #expect(rows.map(\.name) == ["Tcp.CurrEstab"])
  #expect(rows.map(\.isLevel) == [true])
  let other = try #require(catalogue.find("ListenOverflows"))
  #expect(
    Audit(of: snapshot, with: catalogue).explanation(of: other).counters.allSatisfy { !$0.isLevel })
}

/// A counter's or a state's page has the findings of rules whose condition names it.
@Test func findingsThatNameIt() throws {
  func findings(_ name: String, _ snapshot: Snapshot) throws -> [String] {
    let found = try #require(catalogue.find(name))
    return Audit(of: snapshot, with: catalogue).explanation(of: found).findings.map(\.rule)
  }
  let near = try host(open: 0, timeWait: 250_000, inUse: 1)
    .with("net.ipv4.tcp_max_tw_buckets", "262144")
  let fired = Audit(of: near, with: catalogue).report().findings.map(\.rule)
  #expect(fired.contains("time-wait-near-limit"))
  #expect(try findings("TIME_WAIT", near).contains("time-wait-near-limit"))
  #expect(try findings("tcp_max_tw_buckets", near).contains("time-wait-near-limit"))
  #expect(try !findings("ESTABLISHED", near).contains("time-wait-near-limit"))
}
