import Facts
import Foundation
import HostFS
import Support
import Testing

/// The stable release that each recorded host runs, by the name of the fixture.
private let releases = [
  "5.10.0-30-cloud-amd64": "5.10.218", "5.10.0-32-cloud-amd64": "5.10.223",
  "5.10.0-43-cloud-amd64": "5.10.251", "5.10.0-46-cloud-amd64": "5.10.262",
  "6.1.0-47-cloud-amd64": "6.1.170", "6.1.0-56-cloud-amd64": "6.1.192",
  "6.12.43+deb12-cloud-amd64": "6.12.43", "6.12.117+deb13-cloud-amd64": "6.12.117",
  "6.16.12+deb13-cloud-amd64": "6.16.12", "6.18.15+deb13-cloud-amd64": "6.18.15",
  "6.19.14+deb13-cloud-amd64": "6.19.14", "7.0.13+deb13-cloud-amd64": "7.0.13",
  "7.1.13+deb13-cloud-amd64": "7.1.13", "7.2.13+deb14-cloud-amd64": "7.2.13",
  "7.3.4+deb13-cloud-amd64": "7.3.4",
]

@Test func everyRecordedHostIsLookedAt() {
  #expect(Set(RecordedHost.all.map(\.name)) == Set(releases.keys))
}

@Test(arguments: RecordedHost.all)
func factsOfARecordedHost(_ recorded: RecordedHost) throws {
  let read = try ReadHost(recorded)
  #expect(read.gaps + read.tunables.gaps + read.counters.gaps == [])
  let host = read.host
  #expect(host.name == .known("guest"))
  #expect(host.release.value?.text == recorded.name)
  #expect(host.release.value?.description == releases[recorded.name])
  #expect(host.release.value?.isVendorKernel == true)
  let machine = try #require(try recorded.comments().first { $0.hasPrefix("# Machine: ") })
  let kilobytes = try #require(host.memory.value) / 1024
  #expect(machine.contains("(MemTotal \(kilobytes) kB)"))
  let uptime = try #require(host.uptime.value)
  #expect(uptime > Fraction(1) && uptime < Fraction(3600))
  #expect(host.pageSize == 4096)
  #expect(host.initialNamespace == .known(true))
  #expect(host.bootID.value?.utf8.count == 36)
  let tellsTheTable = try #require(host.release.value).isAtLeast(6, 1)
  #expect(
    host.ehash
      == (tellsTheTable
        ? .known(16384) : .absent("kernels before 6.1 do not tell the size of the table")))
}

@Test(arguments: RecordedHost.all)
func cpusOfARecordedHost(_ recorded: RecordedHost) throws {
  let machine = try #require(try recorded.comments().first { $0.hasPrefix("# Machine: ") })
  let cpus = try #require(try ReadHost(recorded).host.cpus.value)
  #expect(machine.contains(" \(cpus) CPUs,"))
}

/// Every counter of the files, and no other: the pairs of lines are put together here once more.
@Test(arguments: RecordedHost.all)
func countersOfARecordedHost(_ recorded: RecordedHost) throws {
  let read = try ReadHost(recorded)
  var wanted: [String: Int64] = [:]
  for file in ["proc/net/snmp", "proc/net/netstat"] {
    let lines = try read.text(file).split(separator: "\n")
    for (names, numbers) in zip(lines, lines.dropFirst()) {
      let names = names.split(separator: " ")
      let numbers = numbers.split(separator: " ")
      guard names[0] == numbers[0] else { continue }
      for (name, number) in zip(names, numbers).dropFirst() {
        wanted["\(names[0].dropLast()).\(name)"] = Int64(number)
      }
    }
  }
  for file in ["sockstat", "sockstat6"] {
    for line in try read.text("proc/net/\(file)").split(separator: "\n") {
      let words = line.split(separator: " ")
      for at in stride(from: 1, to: words.count, by: 2) {
        wanted["\(file).\(words[0].dropLast()).\(words[at])"] = Int64(words[at + 1])
      }
    }
  }
  #expect(read.counters.table == CounterTable(values: wanted))
  for name in [
    "Tcp.CurrEstab", "TcpExt.ListenOverflows", "TcpExt.ListenDrops", "TcpExt.TCPTimeWaitOverflow",
    "sockstat.TCP.inuse", "sockstat.TCP.orphan", "sockstat6.TCP6.inuse",
  ] {
    #expect(read.counters.table.reading(name).value != nil, "\(name)")
  }
  // Debian has built MPTCP since 5.14.
  let hasMPTCP = try #require(read.host.release.value).isAtLeast(6, 1)
  #expect(
    read.counters.table.reading("MPTcpExt.MPCapableSYNRX")
      == (hasMPTCP ? .known(0) : .absent("this kernel has no such counter")))
}

/// Every file of the folders that we look into, with its text; and no key without a file.
@Test(arguments: RecordedHost.all)
func tunablesOfARecordedHost(_ recorded: RecordedHost) throws {
  let read = try ReadHost(recorded)
  var wanted: [SysctlKey: Reading<String>] = [:]
  for (path, mode) in try read.modes(below: "proc/sys/net") {
    let key = try #require(SysctlKey(String(path.dropFirst("proc/sys/".count))))
    let parts = key.name.split(separator: ".")
    let isOurs =
      parts.count == 3
      && (parts[1] == "core"
        || (parts[1] == "ipv4"
          && ["tcp_", "ip_local_", "ip_unprivileged_port_start"]
            .contains { parts[2].hasPrefix($0) }))
    guard isOurs || HostFS.conntrackKeys.contains(key) else { continue }
    let isSecret = mode & 0o044 == 0 || parts[2] == "netdev_rss_key"
    wanted[key] =
      isSecret
      ? .notGathered("present, not recorded: the kernel keeps it from other users")
      : .known(try read.text(path).trimmingCharacters(in: .whitespacesAndNewlines))
  }
  for key in HostFS.conntrackKeys where wanted[key] == nil {
    wanted[key] = .absent("nf_conntrack is not loaded")
  }
  #expect(read.tunables.values == wanted)
}

/// Keys that pages describe are there, or absent on this kernel; none is in doubt.
@Test(arguments: RecordedHost.all)
func expectedKeysOfARecordedHost(_ recorded: RecordedHost) throws {
  let pages = Fixtures.package.appending(path: "Rules/tunables").path(percentEncoded: false)
  let names = try FileManager.default.contentsOfDirectory(atPath: pages)
    .filter { $0.hasSuffix(".md") && $0.hasPrefix("net.") }
  let keys = try names.map { try #require(SysctlKey(String($0.dropLast(3)))) }
  #expect(keys.count > 10)
  let read = try ReadHost(recorded, expected: keys)
  for key in keys {
    let reading = try #require(read.tunables.values[key], "\(key)")
    let isThere = FileManager.default.fileExists(
      atPath: "\(read.folder.path)/proc/sys/\(key.path)")
    if isThere, key.name == "net.ipv4.tcp_fastopen_key" {
      #expect(reading.absence?.kind == .notGathered, "\(key)")
      continue
    }
    #expect((reading.value != nil) == isThere, "\(key)")
    #expect(isThere || reading.absence?.kind == .absent, "\(key)")
  }
}

/// The recordings hold a canary in the place of what must never be read; asked for by name, too,
/// nothing that a reader returns has it.
@Test(arguments: RecordedHost.all)
func nothingSecretIsRead(_ recorded: RecordedHost) throws {
  let canary = "CANARY"
  let all = try ReadHost(recorded)
  let files = try all.modes(below: "proc/sys/net")
  let secret = try files.filter { try all.text($0.path).contains(canary) }.map(\.path)
  #expect(
    secret == ["proc/sys/net/core/netdev_rss_key", "proc/sys/net/ipv4/tcp_fastopen_key"])
  let keys = try files.map {
    try #require(SysctlKey(String($0.path.dropFirst("proc/sys/".count))))
  }
  let read = ReadHost(folder: all.folder, expected: keys)
  #expect(Set(keys).isSubset(of: read.tunables.values.keys))
  for value in read.tunables.values.values { #expect(value.value?.contains(canary) != true) }
  for part in [read.tunables, read.host, read.gaps, read.counters] as [Any] {
    var text = ""
    dump(part, to: &text)
    #expect(!text.contains(canary))
  }
  for (path, mode) in files where mode & 0o044 == 0 {
    let key = try #require(SysctlKey(String(path.dropFirst("proc/sys/".count))))
    #expect(read.tunables.values[key]?.absence?.kind == .notGathered, "\(path)")
  }
}
