import Expressions
import Facts
import Testing

private let facts: TableOfFacts.Row = [
  "net.core.somaxconn": .number(128), "default(net.core.somaxconn)": .number(4096),
  "host.cpus": .number(2), "host.uptime": .seconds(90), "TcpExt.ListenDrops": .number(7),
  "net.ipv4.tcp_rmem": .numbers(3, 2, 1), "net.ipv4.tcp_mem": .lacking(.absent),
  "host.memory": .lacking(.unreadable), "rate(TcpExt.ListenDrops)": .lacking(.noWindow),
]

private let listeners: [TableOfFacts.Row] = [
  ["listener.peak": .number(129), "rate(listener.drops)": .perSecond(4)],
  ["listener.peak": .number(1), "rate(listener.drops)": .lacking(.noWindow)],
]

private func judge(_ text: String, of members: Members = .host) throws -> Judgement {
  var evaluator = Evaluator(TableOfFacts(facts: facts, listeners: .known(listeners)))
  return evaluator.judge(try Expression(parsing: text), for: members)
}

struct EvidenceCase: Sendable, CustomTestStringConvertible {
  var text: String
  var truth: Truth
  var facts: [String]
  var testDescription: String { text }

  init(_ text: String, _ truth: Truth, _ facts: [String]) {
    self.text = text
    self.truth = truth
    self.facts = facts
  }
}

/// Evidence is what decided: both sides of an `and` that holds, one side of one that does not.
@Test(arguments: [
  EvidenceCase("host.cpus > 1", .yes, ["host.cpus"]),
  EvidenceCase("host.cpus > 2", .no, ["host.cpus"]),
  EvidenceCase("1 < 2", .yes, []),
  EvidenceCase(
    "host.cpus > 1 and host.uptime > 0", .yes, ["host.cpus", "host.uptime"]),
  EvidenceCase("host.cpus > 2 and host.uptime > 0", .no, ["host.cpus"]),
  EvidenceCase("host.cpus > 1 and host.uptime < 0", .no, ["host.uptime"]),
  EvidenceCase("host.memory > 0 and host.uptime < 0", .no, ["host.uptime"]),
  EvidenceCase("host.cpus > 1 or host.uptime > 0", .yes, ["host.cpus"]),
  EvidenceCase("host.cpus > 2 or host.uptime > 0", .yes, ["host.uptime"]),
  EvidenceCase("host.cpus > 2 or host.uptime < 0", .no, ["host.cpus", "host.uptime"]),
  EvidenceCase("not host.cpus > 2", .yes, ["host.cpus"]),
  EvidenceCase("host.cpus > 1 and host.cpus < 9", .yes, ["host.cpus"]),
  EvidenceCase(
    "net.core.somaxconn < default(net.core.somaxconn)", .yes,
    ["net.core.somaxconn", "default(net.core.somaxconn)"]),
  EvidenceCase(
    "min(host.cpus, net.core.somaxconn) == 2", .yes, ["host.cpus", "net.core.somaxconn"]),
  EvidenceCase("host.cpus in {1, 2}", .yes, ["host.cpus"]),
  EvidenceCase(
    "host.cpus in {net.core.somaxconn, TcpExt.ListenDrops, 2}", .yes, ["host.cpus"]),
  EvidenceCase(
    "host.cpus in {net.core.somaxconn, 3}", .no, ["host.cpus", "net.core.somaxconn"]),
  EvidenceCase("not ascending(net.ipv4.tcp_rmem)", .yes, ["net.ipv4.tcp_rmem"]),
  EvidenceCase("present(net.ipv4.tcp_rmem)", .yes, ["net.ipv4.tcp_rmem"]),
  EvidenceCase(
    "count(listener where listener.peak > 5) == 1", .yes,
    ["count(listener where listener.peak > 5)"]),
])
func evidence(_ c: EvidenceCase) throws {
  let judgement = try judge(c.text)
  #expect(judgement.truth == c.truth)
  #expect(judgement.evidence.map(\.fact) == c.facts)
  #expect(judgement.missing == [])
}

@Test func evidenceNamesItsSource() throws {
  let condition =
    "listener.peak > net.core.somaxconn and default(net.core.somaxconn) > 0"
    + " and TcpExt.ListenDrops > 0 and rate(listener.drops) > 0 and any(listener where true)"
  let judgement = try judge(condition, of: Members(.listener, 0))
  #expect(judgement.truth == .yes)
  let subject = "listener 0"
  #expect(
    judgement.evidence == [
      Evidence(
        fact: "listener.peak", value: .count(129), source: "sock_diag", subject: subject),
      Evidence(
        fact: "net.core.somaxconn", value: .count(128), source: "/proc/sys/net/core/somaxconn"),
      Evidence(
        fact: "default(net.core.somaxconn)", value: .count(4096),
        source: "page net.core.somaxconn"),
      Evidence(fact: "TcpExt.ListenDrops", value: .count(7), source: "/proc/net/netstat"),
      Evidence(
        fact: "rate(listener.drops)", value: .count(4, .perSecond), source: "sock_diag",
        subject: subject),
      Evidence(fact: "any(listener where true)", value: .boolean(true), source: "sock_diag"),
    ])
}

/// A judgement that stays open names what it lacks, once, and nothing that could not decide it.
@Test(arguments: [
  EvidenceCase("host.memory > 0", .unknown, ["host.memory"]),
  EvidenceCase("rate(TcpExt.ListenDrops) > 0", .unknown, ["rate(TcpExt.ListenDrops)"]),
  EvidenceCase(
    "host.memory > 0 and rate(TcpExt.ListenDrops) > 0", .unknown,
    ["host.memory", "rate(TcpExt.ListenDrops)"]),
  EvidenceCase("host.memory > 0 or host.memory < 5B", .unknown, ["host.memory"]),
  EvidenceCase("host.memory > 0 and host.cpus > 1", .unknown, ["host.memory"]),
  EvidenceCase("host.memory > 0 or host.cpus > 2", .unknown, ["host.memory"]),
  EvidenceCase("ascending(net.ipv4.tcp_mem)", .unknown, ["net.ipv4.tcp_mem"]),
  EvidenceCase("present(host.memory)", .unknown, ["present(host.memory)"]),
  EvidenceCase("listener.peak > 0", .unknown, ["listener.peak"]),
  EvidenceCase("default(host.cpus) > 0", .unknown, ["default(host.cpus)"]),
  EvidenceCase(
    "count(listener where rate(listener.drops) > 0) == 1", .unknown,
    ["count(listener where rate(listener.drops) > 0)"]),
  // The `or` and the set are decided without the rate.
  EvidenceCase(
    "(rate(TcpExt.ListenDrops) > 0 or host.cpus > 1) and host.memory > 0", .unknown,
    ["host.memory"]),
  EvidenceCase(
    "host.cpus in {TcpExt.ListenOverflows, 2} and host.memory > 0", .unknown, ["host.memory"]),
])
func missingFacts(_ c: EvidenceCase) throws {
  let judgement = try judge(c.text)
  #expect(judgement.truth == c.truth)
  #expect(judgement.missing.map(\.fact) == c.facts)
}

@Test func missingFactsSayWhy() throws {
  #expect(
    try judge("rate(TcpExt.ListenDrops) > 0 and ascending(net.ipv4.tcp_mem)").missing == [
      NotChecked.Missing(
        fact: "rate(TcpExt.ListenDrops)", absence: Absence(.noWindow, "in this test")),
      NotChecked.Missing(fact: "net.ipv4.tcp_mem", absence: Absence(.absent, "in this test")),
    ])
  // An aggregate gives the reason of the member that left it open.
  #expect(
    try judge("any(listener where rate(listener.drops) > 9/s)").missing.map(\.absence)
      == [Absence(.noWindow, "in this test")])
}

@Test func aValueThatIsMissingSaysWhy() throws {
  #expect(try value("2 * host.memory", facts) == .lacking(.unreadable))
  #expect(try value("max(host.cpus, rate(TcpExt.ListenDrops))", facts) == .lacking(.noWindow))
}
