/// What a terminal is told so that it shows whole screens (ECMA-48, and xterm's private modes).
public enum ScreenCodes {
  /// Its other screen, without a cursor and without breaking long lines.
  public static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
  /// The screen and the cursor as they were.
  public static let leave = "\u{1B}[?2026l\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

  /// Back to the beginning of a line that was left open, and what stood on it is gone.
  public static let rewritten = "\r\u{1B}[K"

  /// What turns one screen into another: only lines that differ are drawn, all between two marks
  /// that keep terminals from showing half of it.
  ///
  /// - Parameters:
  ///   - before: what the terminal shows, empty where that is not known.
  ///   - lines: what it is to show.
  /// - Returns: the bytes; none where nothing differs.
  public static func frame(from before: [String], to lines: [String]) -> [UInt8] {
    let isWhole = before.count != lines.count
    var bytes: [UInt8] = []
    for (row, line) in lines.enumerated() where isWhole || line != before[row] {
      // Cleared before it is drawn: behind a line as wide as the screen the cursor stands on its
      // last character.
      bytes += "\u{1B}[\(row + 1);1H\u{1B}[K".utf8
      bytes += line.utf8
    }
    guard !bytes.isEmpty else { return [] }
    let clear = isWhole ? "\u{1B}[2J" : ""
    return Array("\u{1B}[?2026h\(clear)".utf8) + bytes + Array("\u{1B}[?2026l".utf8)
  }
}
