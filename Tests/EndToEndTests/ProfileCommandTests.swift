import Foundation
import Support
import Testing

/// A recorded host, and a folder for profiles.
private struct Desk {
  let host: TestFolder
  let folder: TestFolder

  init() throws {
    host = try RecordedHost(name: "7.3.4+deb13-cloud-amd64").unpacked()
    folder = try TestFolder()
  }

  func profile(_ name: String, head: String = "", _ keys: String) throws -> String {
    try folder.write(
      text: "# title: \(name)\n# for: a test\n\(head)\n\(keys)", to: "\(name).conf")
  }

  func run(_ arguments: String...) throws -> BuiltProgram.Result {
    try BuiltProgram.run(arguments + ["--root", host.path])
  }

  func json<Document: Decodable>(_ result: BuiltProgram.Result) throws -> Document {
    try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
  }
}

private struct Member: Decodable, Equatable {
  var name: String
  var origin: String
  var included_by: String?
}

private struct Change: Decodable {
  var key: String
  var outcome: String?
  var `operator`: String
  var wanted: String?
  var after: String?
  var source: String?
}

private struct Wish: Decodable, Equatable {
  var profile: String
  var `operator`: String
  var value: String
}

private struct Overruled: Decodable, Equatable {
  var key: String
  var earlier: Wish
  var later: Wish
}

private struct PlanDocument: Decodable {
  var changes: [Change]
  var profiles: [Member]
  var overruled: [Overruled]
  var refused: [String]?
  var would_refuse: [String]?
  var diff: String?
  var differs: Bool?
  var remarks: [String]?
}

/// The names of the shipped profiles, as messages list them.
private let shipped =
  "bulk-throughput, container-host, database, edge-proxy, high-conn, kernel-defaults, long-lived,"
  + " low-latency, syn-flood"

private let cap = "# why\n# tcptune: at-least\nnet.core.somaxconn = "
private let fin = "# why\nnet.ipv4.tcp_fin_timeout = "

// MARK: Several profiles

@Test func laterProfilesWinAndSaySo() throws {
  let desk = try Desk()
  let base = try desk.profile("base", cap + "9000\n")
  let mine = try desk.profile(
    "mine", head: "# includes: base.conf, kernel-defaults\n", fin + "20\n\n\(cap)5000\n")
  let other = try desk.profile("other", fin + "10\n")
  let result = try desk.run("diff", "--profile", mine, "--profile", other)
  #expect(result.status == 1)
  #expect(result.output.contains("\n+net.ipv4.tcp_fin_timeout = 10\n"))
  #expect(result.output.contains("\n+net.core.somaxconn = 5000\n"))
  let lines = result.errors.split(separator: "\n").map(String.init)
  #expect(
    lines.first
      == "tcptune: profile: base (\(base), included by mine), kernel-defaults (built in, included"
      + " by mine), mine (\(mine)), other (\(other))")
  let conflicts = lines.filter { $0.hasPrefix("tcptune: conflict: ") }
  #expect(conflicts.count == 4)
  #expect(
    conflicts.last == "tcptune: conflict: net.ipv4.tcp_fin_timeout: 10 of other (\(other):5) wins"
      + " over 20 of mine (\(mine):6)")
  let document: PlanDocument = try desk.json(
    try desk.run("diff", "--profile", mine, "--profile", other, "--format", "json"))
  #expect(document.diff == result.output)
  #expect(document.overruled.count == 4)
  #expect(
    document.overruled.last?.later == Wish(profile: "other", operator: "exactly", value: "10"))
  #expect(
    document.profiles.map(\.included_by) == ["mine", "mine", nil, nil])
}

@Test func problemsOfIncludedProfilesHaveTheirPlaces() throws {
  let desk = try Desk()
  let one = try desk.profile("one", head: "# includes: two.conf,\n#   nosuch\n", cap + "1024\n")
  let two = try desk.profile("two", head: "# includes: ./one.conf, gone.conf\n", cap + "x\n")
  let result = try desk.run("apply", "--dry-run", "--profile", one)
  #expect(result.status == 2)
  #expect(
    result.errors == """
      \(two):7:22: expected a number for 'net.core.somaxconn', found 'x'
      \(two):3:13: expected no profile that includes this one, found one -> two -> one
      \(two):3:25: \(desk.folder.path)/gone.conf: No such file or directory
      \(one):4:5: expected a profile (\(shipped)) or the path of one, found 'nosuch'

      """)
  try desk.folder.write(
    text: "# title: two\n# for: a test\n# includes: ./one.conf, gone.conf\n", to: "two.conf")
  #expect(
    try desk.run("apply", "--dry-run", "--profile", one).errors == """
      \(two):3:13: expected no profile that includes this one, found one -> two -> one
      \(two):3:25: \(desk.folder.path)/gone.conf: No such file or directory
      \(one):4:5: expected a profile (\(shipped)) or the path of one, found 'nosuch'

      """)
}

// MARK: The difference

/// at-least never lowers, at-most never raises, and what holds is not written.
@Test func aDifferenceHoldsToTheOperators() throws {
  let desk = try Desk()
  let path = try desk.profile(
    "mine",
    """
    \(cap)1024

    # why
    # tcptune: at-most
    net.ipv4.tcp_fin_timeout = 90

    # why
    net.ipv4.tcp_syncookies = 1

    # why
    # tcptune: default
    net.ipv4.tcp_synack_retries = 5

    """)
  let equal = try desk.run("diff", "--profile", path)
  #expect(equal.status == 0 && equal.output.isEmpty)
  let changed = try desk.run(
    "diff", "--profile", path, "--set", "somaxconn=128", "--set", "tcp_fin_timeout=120",
    "--set", "tcp_syncookies=0", "--set", "tcp_synack_retries=2")
  #expect(changed.status == 1)
  for line in [
    "net.core.somaxconn = 1024", "net.ipv4.tcp_fin_timeout = 90", "net.ipv4.tcp_syncookies = 1",
    "net.ipv4.tcp_synack_retries = 5",
  ] {
    #expect(changed.output.contains("\n+\(line)\n"), "\(line)")
  }
}

/// The recorded host's own file is what the difference is against.
@Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/patch"), "needs patch"))
func aRecordedHostsFileIsPatched() throws {
  let desk = try Desk()
  let owned = "etc/sysctl.d/99-tcptune.conf"
  try desk.host.write(text: "# mine\nnet.core.somaxconn = 512\nvm.swappiness = 1\n", to: owned)
  let first = try desk.run("diff", "--profile", "high-conn")
  #expect(first.status == 1)
  #expect(first.output.hasPrefix("--- a/\(owned)\n+++ b/\(owned)\n"))
  let patched = try BuiltProgram.run(
    ["-p1", "-d", desk.host.path], input: first.output, program: "/usr/bin/patch")
  #expect(patched.status == 0, "\(patched.output)\(patched.errors)")
  let text = try String(contentsOfFile: "\(desk.host.path)/\(owned)", encoding: .utf8)
  #expect(text.contains("\nnet.core.somaxconn = 16384\nvm.swappiness = 1\n"))
  let second = try desk.run("diff", "--profile", "high-conn")
  #expect(second.status == 0 && second.output.isEmpty)
  #expect(second.errors.contains("has these values already; the running ones differ"))
}

// MARK: What refuses

@Test func aPlanListsWhatRefuses() throws {
  let desk = try Desk()
  let path = try desk.profile(
    "mine", fin + "30\n\n# why\nnet.core.somaxconn = -1\n\n# why\nnet.ipv4.tcp_timestamps = 300\n")
  try FileManager.default.removeItem(
    atPath: desk.host.path + "/proc/sys/net/ipv4/tcp_fin_timeout")
  let text = try desk.run("apply", "--profile", path, "--dry-run")
  #expect(text.status == 0)
  #expect(text.output.hasPrefix("refused for 3 keys: mine (\(path)), mine\n"))
  #expect(
    text.output.contains(
      "apply would refuse this plan: net.ipv4.tcp_fin_timeout, net.core.somaxconn,"))
  #expect(text.output.contains("this host was recorded"))
  let document: PlanDocument = try desk.json(
    try desk.run("apply", "--profile", path, "--dry-run", "--format", "json", "--skip-missing"))
  #expect(document.changes.map(\.outcome) == ["not-here", "refused", "refused"])
  #expect(document.refused == ["net.core.somaxconn", "net.ipv4.tcp_timestamps"])
  #expect(document.would_refuse?.count == 3)
  // What would be refused is in no patch, and said beside it.
  let diff = try desk.run("diff", "--profile", path)
  #expect(diff.status == 0 && diff.output.isEmpty)
  #expect(
    diff.errors.contains(
      "net.core.somaxconn: left out, apply would refuse: the kernel takes 0 to 2147483647, not -1"))
}

@Test func theFindingsPlan() throws {
  let desk = try Desk()
  let text = try desk.run("apply", "--findings", "--dry-run", "--set", "tcp_syncookies=0")
  #expect(text.status == 0)
  #expect(text.output.hasPrefix("1 key would change: findings, the remedies of"))
  let one = try desk.run(
    "apply", "--findings", "--dry-run", "--set", "tcp_syncookies=0", "--set", "tcp_fin_timeout=90",
    "--rule", "fin-timeout-shorter-than-asked", "--format", "json")
  let document: PlanDocument = try desk.json(one)
  #expect(document.changes.map(\.key) == ["net.ipv4.tcp_fin_timeout"])
  #expect(document.profiles == [])
}

// MARK: audit, list and show

private struct AuditDocument: Decodable {
  struct Profile: Decodable {
    var name: String
    var differs: Bool
    var changes: [Change]
    var profiles: [Member]
  }
  struct Finding: Decodable { var rule: String }
  var profile: Profile?
  var findings: [Finding]
}

/// A difference from a profile is no finding.
@Test func anAuditNamesDifferences() throws {
  let desk = try Desk()
  let path = try desk.profile("mine", cap + "9000\n\n" + fin + "60\n")
  let text = try desk.run("audit", "--profile", path)
  #expect(text.status == 0)
  #expect(text.output.contains("\nProfile mine (\(path)): 1 key would change, 1 holds\n"))
  #expect(text.output.contains("\n  net.core.somaxconn  4096  at-least 9000  takes effect when"))
  let document: AuditDocument = try desk.json(
    try desk.run("audit", "--profile", path, "--format", "json"))
  let profile = try #require(document.profile)
  #expect(profile.name == "mine" && profile.differs)
  #expect(profile.changes.map(\.outcome) == ["change", "holds"])
  #expect(profile.profiles.map(\.origin) == [path])
  #expect(document.findings.isEmpty)
  let without: AuditDocument = try desk.json(try desk.run("audit", "--format", "json"))
  #expect(without.profile == nil)
}

private struct ListDocument: Decodable {
  struct Profile: Decodable {
    var name: String
    var origin: String
    var `for`: String
    var not_for: String?
    var costs: [String]
    var key_count: Int
  }
  var profiles: [Profile]
  var problems: [String]
}

@Test func profilesAreListed() throws {
  let result = try BuiltProgram.run(["profiles", "list", "--format", "json"])
  #expect(result.status == 0)
  let document = try JSONDecoder().decode(ListDocument.self, from: Data(result.output.utf8))
  let builtIn = document.profiles.filter { $0.origin == "built in" }
  #expect(builtIn.map(\.name).joined(separator: ", ") == shipped)
  for profile in builtIn {
    #expect(!profile.for.isEmpty && profile.not_for != nil && !profile.costs.isEmpty)
    #expect(profile.key_count >= 8)
  }
  let text = try BuiltProgram.run(["profiles", "list"]).output
  #expect(
    text.contains("high-conn        a server that takes very many client connections (built in)"))
}

private struct ShowDocument: Decodable {
  var name: String
  var origin: String
  var keys: [Change]
}

@Test func aProfileIsShown() throws {
  let desk = try Desk()
  let path = try desk.profile(
    "mine", cap + "9000\n\n# so\n# tcptune: default\nnet.ipv4.tcp_retries2 = 9\n")
  let text = try desk.run("profiles", "show", path, "--set", "tcp_retries2=8")
  #expect(text.status == 0)
  #expect(
    text.output == """
      mine (\(path)): mine

      for       a test

      net.core.somaxconn  at-least 9000
        why: why
        here: 4096 -> 9000, when the program calls listen() again
        from: \(path):6

      net.ipv4.tcp_retries2  default 15
        why: so
        here: 8 -> 15, at once
        from: \(path):10

      2 keys would change, 0 hold

      """)
  let document: ShowDocument = try desk.json(
    try desk.run("profiles", "show", path, "--format", "json"))
  #expect(document.origin == path)
  #expect(document.keys.map(\.operator) == ["at-least", "default"])
  #expect(document.keys.map(\.outcome) == ["change", "holds"])
}

private struct RulesDocument: Decodable {
  struct Rule: Decodable {
    var id: String
    var severity: String
    var set: [String]
    var when: String
  }
  var rules: [Rule]
}

@Test func rulesAreListed() throws {
  let result = try BuiltProgram.run(["rules", "list", "--format", "json"])
  let document = try JSONDecoder().decode(RulesDocument.self, from: Data(result.output.utf8))
  let lines = try BuiltProgram.run(["rules", "list"]).output.split(separator: "\n")
  #expect(lines.map { String($0.prefix { $0 != " " }) } == document.rules.map(\.id))
  let rule = try #require(document.rules.first { $0.id == "syncookies-off" })
  #expect(rule.set == ["net.ipv4.tcp_syncookies exactly 1"])
  #expect(!rule.when.isEmpty)
}

// MARK: Sizes

private struct SizedDocument: Decodable {
  struct Key: Decodable {
    var key: String
    var wanted: String
    var reason: String
    var sizing: Sizing?
  }
  struct Sizing: Decodable, Equatable {
    var element: String?
    var formula: String
    var result: String
    var value: String
  }
  struct Parameter: Decodable, Equatable {
    var name: String
    var text: String
    var value: Double
    var unit: String
  }
  var keys: [Key]
  var parameters: [Parameter]
}

@Test func bulkTransfersAreSizedByLineAndWay() throws {
  let desk = try Desk()
  let show = ["profiles", "show", "bulk-throughput", "--format", "json", "--root", desk.host.path]
  let stated: SizedDocument = try desk.json(try BuiltProgram.run(show))
  #expect(stated.parameters.map(\.text) == ["100 ms", "1 Gbit/s"])
  #expect(stated.keys.first { $0.key == "net.ipv4.tcp_rmem" }?.wanted == "4096 131072 33554432")
  let other: SizedDocument = try desk.json(
    try BuiltProgram.run(show + ["--rtt", "40ms", "--bandwidth", "10Gbit"]))
  #expect(
    other.parameters == [
      .init(name: "rtt", text: "40 ms", value: 0.04, unit: "s"),
      .init(name: "bandwidth", text: "10 Gbit/s", value: 1_250_000_000, unit: "B/s"),
    ])
  let receive = try #require(other.keys.first { $0.key == "net.ipv4.tcp_rmem" })
  #expect(receive.wanted == "4096 131072 134217728")
  #expect(receive.sizing?.element == "max" && receive.sizing?.value == "134217728")
  #expect(receive.reason.contains("rtt 40 ms * bandwidth 10 Gbit/s = 50 MB under way;"))
  #expect(receive.reason.hasSuffix("= 134217728)"))
  #expect(other.keys.filter { $0.sizing == nil }.contains { $0.key == "net.ipv4.tcp_sack" })
}

/// Each command that takes a profile takes its sizes, and shows what came of them.
@Test(arguments: [
  ["diff", "--profile", "bulk-throughput"],
  ["audit", "--no-owners", "--profile", "bulk-throughput"],
  ["apply", "--dry-run", "--profile", "bulk-throughput"], ["profiles", "show", "bulk-throughput"],
])
func everyCommandTakesSizes(_ words: [String]) throws {
  let desk = try Desk()
  let result = try BuiltProgram.run(
    words + ["--root", desk.host.path, "--rtt", "40ms", "--bandwidth", "10Gbit"])
  #expect(result.output.contains("134217728"))
  let plain = try BuiltProgram.run(words + ["--root", desk.host.path])
  #expect(!plain.output.contains("134217728"))
}

/// A line that no buffer can fill is said to be one.
@Test func aLineBeyondAllBuffers() throws {
  let desk = try Desk()
  let result = try desk.run(
    "apply", "--dry-run", "--profile", "bulk-throughput", "--rtt", "10s", "--bandwidth", "1000Gbit")
  #expect(result.output.contains("= 4398046511104, cut to 536870912, the most that makes sense)"))
  #expect(result.output.contains("one connection would need 4398046511104 for that line and way"))
  #expect(
    result.output.contains("one connection could hold 536870912 bytes, more than a sixteenth"))
}

private let withoutRTT = "expected a profile with the line '# parameter: rtt …', found"

@Test(arguments: [
  (
    ["diff", "--profile", "bulk-throughput", "--rtt", "40"],
    "tcptune: --rtt: expected a time from 10us to 10s as in '40ms' (us, ms or s), found '40'"
  ),
  (
    ["diff", "--profile", "bulk-throughput", "--bandwidth", "10Gbps"],
    "tcptune: --bandwidth: expected a rate from 64Kbit to 1000Gbit a second as in '10Gbit' (Kbit,"
      + " Mbit or Gbit), found '10Gbps'"
  ),
  (
    ["diff", "--profile", "high-conn", "--rtt", "40ms"],
    "tcptune: --rtt: \(withoutRTT) high-conn without it"
  ),
  (
    ["profiles", "show", "database", "--rtt", "40ms"],
    "tcptune: --rtt: \(withoutRTT) database without it"
  ),
  (["diff", "--rtt", "40ms"], "tcptune: --rtt: expected --profile beside it, found none"),
  (
    ["audit", "--bandwidth", "1Gbit"],
    "tcptune: --bandwidth: expected --profile beside it, found none"
  ),
  (
    ["apply", "--findings", "--dry-run", "--rtt", "1ms"],
    "tcptune: --rtt: expected --profile beside it, found none"
  ),
  (
    ["audit", "--all-netns", "--rtt", "1ms"],
    "tcptune: --all-netns: expected without --rtt, found both"
  ),
  (
    ["profiles", "list", "--rtt", "1ms"],
    "tcptune profiles list: expected no host, found --rtt"
  ),
])
func sizesThatAreRefused(_ words: [String], _ message: String) throws {
  let result = try BuiltProgram.run(words)
  #expect(result.errors == message + "\n")
  #expect(result.status == 2)
}

/// Of several profiles only one needs to know the parameter, and an included one counts.
@Test func sizesReachIncludedProfiles() throws {
  let desk = try Desk()
  let path = try desk.profile(
    "mirror", head: "# includes: bulk-throughput", "\n# why\nnet.core.somaxconn = 4096\n")
  for names in [["--profile", path], ["--profile", "high-conn", "--profile", "bulk-throughput"]] {
    let result = try BuiltProgram.run(
      ["diff"] + names + ["--rtt", "200ms", "--root", desk.host.path])
    #expect(result.output.contains("net.ipv4.tcp_rmem = 4096 131072 67108864\n"))
  }
}
