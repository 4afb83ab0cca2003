public import Facts
import Glibc

/// The sysctl files of a host, read as if somebody had laid traps among them.
public struct SysctlFiles: Sendable {
  /// Larger files are not read, in bytes.
  public static let largestFile = 16 << 20
  /// As much is kept of all files together, in bytes.
  public static let largestTotal = 64 << 20
  /// More files are not read.
  public static let mostFiles = 512
  /// More names of one folder are not looked at.
  static let mostNames = 1 << 20

  /// The folders, files and what links among them lead to.
  public var tree = FileTree()
  /// What could not be read, or was left out.
  public var gaps: [Gap] = []
}

extension HostFS {
  /// Reads the folders and files that loaders read.
  ///
  /// Named pipes and devices are told, never opened. Links are followed by us, inside the root.
  ///
  /// - Parameters:
  ///   - folders: absolute, below the root; of their entries those that end in `.conf` are read.
  ///   - files: single files.
  ///   - marks: further paths, of which only the kind is looked at.
  /// - Returns: the tree; what is not there is not in it.
  public func sysctlFiles(
    folders: [String], files: [String], marks: [String] = []
  ) -> SysctlFiles {
    do {
      var reader = SysctlFileReader(try ConfinedFolder(isLive ? "/" : root))
      for folder in folders { reader.readFolder(folder) }
      for file in files { reader.follow(file) }
      reader.keepsBytes = false
      for mark in marks { reader.follow(mark) }
      return reader.result
    } catch {
      var result = SysctlFiles()
      result.gaps.append(Gap(error.path, error.reason))
      return result
    }
  }
}

/// Fills a tree by looking at one path after the other.
private struct SysctlFileReader: ~Copyable {
  private let root: ConfinedFolder
  private(set) var result = SysctlFiles()
  /// The folder in which the last path stood: the next one mostly stands there too.
  private var last: OpenFolder?
  private var total = 0
  private var files = 0
  var keepsBytes = true

  init(_ root: consuming ConfinedFolder) { self.root = root }

  mutating func readFolder(_ path: String) {
    follow(path)
    guard case .found(let folder, .folder) = result.tree.place(path) else { return }
    do {
      let (entries, isWhole) = try root.folder(folder).entries(atMost: SysctlFiles.mostNames)
      if !isWhole {
        result.gaps.append(Gap(path, "more than \(SysctlFiles.mostNames) names"))
      }
      let names = entries.map(\.name).filter { $0.hasSuffix(".conf") }
        .map { (name: $0, bytes: PathText.bytes(of: $0)) }
        .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
      let room = max(0, SysctlFiles.mostFiles - files)
      if names.count > room {
        result.gaps.append(
          Gap(
            path,
            "\(names.count - room) files were not read: there are more than"
              + " \(SysctlFiles.mostFiles)"))
      }
      for (name, _) in names.prefix(room) {
        files += 1
        follow("\(path)/\(name)")
      }
    } catch {
      result.gaps.append(Gap(path, HostFS.words(for: error.errno)))
    }
  }

  /// Looks at every path on the way, until the tree knows where it leads or that it leads nowhere.
  mutating func follow(_ path: String) {
    while let unseen = result.tree.firstUnseen(on: path) {
      guard let node = node(at: unseen) else { return }
      result.tree[unseen] = node
    }
  }

  /// The node at a path whose folders are no links; nil where there is none.
  private mutating func node(at path: String) -> FileTree.Node? {
    let name = FileTree.name(of: path)
    do {
      let open = try openFolder(FileTree.folder(of: path))
      let status = try open.folder.status(of: name)
      switch status.st_mode & S_IFMT {
      case S_IFDIR: return .folder
      case S_IFLNK: return .link(PathText.text(of: try open.folder.target(of: name)))
      case S_IFIFO: return .pipe
      case S_IFREG: return try file(name, in: open.folder)
      case S_IFCHR where status.st_rdev == Self.nullDevice: return .null
      default: return .special
      }
    } catch {
      if error.errno == ENOENT || error.errno == ENOTDIR { return nil }
      if error.errno == EFBIG {
        return .unread("larger than \(SysctlFiles.largestFile >> 20) MiB")
      }
      return .unread(HostFS.words(for: error.errno))
    }
  }

  private mutating func openFolder(
    _ path: String
  ) throws(ConfinedFolder.Failed) -> OpenFolder {
    if let last, last.path == path { return last }
    let opened = OpenFolder(path, try root.folder(path))
    last = opened
    return opened
  }

  /// A folder that stays open.
  private final class OpenFolder {
    let path: String
    let folder: ConfinedFolder

    init(_ path: String, _ folder: consuming ConfinedFolder) {
      self.path = path
      self.folder = folder
    }
  }

  /// Major number 1, minor number 3.
  private static let nullDevice = dev_t(1 << 8 | 3)

  private mutating func file(
    _ name: String, in folder: borrowing ConfinedFolder
  ) throws(ConfinedFolder.Failed) -> FileTree.Node {
    guard keepsBytes else { return .unread("not looked into") }
    guard total < SysctlFiles.largestTotal else {
      return .unread("more than \(SysctlFiles.largestTotal >> 20) MiB in all")
    }
    let bytes = try folder.bytes(of: name, atMost: SysctlFiles.largestFile)
    total += bytes.count
    return .file(bytes)
  }
}
