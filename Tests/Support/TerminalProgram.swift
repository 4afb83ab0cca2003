import Foundation

/// The built program on a terminal of its own, of which it is the session's leader.
public final class TerminalProgram {
  private let master: Int32
  private let name: String
  private let process: pid_t
  private var status: Int32?
  /// The terminal's modes before the program was started.
  public let modesBefore: [tcflag_t]
  /// Everything that it wrote to the terminal.
  public private(set) var written = ""

  /// Starts the program, or another, on a terminal of that size.
  public init(
    _ arguments: [String], columns: UInt16, rows: UInt16,
    environment: [String] = ["TERM=xterm", "LC_ALL=C.UTF-8"], program: String = BuiltProgram.path
  ) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var number: Int32 = 0
    var isLocked: Int32 = 0
    // TIOCSPTLCK and TIOCGPTN, which the C library hides from Swift.
    guard master >= 0, ioctl(master, 0x4004_5431, &isLocked) == 0,
      ioctl(master, 0x8004_5430, &number) == 0
    else { throw FixtureFailure("/dev/ptmx: \(String(cString: strerror(errno)))") }
    name = "/dev/pts/\(number)"
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    Self.set(columns, rows, of: master)
    modesBefore = Self.modes(of: master)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The first terminal that a session's leader opens is its own.
    for descriptor in 0...2 as ClosedRange<Int32> {
      posix_spawn_file_actions_addopen(&actions, descriptor, name, O_RDWR, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The threads of the tests block signals, and a shell may ignore some.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let newSession: Int32 = 0x80
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | newSession))
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { (words + variables).forEach { free($0) } }
    var process: pid_t = 0
    let failed = posix_spawn(
      &process, program, &actions, &attributes, words, variables)
    guard failed == 0 else { throw FixtureFailure("spawn: \(String(cString: strerror(failed)))") }
    self.process = process
  }

  deinit {
    close(master)
    guard status == nil else { return }
    Glibc.kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  private static func set(_ columns: UInt16, _ rows: UInt16, of terminal: Int32) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
  }

  /// Gives the terminal another size; the kernel sends SIGWINCH.
  public func resize(columns: UInt16, rows: UInt16) { Self.set(columns, rows, of: master) }

  /// Presses keys.
  public func type(_ keys: String) { _ = write(master, keys, keys.utf8.count) }

  /// Sends a signal.
  public func send(_ signal: Int32) { Glibc.kill(process, signal) }

  /// Closes the window: nobody holds the terminal's other side any more.
  ///
  /// The descriptor stays, on another file, so that it is not closed twice.
  public func closeWindow() {
    let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
    dup2(nothing, master)
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    close(nothing)
  }

  /// The terminal's modes: input, output, control and local flags.
  public var modes: [tcflag_t] { Self.modes(of: master) }

  private static func modes(of terminal: Int32) -> [tcflag_t] {
    var modes = termios()
    guard tcgetattr(terminal, &modes) == 0 else { return [] }
    return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
  }

  private func drain() {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(master, &bytes, bytes.count)
      guard count > 0 else { return }
      written += String(decoding: bytes[..<count], as: UTF8.self)
    }
  }

  /// Waits until what it wrote since the last call satisfies a condition, ten seconds at most.
  public func wait(until condition: (Substring) -> Bool) -> Bool {
    let begin = written.count
    for _ in 0..<1000 {
      drain()
      if condition(written.dropFirst(begin)) { return true }
      usleep(10_000)
    }
    return false
  }

  /// Waits for the end, ten seconds at most.
  ///
  /// - Returns: the exit status, or 128 and the number of the signal that ended it.
  public func end() throws -> Int32 {
    for _ in 0..<1000 {
      drain()
      var word: Int32 = 0
      if waitpid(process, &word, WNOHANG) == process {
        drain()
        let status = word & 0x7f == 0 ? (word >> 8) & 0xff : 128 + (word & 0x7f)
        self.status = status
        return status
      }
      usleep(10_000)
    }
    throw FixtureFailure("the program on a terminal did not end")
  }
}
