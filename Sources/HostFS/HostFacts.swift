import Glibc
public import Facts

extension HostFS {
  /// The facts about the machine.
  ///
  /// - Parameter tunables: what was read of /proc/sys/net; the table's size and the kind of the
  ///   namespace show there.
  /// - Returns: the facts, and what of them could not be read.
  public func host(_ tunables: Tunables) -> (host: Host, gaps: [Gap]) {
    var host = Host(unread: Absence(.notGathered, "not looked for"))
    var gaps: [Gap] = []
    host.name = fact("proc/sys/kernel/hostname", &gaps, "a name") { $0.isEmpty ? nil : $0 }
    host.release = fact("proc/sys/kernel/osrelease", &gaps, "a kernel release") { release($0) }
    host.memory = fact("proc/meminfo", &gaps, "'MemTotal: N kB'", Self.memory)
    host.uptime = fact("proc/uptime", &gaps, "seconds") {
      $0.split(separator: " ").first.flatMap { Fraction(decimal: $0) }
    }
    host.cpus = cpus(&gaps)
    host.bootID = fact("proc/sys/kernel/random/boot_id", &gaps, "an id") { $0.isEmpty ? nil : $0 }
    host.pageSize = isLive ? Int64(sysconf(Int32(_SC_PAGESIZE))) : 4096
    host.ehash = Self.ehash(tunables)
    host.initialNamespace = Self.initialNamespace(tunables)
    return (host, gaps)
  }

  /// One fact from one file; what does not parse is a gap.
  private func fact<Result>(
    _ file: String, _ gaps: inout [Gap], _ expected: String, _ parse: (String) -> Result?
  ) -> Reading<Result> {
    do {
      let text = try self.text(file).trimmed
      if let result = parse(text) { return .known(result) }
      let first = text.prefix { !$0.isNewline }.prefix(60)
      let reason = "expected \(expected), found '\(first)'"
      gaps.append(Gap(path(file), reason))
      return .unreadable("\(path(file)): \(reason)")
    } catch {
      gaps.append(Gap(error.path, error.reason))
      return .missing(
        Absence(error.isAbsent ? .absent : .unreadable, "\(error.path): \(error.reason)"))
    }
  }

  /// The release, with the stable number that Debian names in /proc/version and Ubuntu in
  /// /proc/version_signature where `uname -r` hides it.
  private func release(_ text: String) -> KernelRelease? {
    guard let release = KernelRelease(text), release.patch == nil else {
      return KernelRelease(text)
    }
    for file in ["proc/version", "proc/version_signature"] {
      if let version = try? self.text(file).trimmed,
        let named = KernelRelease(text, version: version), named.patch != nil
      {
        return named
      }
    }
    return release
  }

  private static func memory(_ meminfo: String) -> Int64? {
    for line in meminfo.utf8.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " ")).map { Substring($0) }
      guard words.first == "MemTotal:" else { continue }
      guard words.count == 3, words[2] == "kB", let kilobytes = Int64(words[1]) else { return nil }
      let (bytes, overflow) = kilobytes.multipliedReportingOverflow(by: 1024)
      return overflow ? nil : bytes
    }
    return nil
  }

  /// CPUs that are online: /sys has a list (`0-3,5`); a recorded tree has /proc/cpuinfo.
  private func cpus(_ gaps: inout [Gap]) -> Reading<Int64> {
    if let list = try? line("sys/devices/system/cpu/online"), let count = Self.count(inList: list) {
      return .known(count)
    }
    return fact("proc/cpuinfo", &gaps, "'processor' lines") { text in
      let count = text.split(whereSeparator: \.isNewline).count { $0.hasPrefix("processor") }
      return count > 0 ? Int64(count) : nil
    }
  }

  private static func count(inList list: String) -> Int64? {
    var count: Int64 = 0
    for item in list.split(separator: ",") {
      let ends = item.split(separator: "-").map { Int64($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, (0...last) ~= first,
        last < 1 << 20
      else { return nil }
      count += last - first + 1
    }
    return count > 0 ? count : nil
  }

  /// A namespace that shares the table shows its size with a minus sign.
  private static func ehash(_ tunables: Tunables) -> Reading<Int64> {
    let key = SysctlKey(literal: "net.ipv4.tcp_ehash_entries")
    guard let reading = tunables.values[key] else {
      return .absent("kernels before 6.1 do not tell the size of the table")
    }
    return reading.flatMap { text in
      guard let size = Int64(text), size != 0, size != .min else {
        return .unreadable("'\(text)' is not the size of a table")
      }
      return .known(abs(size))
    }
  }

  /// Only the first network namespace has the host-wide keys; tcp_mem is one of them everywhere.
  private static func initialNamespace(_ tunables: Tunables) -> Reading<Bool> {
    let hostWide = SysctlKey(literal: "net.ipv4.tcp_mem")
    let everywhere = SysctlKey(literal: "net.ipv4.tcp_syn_retries")
    switch (tunables.values[hostWide], tunables.values[everywhere]) {
    case (.some(.known), _): return .known(true)
    case (_, .some(.known)): return .known(false)
    default: return .unreadable("/proc/sys/net/ipv4 could not be read")
    }
  }
}
