import Foundation
import Support
import Testing

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
  var changes: [ProfileDesk.Change]
  var profiles: [ProfileDesk.Member]
  var overruled: [Overruled]
  var refused: [String]?
  var would_refuse: [String]?
  var diff: String?
  var differs: Bool?
  var remarks: [String]?
}

// MARK: Several profiles

@Test func laterProfilesWinAndSaySo() throws {
  let desk = try ProfileDesk()
  let base = try desk.profile("base", ProfileDesk.cap + "9000\n")
  let mine = try desk.profile(
    "mine", head: "# includes: base.conf, kernel-defaults\n",
    ProfileDesk.fin + "20\n\n\(ProfileDesk.cap)5000\n")
  let other = try desk.profile("other", ProfileDesk.fin + "10\n")
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
  let desk = try ProfileDesk()
  let one = try desk.profile(
    "one", head: "# includes: two.conf,\n#   nosuch\n", ProfileDesk.cap + "1024\n")
  let two = try desk.profile(
    "two", head: "# includes: ./one.conf, gone.conf\n", ProfileDesk.cap + "x\n")
  let result = try desk.run("apply", "--dry-run", "--profile", one)
  #expect(result.status == 2)
  #expect(
    result.errors == """
      \(two):7:22: expected a number for 'net.core.somaxconn', found 'x'
      \(two):3:13: expected no profile that includes this one, found one -> two -> one
      \(two):3:25: \(desk.folder.path)/gone.conf: No such file or directory
      \(one):4:5: expected a profile (\(ProfileDesk.shipped)) or the path of one, found 'nosuch'

      """)
  try desk.folder.write(
    text: "# title: two\n# for: a test\n# includes: ./one.conf, gone.conf\n", to: "two.conf")
  #expect(
    try desk.run("apply", "--dry-run", "--profile", one).errors == """
      \(two):3:13: expected no profile that includes this one, found one -> two -> one
      \(two):3:25: \(desk.folder.path)/gone.conf: No such file or directory
      \(one):4:5: expected a profile (\(ProfileDesk.shipped)) or the path of one, found 'nosuch'

      """)
}

// MARK: The difference

/// at-least never lowers, at-most never raises, and what holds is not written.
@Test func aDifferenceHoldsToTheOperators() throws {
  let desk = try ProfileDesk()
  let path = try desk.profile(
    "mine",
    """
    \(ProfileDesk.cap)1024

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
  let desk = try ProfileDesk()
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
  let desk = try ProfileDesk()
  let path = try desk.profile(
    "mine",
    ProfileDesk.fin
      + "30\n\n# why\nnet.core.somaxconn = -1\n\n# why\nnet.ipv4.tcp_timestamps = 300\n")
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
  let desk = try ProfileDesk()
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
