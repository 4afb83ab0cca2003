import Glibc

/// Files that a user names: rules, profiles, snapshots, sysctl files.
public enum UserFiles {
  /// Larger files are refused, in bytes; a snapshot with 100,000 listeners has a third of it.
  public static let largestFile = 64 << 20

  /// What a path may lead to.
  public enum Kind: Sendable {
    /// A regular file: opening anything else could block or act.
    case regular
    /// Also a pipe, as in `--snapshot <(…)`.
    case regularOrPipe
  }

  /// Why a file was not read.
  public enum Failure: Error, Equatable, Sendable {
    /// A system call failed.
    case system(HostFS.Failure)
    /// It is no regular file, but what `found` says.
    case notRegular(path: String, found: String)
    /// It is larger than ``largestFile``.
    case tooLarge(path: String)

    /// Whether there is no such file.
    public var isAbsent: Bool {
      if case .system(let failure) = self { failure.isAbsent } else { false }
    }

    /// The failure in words: what was expected and what was found.
    public var reason: String {
      switch self {
      case .system(let failure): "\(failure.path): \(failure.reason)"
      case .notRegular(let path, let found): "\(path): expected a regular file, found \(found)"
      case .tooLarge(let path): "\(path): expected at most \(largestFile >> 20) MiB, found more"
      }
    }
  }

  /// A whole file.
  ///
  /// - Throws: ``Failure``.
  public static func bytes(_ path: String, kind: Kind = .regular) throws(Failure) -> [UInt8] {
    let flags = kind == .regular ? O_NONBLOCK : 0
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | flags)
    guard descriptor >= 0 else { throw .system(HostFS.Failure(path: path, errno: errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw .system(HostFS.Failure(path: path, errno: errno))
    }
    let type = status.st_mode & S_IFMT
    guard type == S_IFREG || (kind == .regularOrPipe && (type == S_IFIFO || type == S_IFCHR)) else {
      throw type == S_IFDIR
        ? .system(HostFS.Failure(path: path, errno: EISDIR))
        : .notRegular(path: path, found: Self.words(forType: type))
    }
    return try bytes(of: descriptor, path: path)
  }

  private static func words(forType type: mode_t) -> String {
    switch type {
    case S_IFIFO: "a pipe"
    case S_IFCHR, S_IFBLK: "a device"
    default: "a file of another kind"
    }
  }

  /// Everything on standard input.
  ///
  /// - Throws: ``Failure``.
  public static func standardInput() throws(Failure) -> [UInt8] {
    try bytes(of: STDIN_FILENO, path: "standard input")
  }

  private static func bytes(of descriptor: CInt, path: String) throws(Failure) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = try Descriptor.bytes(descriptor, atMost: largestFile + 1)
    } catch {
      throw .system(HostFS.Failure(path: path, errno: error.number))
    }
    guard bytes.count <= largestFile else { throw .tooLarge(path: path) }
    return bytes
  }

  /// The files below a folder whose names end so, in the order of their paths; hidden ones and
  /// README.md are left out.
  ///
  /// - Throws: ``Failure`` when the folder or one inside it cannot be listed.
  public static func files(below folder: String, suffix: String) throws(Failure) -> [String] {
    var files: [String] = []
    var folders = [folder]
    while let next = folders.popLast() {
      guard let listing = unsafe opendir(next) else {
        throw .system(HostFS.Failure(path: next, errno: errno))
      }
      defer { unsafe closedir(listing) }
      while let entry = unsafe readdir(listing) {
        let name = unsafe entry.pointee.name
        guard !name.hasPrefix(".") else { continue }
        let path = next.hasSuffix("/") ? next + name : "\(next)/\(name)"
        if unsafe entry.pointee.d_type == UInt8(DT_DIR) {
          folders.append(path)
        } else if name.hasSuffix(suffix), name != "README.md" {
          files.append(path)
        }
      }
    }
    return files.sorted()
  }
}
