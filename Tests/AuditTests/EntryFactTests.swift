import Catalogue
import Expressions
import Facts
import Pages
import Support
import SysctlConf
import Testing

@testable import Audit

/// The newest recorded host with these sysctl files, as an audit would read them.
private func snapshot(
  _ files: [String: String], release: String? = nil, line: String = "",
  comparing reason: String? = nil
) throws -> Snapshot {
  var snapshot = try stockSnapshot()
  if let release { snapshot.host.release = .known(try #require(KernelRelease(release))) }
  var listing = KeyListing()
  listing.folders = ["", "net", "net/core", "net/ipv4"]
  for (key, reading) in snapshot.tunables where reading.absence?.kind != .absent {
    listing.names.insert(key.path)
    listing.keys[key.path] = KeyListing.Key(text: reading, isWritable: true)
  }
  let input = FilesInput(
    tree: FileTree(files.mapValues { .file(Array($0.utf8)) }), listing: listing,
    arguments: KernelArguments(parsing: Array(line.utf8)), release: snapshot.host.release.value,
    isLive: false, isInitialNamespace: .known(true), gaps: [])
  var report = FileDrift(input, with: catalogue).summary()
  report.notCompared = reason
  snapshot.files = .known(report)
  return snapshot
}

/// The facts of every line, by `file:line`.
private func facts(
  _ snapshot: Snapshot, _ fact: EntryFact
) throws -> [String: Reading<Value>] {
  let facts = SnapshotFacts(snapshot, tunables: catalogue.pages.tunables)
  let count = try #require(facts.count(of: .entry).value)
  var all: [String: Reading<Value>] = [:]
  for index in 0..<count {
    let name = try #require(facts.name(of: .entry, index))
    all[name] = facts.reading(.value(.entry(fact)), of: Members(.entry, index))
  }
  return all
}

private let site = "/etc/sysctl.d/50-site.conf"
private let late = "/etc/sysctl.d/60-late.conf"
private let last = "/etc/sysctl.conf"

/// The release that took tcp_tw_recycle away.
private let gone = KernelRelease("4.12").map(Value.release) ?? .text("no release")

/// One line in 50-site.conf, and what its facts are on Linux 7.3 with 2 GiB of memory.
struct LineCase: Sendable, CustomTestStringConvertible {
  var line: String
  var facts: [EntryFact: Value]
  var testDescription: String { line }
}

@Test(arguments: [
  LineCase(
    line: "net.core.somaxconn = 1024",
    facts: [
      .key: .text("net.core.somaxconn"), .file: .text(site), .value: .text("1024"),
      .winsBoot: .boolean(true), .winsSystem: .boolean(true), .differsFromRunning: .boolean(true),
      .belowDefault: .boolean(true), .equalsDefault: .boolean(false), .ascending: .boolean(true),
      .loadersDisagree: .boolean(false), .outcome: .text("taken"), .known: .boolean(true),
      .repeated: .count(0), .ignoredBy: .text(""),
    ]),
  LineCase(
    line: "net.core.somaxconn = 4096",
    facts: [
      .differsFromRunning: .boolean(false), .belowDefault: .boolean(false),
      .equalsDefault: .boolean(true),
    ]),
  LineCase(
    line: "net/core/somaxconn = 0x2000",
    facts: [
      .key: .text("net.core.somaxconn"), .value: .text("0x2000"),
      .differsFromRunning: .boolean(true), .belowDefault: .boolean(false),
      .equalsDefault: .boolean(false), .outcome: .text("taken"),
    ]),
  // Blanks for tabs are no difference.
  LineCase(
    line: "net.ipv4.ip_local_port_range = 32768 60999",
    facts: [.differsFromRunning: .boolean(false), .equalsDefault: .boolean(true)]),
  LineCase(
    line: "net.ipv4.tcp_fin_timeout = 30 # s",
    facts: [.outcome: .text("cut"), .winsBoot: .boolean(true), .differsFromRunning: .boolean(true)]
  ),
  // A number that is refused changes nothing, so it neither wins nor differs.
  LineCase(
    line: "net.ipv4.tcp_retries2 = 300",
    facts: [
      .outcome: .text("refused"), .winsBoot: .boolean(false), .winsSystem: .boolean(false),
      .differsFromRunning: .boolean(false), .belowDefault: .boolean(false),
      .equalsDefault: .boolean(false), .known: .boolean(true),
    ]),
  // Two of three are set before the kernel stops.
  LineCase(
    line: "net.ipv4.tcp_rmem = 8192 87380 big",
    facts: [
      .outcome: .text("partly"), .differsFromRunning: .boolean(true),
      .belowDefault: .boolean(true), .ascending: .boolean(true),
    ]),
  LineCase(
    line: "net.ipv4.tcp_rmem = 4096 131072 8192", facts: [.ascending: .boolean(false)]),
  // Higher is not roomier.
  LineCase(
    line: "net.ipv4.tcp_fin_timeout = 20",
    facts: [.belowDefault: .boolean(false), .equalsDefault: .boolean(false)]),
  LineCase(
    line: "net.ipv4.tcp_tw_recycle = 1",
    facts: [
      .known: .boolean(false), .removedIn: gone,
      .winsBoot: .boolean(false), .ascending: .boolean(true),
    ]),
  LineCase(
    line: "net.ipv4/tcp_sack = 1",
    facts: [.key: .text("net.ipv4/tcp_sack"), .known: .boolean(false)]),
])
func factsOfALine(_ c: LineCase) throws {
  let snapshot = try snapshot([site: c.line + "\n"])
  for (fact, value) in c.facts {
    let readings = try facts(snapshot, fact)
    #expect(readings == ["\(site):1": .known(value)], "\(fact)")
  }
}

/// A default that depends on memory is known only about: nine tenths of it is not below.
@Test func defaultsByMemory() throws {
  var host = try stockSnapshot()
  let key = SysctlKey(literal: "net.ipv4.tcp_max_tw_buckets")
  let standard = try #require(host.numbers(of: key).value?.first)
  host.tunables[key] = .known(String(standard))
  func fact(_ number: Int64, _ fact: EntryFact) throws -> Reading<Value>? {
    try facts(snapshot([site: "\(key) = \(number)\n"]), fact)["\(site):1"]
  }
  let isAbout = SnapshotFacts(host, tunables: catalogue.pages.tunables)
    .isDefaultApproximate(of: try #require(catalogue.tunable(key)))
  #expect(try fact(standard / 2, .belowDefault) == .known(.boolean(true)))
  #expect(try fact(standard * 2, .belowDefault) == .known(.boolean(false)))
  #expect(try fact(standard / 2, .equalsDefault) == .known(.boolean(false)))
  #expect(try fact(standard - 1, .belowDefault) == .known(.boolean(!isAbout)))
}

/// Who wins, who does not, and who reads nothing.
@Test func severalLines() throws {
  let snapshot = try snapshot([
    site: "net.ipv4.tcp_fin_timeout = 20\nnet.ipv4.tcp_fin_timeout = 25\n",
    late: "net/ipv4/tcp_fin_timeout = 30\n", last: "net.ipv4.tcp_fin_timeout = 40\n",
    "/etc/sysctl.d/.hidden.conf": "net.ipv4.tcp_retries2 = 8\n",
    "/usr/lib/sysctl.d/50-site.conf": "net.ipv4.tcp_fin_timeout = 50\n",
  ])
  func holds(_ fact: EntryFact) throws -> Set<String> {
    Set(try facts(snapshot, fact).filter { $0.value == .known(.boolean(true)) }.keys)
  }
  let hidden = "/etc/sysctl.d/.hidden.conf:1"
  #expect(try holds(.winsBoot) == ["\(late):1"])
  #expect(try holds(.winsSystem) == ["\(last):1", hidden])
  #expect(
    try holds(.loadersDisagree) == [
      "\(site):1", "\(site):2", "\(late):1", "\(last):1", "/usr/lib/sysctl.d/50-site.conf:1",
      hidden,
    ])
  let ignored = try facts(snapshot, .ignoredBy).compactMapValues(\.value)
  #expect(ignored["\(late):1"] == .text(""))
  #expect(ignored["\(last):1"] == .text("systemd-sysctl"))
  #expect(ignored[hidden] == .text("systemd-sysctl"))
  #expect(ignored["/usr/lib/sysctl.d/50-site.conf:1"] == .text("systemd-sysctl, procps"))
  let repeated = try facts(snapshot, .repeated)
  #expect(repeated["\(site):1"] == .known(.count(4)))
  #expect(repeated[hidden] == .known(.count(0)))
}

/// Keys of interfaces and of other parts of the kernel are nobody's business here.
@Test func onlyKeysOfTheNetworkAreKept() throws {
  let snapshot = try snapshot([
    site: """
    vm.swappiness = 10
    net.ipv4.conf.all.rp_filter = 1
    net.ipv4.conf.*.rp_filter = 2
    net.ipv6.neigh.default.gc_thresh1 = 9
    kernel.pid_max = 1
    net.core.somax* = 1024

    """
  ])
  #expect(try facts(snapshot, .key) == ["\(site):6": .known(.text("net.core.somaxconn"))])
}

/// Whose files they are decides whether the kernel's values are held against them.
@Test func filesOfAContainer() throws {
  let reason = "these files are a container's own"
  let snapshot = try snapshot([site: "net.core.somaxconn = 1024\n"], comparing: reason)
  for fact in EntryFact.allCases {
    let reading = try #require(try facts(snapshot, fact)["\(site):1"])
    switch fact {
    case .known, .differsFromRunning, .belowDefault, .equalsDefault, .outcome:
      #expect(reading == .absent(reason), "\(fact)")
    case .removedIn: #expect(reading.absence?.kind == .absent)
    default: #expect(reading.value != nil, "\(fact)")
    }
  }
  let report = Audit(of: snapshot, with: catalogue).report()
  #expect(report.drift.isEmpty)
  #expect(report.findings == [])
  #expect(report.filesNotCompared == reason)
}

/// What was assumed takes the place of what runs.
@Test func assumedValuesAreComparedWithFiles() throws {
  let snapshot = try snapshot([site: "net.ipv4.tcp_fin_timeout = 30\n"])
  func drift(_ assumed: [SysctlKey: String]) -> [Drift] {
    Audit(of: snapshot, with: catalogue, assuming: assumed).report().drift
  }
  let key = SysctlKey(literal: "net.ipv4.tcp_fin_timeout")
  #expect(
    drift([:]) == [
      Drift(
        key: key, running: "60", boot: "30", system: "30",
        source: FilesReport.Source(file: site, line: 1))
    ])
  #expect(drift([key: "30"]) == [])
}

/// Files that name everything again and again are told; what wins is judged all the same.
@Test func filesWithoutEndAreBounded() throws {
  let lines = (0..<300).map { "net.core.somax* = \($0 + 5000)\n" }.joined()
  let unknown = (0..<1_200).map { "net.ipv4.tcp_no\($0) = 1\n" }.joined()
  let snapshot = try snapshot([site: lines + unknown])
  let report = try #require(snapshot.files.value)
  #expect(
    report.gaps == [
      Gap("net.core.somaxconn", "300 lines set it; 17 of them are judged"),
      Gap("sysctl files", "1201 keys are named; 1000 are judged"),
    ])
  let wins = try facts(snapshot, .winsBoot).filter { $0.value == .known(.boolean(true)) }
  #expect(Array(wins.keys) == ["\(site):300"])
}

/// A limit below the cap may be a former cap: the defaults of releases, and whatever a file says.
@Test func valuesInFilesMayHaveBeenTheCap() throws {
  func certain(_ limit: Int64, _ files: [String: String], comparing reason: String? = nil) throws
    -> Bool?
  {
    var snapshot = try snapshot(files, comparing: reason)
    snapshot.listeners = .known([listener(80, limit: limit)])
    return Audit(of: snapshot, with: catalogue).report().listeners.value?.first?.acceptQueue
      .certain
  }
  let lines = [
    site: "net.core.somaxconn = 1024\nnet.core.somaxconn = 0x200\n", late: "net.core.so* = 777\n",
    last: "net.core.somaxconn = 4096\n",
  ]
  #expect(try certain(1024, [:]) == true)
  #expect(try certain(1024, lines) == false)
  #expect(try certain(512, lines) == false)
  #expect(try certain(777, lines) == false)
  #expect(try certain(128, lines) == false)
  #expect(try certain(1000, lines) == true)
  // The files of a container were never the host's.
  #expect(try certain(1024, lines, comparing: "a container's own") == true)
}
