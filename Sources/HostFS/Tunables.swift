import CLinux
import Glibc
public import Facts

/// What was read of /proc/sys/net.
public struct Tunables: Equatable, Sendable {
  /// The text of each key, or why there is none.
  public var values: [SysctlKey: Reading<String>] = [:]
  /// Folders that could not be listed.
  public var gaps: [Gap] = []

  /// Nothing yet.
  public init() {}
}

extension HostFS {
  /// Folders of /proc/sys/net of which all keys with one of these beginnings are read.
  private static let folders: [(key: String, path: String, beginnings: [String])] = [
    ("net.core", "proc/sys/net/core", [""]),
    (
      "net.ipv4", "proc/sys/net/ipv4",
      ["tcp_", "ip_local_", "ip_unprivileged_port_start"]
    ),
  ]

  /// The keys of connection tracking that say how full it is and how long it remembers.
  public static let conntrackKeys: [SysctlKey] = [
    SysctlKey(literal: "net.netfilter.nf_conntrack_max"),
    SysctlKey(literal: "net.netfilter.nf_conntrack_count"),
    SysctlKey(literal: "net.netfilter.nf_conntrack_buckets"),
    SysctlKey(literal: "net.netfilter.nf_conntrack_tcp_timeout_established"),
  ]

  /// Names whose content is nobody's business, also where a recorded tree has them with an open
  /// mode: the key of Fast Open cookies, and of the receive hash.
  private static let secrets = ["tcp_fastopen_key", "netdev_rss_key"]

  /// Reads the keys of the mission, and those that `expected` names besides.
  ///
  /// Keys that other users may not read are never read: `present, not recorded`.
  ///
  /// - Parameter expected: keys that pages describe; one that is not there is absent.
  /// - Returns: what was read, and the folders that could not be listed.
  public func tunables(expected: some Sequence<SysctlKey>) -> Tunables {
    var tunables = Tunables()
    tunables.values.reserveCapacity(256)
    for folder in Self.folders {
      if let failure = read(folder, into: &tunables) {
        tunables.gaps.append(Gap(failure.path, failure.reason))
        for key in expected where key.name.hasPrefix(folder.key + ".") {
          tunables.values[key] = .unreadable("\(failure.path): \(failure.reason)")
        }
      }
    }
    // Where none of the folders is to be seen, nothing is known of what is loaded.
    let blind = tunables.gaps.count == Self.folders.count ? tunables.gaps.first : nil
    for key in Self.conntrackKeys where tunables.values[key] == nil {
      let reading = tunable(key, absentBecause: "nf_conntrack is not loaded")
      tunables.values[key] =
        if let blind, reading.absence?.kind == .absent {
          .unreadable("\(blind.what): \(blind.reason)")
        } else {
          reading
        }
    }
    for key in expected where tunables.values[key] == nil {
      let wasListed = Self.folders.contains { folder in
        key.name.hasPrefix(folder.key + ".")
          && folder.beginnings.contains { key.lastComponent.hasPrefix($0) }
      }
      if wasListed {
        tunables.values[key] = .absent("no such file")
      } else if key.name.hasPrefix("net.netfilter."),
        let absence = Self.conntrackKeys.first.flatMap({ tunables.values[$0]?.absence })
      {
        // The keys of connection tracking come together.
        tunables.values[key] = .missing(absence)
      } else {
        tunables.values[key] = tunable(key)
      }
    }
    return tunables
  }

  /// Reads the chosen files of one folder, opened relative to it: half the cost of whole paths.
  private func read(
    _ folder: (key: String, path: String, beginnings: [String]), into tunables: inout Tunables
  ) -> Failure? {
    let path = self.path(folder.path)
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return Failure(path: path, errno: Glibc.errno) }
    guard let listing = unsafe fdopendir(descriptor) else {
      let failure = Failure(path: path, errno: Glibc.errno)
      close(descriptor)
      return failure
    }
    defer { unsafe closedir(listing) }
    while true {
      Glibc.errno = 0
      guard let entry = unsafe readdir(listing) else { break }
      // Folders of other subjects (conf, neigh, route) and keys of IP, ICMP, IGMP are passed over.
      guard unsafe entry.pointee.d_type != UInt8(DT_DIR) else { continue }
      let name = unsafe entry.pointee.name
      guard
        folder.beginnings.contains(where: { name.utf8.starts(with: $0.utf8) }),
        let key = SysctlKey(file: name, in: folder.key)
      else { continue }
      tunables.values[key] = Self.value(of: name, at: name, in: descriptor)
    }
    // A listing that breaks off must not make keys look absent.
    return Glibc.errno == 0 ? nil : Failure(path: path, errno: Glibc.errno)
  }

  private func tunable(
    _ key: SysctlKey, absentBecause reason: String = "no such file"
  ) -> Reading<String> {
    let reading = Self.value(
      of: String(key.lastComponent), at: path("proc/sys/\(key.path)"), in: AT_FDCWD)
    return reading.absence?.kind == .absent ? .absent(reason) : reading
  }

  /// One key's text.
  static func value(of name: String, at path: String, in folder: CInt) -> Reading<String> {
    opened(name, at: path, in: folder).flatMap { descriptor in
      defer { close(descriptor) }
      return text(of: descriptor)
    }
  }

  /// A descriptor of one key's file, or why it is not read.
  static func opened(_ name: String, at path: String, in folder: CInt) -> Reading<CInt> {
    guard !secrets.contains(name) else { return notRecorded() }
    let descriptor = unsafe openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      return errno == ENOENT || errno == ENOTDIR
        ? .absent("no such file") : .unreadable(words(for: errno))
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      return .unreadable("not a regular file")
    }
    guard status.st_mode & (S_IRGRP | S_IROTH) != 0 else {
      close(descriptor)
      return notRecorded()
    }
    return .known(descriptor)
  }

  /// The text of an open key as it is now.
  static func text(of descriptor: CInt) -> Reading<String> {
    // Nearly every value is a few numbers, and the kernel makes and clears room for as many bytes as
    // are asked for. A long value is read again: a second read would not go on where one ended.
    for capacity in [1024, Descriptor.chunk] {
      let reading = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) {
        buffer -> Reading<String>? in
        var count = unsafe pread(descriptor, buffer.baseAddress, capacity, 0)
        var interruptions: CInt = 0
        while count < 0, errno == EINTR, interruptions < TCPTUNE_MOST_INTERRUPTIONS {
          count = unsafe pread(descriptor, buffer.baseAddress, capacity, 0)
          interruptions += 1
        }
        guard count >= 0 else { return .unreadable(words(for: errno)) }
        guard count < capacity / 2 || capacity == Descriptor.chunk else { return nil }
        while count > 0, unsafe buffer[count - 1] <= 0x20 { count -= 1 }
        return .known(unsafe String(decoding: buffer[..<count], as: UTF8.self))
      }
      if let reading { return reading }
    }
    return .unreadable("longer than any value of the kernel")
  }

  private static func notRecorded<Wrapped>() -> Reading<Wrapped> {
    .notGathered("present, not recorded: the kernel keeps it from other users")
  }
}

extension dirent {
  /// The entry's name.
  var name: String {
    unsafe withUnsafeBytes(of: d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
