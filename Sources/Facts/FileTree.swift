/// The part of a host's files that matters for sysctl: kinds, link targets and bytes, as a value.
///
/// Paths are absolute and below the host's root; links are followed here, inside that root, never by
/// the machine. So a recorded tree, a repository and this machine are read alike. Names are spelled
/// as ``PathText`` does: any byte may stand in a file's name.
public struct FileTree: Equatable, Sendable {
  /// What stands at a path.
  public enum Node: Equatable, Sendable {
    /// A regular file with all its bytes.
    case file([UInt8])
    /// A regular file whose bytes were not kept, and why: `larger than 16 MiB`.
    case unread(String)
    /// A folder; its entries are nodes of their own.
    case folder
    /// A symbolic link and its text.
    case link(String)
    /// A named pipe: whoever opens it to read waits for a writer.
    case pipe
    /// The null device, which is the mask of all loaders.
    case null
    /// A device or socket.
    case special
  }

  /// Where a path leads.
  public enum Place: Equatable, Sendable {
    /// To this node; the path is without links.
    case found(path: String, Node)
    /// Nowhere: an entry is missing, a file stands where a folder is needed, links do not end.
    case missing(Failure)
  }

  /// Why a path leads nowhere, as the C library calls it.
  public enum Failure: String, Sendable {
    case noEntry = "ENOENT"
    case notFolder = "ENOTDIR"
    case endlessLinks = "ELOOP"
  }

  /// As many links as the kernel follows in one path.
  private static let mostLinks = 40

  /// The null device is there in every tree: repositories have no dev/.
  private var nodes: [String: Node] = ["/": .folder, "/dev": .folder, "/dev/null": .null]
  private var entries: [String: Set<String>] = [:]

  /// A tree with only its root.
  public init() {}

  /// A tree of these nodes; the folders above them are made.
  public init(_ nodes: [String: Node]) {
    for (path, node) in nodes { self[path] = node }
  }

  /// The node at a path without links; setting one makes the folders above it.
  public subscript(path: String) -> Node? {
    get { nodes[path] }
    set {
      nodes[path] = newValue
      guard newValue != nil, path != "/" else { return }
      let folder = Self.folder(of: path)
      entries[folder, default: []].insert(Self.name(of: path))
      if nodes[folder] == nil { self[folder] = .folder }
    }
  }

  /// Every path that has a node, sorted.
  public var paths: [String] { nodes.keys.sorted() }

  /// The names in a folder in the order of their bytes; the path may lead through links.
  public func names(in folder: String) -> [String] {
    guard case .found(let path, .folder) = place(folder) else { return [] }
    return (entries[path] ?? []).map { (name: $0, bytes: PathText.bytes(of: $0)) }
      .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map(\.name)
  }

  /// Where a path leads when links are followed, the last one too.
  ///
  /// A link that climbs above the root stays at it, as in a chroot; `/dev/null` is the null device
  /// also where the tree has no such node.
  public func place(_ path: String) -> Place {
    switch walk(path) {
    case .place(let place): place
    case .unseen: .missing(.noEntry)
    }
  }

  /// The first path without links on the way to `path` of which the tree knows nothing.
  ///
  /// Nil where it knows all: a reader asks this until it has looked at everything.
  public func firstUnseen(on path: String) -> String? {
    if case .unseen(let path) = walk(path) { path } else { nil }
  }

  private enum Step {
    case place(Place)
    case unseen(String)
  }

  private func walk(_ path: String) -> Step {
    var rest = Self.pieces(of: path)
    var here = "/"
    var node = Node.folder
    var links = 0
    while let piece = rest.popLast() {
      guard node == .folder else { return .place(.missing(.notFolder)) }
      if piece == "." { continue }
      if piece == ".." {
        here = Self.folder(of: here)
        continue
      }
      let next = here == "/" ? "/\(piece)" : "\(here)/\(piece)"
      guard let found = nodes[next] else { return .unseen(next) }
      guard case .link(let target) = found else {
        here = next
        node = found
        continue
      }
      links += 1
      guard links <= Self.mostLinks else { return .place(.missing(.endlessLinks)) }
      guard !target.isEmpty else { return .place(.missing(.noEntry)) }
      if target.utf8.first == UInt8(ascii: "/") { here = "/" }
      rest += Self.pieces(of: target)
    }
    return .place(.found(path: here, node))
  }

  /// The components, the last one first.
  private static func pieces(of path: String) -> [Substring] {
    path.utf8.split(separator: UInt8(ascii: "/")).reversed().map { Substring($0) }
  }

  /// The folder in which a path without links stands.
  public static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
      return "/"
    }
    return String(path[..<slash])
  }

  /// The last component.
  public static func name(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map {
      String(path[path.utf8.index(after: $0)...])
    } ?? path
  }
}
