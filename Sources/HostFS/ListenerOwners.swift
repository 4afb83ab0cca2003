import CLinux
public import Facts
import Glibc

/// Finds the processes that hold listening sockets, through their descriptors.
///
/// A descriptor of a socket is a link `socket:[INODE]`. Listeners are opened early, so each process
/// is asked for its low descriptors by number first: listing a large folder of descriptors costs
/// more than reading the few links that matter.
public struct ListenerOwners: ~Copyable {
  /// Descriptors are asked for by number up to each of these in turn; the last round lists them all.
  private static let rounds = [0..<64, 64..<1024]
  /// Where a process does not tell how many it has: after so many that are not there, there are no
  /// more, for descriptors are dense.
  private static let misses = 16
  /// With at most so many descriptors left, the first that is not there ends the asking by number.
  private static let mostListed = 64

  /// The sockets, sorted, each once.
  private let inodes: [UInt32]
  /// Who holds each of them, nil while nobody was found.
  private var holders: [Holder?]
  /// How many have no holder yet.
  private var missing: Int

  /// Who holds a socket, by which descriptor.
  private struct Holder {
    var pid: Int32
    var descriptor: Int
    var count: Reading<Int64> = .notGathered("not looked for outside a cgroup of its own")
  }

  /// What may be asked to find all holders of the sockets of one cgroup: a third of a millisecond.
  private static let mostQuestions = 128

  private var wasRefused = false
  private let processes: CInt
  /// Whether the size of /proc/PID/fd is the number of descriptors in it (6.2 and later).
  private let foldersTellCount: Bool

  /// A search for the holders of these sockets.
  ///
  /// - Parameter inodes: the listeners' inodes; 0 is nobody's.
  public init(inodes: some Sequence<UInt32>) {
    var sorted: [UInt32] = []
    for inode in inodes.sorted() where inode != 0 && inode != sorted.last { sorted.append(inode) }
    self.inodes = sorted
    holders = [Holder?](repeating: nil, count: sorted.count)
    missing = sorted.count
    processes = unsafe open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // We have descriptors ourselves: /proc, at least.
    foldersTellCount = Self.size(of: "self/fd", in: processes) ?? 0 > 0
  }

  deinit {
    if processes >= 0 { close(processes) }
  }

  /// Looks through the processes until every socket has an owner, or none is left.
  ///
  /// - Parameters:
  ///   - listeners: the sockets; only their inodes and cgroups matter.
  ///   - cgroups: where to look first: the socket's maker is most likely still in its cgroup.
  /// - Returns: the owner of each inode, or why none was found.
  public consuming func owners(
    of listeners: [Listener], in cgroups: inout Cgroups
  ) -> [UInt32: Reading<Listener.Owner>] {
    lookInto(cgroupsOf: listeners, &cgroups)
    if missing > 0 { lookIntoAll() }
    var owners: [UInt32: Reading<Listener.Owner>] = [:]
    owners.reserveCapacity(inodes.count)
    var named: [Listener.Owner] = []
    for (inode, holder) in zip(inodes, holders) {
      guard let holder else {
        owners[inode] = notFound
        continue
      }
      // Most listeners are held by the process of the one before.
      var owner: Listener.Owner
      if let known = named.last(where: { $0.pid == holder.pid }) {
        owner = known
      } else {
        owner = Self.owner(holder.pid)
        named.append(owner)
      }
      owner.holders = holder.count
      owners[inode] = .known(owner)
    }
    return owners
  }

  /// Why a socket has no owner: it is held where nobody can look, or where we may not.
  private var notFound: Reading<Listener.Owner> {
    wasRefused
      ? .unreadable(
        geteuid() == 0
          ? "the kernel keeps some processes from root here"
          : "not permitted to look into other users' processes")
      : .absent("no process seen from here holds the socket")
  }

  private mutating func lookInto(cgroupsOf listeners: [Listener], _ cgroups: inout Cgroups) {
    var groups: [(id: UInt64, inodes: [UInt32])] = []
    for listener in listeners {
      guard case .known(let id) = listener.cgroup else { continue }
      if let index = groups.lastIndex(where: { $0.id == id }) {
        groups[index].inodes.append(listener.inode)
      } else {
        groups.append((id, [listener.inode]))
      }
    }
    for group in groups {
      let members = cgroups.processes(of: group.id)
      for numbers in Self.rounds { look(into: members, for: numbers) }
      count(members, holding: group.inodes)
      if missing == 0 { return }
    }
  }

  /// Counts the processes of a cgroup that hold its sockets.
  ///
  /// Who forks hands its descriptors on with their numbers: one question a process is enough.
  private mutating func count(_ pids: [Int32], holding inodes: [UInt32]) {
    let found = inodes.compactMap { place(of: $0) }.filter { holders[$0] != nil }
    guard pids.count * found.count <= Self.mostQuestions else {
      for place in found {
        holders[place]?.count = .notGathered("its cgroup has too many processes")
      }
      return
    }
    for place in found {
      guard let holder = holders[place] else { continue }
      let others = pids.count { pid in
        guard pid != holder.pid else { return false }
        let path = "\(pid)/fd/\(holder.descriptor)"
        return unsafe Self.socket(at: path, in: processes) == self.inodes[place]
      }
      holders[place]?.count = .known(Int64(others + 1))
    }
  }

  private mutating func lookIntoAll() {
    let all = HostFS.processes()
    for numbers in Self.rounds { look(into: all, for: numbers) }
    for pid in all where missing > 0 { lookAtAll(of: pid) }
  }

  private mutating func look(into pids: [Int32], for numbers: Range<Int>) {
    for pid in pids where missing > 0 { look(into: pid, for: numbers) }
  }

  /// Asks a process for its descriptors with these numbers.
  private mutating func look(into pid: Int32, for numbers: Range<Int>) {
    let path = "\(pid)/fd"
    var rest = Int.max
    if foldersTellCount {
      // Kernel threads have none, and no process has more than so many.
      guard let count = Self.size(of: path, in: processes) else { return noteRefusal() }
      guard count > numbers.lowerBound else { return }
      rest = count
    }
    let folder = openFolder(path)
    guard folder >= 0 else { return }
    var missed = 0
    for number in numbers where rest > 0 && missed < Self.misses {
      guard let inode = Self.socket(number, in: folder) else {
        if errno != ENOENT {
          // Who may not see one of a process's descriptors sees none.
          noteRefusal()
          break
        }
        // The folder names the few that there are for less than looking for those that are not.
        if rest <= Self.mostListed { return lookAtAll(of: pid, in: folder, from: number) }
        missed += 1
        continue
      }
      missed = 0
      rest -= 1
      if inode != 0 { found(inode, pid, number) }
      if missing == 0 { break }
    }
    close(folder)
  }

  /// Asks a process for all its descriptors.
  private mutating func lookAtAll(of pid: Int32) {
    let folder = openFolder("\(pid)/fd")
    guard folder >= 0 else { return }
    lookAtAll(of: pid, in: folder, from: 0)
  }

  /// Asks for all that the folder lists from a number on, and closes it.
  private mutating func lookAtAll(of pid: Int32, in folder: CInt, from first: Int) {
    guard let listing = unsafe fdopendir(folder) else {
      close(folder)
      return
    }
    defer { unsafe closedir(listing) }
    while let entry = unsafe readdir(listing) {
      let name = unsafe entry.pointee.name
      if let number = Int(name), number >= first,
        let inode = unsafe Self.socket(at: name, in: folder)
      {
        found(inode, pid, number)
      }
      if missing == 0 { return }
    }
  }

  private mutating func openFolder(_ path: String) -> CInt {
    let folder = unsafe openat(processes, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder < 0 { noteRefusal() }
    return folder
  }

  private mutating func noteRefusal() {
    if errno == EACCES || errno == EPERM { wasRefused = true }
  }

  /// The size that a folder tells of itself, nil where it cannot be asked.
  private static func size(of path: String, in folder: CInt) -> Int? {
    var status = stat()
    return unsafe fstatat(folder, path, &status, 0) == 0 ? Int(status.st_size) : nil
  }

  private mutating func found(_ inode: UInt32, _ pid: Int32, _ descriptor: Int) {
    guard let place = place(of: inode), holders[place] == nil else { return }
    holders[place] = Holder(pid: pid, descriptor: descriptor)
    missing -= 1
  }

  /// The place of an inode among those that are looked for.
  private func place(of inode: UInt32) -> Int? {
    var range = inodes.indices
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      if inodes[middle] == inode { return middle }
      range = inodes[middle] < inode ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }

  /// The same for the descriptor with a number; there are hundreds of them, and a string for each
  /// would cost as much as the question.
  private static func socket(_ number: Int, in folder: CInt) -> UInt32? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 24) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      var place = buffer.count - 1
      unsafe buffer[place] = 0
      var rest = number
      repeat {
        place -= 1
        unsafe buffer[place] = CChar(UInt8(ascii: "0")) + CChar(rest % 10)
        rest /= 10
      } while rest > 0
      return unsafe socket(at: start + place, in: folder)
    }
  }

  /// The inode of a descriptor's socket, 0 for a descriptor of something else, nil for none.
  private static func socket(at path: UnsafePointer<CChar>, in folder: CInt) -> UInt32? {
    // "socket:[4294967295]" has 19 bytes; longer links are files.
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = unsafe readlinkat(folder, path, start, 32)
      guard count > 0 else { return nil }
      guard count > 9, count < 32, unsafe memcmp(start, "socket:[", 8) == 0 else { return 0 }
      var inode: UInt64 = 0
      for index in 8..<(count - 1) {
        let digit = unsafe UInt64(UInt8(bitPattern: buffer[index]) &- UInt8(ascii: "0"))
        guard digit < 10 else { return 0 }
        inode = inode * 10 + digit
      }
      return UInt32(truncatingIfNeeded: inode)
    }
  }

  private static func owner(_ pid: Int32) -> Listener.Owner {
    let host = HostFS()
    let name: Reading<String>
    do {
      name = .known(try host.line("proc/\(pid)/comm"))
    } catch {
      name = error.isAbsent ? .absent("the process has ended") : .unreadable(error.reason)
    }
    return Listener.Owner(pid: pid, name: name, nofile: nofile(pid))
  }

  /// The soft limit of open files; /proc/PID/limits tells where prlimit(2) is not permitted.
  private static func nofile(_ pid: Int32) -> Reading<Int64> {
    var limit: UInt64 = 0
    if unsafe tcptune_nofile_limit(pid, &limit) == 0 {
      return .known(Int64(clamping: limit))
    }
    guard let text = try? HostFS().text("proc/\(pid)/limits") else {
      return .unreadable("not permitted to ask for the limits of process \(pid)")
    }
    let name = "Max open files"
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      let soft = line.dropFirst(name.utf8.count).split(separator: " ").first
      if soft == "unlimited" { return .known(.max) }
      if let soft, let number = Int64(soft) { return .known(number) }
    }
    return .unreadable("/proc/\(pid)/limits has no line '\(name)'")
  }
}
