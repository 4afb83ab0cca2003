import Facts
import HostFS
import Support
import Testing

private let whole: [String: String] = [
  "proc/sys/kernel/hostname": "guest\n", "proc/sys/kernel/osrelease": "6.18.15\n",
  "proc/version": "Linux version 6.18.15\n",
  "proc/meminfo": "MemTotal:        2015780 kB\nMemFree:         1828716 kB\n",
  "proc/uptime": "12345.67 23456.78\n", "proc/cpuinfo": "processor\t: 0\n\nprocessor\t: 1\n",
  "proc/sys/kernel/random/boot_id": "1ae17206-8073-407d-afe7-001027bbca3f\n",
  "proc/sys/net/core/somaxconn": "4096\n", "proc/sys/net/ipv4/tcp_mem": "1\t2\t3\n",
  "proc/sys/net/ipv4/tcp_syn_retries": "6\n", "proc/sys/net/ipv4/tcp_ehash_entries": "16384\n",
]

private func read(_ contents: [String: String]) throws -> (host: Host, gaps: [Gap], root: String) {
  let small = try SmallHost(contents)
  let (host, gaps) = small.host()
  return (host, gaps, small.folder.path)
}

@Test func everyFactOfAHost() throws {
  let (host, gaps, _) = try read(whole)
  var wanted = Host(unread: Absence(.notGathered, "-"))
  wanted.name = .known("guest")
  wanted.release = .known(try #require(KernelRelease("6.18.15")))
  wanted.memory = .known(2_015_780 * 1024)
  wanted.cpus = .known(2)
  wanted.uptime = .known(try #require(Fraction(1_234_567, 100)))
  wanted.pageSize = 4096
  wanted.ehash = .known(16384)
  wanted.initialNamespace = .known(true)
  wanted.namespace = .absent("a recorded tree does not tell")
  wanted.bootID = .known("1ae17206-8073-407d-afe7-001027bbca3f")
  #expect(host == wanted)
  #expect(gaps.isEmpty)
}

struct OddFactCase: Sendable, CustomTestStringConvertible {
  var name: String
  var file: String
  /// nil for a file that is not there.
  var text: String?
  /// The absence's kind, and the gap's reason.
  var kind: Absence.Kind = .unreadable
  var reason: String
  var testDescription: String { name }
}

@Test(arguments: [
  OddFactCase(
    name: "no hostname", file: "proc/sys/kernel/hostname", text: nil, kind: .absent,
    reason: "No such file or directory"),
  OddFactCase(
    name: "an empty hostname", file: "proc/sys/kernel/hostname", text: "\n",
    reason: "expected a name, found ''"),
  OddFactCase(
    name: "no release", file: "proc/sys/kernel/osrelease", text: nil, kind: .absent,
    reason: "No such file or directory"),
  OddFactCase(
    name: "an odd release", file: "proc/sys/kernel/osrelease", text: "linux-six\n",
    reason: "expected a kernel release, found 'linux-six'"),
  OddFactCase(
    name: "memory without its line", file: "proc/meminfo", text: "MemFree: 1 kB\n",
    reason: "expected 'MemTotal: N kB', found 'MemFree: 1 kB'"),
  OddFactCase(
    name: "memory in another unit", file: "proc/meminfo", text: "MemTotal: 1 MB\n",
    reason: "expected 'MemTotal: N kB', found 'MemTotal: 1 MB'"),
  OddFactCase(
    name: "memory beyond 64 bits", file: "proc/meminfo", text: "MemTotal: 9223372036854775807 kB\n",
    reason: "expected 'MemTotal: N kB', found 'MemTotal: 9223372036854775807 kB'"),
  OddFactCase(
    name: "an empty meminfo", file: "proc/meminfo", text: "",
    reason: "expected 'MemTotal: N kB', found ''"),
  OddFactCase(
    name: "an odd uptime", file: "proc/uptime", text: "soon\n",
    reason: "expected seconds, found 'soon'"),
  OddFactCase(
    name: "an empty uptime", file: "proc/uptime", text: "", reason: "expected seconds, found ''"),
  OddFactCase(
    name: "an uptime below 0", file: "proc/uptime", text: "-1.50 3.00\n",
    reason: "expected seconds, found '-1.50 3.00'"),
  OddFactCase(
    name: "no processor", file: "proc/cpuinfo", text: "model\t: x\n",
    reason: "expected 'processor' lines, found 'model\t: x'"),
  OddFactCase(
    name: "no cpuinfo", file: "proc/cpuinfo", text: nil, kind: .absent,
    reason: "No such file or directory"),
  OddFactCase(
    name: "no boot id", file: "proc/sys/kernel/random/boot_id", text: nil, kind: .absent,
    reason: "No such file or directory"),
])
func oddFacts(_ c: OddFactCase) throws {
  var contents = whole
  contents[c.file] = c.text
  let (host, gaps, root) = try read(contents)
  let path = "\(root)/\(c.file)"
  #expect(gaps == [Gap(path, c.reason)])
  let absences = [
    "proc/sys/kernel/hostname": host.name.absence, "proc/meminfo": host.memory.absence,
    "proc/sys/kernel/osrelease": host.release.absence, "proc/uptime": host.uptime.absence,
    "proc/cpuinfo": host.cpus.absence, "proc/sys/kernel/random/boot_id": host.bootID.absence,
  ]
  #expect(absences.compactMapValues { $0 } == [c.file: Absence(c.kind, "\(path): \(c.reason)")])
}

struct CPUCase: Sendable, CustomTestStringConvertible {
  /// The list of /sys; /proc/cpuinfo has two.
  var list: String
  var count: Int64
  var testDescription: String { list }
}

@Test(arguments: [
  CPUCase(list: "0", count: 1), CPUCase(list: "0-3", count: 4), CPUCase(list: "0-3,5", count: 5),
  CPUCase(list: "0,2,4-7,127", count: 7), CPUCase(list: "0-1048575", count: 1_048_576),
  // What is no list is passed over.
  CPUCase(list: "", count: 2), CPUCase(list: "all", count: 2), CPUCase(list: "3-1", count: 2),
  CPUCase(list: "0-1048576", count: 2), CPUCase(list: "-1", count: 2),
  CPUCase(list: "0-3-5", count: 2), CPUCase(list: "0-99999999999999999999", count: 2),
  CPUCase(list: "3-", count: 2), CPUCase(list: "0--3", count: 2), CPUCase(list: "0,", count: 2),
  CPUCase(list: "0,,3-5", count: 2), CPUCase(list: ",", count: 2),
])
func cpuLists(_ c: CPUCase) throws {
  var contents = whole
  contents["sys/devices/system/cpu/online"] = c.list + "\n"
  let (host, gaps, _) = try read(contents)
  #expect(host.cpus == .known(c.count))
  #expect(gaps.isEmpty)
}

struct VersionCase: Sendable, CustomTestStringConvertible {
  var osrelease: String
  var version = ""
  var signature: String?
  var printed: String
  var testDescription: String { "\(osrelease) with \(version)\(signature ?? "")" }
}

@Test(arguments: [
  VersionCase(
    osrelease: "6.1.0-47-cloud-amd64",
    version: "Linux version 6.1.0-47 (gcc-12 (Debian 12.2.0-14)) #1 SMP Debian 6.1.170-3 (d)",
    printed: "6.1.170"),
  VersionCase(
    osrelease: "5.15.0-91-generic", version: "Linux version 5.15.0-91-generic #101-Ubuntu SMP",
    signature: "Ubuntu 5.15.0-91.101-generic 5.15.131", printed: "5.15.131"),
  VersionCase(
    osrelease: "5.15.0-91-generic", version: "Linux version 5.15.0-91-generic #101-Ubuntu SMP",
    printed: "5.15"),
  VersionCase(
    osrelease: "6.12.43+deb12-cloud-amd64", version: "Linux version #1 SMP Debian 6.1.170-3",
    printed: "6.12.43"),
  VersionCase(
    osrelease: "6.1.0-47-cloud-amd64", version: "Linux version #1 SMP Debian 5.10.218-1",
    printed: "6.1"),
  VersionCase(osrelease: "6.1.0-47-cloud-amd64", printed: "6.1"),
])
func releases(_ c: VersionCase) throws {
  var contents = whole
  contents["proc/sys/kernel/osrelease"] = c.osrelease + "\n"
  contents["proc/version"] = c.version + "\n"
  contents["proc/version_signature"] = c.signature.map { $0 + "\n" }
  let (host, gaps, _) = try read(contents)
  #expect(host.release.value?.description == c.printed)
  #expect(host.release.value?.text == c.osrelease)
  #expect(gaps.isEmpty)
}

/// The stable number is a help, not a need: without /proc/version the release is still known.
@Test func aReleaseWithoutVersionFile() throws {
  var contents = whole
  contents["proc/version"] = nil
  contents["proc/sys/kernel/osrelease"] = "6.1.0-47-cloud-amd64\n"
  let (host, gaps, _) = try read(contents)
  #expect(host.release.value?.description == "6.1")
  #expect(gaps.isEmpty)
}
