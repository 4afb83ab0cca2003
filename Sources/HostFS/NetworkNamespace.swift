import CLinux
import Glibc

/// A network namespace of this machine, held open so that it cannot go away.
///
/// All readers ask the kernel as the calling thread, and a thread is in one namespace at a time:
/// whoever joins another reads that one's keys, counters and sockets from then on. Files and
/// sockets that are open already stay where they were opened.
public struct NetworkNamespace: ~Copyable {
  /// Why a namespace cannot be opened or joined.
  public enum Failure: Error, Equatable, Sendable {
    /// No file of that name in /run/netns and no process of that number.
    case unknown(String)
    /// The path leads to something else.
    case notANamespace(path: String)
    /// A system call failed.
    case system(HostFS.Failure)

    /// Whether more rights would help.
    public var isPermission: Bool {
      if case .system(let failure) = self {
        failure.errno == EPERM || failure.errno == EACCES
      } else {
        false
      }
    }

    /// The failure in words: what was expected and what was found.
    public var reason: String {
      switch self {
      case .unknown(let name):
        "expected a name in /run/netns, the number of a process or a path, found '\(name)'"
      case .notANamespace(let path): "expected a network namespace, found '\(path)'"
      case .system(let failure): "\(failure.path): \(failure.reason)"
      }
    }
  }

  /// Where ip-netns(8) keeps the namespaces that it names.
  static let folder = "/run/netns"

  private let descriptor: CInt
  /// The path by which it was opened.
  public let path: String

  /// Opens the namespace of that name in /run/netns, else that of the process of that number, or
  /// the one at a path.
  ///
  /// - Throws: ``Failure``.
  public init(named name: String) throws(Failure) {
    let paths: [String]
    if name.contains("/") {
      paths = [name]
    } else if name.isEmpty || name == "." || name == ".." {
      throw .unknown(name)
    } else {
      let process = Int32(name).map { $0 > 0 ? ["/proc/\($0)/ns/net"] : [] } ?? []
      paths = ["\(Self.folder)/\(name)"] + process
    }
    for path in paths {
      do {
        try self.init(path: path)
        return
      } catch {
        guard case .system(let failure) = error, failure.isAbsent else { throw error }
      }
    }
    throw .unknown(name)
  }

  /// Opens the namespace at a path.
  ///
  /// - Throws: ``Failure``.
  init(path: String) throws(Failure) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(HostFS.Failure(path: path, errno: errno)) }
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// The inode by which the kernel tells namespaces apart: the number in `net:[4026531840]`.
  public var inode: UInt64? {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  // linux/nsfs.h and linux/sched.h.
  private static let getType: UInt = 0xb703
  private static let networkType: CInt = 0x4000_0000

  /// Whether it is a network namespace, and not another file.
  var isNetwork: Bool { ioctl(descriptor, Self.getType) == Self.networkType }

  /// Moves the calling thread into it.
  ///
  /// - Throws: ``Failure``.
  public borrowing func join() throws(Failure) {
    guard tcptune_join_network(descriptor) == 0 else {
      let number = errno
      throw number == EINVAL
        ? .notANamespace(path: path) : .system(HostFS.Failure(path: path, errno: number))
    }
  }
}
