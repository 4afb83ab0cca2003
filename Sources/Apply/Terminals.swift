import CLinux
import Glibc

/// The terminals of this host, and the system's log.
enum Terminals {
  /// The terminal of the calling process: its controlling one, where a standard descriptor shows it.
  static func own() -> String? {
    for descriptor in [STDIN_FILENO, STDERR_FILENO, STDOUT_FILENO] where isatty(descriptor) == 1 {
      var room = [CChar](repeating: 0, count: 256)
      if unsafe ttyname_r(descriptor, &room, room.count) == 0 {
        return String(
          decoding: room.lazy.map { UInt8(bitPattern: $0) }.prefix { $0 != 0 }, as: UTF8.self)
      }
    }
    return nil
  }

  /// Tells everybody who is logged in, the terminal that began it, and the system's log.
  ///
  /// Nothing can be done where somebody cannot be told.
  static func announce(_ line: String, also terminal: String?) {
    unsafe tcptune_log(line)
    let message = Array("\r\n\u{7}tcptune: \(line)\r\n".utf8)
    for path in Set(loggedIn() + (terminal.map { [$0] } ?? [])).sorted() {
      tell(message, path)
    }
  }

  private static func tell(_ message: [UInt8], _ path: String) {
    guard path.hasPrefix("/dev/"), !path.utf8.contains(0),
      !path.split(separator: "/").contains("..")
    else { return }
    let file = unsafe open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    guard isatty(file) == 1 else { return }
    _ = unsafe message.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
  }

  /// The terminals of users, as utmp and logind know them.
  private static func loggedIn() -> [String] {
    var terminals: [String] = []
    setutxent()
    while let entry = unsafe getutxent() {
      guard unsafe entry.pointee.ut_type == Int16(USER_PROCESS) else { continue }
      let line = unsafe withUnsafeBytes(of: entry.pointee.ut_line) { line in
        unsafe String(decoding: line.prefix { $0 != 0 }, as: UTF8.self)
      }
      terminals.append("/dev/\(line)")
    }
    endutxent()
    let sessions = "/run/systemd/sessions"
    guard let folder = try? Folder(following: sessions), let names = try? folder.names(atMost: 1000)
    else { return terminals }
    for name in names {
      guard let file = try? folder.file(name, atMost: 1 << 16) else { continue }
      for line in file.bytes.split(separator: 0x0a) where line.starts(with: "TTY=".utf8) {
        terminals.append("/dev/\(String(decoding: line.dropFirst(4), as: UTF8.self))")
      }
    }
    return terminals
  }
}
