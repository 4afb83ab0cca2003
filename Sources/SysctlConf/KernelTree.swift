/// What is known of /proc/sys: which keys there are, what they show, how they are written.
///
/// Paths are below /proc/sys, without a slash at either end: `net/core/somaxconn`.
public struct KernelTree: Equatable, Sendable {
  /// One key.
  public struct Key: Equatable, Sendable {
    /// What it shows, nil where that is not known.
    public var text: String?
    /// How it is written.
    public var kind: KeyKind
    /// Whether its mode lets the owner write it.
    public var isWritable: Bool

    /// A key of that kind.
    public init(text: String?, kind: KeyKind, isWritable: Bool = true) {
      self.text = text
      self.kind = kind
      self.isWritable = isWritable
    }
  }

  /// What stands at a path.
  public enum Presence: Equatable, Sendable {
    case key
    case folder
    case absent
    /// A key stands where a folder would have to be (ENOTDIR).
    case belowKey
    /// It was never looked at.
    case unknown
  }

  /// PATH_MAX without `/proc/sys/`.
  private static let longestPath = 4096 - 10

  private var keys: [String: Key] = [:]
  private var entries: [String: Set<String>] = [:]
  /// Whether /proc/sys is mounted so that nobody can write (containers): open(2) gives EROFS.
  public var isMountedReadOnly = false
  /// Folders of which all is known, however deep; what is not there is absent.
  private var whole: Set<String> = []
  /// Folders of which the entries are known.
  private var listed: Set<String> = []
  /// Keys of which it is known that they are not there.
  private var missing: Set<String> = []

  /// A tree of which nothing is known.
  public init() {}

  /// A tree of which everything is known.
  public init(_ keys: [String: Key]) {
    for (path, key) in keys { self[path] = key }
    markWhole("")
  }

  /// A key; setting one makes the folders above it.
  public subscript(path: String) -> Key? {
    get { keys[path] }
    set {
      keys[path] = newValue
      guard newValue != nil else { return }
      addFolder(Self.folder(of: path), with: Self.name(of: path))
    }
  }

  /// Adds a folder, which may be empty.
  public mutating func addFolder(_ path: String) {
    if entries[path] == nil { entries[path] = [] }
    if !path.isEmpty { addFolder(Self.folder(of: path), with: Self.name(of: path)) }
  }

  private mutating func addFolder(_ path: String, with entry: String) {
    let isNew = entries[path] == nil
    entries[path, default: []].insert(entry)
    if isNew, !path.isEmpty { addFolder(Self.folder(of: path), with: Self.name(of: path)) }
  }

  /// Says that the entries of a folder are known.
  public mutating func markListed(_ path: String) {
    addFolder(path)
    listed.insert(path)
  }

  /// Says that all entries of a folder, and of those below it, are known.
  public mutating func markWhole(_ path: String) { whole.insert(path) }

  /// Says that there is no such key, in a tree of which not all is known.
  public mutating func markAbsent(_ path: String) {
    keys[path] = nil
    missing.insert(path)
  }

  /// Every key's path, sorted.
  public var paths: [String] { keys.keys.sorted() }

  /// Whether the tree knows the key or folder at a path; repeated slashes count as one, `..` climbs.
  public func presence(of path: String) -> Presence {
    // A longer path is an error, and no search for it.
    guard path.utf8.count < Self.longestPath else { return .belowKey }
    guard let clean = Self.resolved(path) else { return .absent }
    if let obstacle = obstacle(on: path) { return obstacle }
    if keys[clean] != nil {
      // A dot stands for a folder, and a key is none.
      if path.hasSuffix("/.") { return .belowKey }
      return path.utf8.last == UInt8(ascii: "/") ? .absent : .key
    }
    if missing.contains(clean) { return .absent }
    if clean.isEmpty || entries[clean] != nil { return .folder }
    var folder = clean
    var isNearest = true
    while true {
      folder = Self.folder(of: folder)
      if keys[folder] != nil { return .belowKey }
      if whole.contains(folder) { return .absent }
      // Only the last folder on the way that is there can tell.
      if isNearest, entries[folder] != nil {
        if listed.contains(folder) { return .absent }
        isNearest = false
      }
      if folder.isEmpty { return .unknown }
    }
  }

  /// What stands in the way of a path that climbs: `..` leads up from a folder only.
  private func obstacle(on path: String) -> Presence? {
    guard Self.mayClimb(path) else { return nil }
    var pieces: [Substring] = []
    for piece in path.utf8.split(separator: UInt8(ascii: "/")).map({ Substring($0) })
    where piece != "." {
      guard piece == ".." else {
        pieces.append(piece)
        continue
      }
      switch presence(of: pieces.joined(separator: "/")) {
      case .folder, .unknown: pieces.removeLast()
      case .key: return .belowKey
      case .absent, .belowKey: return .absent
      }
    }
    return nil
  }

  /// Whether two dots stand together, as in `..` and in few names.
  private static func mayClimb(_ path: String) -> Bool {
    var last: UInt8 = 0
    for byte in path.utf8 {
      if byte == UInt8(ascii: "."), last == byte { return true }
      last = byte
    }
    return false
  }

  /// The names in a folder in the order of their bytes; repeated slashes and `..` are followed.
  public func names(in folder: String) -> [String] {
    (Self.resolved(folder).flatMap { entries[$0] } ?? []).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
  }

  /// The path without empty pieces, `.` and `..`; nil where it climbs out of /proc/sys.
  ///
  /// What is too long for the system to look for stays as it is.
  public static func resolved(_ path: String) -> String? {
    guard path.utf8.count < longestPath, !isResolved(path) else { return path }
    var pieces: [Substring] = []
    for piece in path.utf8.split(separator: UInt8(ascii: "/")).map({ Substring($0) })
    where piece != "." {
      if piece != ".." {
        pieces.append(piece)
      } else if pieces.popLast() == nil {
        return nil
      }
    }
    return pieces.joined(separator: "/")
  }

  /// Whether no piece is empty and none begins with a dot, as in nearly every path.
  private static func isResolved(_ path: String) -> Bool {
    var last = UInt8(ascii: "/")
    for byte in path.utf8 {
      if last == UInt8(ascii: "/"), byte == last || byte == UInt8(ascii: ".") { return false }
      last = byte
    }
    return path.isEmpty || last != UInt8(ascii: "/")
  }

  static func folder(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? ""
  }

  static func name(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map {
      String(path[path.utf8.index(after: $0)...])
    } ?? path
  }

  /// The other keys that a write depends on.
  public var context: WriteContext {
    var context = WriteContext()
    if let start = keys["net/ipv4/ip_unprivileged_port_start"]?.text.flatMap({ Int64($0) }) {
      context.firstFreePort = start
    }
    let range = keys["net/ipv4/ip_local_port_range"]?.text?.utf8.split { $0 == 0x20 || $0 == 0x09 }
    if let first = range?.first.flatMap({ String($0) }).flatMap({ Int64($0) }) {
      context.firstLocalPort = first
    }
    return context
  }
}
