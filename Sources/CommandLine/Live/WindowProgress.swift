import Facts
import Glibc

/// A line on a terminal that says how far a window has come.
struct WindowProgress: Sendable {
  let isShown: Bool

  /// So many seconds of so many have passed.
  func show(_ passed: Int64, of all: Int64) {
    guard isShown else { return }
    let line = "\rwatching: \(passed) of \(all) s"
    try? Streams.write(Array(line.utf8), to: STDERR_FILENO)
  }

  /// Leaves the line empty for what comes.
  func clear() {
    guard isShown else { return }
    // Carriage return, erase to the end of the line.
    try? Streams.write(Array("\r\u{1b}[K".utf8), to: STDERR_FILENO)
  }
}
