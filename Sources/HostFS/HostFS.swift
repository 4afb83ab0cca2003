import CLinux
import Glibc

/// The folder in which a host's files are looked up: `/`, or a recorded tree.
public struct HostFS: Sendable {
  /// A file or folder that could not be read.
  public struct Failure: Error, Equatable, Sendable {
    /// The path as a user would type it.
    public var path: String
    /// The C library's number.
    public var errno: CInt

    /// Whether there is no such file.
    public var isAbsent: Bool { errno == ENOENT || errno == ENOTDIR }

    /// What the number means, in the C library's words.
    public var reason: String { HostFS.words(for: errno) }
  }

  /// The root folder, without a slash at its end; empty for `/`.
  public let root: String

  /// The files of the host under `root`.
  public init(root: String = "/") {
    var root = root
    while root.hasSuffix("/") { root.removeLast() }
    self.root = root
  }

  /// Whether this is the machine that the program runs on.
  public var isLive: Bool { root.isEmpty }

  /// The path of a file below the root, as a user would type it.
  public func path(_ path: String) -> String { "\(root)/\(path)" }

  /// Reads a whole file, until read(2) says that it has ended.
  ///
  /// Kernel files come a page at a time, and a short read is not the end of one.
  ///
  /// - Parameter path: below the root, without a leading slash: `proc/net/snmp`.
  /// - Returns: the file's bytes.
  /// - Throws: ``Failure`` with the number of open(2) or read(2).
  public func bytes(_ path: String) throws(Failure) -> [UInt8] {
    try bytes(path, chunk: Descriptor.chunk, until: nil)
  }

  private func bytes(
    _ path: String, chunk: Int, until last: UInt8?
  ) throws(Failure) -> [UInt8] {
    let whole = self.path(path)
    let descriptor = unsafe open(whole, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(path: whole, errno: Glibc.errno) }
    defer { close(descriptor) }
    do {
      return try Descriptor.bytes(descriptor, chunk: chunk, until: last)
    } catch {
      throw Failure(path: whole, errno: error.number)
    }
  }

  /// Reads a whole file as text; bytes that are not UTF-8 become replacement characters.
  ///
  /// - Parameter path: below the root, without a leading slash.
  /// - Returns: the file's text.
  /// - Throws: ``Failure`` with the number of open(2) or read(2).
  public func text(_ path: String) throws(Failure) -> String {
    String(decoding: try bytes(path), as: UTF8.self)
  }

  /// Reads the first line of a small file.
  ///
  /// - Parameter path: below the root, without a leading slash.
  /// - Returns: the line without the blanks around it.
  /// - Throws: ``Failure`` with the number of open(2) or read(2).
  public func line(_ path: String) throws(Failure) -> String {
    let bytes = try bytes(path, chunk: Self.lineLength, until: Self.newline)
    return String(decoding: bytes.prefix { $0 != Self.newline }, as: UTF8.self).trimmed
  }

  private static let newline = UInt8(ascii: "\n")
  /// Most first lines are shorter: a buffer for more would cost more than the read.
  private static let lineLength = 256

  /// Whether `path` is a folder.
  public func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(self.path(path), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The processes of this machine, as far as /proc shows them.
  static func processes() -> [Int32] {
    guard let listing = unsafe opendir("/proc") else { return [] }
    defer { unsafe closedir(listing) }
    var pids: [Int32] = []
    while let entry = unsafe readdir(listing) {
      if let pid = unsafe Int32(entry.pointee.name) { pids.append(pid) }
    }
    return pids
  }

  /// An error number in the C library's words: `Permission denied`.
  public static func words(for errno: CInt) -> String {
    unsafe String(cString: strerror(errno))
  }
}

/// Reads from descriptors.
enum Descriptor {
  /// The number of a failed read(2).
  struct ReadFailure: Error {
    var number: CInt
  }

  /// Kernel files are at most some hundred KiB; one buffer of this size reads nearly all of them in
  /// two calls.
  static let chunk = 65_536

  /// Everything that the descriptor gives, or a little more than `limit` bytes of it, in pieces of
  /// `chunk` bytes; of one that was read before from its start.
  static func bytes(
    _ descriptor: CInt, atMost limit: Int = .max, chunk: Int = chunk, again: Bool = false,
    until last: UInt8? = nil
  ) throws(ReadFailure) -> [UInt8] {
    var whole: [UInt8] = []
    var failure: CInt = 0
    var interruptions: CInt = 0
    while whole.count < limit {
      let start = whole.count
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
        let read =
          unsafe again
          ? pread(descriptor, buffer.baseAddress, chunk, off_t(start))
          : read(descriptor, buffer.baseAddress, chunk)
        failure = read < 0 ? Glibc.errno : 0
        count = max(0, read)
      }
      if failure == EINTR, interruptions < TCPTUNE_MOST_INTERRUPTIONS {
        interruptions += 1
        continue
      }
      guard failure == 0 else { throw ReadFailure(number: failure) }
      if piece.isEmpty { return whole }
      if start == 0 { whole = piece } else { whole += piece }
      if let last, piece.contains(last) { return whole }
    }
    return whole
  }
}

extension String {
  /// The text without blanks and line ends around it.
  var trimmed: String {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
    let front = utf8.drop(while: isBlank)
    let back = front.lastIndex { !isBlank($0) }
    return back.flatMap { String(front[...$0]) } ?? ""
  }
}
