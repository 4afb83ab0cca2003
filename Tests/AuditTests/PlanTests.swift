import Audit
import Catalogue
import Facts
import Pages
import Support
import Testing

private func plan(_ text: String, on snapshot: Snapshot) throws -> Plan {
  let read = catalogue.profile(
    at: "test.conf", bytes: Array("# title: t\n# for: f\n\n\(text)".utf8))
  #expect(read.problems == [])
  return Audit(of: snapshot, with: catalogue).plan(for: try #require(read.profile))
}

@Test func operatorsStandToThePresentValue() throws {
  let snapshot = try stockSnapshot().with("net.core.somaxconn", "4096")
  func target(_ operation: String, _ value: Int) throws -> String? {
    let comment = operation.isEmpty ? "" : "# tcptune: \(operation)\n"
    return try plan("# why\n\(comment)net.core.somaxconn = \(value)\n", on: snapshot)
      .writes.first?.target
  }
  #expect(try target("", 1024) == "1024")
  #expect(try target("", 4096) == nil)
  #expect(try target("at-least", 1024) == nil)
  #expect(try target("at-least", 8192) == "8192")
  #expect(try target("at-most", 1024) == "1024")
  #expect(try target("at-most", 8192) == nil)
  #expect(try target("default", 1) == nil)
}

@Test func vectorsKeepTheNumbersThatHold() throws {
  let snapshot = try stockSnapshot().with("net.ipv4.tcp_rmem", "4096\t131072\t6291456")
  let plan = try plan(
    "# why\n# tcptune: at-least\nnet.ipv4.tcp_rmem = 4096 65536 33554432\n", on: snapshot)
  #expect(plan.writes.map(\.target) == ["4096 131072 33554432"])
}

@Test func valuesOutsideOfSenseAndRange() throws {
  let snapshot = try stockSnapshot()
  let odd = try plan("# why\nnet.ipv4.tcp_synack_retries = 200\n", on: snapshot)
  #expect(odd.writes[0].warnings.count == 1)
  var old = snapshot
  old.host.release = .known(try #require(KernelRelease("3.19.8")))
  let refused = try plan("# why\nnet.core.somaxconn = 65536\n", on: old)
  #expect(refused.refusals.map(\.outcome) == [.refused(.outsideRange(65536, 0...65535))])
  let descending = try plan("# why\nnet.ipv4.tcp_rmem = 8192 4096 2097152\n", on: snapshot)
  #expect(descending.writes[0].warnings == [.notAscending])
}

@Test func whatIsNotHereIsLeftOut() throws {
  var snapshot = try stockSnapshot()
  let conntrack = try #require(SysctlKey("net.netfilter.nf_conntrack_max"))
  snapshot.tunables[conntrack] = .absent("nf_conntrack is not loaded")
  let linear = try #require(SysctlKey("net.ipv4.tcp_syn_linear_timeouts"))
  snapshot.tunables[linear] = .absent("no such file")
  snapshot.host.release = .known(try #require(KernelRelease("6.1.192")))
  let text = """
    # why
    net.netfilter.nf_conntrack_max = 1000000

    # why
    net.ipv4.tcp_syn_linear_timeouts = 2

    # why
    net.ipv4.tcp_timestamps = 1

    """
  let plan = try plan(text, on: snapshot)
  #expect(
    plan.changes.map(\.outcome) == [
      .notHere(.notLoaded("nf_conntrack is not loaded")),
      .notHere(.since(try #require(KernelRelease("6.5")))), .holds,
    ])
}

@Test func aKeyThatIsSimplyMissingRefuses() throws {
  var snapshot = try stockSnapshot()
  snapshot.tunables[try #require(SysctlKey("net.core.somaxconn"))] = .unreadable("I/O error")
  let plan = try plan("# why\nnet.core.somaxconn = 1024\n", on: snapshot)
  #expect(plan.refusals.count == 1)
}

/// Services to restart are those that the cap binds now.
@Test func restartsAreNamed() throws {
  let snapshot = try stockSnapshot([
    listener(80, limit: 4096, program: "nginx"), listener(81, limit: 511, program: "redis-server"),
  ])
  let profile = try #require(catalogue.profile("high-conn")?.profile)
  let plan = Audit(of: snapshot, with: catalogue).plan(for: profile)
  let cap = try #require(plan.changes.first { $0.key.name == "net.core.somaxconn" })
  #expect(cap.restart == ["nginx"])
  #expect(cap.effect == .nextListen)
  #expect(plan.advice.contains(.descriptors(service: "nginx", limit: 1024)))
}

/// A host with the profile applied needs nothing more and gets no finding.
@Test(arguments: ["high-conn", "kernel-defaults"])
func applyingTwiceChangesNothing(_ name: String) throws {
  var snapshot = try stockSnapshot()
  let profile = try #require(catalogue.profile(name)?.profile)
  for change in Audit(of: snapshot, with: catalogue).plan(for: profile).writes {
    snapshot.tunables[change.key] = .known(change.target)
  }
  let audit = Audit(of: snapshot, with: catalogue)
  #expect(audit.plan(for: profile).writes == [])
  #expect(audit.report().findings == [])
}

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
