import Facts
import Glibc

/// A folder below which nothing leads out: components are opened one by one and links are read, not
/// followed.
struct ConfinedFolder: ~Copyable {
  private let descriptor: CInt

  /// Opens the folder, which may itself be reached through links.
  init(_ path: String) throws(HostFS.Failure) {
    descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw HostFS.Failure(path: path, errno: errno) }
  }

  private init(adopting descriptor: CInt) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// What a system call gave for a path below the folder, or its error number.
  struct Failed: Error {
    var errno: CInt
  }

  /// A folder below this one; no component of the path may be a link.
  func folder(_ path: String) throws(Failed) -> ConfinedFolder {
    var here = dup(descriptor)
    guard here >= 0 else { throw Failed(errno: errno) }
    for piece in path.utf8.split(separator: UInt8(ascii: "/")) {
      let next = unsafe Self.withName(Substring(piece)) {
        unsafe openat(here, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      }
      let number = errno
      close(here)
      guard next >= 0 else { throw Failed(errno: number) }
      here = next
    }
    return ConfinedFolder(adopting: here)
  }

  /// What stands under a name in this folder, itself and not where it leads.
  func status(of name: some StringProtocol) throws(Failed) -> stat {
    var status = stat()
    let result = unsafe Self.withName(name) {
      unsafe fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW)
    }
    guard result == 0 else { throw Failed(errno: errno) }
    return status
  }

  /// The text of a link in this folder.
  func target(of name: some StringProtocol) throws(Failed) -> [UInt8] {
    let capacity = Int(PATH_MAX)
    var length = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      length = unsafe Self.withName(name) { name -> Int in
        guard let room = buffer.baseAddress else { return -1 }
        return unsafe readlinkat(descriptor, name, room, capacity)
      }
      count = max(0, length)
    }
    guard length >= 0 else { throw Failed(errno: errno) }
    return bytes
  }

  /// The bytes of a regular file in this folder, at most one more than `limit`.
  ///
  /// It was a regular file a moment ago; should it be something else now, opening it does not wait.
  func bytes(of name: some StringProtocol, atMost limit: Int) throws(Failed) -> [UInt8] {
    let file = unsafe Self.withName(name) {
      unsafe openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }
    guard file >= 0 else { throw Failed(errno: errno) }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw Failed(errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Failed(errno: EINVAL) }
    guard Int(status.st_size) <= limit else { throw Failed(errno: EFBIG) }
    do {
      // Many small files are kept: each in as much memory as it fills.
      let chunk = min(Descriptor.chunk, max(1, Int(status.st_size)))
      let bytes = try Descriptor.bytes(file, atMost: limit + 1, chunk: chunk)
      guard bytes.count <= limit else { throw Failed(errno: EFBIG) }
      return bytes
    } catch let failure as Descriptor.ReadFailure {
      throw Failed(errno: failure.number)
    } catch {
      throw Failed(errno: EFBIG)
    }
  }

  /// Calls with the folder's descriptor, for openat(2) of what was seen not to be a link.
  func withDescriptor<Result>(_ body: (CInt) -> Result) -> Result { body(descriptor) }

  /// One entry of a listing.
  struct Entry {
    /// Spelled as ``PathText`` does.
    var name: String
    /// The kind as the file system told it, DT_UNKNOWN where it did not.
    var type: UInt8
  }

  /// The entries, without `.` and `..`, in any order; at most `limit` and whether there were more.
  func entries(atMost limit: Int) throws(Failed) -> (entries: [Entry], isWhole: Bool) {
    let copy = unsafe Self.withName(".") {
      unsafe openat(descriptor, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard copy >= 0 else { throw Failed(errno: errno) }
    guard let listing = unsafe fdopendir(copy) else {
      let number = errno
      close(copy)
      throw Failed(errno: number)
    }
    defer { unsafe closedir(listing) }
    var entries: [Entry] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(listing) else { break }
      let bytes = unsafe withUnsafeBytes(of: entry.pointee.d_name) { name in
        unsafe Array(name.prefix { $0 != 0 })
      }
      if bytes == [0x2e] || bytes == [0x2e, 0x2e] { continue }
      guard entries.count < limit else { return (entries, false) }
      entries.append(unsafe Entry(name: PathText.text(of: bytes), type: entry.pointee.d_type))
    }
    let number = errno
    guard number == 0 else { throw Failed(errno: number) }
    return (entries, true)
  }

  /// Calls with the bytes that a name spells, ended by a zero.
  private static func withName<Result>(
    _ name: some StringProtocol, _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    let bytes = (PathText.bytes(of: String(name)) + [0]).map { CChar(bitPattern: $0) }
    return unsafe bytes.withUnsafeBufferPointer { unsafe body($0.baseAddress.unsafelyUnwrapped) }
  }
}
