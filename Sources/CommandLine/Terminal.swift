import CLinux
import Glibc
import Rendering

/// The terminal while a screen of ours is on it.
///
/// Signals become events that are waited for beside keys, so nothing is done in a handler, and the
/// terminal is put back on every way out.
struct Terminal: ~Copyable {
  /// What came while it was waited.
  enum Event: Equatable {
    case key(UInt8)
    case signal(CInt)
    /// The time is over.
    case deadline
    /// Nobody is at the terminal any more.
    case hangUp
  }

  /// Signals after which the terminal has to be put back, and those that change it.
  private static let signals = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH,
  ]

  private let signals: CInt
  /// The input's modes before us; nil where it is no terminal, so that there are no keys.
  private let modes: termios?
  private var keys: [UInt8] = []
  private var isEntered = false

  /// Whether somebody can press keys.
  var hasKeys: Bool { modes != nil }

  init() throws(Streams.Failure) {
    signals = unsafe tcptune_hold_signals(Self.signals, CInt(Self.signals.count))
    guard signals >= 0 else { throw Streams.Failure(errno: errno) }
    var modes = termios()
    self.modes = unsafe tcgetattr(STDIN_FILENO, &modes) == 0 ? modes : nil
  }

  deinit {
    if isEntered { Self.restore(modes) }
    if signals >= 0 { close(signals) }
  }

  /// The screen's columns and rows.
  static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0,
      size.ws_row > 0
    else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Takes the screen: keys come singly and are not shown; Ctrl-C and Ctrl-Z stay signals.
  mutating func enter() throws(Streams.Failure) {
    if var raw = modes {
      raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
      raw.c_cc.6 = 1  // VMIN
      raw.c_cc.5 = 0  // VTIME
      // In the background this stops us until we are in front again.
      unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
    }
    isEntered = true
    try Streams.write(Array(ScreenCodes.enter.utf8), to: STDOUT_FILENO)
  }

  /// Gives the screen back as it was.
  mutating func leave() {
    guard isEntered else { return }
    isEntered = false
    Self.restore(modes)
  }

  private static func restore(_ modes: termios?) {
    try? Streams.write(Array(ScreenCodes.leave.utf8), to: STDOUT_FILENO)
    guard var modes else { return }
    // From the background the kernel would stop us instead, were the signal not held.
    var background = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&background)
    unsafe sigaddset(&background, SIGTTOU)
    unsafe sigprocmask(SIG_BLOCK, &background, &before)
    unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
    unsafe sigprocmask(SIG_SETMASK, &before, nil)
  }

  // MARK: Events

  /// Waits for a key or a signal until so many milliseconds have passed.
  mutating func wait(_ milliseconds: Int64) -> Event {
    if !keys.isEmpty { return .key(keys.removeFirst()) }
    let number = tcptune_next_signal(signals)
    if number != 0 { return .signal(number) }
    var waited = [
      pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
      pollfd(fd: hasKeys ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
    ]
    let count = unsafe poll(&waited, 2, CInt(clamping: max(0, milliseconds)))
    guard count > 0 else { return .deadline }
    if waited[0].revents != 0 {
      let number = tcptune_next_signal(signals)
      if number != 0 { return .signal(number) }
    }
    guard waited[1].revents != 0 else { return .deadline }
    var bytes = [UInt8](repeating: 0, count: 64)
    let read = unsafe read(STDIN_FILENO, &bytes, bytes.count)
    guard read > 0 else { return read < 0 && errno == EINTR ? .deadline : .hangUp }
    keys += bytes[..<read]
    return .key(keys.removeFirst())
  }

  /// Ends or stops the process by a signal as if it had not been held; returns when the process goes
  /// on after a stop, or where the signal does nothing.
  static func die(by signal: CInt) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, signal)
    Glibc.signal(signal, SIG_DFL)
    raise(signal)
    unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
    // Stopped here until SIGCONT.
    unsafe sigprocmask(SIG_BLOCK, &set, nil)
  }
}
