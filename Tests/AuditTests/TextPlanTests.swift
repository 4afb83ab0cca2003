import Catalogue
import Expressions
import Facts
import Pages
import SysctlConf
import Testing

@testable import Audit

// Names and lists of ports in plans, in explanations and in sysctl files.

private let control = "net.ipv4.tcp_congestion_control"
private let reserved = "net.ipv4.ip_local_reserved_ports"

private func host() throws -> Snapshot {
  try stockSnapshot().with(control, "cubic").with("net.core.default_qdisc", "fq_codel")
    .with("net.ipv4.tcp_available_congestion_control", "reno cubic")
    .with("net.ipv4.tcp_allowed_congestion_control", "reno cubic").with(reserved, "")
}

private func plan(_ text: String, on snapshot: Snapshot) throws -> Plan {
  Audit(of: snapshot, with: catalogue).plan(for: [try profile(text)])
}

@Test func namesAreWrittenAsTheyAre() throws {
  let plan = try plan(
    "# why\nnet.core.default_qdisc = fq\n\n# why\n\(control) = reno\n\n"
      + "# why\n\(reserved) = 9000-9010,8080\n", on: try host())
  #expect(plan.changes.map(\.outcome) == [.change, .change, .change])
  #expect(plan.writes.map(\.target) == ["fq", "reno", "8080,9000-9010"])
  #expect(plan.writes.map(\.current) == [.known("fq_codel"), .known("cubic"), .known("")])
  #expect(plan.writes.map(\.operator) == [.exactly, .exactly, .exactly])
  #expect(plan.writes.allSatisfy { $0.warnings.isEmpty })
  // The owned file takes every one of them.
  let entries = try plan.writes.map {
    try ConfEntry(key: $0.key, value: $0.target, comments: [])
  }
  let text = String(decoding: ConfFile(parsing: []).setting(entries).bytes, as: UTF8.self)
  #expect(text.contains("net.core.default_qdisc = fq\n"))
  #expect(text.contains("\(reserved) = 8080,9000-9010\n"))
}

@Test func namesThatHold() throws {
  let plan = try plan("# why\n\(control) = cubic\n", on: try host())
  #expect(plan.changes.map(\.outcome) == [.holds])
  #expect(plan.changes.map(\.target) == ["cubic"])
}

/// The first namespace loads a module; any other may choose of the permitted names only.
@Test func namesThatAreNotThere() throws {
  let text = "# why\n\(control) = bbr\n"
  let first = try plan(text, on: try host())
  #expect(first.writes.map(\.warnings) == [[.notLoaded("bbr", ["reno", "cubic"])]])
  var inner = try host()
  inner.host.initialNamespace = .known(false)
  let refused = try plan(text, on: inner)
  #expect(refused.changes.map(\.outcome) == [.refused(.notPermitted("bbr", ["reno", "cubic"]))])
  #expect(try plan("# why\n\(control) = reno\n", on: inner).writes.map(\.target) == ["reno"])
}

/// A profile that does without a name stays one that can be applied.
@Test func namesThatMayBeMissing() throws {
  let text = "# why\n# tcptune: if-available\n\(control) = bbr\n"
  #expect(
    try plan(text, on: try host()).changes.map(\.outcome)
      == [.notHere(.unavailable("bbr", ["reno", "cubic"]))])
  let there = try host().with("net.ipv4.tcp_available_congestion_control", "reno cubic bbr")
  let first = try plan(text, on: there)
  #expect(first.writes.map(\.target) == ["bbr"] && first.writes[0].warnings == [])
  // Another namespace may choose of the permitted ones only, whatever the kernel has.
  var inner = there
  inner.host.initialNamespace = .known(false)
  #expect(
    try plan(text, on: inner).changes.map(\.outcome)
      == [.notHere(.unavailable("bbr", ["reno", "cubic"]))])
  inner = inner.with("net.ipv4.tcp_allowed_congestion_control", "reno cubic bbr")
  #expect(try plan(text, on: inner).writes.map(\.target) == ["bbr"])
  // One that is in force already holds, and where no list can be read nothing is tried.
  #expect(try plan(text, on: host().with(control, "bbr")).changes.map(\.outcome) == [.holds])
  var blind = try host()
  blind.tunables[SysctlKey(literal: "net.ipv4.tcp_available_congestion_control")] =
    .absent("no such file")
  #expect(
    try plan(text, on: blind).changes.map(\.outcome) == [.notHere(.unavailable("bbr", []))])
}

@Test func theLaterNameWins() throws {
  let first = try profile("# why\n\(control) = reno\n", name: "a")
  let second = try profile("# why\n\(control) = cubic\n", name: "b")
  let plan = Audit(of: try host().with(control, "bbr"), with: catalogue)
    .plan(for: [first, second])
  #expect(plan.writes.map(\.target) == ["cubic"])
  #expect(plan.overruled.map(\.earlier.value) == ["reno"])
  #expect(plan.overruled.map(\.later.value) == ["cubic"])
}

@Test func keysWithoutAFileAreNotWritten() throws {
  var snapshot = try host()
  snapshot.tunables[SysctlKey(literal: "net.core.default_qdisc")] = .absent("no such file")
  snapshot.host.initialNamespace = .known(false)
  let plan = try plan("# why\nnet.core.default_qdisc = fq\n", on: snapshot)
  #expect(plan.changes.map(\.outcome) == [.notHere(.hostWide)])
}

// MARK: Explanations

private func facts(_ name: String, on snapshot: Snapshot) throws -> Explanation.TunableFacts {
  let found = try #require(catalogue.find(name))
  let explained = Audit(of: snapshot, with: catalogue).explanation(of: found)
  guard case .tunable(let facts) = explained.subject else {
    throw Assumption.Failure(message: "expected a tunable")
  }
  return facts
}

@Test func namesAreExplained() throws {
  let shown = try facts(control, on: try host())
  #expect(shown.value == .known(.text("cubic")))
  #expect(shown.defaultValue.absence?.kind == .absent)
  #expect(shown.form == .text && shown.access == .readWrite)
  #expect(try facts(reserved, on: try host()).defaultValue == .known(.text("")))
  let table = try facts("net.ipv4.tcp_ehash_entries", on: try host())
  #expect(table.access == .readOnly)
}

/// Even a recording that has it does not make it known.
@Test func secretsStaySecret() throws {
  let key = "net.ipv4.tcp_fastopen_key"
  let shown = try facts(key, on: try host().with(key, "11111111-22222222-33333333-44444444"))
  #expect(shown.access == .secret)
  #expect(shown.value.value == nil)
  #expect(shown.value.absence?.kind == .notGathered)
  let stock = try facts(key, on: try stockSnapshot())
  #expect(stock.value.value == nil)
}

/// A condition reads names as texts.
@Test func namesAsFacts() throws {
  let facts = SnapshotFacts(try host(), tunables: catalogue.pages.tunables)
  let key = SysctlKey(literal: "net.ipv4.tcp_congestion_control")
  #expect(facts.reading(.value(.key(key)), of: .host) == .known(.text("cubic")))
  let ratio = SysctlKey(literal: "net.ipv4.tcp_pacing_ss_ratio")
  #expect(facts.reading(.value(.key(ratio)), of: .host) == .known(.count(2)))
  #expect(facts.reading(.defaultValue(.key(ratio)), of: .host) == .known(.count(2)))
}
