import CLinux
import Glibc
import Rendering

/// The process's surroundings: what it was started with and where its output goes.
public struct World: Sendable {
  /// The words after the program's name.
  public var arguments: [String]
  /// Whether standard output is a terminal.
  public var isTerminal: Bool
  /// Whether standard error is a terminal, on which a line may be written over.
  public var showsProgress: Bool
  /// Whether a question can be asked: both standard input and standard error are terminals.
  public var canAsk: Bool
  /// The terminal's columns, nil where there is none.
  public var width: Int?
  /// Environment variables that matter to us: NO_COLOR, COLUMNS, TERM, and those of the locale.
  public var environment: [String: String]

  /// A world with these surroundings.
  public init(
    arguments: [String], isTerminal: Bool = false, width: Int? = nil,
    showsProgress: Bool = false, canAsk: Bool = false, environment: [String: String] = [:]
  ) {
    self.arguments = arguments
    self.isTerminal = isTerminal
    self.width = width
    self.showsProgress = showsProgress
    self.canAsk = canAsk
    self.environment = environment
  }

  /// Whether the locale's characters are UTF-8: its first variable that is set and not empty says so.
  var isUnicode: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }
      .first { !$0.isEmpty }
    let letters = (locale ?? "").uppercased().filter { $0 != "-" }
    return letters.hasSuffix("UTF8") || letters.contains("UTF8@")
  }

  /// The words after the program's name.
  private static func words() -> [String] {
    (1..<max(1, tcptune_argument_count())).map { index in
      unsafe tcptune_argument(index).map { unsafe String(cString: $0) } ?? ""
    }
  }

  /// The real surroundings of the process.
  public static func live() -> World {
    Streams.fillGaps()
    var environment: [String: String] = [:]
    for name in ["NO_COLOR", "COLUMNS", "TERM", "LC_ALL", "LC_CTYPE", "LANG"] {
      if let value = unsafe getenv(name) { environment[name] = unsafe String(cString: value) }
    }
    let isTerminal = isatty(STDOUT_FILENO) == 1
    var world = World(
      arguments: words(), isTerminal: isTerminal,
      showsProgress: isatty(STDERR_FILENO) == 1,
      canAsk: isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1, environment: environment)
    if isTerminal { world.width = Streams.terminalWidth() ?? 80 }
    if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 {
      world.width = isTerminal ? world.width : columns
    }
    return world
  }
}

/// Standard output and standard error as descriptors.
enum Streams {
  /// Why output could not be written.
  struct Failure: Error {
    var errno: CInt
  }

  /// Opens /dev/null for reading in the place of standard descriptors that are closed, so that no
  /// file or socket of ours takes their number and is written to by mistake.
  static func fillGaps() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) < 0 {
      _ = unsafe open("/dev/null", O_RDONLY)
    }
  }

  static func terminalWidth() -> Int? {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return nil
    }
    return Int(size.ws_col)
  }

  /// Writes all bytes.
  static func write(_ bytes: [UInt8], to descriptor: CInt) throws(Failure) {
    var rest = bytes[...]
    var interruptions: CInt = 0
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        let number = errno
        interruptions += 1
        if number == EINTR, interruptions < TCPTUNE_MOST_INTERRUPTIONS { continue }
        throw Failure(errno: number)
      }
      rest = rest.dropFirst(count)
    }
  }

  /// One line for a person; nothing can be done when it cannot be written.
  ///
  /// What users typed and what stands in files goes into such lines: it must not reach the terminal
  /// as commands.
  static func complain(_ line: String) {
    try? write(Array("\(line.printable)\n".utf8), to: STDERR_FILENO)
  }
}
