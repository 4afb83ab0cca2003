import Facts
import Foundation
import HostFS
import Support
import Testing

private func key(_ name: String) throws -> SysctlKey { try #require(SysctlKey(name)) }

private let tree: [String: String] = [
  "proc/sys/net/core/somaxconn": "4096\n", "proc/sys/net/core/default_qdisc": "fq_codel\n",
  "proc/sys/net/ipv4/tcp_syn_retries": "6\n",
  "proc/sys/net/ipv4/tcp_rmem": "4096\t131072\t6291456\n",
  "proc/sys/net/ipv4/ip_local_port_range": "32768\t60999\n",
  "proc/sys/net/ipv4/icmp_echo_ignore_all": "0\n",
  "proc/sys/net/ipv4/conf/all/rp_filter": "2\n", "proc/sys/vm/swappiness": "60\n",
]

private let notRecorded = Reading<String>.notGathered(
  "present, not recorded: the kernel keeps it from other users")
private let noConntrack = Reading<String>.absent("nf_conntrack is not loaded")

@Test func theKeysOfTheMission() throws {
  let tunables = try SmallHost(tree).tunables()
  var wanted = try [
    key("net.core.somaxconn"): Reading<String>.known("4096"),
    key("net.core.default_qdisc"): .known("fq_codel"),
    key("net.ipv4.tcp_syn_retries"): .known("6"),
    key("net.ipv4.tcp_rmem"): .known("4096\t131072\t6291456"),
    key("net.ipv4.ip_local_port_range"): .known("32768\t60999"),
  ]
  for key in HostFS.conntrackKeys { wanted[key] = noConntrack }
  #expect(tunables.values == wanted)
  #expect(tunables.gaps.isEmpty)
}

struct ExpectedCase: Sendable, CustomTestStringConvertible {
  var key: String
  var reading: Reading<String>
  var testDescription: String { key }
}

@Test(arguments: [
  ExpectedCase(key: "net.core.somaxconn", reading: .known("4096")),
  ExpectedCase(key: "net.core.netdev_max_backlog", reading: .absent("no such file")),
  ExpectedCase(key: "net.ipv4.tcp_plb_enabled", reading: .absent("no such file")),
  ExpectedCase(key: "net.ipv4.icmp_echo_ignore_all", reading: .known("0")),
  ExpectedCase(key: "net.ipv4.conf.all.rp_filter", reading: .known("2")),
  ExpectedCase(key: "net.ipv4.conf.eth0.rp_filter", reading: .absent("no such file")),
  ExpectedCase(key: "vm.swappiness", reading: .known("60")),
  ExpectedCase(key: "fs.file-max", reading: .absent("no such file")),
  ExpectedCase(key: "net.netfilter.nf_conntrack_max", reading: noConntrack),
  ExpectedCase(key: "net.core.somaxconn.x", reading: .absent("no such file")),
])
func expectedKeys(_ c: ExpectedCase) throws {
  let tunables = try SmallHost(tree).tunables(expected: [key(c.key)])
  #expect(try tunables.values[key(c.key)] == c.reading)
  #expect(tunables.gaps.isEmpty)
}

@Test(arguments: [("net.core", "core"), ("net.ipv4", "ipv4")])
func aFolderThatIsMissing(_ prefix: String, _ name: String) throws {
  let small = try SmallHost(tree.filter { !$0.key.contains("/net/\(name)/") })
  let path = small.files.path("proc/sys/net/\(name)")
  let expected = try [key("\(prefix).tcp_x"), key("vm.swappiness")]
  let tunables = small.tunables(expected: expected)
  let reason = "No such file or directory"
  #expect(tunables.gaps == [Gap(path, reason)])
  #expect(tunables.values[expected[0]] == .unreadable("\(path): \(reason)"))
  #expect(tunables.values[expected[1]] == .known("60"))
}

@Test func aFileInAFoldersPlace() throws {
  let small = try SmallHost(tree.filter { !$0.key.contains("/net/core/") })
  try small.folder.write(text: "x", to: "proc/sys/net/core")
  #expect(
    small.tunables().gaps
      == [Gap(small.files.path("proc/sys/net/core"), "Not a directory")])
}

@Test func connectionTrackingWhereItIsLoaded() throws {
  let numbers = ["max": "65536", "count": "7", "buckets": "16384", "tcp_timeout_established": "60"]
  var contents = tree
  for (name, number) in numbers {
    contents["proc/sys/net/netfilter/nf_conntrack_\(name)"] = number + "\n"
  }
  let tunables = try SmallHost(contents).tunables()
  for (name, number) in numbers {
    #expect(
      try tunables.values[key("net.netfilter.nf_conntrack_\(name)")] == .known(number))
  }
}

// MARK: Values

struct ValueCase: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var read: String
  /// nil where the text is no list of 64-bit numbers.
  var numbers: [Int64]?
  var testDescription: String { name }
}

@Test(arguments: [
  ValueCase(name: "a number", text: "4096\n", read: "4096", numbers: [4096]),
  ValueCase(name: "tabs", text: "1\t2\t3\n", read: "1\t2\t3", numbers: [1, 2, 3]),
  ValueCase(name: "no newline", text: "4096", read: "4096", numbers: [4096]),
  ValueCase(name: "blanks at the end", text: "1 2 \t\n\n", read: "1 2", numbers: [1, 2]),
  ValueCase(name: "nothing", text: "", read: "", numbers: nil),
  ValueCase(name: "a newline alone", text: "\n", read: "", numbers: nil),
  ValueCase(name: "a word", text: "cubic\n", read: "cubic", numbers: nil),
  ValueCase(name: "a negative number", text: "-1\n", read: "-1", numbers: [-1]),
  // What 6.19 to 7.1 print for a negative time.
  ValueCase(
    name: "a negative time", text: "-18372957097414713415\n", read: "-18372957097414713415",
    numbers: nil),
  ValueCase(
    name: "one of several beyond 64 bits", text: "1\t18446744073709551615\n",
    read: "1\t18446744073709551615", numbers: nil),
  ValueCase(name: "the largest", text: "\(Int64.max)\n", read: "\(Int64.max)", numbers: [.max]),
])
func values(_ c: ValueCase) throws {
  let key = try key("net.ipv4.tcp_fin_timeout")
  var contents = tree
  contents["proc/sys/net/ipv4/tcp_fin_timeout"] = c.text
  let small = try SmallHost(contents)
  let tunables = small.tunables()
  #expect(tunables.values[key] == .known(c.read))
  var snapshot = Snapshot(host: small.host().host)
  snapshot.tunables = tunables.values
  #expect(
    snapshot.numbers(of: key)
      == (c.numbers.map(Reading.known)
        ?? .unreadable("'\(c.read)' is not a list of 64-bit numbers")))
}

// MARK: What is never read

@Test(arguments: [
  ("net.ipv4.tcp_fastopen_key", 0o600), ("net.ipv4.tcp_fastopen_key", 0o644),
  ("net.core.netdev_rss_key", 0o444), ("net.core.bpf_jit_limit", 0o600),
  ("net.ipv4.tcp_anything", 0o400), ("net.ipv6.conf.all.stable_secret", 0o600),
  ("net.netfilter.nf_conntrack_max", 0o600),
])
func secrets(_ name: String, _ mode: Int) throws {
  let key = try key(name)
  let small = try SmallHost(tree)
  try small.folder.write(text: "CANARY\n", to: "proc/sys/\(key.path)", mode: mode)
  let tunables = small.tunables(expected: [key])
  #expect(tunables.values[key] == notRecorded)
  #expect(!String(reflecting: tunables).contains("CANARY"))
}

/// Whoever made a tree by hand must not make the reader wait.
@Test func whatIsNoFileIsNotRead() throws {
  let small = try SmallHost(tree)
  let pipe = try small.makeFIFO("proc/sys/net/core/pipe")
  let folder = small.folder.path + "/proc/sys/net/core/folder"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  let expected = try [key("net.core.pipe"), key("net.ipv4.conf.all")]
  let tunables = small.tunables(expected: expected)
  #expect(!pipe.hasMadeWait)
  for key in expected { #expect(tunables.values[key] == .unreadable("not a regular file")) }
  #expect(try tunables.values[key("net.core.folder")] == nil)
  #expect(tunables.gaps.isEmpty)
}
