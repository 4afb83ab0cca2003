import Audit
import Facts
import Testing

/// Remedies of several findings: lower bounds by the highest; contradictions are planned by nobody.
@Test func remediesAreMerged() throws {
  let key = try #require(SysctlKey("net.core.somaxconn"))
  func finding(_ rule: String, _ operation: ChangeOperator, _ value: Int64) -> Finding {
    Finding(
      rule: rule, severity: .warning, confidence: .high, title: rule, subjects: [], evidence: [],
      changes: [
        ProposedChange(
          key: key, element: nil, operator: operation, value: value, current: 4096,
          effect: .nextListen, restart: [rule])
      ])
  }
  let audit = Audit(of: try stockSnapshot(), with: catalogue)
  let merged = audit.plan(for: [finding("a", .atLeast, 8192), finding("b", .atLeast, 16384)])
  #expect(merged.writes.map(\.target) == ["16384"])
  #expect(merged.writes[0].restart == ["a", "b"])
  let bounded = audit.plan(for: [finding("a", .atLeast, 8192), finding("b", .atMost, 16384)])
  #expect(bounded.writes.map(\.target) == ["8192"])
  let torn = audit.plan(for: [finding("a", .atLeast, 8192), finding("b", .atMost, 1024)])
  #expect(torn.writes == [])
  #expect(torn.conflicts.map(\.key) == [key])
  let chosen = audit.plan(
    for: [finding("a", .atLeast, 8192), finding("b", .atMost, 1024)], onlyOf: "a")
  #expect(chosen.writes.map(\.target) == ["8192"])
}

private func finding(_ rule: String, _ changes: [ProposedChange] = []) -> Finding {
  Finding(
    rule: rule, severity: .warning, confidence: .high, title: "\(rule) fires", subjects: [],
    evidence: [], changes: changes)
}

/// The numbers of a vector merge one by one; a contradiction of one keeps all of them.
@Test func vectorsAreMergedByElement() throws {
  let key = try #require(SysctlKey("net.ipv4.tcp_rmem"))
  func change(_ element: VectorElement, _ operation: ChangeOperator, _ value: Int64)
    -> ProposedChange
  {
    ProposedChange(
      key: key, element: element, operator: operation, value: value, current: 1,
      effect: .nextSocket)
  }
  let snapshot = try stockSnapshot().with("net.ipv4.tcp_rmem", "8192 16384 32768")
  let audit = Audit(of: snapshot, with: catalogue)
  let merged = audit.plan(for: [
    finding("a", [change(.max, .atLeast, 65536), change(.min, .atMost, 4096)]),
    finding("b", [change(.max, .atLeast, 131072)]),
  ])
  #expect(merged.writes.map(\.target) == ["4096 16384 131072"])
  #expect(merged.writes[0].operator == .exactly)
  #expect(merged.writes[0].source == "a, b")
  let torn = audit.plan(for: [
    finding("a", [change(.max, .atLeast, 65536), change(.min, .atMost, 4096)]),
    finding("b", [change(.max, .atMost, 1024)]),
  ])
  #expect(torn.writes == [])
  #expect(torn.conflicts.map(\.element) == [.max])
}

@Test func removalsArePlanned() throws {
  let key = SysctlKey(literal: "net.ipv4.tcp_tw_recycle")
  func removal(_ file: String, _ line: Int, _ rule: String) -> Removal {
    Removal(file: file, line: line, key: key, reason: "\(rule) fires", source: rule)
  }
  var stale = finding("stale")
  stale.removals = [
    removal("/etc/sysctl.d/b.conf", 3, "stale"), removal("/etc/a.conf", 7, "stale"),
  ]
  stale.remedy = "take the lines out"
  var gone = finding("gone")
  gone.removals = [removal("/etc/sysctl.d/b.conf", 3, "gone")]
  let audit = Audit(of: try stockSnapshot(), with: catalogue)
  let plan = audit.plan(for: [stale, gone])
  #expect(
    plan.removals == [
      removal("/etc/a.conf", 7, "stale"),
      Removal(
        file: "/etc/sysctl.d/b.conf", line: 3, key: key, reason: "stale fires; gone fires",
        source: "stale, gone"),
    ])
  #expect(plan.writes == [] && plan.advice == [])
  #expect(audit.plan(for: [stale, gone], onlyOf: "gone").removals.map(\.line) == [3])
}
