import CLinux
import Glibc

/// A folder held open: everything in it is named from there, and no link is followed.
struct Folder: ~Copyable {
  private let descriptor: CInt
  /// As a user would type it.
  let path: String

  /// Opens a folder, which must not be a link; the folders above it may be reached through links.
  init(_ path: String) throws(CallFailure) {
    self.path = path
    descriptor = try SystemCall.made(path) {
      unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
  }

  /// Opens a folder of the system, which may itself be a link.
  init(following path: String) throws(CallFailure) {
    self.path = path
    descriptor = try SystemCall.made(path) {
      unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
  }

  private init(adopting descriptor: CInt, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// The path of a file in it.
  func place(_ name: String) -> String { "\(path)/\(name)" }

  /// A folder in this one.
  func folder(_ name: String) throws(CallFailure) -> Folder {
    let inner = try SystemCall.made(place(name)) {
      unsafe openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    return Folder(adopting: inner, path: place(name))
  }

  /// The same, made for its owner alone where there is none.
  func makingFolder(_ name: String) throws(CallFailure) -> Folder {
    do {
      try SystemCall.made(place(name)) { unsafe mkdirat(descriptor, name, 0o700) }
      try synchronize()
    } catch {
      guard error.errno == EEXIST else { throw error }
    }
    return try folder(name)
  }

  /// The folder itself.
  func status() throws(CallFailure) -> stat {
    var status = stat()
    try SystemCall.made(path) { unsafe fstat(descriptor, &status) }
    return status
  }

  /// The file system that it is on.
  func system() throws(CallFailure) -> statvfs {
    var system = statvfs()
    try SystemCall.made(path) { unsafe fstatvfs(descriptor, &system) }
    return system
  }

  /// What stands under a name, itself and not where it leads; nil for nothing.
  func status(of name: String) throws(CallFailure) -> stat? {
    var status = stat()
    do {
      try SystemCall.made(place(name)) {
        unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW)
      }
    } catch {
      if error.errno == ENOENT { return nil }
      throw error
    }
    return status
  }

  /// A regular file with its status and label; nil for nothing.
  func file(_ name: String, atMost limit: Int) throws(CallFailure) -> StoredFile? {
    let place = place(name)
    let file: CInt
    do {
      file = try SystemCall.made(place) {
        unsafe openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      }
    } catch {
      if error.errno == ENOENT { return nil }
      throw error
    }
    defer { close(file) }
    var status = stat()
    try SystemCall.made(place) { unsafe fstat(file, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw CallFailure(place: place, errno: EINVAL) }
    return StoredFile(
      bytes: try SystemCall.readAll(file, atMost: limit, place), status: status,
      label: StoredFile.label(of: file))
  }

  /// Opens a file for its lock, and makes it where there is none.
  func lockFile(_ name: String) throws(CallFailure) -> CInt {
    try SystemCall.made(place(name)) {
      unsafe openat(
        descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
    }
  }

  /// Writes a file beside its final name, brings it to the disk and reads it back.
  ///
  /// What stands under the unfinished name already is taken away, never followed or written into.
  func prepare(_ name: String, _ content: StoredFile.Wish) throws(CallFailure) {
    let unfinished = name + Places.unfinished
    let place = place(unfinished)
    try remove(unfinished)
    let file = try SystemCall.made(place) {
      unsafe openat(
        descriptor, unfinished, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
    defer { close(file) }
    if let label = content.label {
      // A file system without labels has none to keep.
      _ = unsafe tcptune_set_label(file, label, UInt32(label.utf8.count + 1))
    }
    try SystemCall.writeAll(content.bytes, to: file, place)
    if let owner = content.owner {
      try SystemCall.made(place) { fchown(file, owner.user, owner.group) }
    }
    // Whatever the caller's umask is.
    try SystemCall.made(place) { fchmod(file, content.mode) }
    try SystemCall.made(place) { fsync(file) }
    let again = try SystemCall.made(place) {
      unsafe openat(descriptor, unfinished, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    }
    defer { close(again) }
    guard try SystemCall.readAll(again, atMost: content.bytes.count, place) == content.bytes else {
      throw CallFailure(place: place, errno: EIO)
    }
  }

  /// Puts a file in the place of what stands under its name, or of nothing: whole or not at all, and
  /// on the disk when this returns.
  func replace(_ name: String, _ content: StoredFile.Wish) throws(CallFailure) {
    try prepare(name, content)
    try SystemCall.made(place(name)) {
      unsafe renameat(descriptor, name + Places.unfinished, descriptor, name)
    }
    try synchronize()
  }

  /// Gives a prepared file its name, which must be free.
  ///
  /// - Throws: EEXIST where it is not.
  func placePrepared(_ name: String) throws(CallFailure) {
    try SystemCall.made(place(name)) {
      unsafe tcptune_rename_to_free(descriptor, name + Places.unfinished, descriptor, name)
    }
    try synchronize()
  }

  /// Swaps a file with the unfinished one beside it.
  func exchangePrepared(_ name: String) throws(CallFailure) {
    try SystemCall.made(place(name)) {
      unsafe tcptune_exchange(descriptor, name + Places.unfinished, name)
    }
    try synchronize()
  }

  /// Takes a file aside, under its unfinished name, which must be free.
  func setAside(_ name: String) throws(CallFailure) {
    try SystemCall.made(place(name)) {
      unsafe tcptune_rename_to_free(descriptor, name, descriptor, name + Places.unfinished)
    }
    try synchronize()
  }

  /// Moves a file into another folder, where its name must be free.
  func move(_ name: String, to other: borrowing Folder, as newName: String) throws(CallFailure) {
    let target = other.descriptor
    try SystemCall.made(other.place(newName)) {
      unsafe tcptune_rename_to_free(descriptor, name, target, newName)
    }
    try other.synchronize()
    try synchronize()
  }

  /// Removes a file; one that is not there is removed already.
  func remove(_ name: String) throws(CallFailure) {
    do {
      try SystemCall.made(place(name)) { unsafe unlinkat(descriptor, name, 0) }
    } catch {
      guard error.errno == ENOENT else { throw error }
    }
  }

  /// Brings what was renamed and removed to the disk.
  func synchronize() throws(CallFailure) {
    try SystemCall.made(path) { fsync(descriptor) }
  }

  /// The names in it, sorted; at most so many.
  func names(atMost limit: Int = 100_000) throws(CallFailure) -> [String] {
    let copy = try SystemCall.made(path) {
      unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard let listing = unsafe fdopendir(copy) else {
      let number = errno
      close(copy)
      throw CallFailure(place: path, errno: number)
    }
    defer { unsafe closedir(listing) }
    var names: [String] = []
    while names.count < limit {
      errno = 0
      guard let entry = unsafe readdir(listing) else {
        let number = errno
        guard number == 0 else { throw CallFailure(place: path, errno: number) }
        break
      }
      let bytes = unsafe withUnsafeBytes(of: entry.pointee.d_name) { name in
        unsafe Array(name.prefix { $0 != 0 })
      }
      let name = String(decoding: bytes, as: UTF8.self)
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}

/// A regular file as it was read.
struct StoredFile {
  var bytes: [UInt8]
  var status: stat
  var label: String?

  /// A file as it is to be written.
  struct Wish {
    var bytes: [UInt8]
    var mode: mode_t
    /// Nil for whoever writes it.
    var owner: (user: uid_t, group: gid_t)?
    var label: String?
  }

  /// The SELinux label of an open file, nil where there is none.
  static func label(of file: CInt) -> String? {
    var room = [CChar](repeating: 0, count: 256)
    let length = unsafe tcptune_label(file, &room, UInt32(room.count - 1))
    guard length > 0 else { return nil }
    return String(
      decoding: room[..<Int(length)].lazy.map { UInt8(bitPattern: $0) }.prefix { $0 != 0 },
      as: UTF8.self)
  }
}
