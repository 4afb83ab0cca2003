import CLinux
import Facts
import Glibc

/// The kernel's keys, opened one by one beneath a descriptor of /proc/sys.
struct KeyFolder: ~Copyable {
  private static let path = "/proc/sys"
  /// A list of ports fits; every other value is far shorter.
  private static let longest = 1 << 16

  private let descriptor: CInt

  /// Opens /proc/sys.
  ///
  /// - Throws: EINVAL where something else than procfs stands there.
  init() throws(CallFailure) {
    let folder = try SystemCall.made(Self.path) {
      unsafe Glibc.open(Self.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard tcptune_is_procfs(folder) == 1 else {
      close(folder)
      throw CallFailure(place: Self.path, errno: EINVAL)
    }
    descriptor = folder
  }

  deinit { close(descriptor) }

  /// Whether the whole folder is mounted so that nobody can write.
  func isReadOnly() throws(CallFailure) -> Bool {
    var system = statvfs()
    try SystemCall.made(Self.path) { unsafe fstatvfs(descriptor, &system) }
    return system.f_flag & UInt(ST_RDONLY) != 0
  }

  /// Whether there is such a key.
  func has(_ key: SysctlKey) throws(CallFailure) -> Bool {
    do throws(CallFailure) {
      close(try open(key, TCPTUNE_O_PATH))
      return true
    } catch {
      if error.isAbsent { return false }
      throw error
    }
  }

  /// Whether a key can be opened for writing; it is not written.
  func checkWritable(_ key: SysctlKey) throws(CallFailure) {
    close(try open(key, O_WRONLY))
  }

  /// A key's text without the newline at its end, read at once: a second read would tell nothing.
  func text(of key: SysctlKey) throws(CallFailure) -> String {
    let file = try open(key, O_RDONLY)
    defer { close(file) }
    var failure: CallFailure?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.longest) { buffer, count in
      do throws(CallFailure) {
        count = try SystemCall.made(place(key)) {
          unsafe read(file, buffer.baseAddress, Self.longest)
        }
      } catch {
        failure = error
        count = 0
      }
    }
    if let failure { throw failure }
    guard bytes.count < Self.longest else { throw CallFailure(place: place(key), errno: EFBIG) }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// Writes a key's text with one write(2), which must take it whole.
  ///
  /// The kernel takes a second write on the same descriptor for success and does nothing.
  func write(_ text: String, to key: SysctlKey) throws(CallFailure) {
    let file = try open(key, O_WRONLY)
    defer { close(file) }
    let bytes = Array("\(text)\n".utf8)
    let count = try SystemCall.made(place(key)) {
      unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
    }
    guard count == bytes.count else { throw CallFailure(place: place(key), errno: EINVAL) }
  }

  private func place(_ key: SysctlKey) -> String { "\(Self.path)/\(key.path)" }

  private func open(_ key: SysctlKey, _ flags: CInt) throws(CallFailure) -> CInt {
    let place = place(key)
    let file: CInt
    do {
      file = try SystemCall.made(place) {
        unsafe tcptune_open_beneath(descriptor, key.path, flags | O_CLOEXEC)
      }
    } catch {
      // Before 5.6 there is no such call, and some sandboxes forbid what they do not know.
      guard error.errno == ENOSYS || error.errno == EPERM else { throw error }
      file = try openStepwise(key, flags)
    }
    guard tcptune_is_procfs(file) == 1 else {
      close(file)
      throw CallFailure(place: place, errno: EXDEV)
    }
    return file
  }

  /// Opens component by component, none of which may be a link.
  private func openStepwise(_ key: SysctlKey, _ flags: CInt) throws(CallFailure) -> CInt {
    let place = place(key)
    let parts = key.path.split(separator: "/").map(String.init)
    var here = try SystemCall.made(place) {
      unsafe openat(descriptor, ".", TCPTUNE_O_PATH | O_CLOEXEC)
    }
    defer { close(here) }
    for part in parts.dropLast() {
      let next = try SystemCall.made(place) {
        unsafe openat(here, part, TCPTUNE_O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      }
      close(here)
      here = next
    }
    return try SystemCall.made(place) {
      unsafe openat(here, parts.last ?? "", flags | O_NOFOLLOW | O_CLOEXEC)
    }
  }
}
