import Audit
import Catalogue
import Facts
import KernelModel
import Pages
import Support
import Testing

func profile(_ text: String, name: String = "test") throws -> Profile {
  let read = Profile.read(
    name: name, origin: "\(name).conf", bytes: Array("# title: t\n# for: f\n\n\(text)".utf8),
    tunables: catalogue.pages.tunables, isShipped: false)
  #expect(read.problems == [])
  return try #require(read.profile)
}

private func plan(
  _ text: String, on snapshot: Snapshot, skipsMissing: Bool = false
) throws -> Plan {
  Audit(of: snapshot, with: catalogue).plan(
    for: [try profile(text)], skipsMissing: skipsMissing)
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
  #expect(descending.refusals.map(\.outcome) == [.refused(.notAscending([8192, 4096, 2097152]))])
}

/// The kernel takes them, and hardly anything works with them.
@Test func whatIsLegalAndSenselessIsWarnedOf() throws {
  let snapshot = try stockSnapshot()
  func warnings(_ line: String) throws -> [PlannedChange.Warning] {
    let writes = try plan("# why\n\(line)\n", on: snapshot).writes
    #expect(writes.count == 1, "\(line)")
    return writes.first?.warnings ?? []
  }
  func isTold(_ words: String, of line: String) throws -> Bool {
    try warnings(line).contains { warning in
      if case .senseless(let reason) = warning { reason.contains(words) } else { false }
    }
  }
  #expect(try isTold("2 ports for all", of: "net.ipv4.ip_local_port_range = 40000 40001"))
  #expect(try isTold("999 ports", of: "net.ipv4.ip_local_port_range = 40000 40998"))
  #expect(try !isTold("ports", of: "net.ipv4.ip_local_port_range = 40000 40999"))
  #expect(try isTold("0 pages", of: "net.ipv4.tcp_mem = 0 0 0"))
  #expect(try isTold("191 pages", of: "net.ipv4.tcp_mem = 96 128 191"))
  #expect(try !isTold("pages", of: "net.ipv4.tcp_mem = 96 128 192"))
}

@Test func numbersOutsideOfTheRangeAreRefused() throws {
  let plan = try plan(
    "# why\nnet.core.somaxconn = -1\n\n# why\n# tcptune: at-most\nnet.ipv4.tcp_fin_timeout = 30\n",
    on: try stockSnapshot())
  #expect(plan.refusals.map(\.key.name) == ["net.core.somaxconn"])
  #expect(plan.writes.map(\.key.name) == ["net.ipv4.tcp_fin_timeout"])
}

private let missing = """
  # why
  net.netfilter.nf_conntrack_max = 1000000

  # why
  net.ipv4.tcp_syn_linear_timeouts = 2

  # why
  # tcptune: default
  net.ipv4.tcp_retries2 = 15

  # why
  net.core.somaxconn = 1024

  # why
  net.ipv4.tcp_timestamps = 1

  """

private func hostWithout() throws -> Snapshot {
  var snapshot = try stockSnapshot()
  for (key, reason) in [
    ("net.netfilter.nf_conntrack_max", "nf_conntrack is not loaded"),
    ("net.ipv4.tcp_syn_linear_timeouts", "no such file"), ("net.core.somaxconn", "no such file"),
  ] {
    snapshot.tunables[try #require(SysctlKey(key))] = .absent(reason)
  }
  snapshot.host.release = .known(try #require(KernelRelease("6.1.192")))
  return snapshot
}

/// What a module or the namespace keeps from us is left out; what is simply missing refuses.
@Test func whatIsMissing() throws {
  let since = try #require(KernelRelease("6.5"))
  let refused = try plan(missing, on: try hostWithout())
  #expect(
    refused.changes.map(\.outcome) == [
      .notHere(.notLoaded("nf_conntrack is not loaded")), .refused(.since(since)), .holds,
      .refused(.missing("no such file")), .holds,
    ])
  let skipped = try plan(missing, on: try hostWithout(), skipsMissing: true)
  #expect(
    skipped.changes.map(\.outcome) == [
      .notHere(.notLoaded("nf_conntrack is not loaded")), .notHere(.since(since)), .holds,
      .notHere(.skipped("no such file")), .holds,
    ])
}

/// A default that this release does not have is nothing to put back.
@Test func theDefaultOfAMissingKeyIsNotHere() throws {
  let plan = try plan(
    "# why\n# tcptune: default\nnet.ipv4.tcp_syn_linear_timeouts = 4\n", on: try hostWithout())
  #expect(
    plan.changes.map(\.outcome) == [.notHere(.since(try #require(KernelRelease("6.5"))))])
}

@Test func anotherNamespaceKeepsKeysFromUs() throws {
  var snapshot = try stockSnapshot()
  snapshot.host.initialNamespace = .known(false)
  let backlog = try #require(SysctlKey("net.core.netdev_max_backlog"))
  snapshot.tunables[backlog] = .absent("no such file")
  let text = "# why\nnet.core.netdev_max_backlog = 5\n\n# why\nnet.netfilter.nf_conntrack_max = 7\n"
  let plan = try plan(text, on: snapshot.with("net.netfilter.nf_conntrack_max", "65536"))
  #expect(plan.changes.map(\.outcome) == [.notHere(.hostWide), .notHere(.readOnlyHere)])
}

/// A value that could not be read is no missing key: leaving it out would be a guess.
@Test func whatCannotBeReadRefuses() throws {
  var snapshot = try stockSnapshot()
  snapshot.tunables[try #require(SysctlKey("net.core.somaxconn"))] = .unreadable("I/O error")
  for skips in [false, true] {
    let plan = try plan("# why\nnet.core.somaxconn = 1024\n", on: snapshot, skipsMissing: skips)
    #expect(plan.refusals.count == 1)
  }
}

/// Services to restart are those that the cap binds now.
@Test func restartsAreNamed() throws {
  let snapshot = try stockSnapshot([
    listener(80, limit: 4096, program: "nginx"), listener(81, limit: 511, program: "redis-server"),
  ])
  let profile = try #require(catalogue.profile("high-conn")?.profile)
  let plan = Audit(of: snapshot, with: catalogue).plan(for: [profile])
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
  for change in Audit(of: snapshot, with: catalogue).plan(for: [profile]).writes {
    snapshot.tunables[change.key] = .known(change.target)
  }
  let audit = Audit(of: snapshot, with: catalogue)
  #expect(audit.plan(for: [profile]).writes == [])
  #expect(audit.report().findings == [])
}

// MARK: Several profiles

@Test func theLaterProfileWins() throws {
  let first = try profile(
    "# one\nnet.ipv4.tcp_fin_timeout = 30\n\n# one\n# tcptune: at-least\nnet.core.somaxconn = 9000\n",
    name: "first")
  let second = try profile(
    "# two\n# tcptune: at-least\nnet.core.somaxconn = 5000\n\n# two\nnet.ipv4.tcp_fin_timeout = 30\n",
    name: "second")
  let audit = Audit(of: try stockSnapshot(), with: catalogue)
  let plan = audit.plan(for: [first, second])
  #expect(plan.name == "first, second")
  #expect(plan.members.map(\.origin) == ["first.conf", "second.conf"])
  #expect(plan.changes.map(\.key.name) == ["net.ipv4.tcp_fin_timeout", "net.core.somaxconn"])
  #expect(plan.changes.map(\.target) == ["30", "5000"])
  #expect(plan.changes.map(\.source) == ["second.conf:9", "second.conf:6"])
  // What both want alike is no conflict.
  #expect(
    plan.overruled == [
      Plan.Overruled(
        key: .somaxconn,
        earlier: Plan.Overruled.Wish(
          profile: "first", source: "first.conf:9", operator: .atLeast, value: "9000"),
        later: Plan.Overruled.Wish(
          profile: "second", source: "second.conf:6", operator: .atLeast, value: "5000"))
    ])
  // One that comes twice is one profile, in its last place.
  let again = audit.plan(for: [first, second, first])
  #expect(again.members.map(\.name) == ["second", "first"])
  #expect(again.changes.map(\.target) == ["30", "9000"])
}

@Test func includedProfilesAreNotInThePlansName() throws {
  var base = try profile("# one\nnet.core.somaxconn = 9000\n", name: "base")
  base.includedBy = "mine"
  let mine = try profile("# two\n# tcptune: default\nnet.core.somaxconn = 4096\n", name: "mine")
  let plan = Audit(of: try stockSnapshot(), with: catalogue).plan(for: [base, mine])
  #expect(plan.name == "mine")
  #expect(plan.members.map(\.includedBy) == ["mine", nil])
  #expect(plan.changes.map(\.outcome) == [.holds])
  #expect(plan.overruled.map(\.later.operator) == [nil])
}

/// What one connection may hold is measured against the machine, and 8 MiB are left to every one.
@Test(arguments: [
  (Int64(1) << 30, "67108864", false), (1 << 30, "67108865", true), (1 << 27, "8388608", false),
  (1 << 27, "8388609", true),
])
func buffersBeyondTheMemory(_ memory: Int64, _ most: String, _ isWarned: Bool) throws {
  var snapshot = try stockSnapshot().with("net.ipv4.tcp_rmem", "4096\t131072\t6291456")
  snapshot.host.memory = .known(memory)
  let plan = try plan(
    "# why\n# tcptune: at-least\nnet.ipv4.tcp_rmem = 4096 131072 \(most)\n", on: snapshot)
  #expect(plan.writes.map { $0.warnings.count } == [isWarned ? 1 : 0])
}
