import Facts
import Glibc
import HostFS
import SysctlConf

/// A sysctl file of the host, to be shown as it would be after a change.
struct SysctlFile {
  /// Ours, unless the user names another.
  static let owned = "/etc/sysctl.d/99-tcptune.conf"

  /// The path as the host or the user names it.
  let path: String
  /// The name that stands in a patch.
  private let patchPath: String
  private let content: ConfFile?
  /// Whether the host's files were not recorded with it.
  let isUnknown: Bool

  private init(path: String, patchPath: String, content: ConfFile?, isUnknown: Bool = false) {
    self.path = path
    self.patchPath = patchPath
    self.content = content
    self.isUnknown = isUnknown
  }

  /// The file that `--against` names, else ours on the host.
  init(_ named: String?, of source: Source) throws(Failure) {
    if let named {
      self = try Self.typed(named)
    } else {
      try self.init(onHost: Self.owned, of: source)
    }
  }

  /// A file of the host, by its absolute path there.
  ///
  /// - Throws: when it cannot be read, or leads out of a recorded host's folder.
  init(onHost path: String, of source: Source) throws(Failure) {
    switch source {
    case .live: self = try Self.typed(path)
    case .recorded(let root): self = try Self.recorded(path, root: root)
    case .saved:
      self.init(path: path, patchPath: Self.relative(path), content: nil, isUnknown: true)
    }
  }

  /// The file of the machine that this program runs on, as the user typed its path.
  private static func typed(_ path: String) throws(Failure) -> SysctlFile {
    SysctlFile(
      path: path, patchPath: relative(withoutLinks(path)), content: try content(path))
  }

  private static func recorded(_ path: String, root: String) throws(Failure) -> SysctlFile {
    let place = root + path
    guard let real = RealPath.of(place) else {
      return SysctlFile(path: place, patchPath: relative(path), content: try content(place))
    }
    let inside = "\(RealPath.of(root) ?? root)/"
    guard real.hasPrefix(inside) else {
      throw .usage("\(place): expected a file in \(root), found a link to \(real)")
    }
    return SysctlFile(
      path: place, patchPath: String(real.dropFirst(inside.count)), content: try content(real))
  }

  /// The bytes of a file of this machine.
  static func bytes(ofHostFile path: String) throws(UserFiles.Failure) -> [UInt8] {
    try UserFiles.bytes(path)
  }

  private static func content(_ path: String) throws(Failure) -> ConfFile? {
    do {
      return ConfFile(parsing: try UserFiles.bytes(path))
    } catch {
      guard error.isAbsent else { throw .usage(error.reason) }
      return nil
    }
  }

  /// patch changes no file through a link, and takes no path with `..` in it.
  private static func withoutLinks(_ path: String) -> String {
    var status = stat()
    let isLink = unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    guard path.hasPrefix("/") || isLink || path.split(separator: "/").contains("..") else {
      return path
    }
    if let real = RealPath.of(path) { return real }
    // What does not exist yet stands in a folder that does.
    guard let slash = path.lastIndex(of: "/"),
      let folder = RealPath.of(String(path[...slash]))
    else { return path }
    return folder + path[slash...]
  }

  private static func relative(_ path: String) -> String {
    var path = path
    while path.hasPrefix("./") { path = String(path.dropFirst(2)) }
    return String(path.drop { $0 == "/" })
  }

  /// Whether there is no such file yet.
  var isNew: Bool { content == nil }

  /// Whether apply would keep it: our name, and nothing or what we wrote in it.
  private var isOurs: Bool {
    guard path.hasSuffix(Self.owned) else { return false }
    return content.map { OwnedText.isOurs($0.bytes) } ?? true
  }

  /// The same with lines above it by which apply will know it again.
  private static func stamped(_ file: ConfFile) -> ConfFile {
    let body =
      switch OwnedText.owner(of: file.bytes) {
      case .ours(_, let body), .edited(_, let body): body
      case .foreign: file.bytes
      }
    return ConfFile(parsing: OwnedText.stamped(transaction: OwnedText.patch, body: body))
  }

  /// Whether both are the same file.
  func isSame(as other: SysctlFile) -> Bool { patchPath == other.patchPath }

  /// What would change.
  ///
  /// - Parameters:
  ///   - entries: the keys to set.
  ///   - removals: the lines to take out.
  /// - Returns: the difference, and the removals whose line is not what it was.
  func diff(
    setting entries: [ConfEntry], removing removals: [Removal] = []
  ) -> (diff: UnifiedDiff, stale: [Removal]) {
    let before = content ?? ConfFile(parsing: [])
    let (kept, stale) = before.removing(
      removals.map { ($0.line, $0.key) }, keeping: Set(entries.map(\.key)))
    let new = kept.setting(entries)
    let diff = UnifiedDiff(
      path: patchPath, old: content,
      new: isOurs && new.bytes != before.bytes ? Self.stamped(new) : new)
    return (
      diff,
      removals.filter { removal in
        stale.contains { $0.line == removal.line && $0.key == removal.key }
      }
    )
  }
}
