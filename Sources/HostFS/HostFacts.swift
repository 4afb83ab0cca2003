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
      let seconds = $0.split(separator: " ").first.flatMap { Fraction(decimal: $0) }
      return seconds.flatMap { $0 >= Fraction(0) ? $0 : nil }
    }
    host.cpus = cpus(&gaps)
    host.bootID = fact("proc/sys/kernel/random/boot_id", &gaps, "an id") { $0.isEmpty ? nil : $0 }
    host.namespace = namespace()
    host.pageSize = isLive ? Int64(sysconf(Int32(_SC_PAGESIZE))) : 4096
    host.ehash = ehash(tunables)
    host.initialNamespace = initialNamespace(tunables)
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
    // It is the first line of some fifty.
    var rest = meminfo.utf8[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest[line.endIndex...].dropFirst()
      guard Substring(line).hasPrefix("MemTotal:") else { continue }
      let words = line.split(separator: UInt8(ascii: " ")).map { Substring($0) }
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

  /// How many CPUs a list names, nil for what is no list.
  private static func count(inList list: String) -> Int64? {
    var count: Int64 = 0
    for item in list.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = item.split(separator: "-", omittingEmptySubsequences: false)
      guard ends.count <= 2, let first = Int64(ends[0]), let last = Int64(ends[ends.count - 1]),
        first >= 0, last >= first, last < 1 << 20
      else { return nil }
      count += last - first + 1
    }
    return count
  }

  /// The calling thread's network namespace; nothing of it is in a recorded tree.
  private func namespace() -> Reading<String> {
    guard isLive else { return .absent("a recorded tree does not tell") }
    return Link.target(of: "/proc/thread-self/ns/net", in: AT_FDCWD).map(Reading.known)
      ?? .unreadable("/proc/thread-self/ns/net: \(Self.words(for: errno))")
  }

  // MARK: What /proc/sys/net shows

  /// The folder with the keys that tell the table's size and the kind of the namespace.
  private static let ipv4 = "proc/sys/net/ipv4"

  /// Why nothing is known of the folder's keys, nil where it was listed: then a key that is not
  /// among them is not there.
  private func whyNotListed(_ tunables: Tunables) -> String? {
    tunables.gaps.first { $0.what == path(Self.ipv4) }.map { "\($0.what): \($0.reason)" }
  }

  /// A namespace that shares the table shows its size with a minus sign.
  private func ehash(_ tunables: Tunables) -> Reading<Int64> {
    let key = SysctlKey(literal: "net.ipv4.tcp_ehash_entries")
    if let reason = whyNotListed(tunables) { return .unreadable(reason) }
    guard let reading = tunables.values[key], reading.absence?.kind != .absent else {
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
  ///
  /// That the file is there decides, not what is in it: the kernel lists it nowhere else, so one
  /// that may not be read tells as much.
  private func initialNamespace(_ tunables: Tunables) -> Reading<Bool> {
    if let reason = whyNotListed(tunables) { return .unreadable(reason) }
    let isThere = { (key: SysctlKey) in
      tunables.values[key].map { $0.absence?.kind != .absent } ?? false
    }
    if isThere(SysctlKey(literal: "net.ipv4.tcp_mem")) { return .known(true) }
    // A recorded tree may lack both.
    return isThere(SysctlKey(literal: "net.ipv4.tcp_syn_retries"))
      ? .known(false)
      : .unreadable("\(path(Self.ipv4)) has neither tcp_mem nor tcp_syn_retries")
  }
}
