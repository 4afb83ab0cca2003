import Audit
import Catalogue
import Facts
import Pages
import Support
import Testing

// Rules and profiles held against each other: on no host do they pull one key to and fro.

/// A host on which nothing happens: recorded, or made.
struct IdleHost: Sendable, CustomTestStringConvertible {
  var testDescription: String
  private var unpacked: @Sendable () throws -> TestFolder

  init(_ host: RecordedHost) {
    testDescription = host.name
    unpacked = { try host.unpacked() }
  }

  init(_ host: MadeHost) {
    testDescription = host.description
    unpacked = { try host.unpacked() }
  }

  /// The newest recording of each series of kernels, and every made host.
  static let all: [IdleHost] = {
    func series(_ host: RecordedHost) -> [Substring] {
      Array(host.name.split(separator: ".").prefix(2))
    }
    let newest = RecordedHost.all.filter { host in
      RecordedHost.all.last { series($0) == series(host) }?.name == host.name
    }
    return newest.map(IdleHost.init) + MadeHost.all.map(IdleHost.init)
  }()

  /// Ten seconds of it, without anything that its recording left behind.
  func snapshot() throws -> Snapshot {
    try AuditTests.snapshot(in: unpacked()).quiet()
  }
}

extension Snapshot {
  /// Without connections, and with a window in which no counter grew.
  fileprivate func quiet() -> Snapshot {
    var snapshot = self
    for name in ["Tcp.CurrEstab", "sockstat.TCP.inuse", "sockstat6.TCP6.inuse", "sockstat.TCP.tw"] {
      snapshot.counters.values[name] = 0
    }
    return snapshot.window(10)
  }

  /// The snapshot after a plan was carried out.
  fileprivate func after(_ plan: Plan) -> Snapshot {
    assuming(Dictionary(plan.writes.map { ($0.key, $0.target) }) { $1 })
  }
}

/// Made hosts are there at all, and each is found to be what it was made as.
@Test func everyMadeHostIsLookedAt() throws {
  #expect(MadeHost.all.count >= 7)
  for host in MadeHost.all {
    let snapshot = try snapshot(in: host.unpacked())
    #expect(snapshot.host.release.value?.isVendorKernel == true, "\(host)")
  }
}

/// A distribution's own choices are notes that name it, and nothing more.
@Test(arguments: MadeHost.all)
func distributionsAreQuiet(_ host: MadeHost) throws {
  let expected = [
    "alibaba-cloud-linux-3": ["vendor-synack-retries", "vendor-time-wait-buckets"],
    "amazon-linux-2023": ["vendor-send-buffer"],
    "centos-7.7": ["vendor-synack-retries"],
  ]
  var snapshot = try snapshot(in: host.unpacked())
  for window in [false, true] {
    if window { snapshot = snapshot.quiet() }
    let found = Audit(of: snapshot, with: catalogue).report().findings
    #expect(found.map(\.rule) == expected[host.name] ?? [], "\(host)")
    #expect(found.allSatisfy { $0.severity == .note })
  }
}

// MARK: Profiles

/// With a profile in force an idle host gets no finding that it did not have before, and a stock
/// host none at all; the same profile finds nothing more to change.
@Test(arguments: IdleHost.all)
func profilesAgreeWithRules(_ host: IdleHost) throws {
  let snapshot = try host.snapshot()
  let before = Audit(of: snapshot, with: catalogue).report().findings.map(\.rule)
  #expect(catalogue.profileNames.count >= 9)
  for name in catalogue.profileNames {
    let profile = try #require(catalogue.profile(name)?.profile, "\(name)")
    let plan = Audit(of: snapshot, with: catalogue).plan(for: [profile], skipsMissing: true)
    #expect(plan.refusals.map(\.key) == [], "\(name)")
    for change in plan.changes { #expect(change.warnings == [], "\(name): \(change.key)") }
    let applied = snapshot.after(plan)
    let audit = Audit(of: applied, with: catalogue)
    let found = audit.report().findings.map(\.rule).filter { !before.contains($0) }
    #expect(found == [], "\(name)")
    let again = audit.plan(for: [profile], skipsMissing: true)
    #expect(again.writes.map(\.key) == [], "\(name)")
  }
}

/// Every profile changes something somewhere: none is a list of defaults but the one that is.
@Test func profilesChangeAStockHost() throws {
  let snapshot = try stockSnapshot()
  for name in catalogue.profileNames where name != "kernel-defaults" {
    let profile = try #require(catalogue.profile(name)?.profile)
    let plan = Audit(of: snapshot, with: catalogue).plan(for: [profile], skipsMissing: true)
    #expect(plan.writes.count >= 3, "\(name)")
  }
}

// MARK: Remedies

/// What is wrong is set right: no contradiction, and no change wanted any more after so many steps.
///
/// A value that was made sensible may bring another to light, so that several
/// wrong ones can take a step more than one.
private func expectSettled(_ snapshot: Snapshot, after steps: Int, _ what: String) {
  var snapshot = snapshot
  for step in 0...steps {
    let audit = Audit(of: snapshot, with: catalogue)
    let findings = audit.report().findings.filter { !$0.changes.isEmpty }
    if findings.isEmpty { return }
    let rules = findings.map(\.rule)
    guard step < steps else {
      Issue.record("\(what): after \(steps) steps there is still \(rules)")
      return
    }
    let plan = audit.plan(for: findings)
    #expect(plan.conflicts.map(\.key) == [], "\(what): \(rules)")
    #expect(plan.refusals.map(\.key) == [], "\(what): \(rules)")
    snapshot = snapshot.after(plan)
  }
}

/// Values at which something may change: the ends of what is accepted, what is next to the ends of
/// what makes sense, and small numbers.
private func values(of tunable: Tunable, _ release: KernelRelease) throws -> [Int64] {
  let range = try #require(tunable.range.value(for: release))
  let values: Set<Int64> = [
    range.lowerBound, range.upperBound, tunable.sensible.lowerBound &- 1,
    tunable.sensible.upperBound &+ 1, 0, 1, 2, 61,
  ]
  return values.filter { range.contains($0) }.sorted()
}

@Test func remediesOfOneKeyAreDoneAtOnce() throws {
  let snapshot = try stockSnapshot().quiet()
  let release = try #require(snapshot.host.release.value)
  var tried = 0
  for key in catalogue.pages.tunables.keys {
    guard snapshot.tunables[key]?.value != nil, let tunable = catalogue.tunable(key),
      tunable.elements.isEmpty
    else { continue }
    for value in try values(of: tunable, release) {
      tried += 1
      expectSettled(snapshot.with(key.name, "\(value)"), after: 1, "\(key) = \(value)")
    }
  }
  #expect(tried > 100)
}

@Test(arguments: ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_mem"])
func remediesOfOneVectorAreDone(_ key: String) throws {
  let snapshot = try stockSnapshot().quiet()
  let numbers = [4096, 1 << 21, 2_147_483_647]
  for a in numbers {
    for b in numbers {
      for c in numbers {
        let text = "\(a) \(b) \(c)"
        expectSettled(snapshot.with(key, text), after: 3, "\(key) = \(text)")
      }
    }
  }
}

/// Several keys wrong at once, as lists from the web have them.
@Test func remediesOfManyKeysAreDone() throws {
  let snapshot = try stockSnapshot().quiet()
  let release = try #require(snapshot.host.release.value)
  var random = RandomNumbers(seed: 20_240_525)
  let tunables = catalogue.pages.tunables.keys.compactMap { catalogue.tunable($0) }
    .filter { $0.elements.isEmpty && snapshot.tunables[$0.key]?.value != nil }
  #expect(tunables.count > 20)
  for _ in 0..<40 {
    var bent = snapshot
    var said: [String] = []
    for _ in 0..<6 {
      guard let tunable = tunables.randomElement(using: &random),
        let value = try values(of: tunable, release).randomElement(using: &random)
      else { continue }
      bent = bent.with(tunable.key.name, "\(value)")
      said.append("\(tunable.key) = \(value)")
    }
    expectSettled(bent, after: 2, said.joined(separator: ", "))
  }
}

/// Numbers that come again with the same seed.
private struct RandomNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
