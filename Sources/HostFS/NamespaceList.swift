public import Facts
import Glibc

/// The network namespaces that can be seen from here.
public struct NamespaceList: Equatable, Sendable {
  /// One of them.
  public struct Entry: Equatable, Sendable {
    /// The inode by which the kernel tells namespaces apart.
    public var inode: UInt64
    /// A path by which it can be opened.
    public var path: String
    /// The names that ip-netns(8) gives it, sorted.
    public var names: [String] = []
    /// How many processes are in it.
    public var processes = 0
    /// The process with the lowest number in it, and its name.
    public var first: NamespaceReport.Process?
  }

  /// The namespaces, the one of the calling thread first, then by inode.
  public var entries: [Entry]
  /// What could not be looked at.
  public var gaps: [Gap]

  /// Looks at every process and at /run/netns.
  ///
  /// A namespace that neither a process nor a name holds (a file open somewhere, a socket) is not
  /// found.
  public static func seenFromHere() -> NamespaceList {
    var entries: [UInt64: Entry] = [:]
    var refused = 0
    for pid in HostFS.processes() {
      let path = "/proc/\(pid)/ns/net"
      guard let link = Link.target(of: path, in: AT_FDCWD) else {
        refused += errno == EACCES || errno == EPERM ? 1 : 0
        continue
      }
      guard let inode = inode(in: link) else { continue }
      var entry = entries[inode] ?? Entry(inode: inode, path: path)
      entry.processes += 1
      if entry.first.map({ pid < $0.pid }) ?? true {
        entry.first = NamespaceReport.Process(pid: pid, name: "")
        entry.path = path
      }
      entries[inode] = entry
    }
    for name in names() {
      let path = "\(NetworkNamespace.folder)/\(name)"
      // A name whose namespace is gone is a plain file that was left behind.
      guard let namespace = try? NetworkNamespace(path: path), namespace.isNetwork,
        let inode = namespace.inode
      else { continue }
      var entry = entries[inode] ?? Entry(inode: inode, path: path)
      entry.names.append(name)
      // A name outlives processes.
      entry.path = path
      entries[inode] = entry
    }
    let own = Link.target(of: "/proc/thread-self/ns/net", in: AT_FDCWD).flatMap(inode)
    let host = HostFS()
    let ordered = entries.values.sorted { a, b in
      if (a.inode == own) != (b.inode == own) { return a.inode == own }
      return a.inode < b.inode
    }.map { entry in
      var entry = entry
      if let pid = entry.first?.pid {
        entry.first?.name = (try? host.line("proc/\(pid)/comm")) ?? ""
      }
      return entry
    }
    let gaps =
      refused == 0
      ? []
      : [
        Gap(
          "network namespaces of \(refused) \(refused == 1 ? "process" : "processes")",
          geteuid() == 0 ? "not permitted to look" : "not permitted to look; root sees them")
      ]
    return NamespaceList(entries: ordered, gaps: gaps)
  }

  /// The number in `net:[4026531840]`.
  private static func inode(in link: String) -> UInt64? {
    guard link.hasPrefix("net:["), link.hasSuffix("]") else { return nil }
    return UInt64(link.dropFirst("net:[".utf8.count).dropLast())
  }

  private static func names() -> [String] {
    guard let listing = unsafe opendir(NetworkNamespace.folder) else { return [] }
    defer { unsafe closedir(listing) }
    var names: [String] = []
    while let entry = unsafe readdir(listing) {
      let name = unsafe entry.pointee.name
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
