/// One line as a loader cuts it out of a file.
struct ConfLine {
  /// The number of the line as an editor counts, by newlines.
  var number: Int
  /// The bytes that the loader looks at, without what ends the line.
  var bytes: ArraySlice<UInt8>
  /// Whether a newline follows them, and not a zero byte or the file's end.
  var hasNewline = true
}

/// Why a file's lines end before the file does.
enum LineEnd {
  case endOfFile
  /// The line with this number is longer than the loader reads.
  case tooLong(Int)
}

/// How the loaders cut files into lines.
enum ConfLines {
  /// A run looks at so many lines that say something; the loaders have no such limit.
  static let mostKept = 10_000
  /// Patterns make one action for each key that they name; a run makes no more of them.
  static let mostActions = 100_000

  /// Lines end at newlines; a zero byte hides the rest of its line (getline(3) and a C string).
  static func byNewline(_ bytes: [UInt8], _ body: (ConfLine) -> Bool) {
    var start = 0
    var number = 1
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
      let line = bytes[start..<end]
      let text = line.prefix { $0 != 0 }
      let hasNewline = text.endIndex == end && end < bytes.count
      guard body(ConfLine(number: number, bytes: text, hasNewline: hasNewline)) else { return }
      start = end + 1
      number += 1
    }
  }

  /// The longest line of systemd (LONG_LINE_MAX), in bytes.
  static let longest = 1 << 20

  /// Lines end at newline, carriage return or zero byte, or at one of each together; a zero byte
  /// ends such a group (systemd `read_line_full`).
  static func bySystemd(_ bytes: [UInt8], _ body: (ConfLine) -> Bool) -> LineEnd {
    var start = 0
    var number = 1
    while start < bytes.count {
      var end = start
      while end < bytes.count, !isEnd(bytes[end]) {
        end += 1
        if end - start >= longest { return .tooLong(number) }
      }
      guard body(ConfLine(number: number, bytes: bytes[start..<end])) else { return .endOfFile }
      var seen: [UInt8] = []
      while end < bytes.count, isEnd(bytes[end]), !seen.contains(bytes[end]), !seen.contains(0) {
        seen.append(bytes[end])
        end += 1
      }
      if seen.contains(0x0a) { number += 1 }
      start = end
    }
    return .endOfFile
  }

  private static func isEnd(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d || byte == 0 }

  /// Lines end at newlines, and one that ends in a backslash goes on in the next (busybox).
  static func byBusybox(_ bytes: [UInt8], _ body: (ConfLine) -> Bool) {
    var start = 0
    var number = 1
    while start < bytes.count {
      let first = number
      var end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
      number += 1
      guard bytes[start..<end].last == UInt8(ascii: "\\") else {
        guard body(ConfLine(number: first, bytes: bytes[start..<end].prefix { $0 != 0 })) else {
          return
        }
        start = end + 1
        continue
      }
      var joined = Array(bytes[start..<end])
      while joined.last == UInt8(ascii: "\\") {
        joined.removeLast()
        start = end + 1
        guard start < bytes.count else { break }
        end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
        joined += bytes[start..<end]
        number += 1
      }
      guard body(ConfLine(number: first, bytes: joined.prefix { $0 != 0 })) else { return }
      start = end + 1
    }
  }
}

/// Bytes that a loader takes for blanks.
struct Blanks {
  private let isBlank: @Sendable (UInt8) -> Bool

  /// Space, tab, newline, carriage return (systemd's WHITESPACE).
  static let four = Blanks { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
  /// These, form feed and vertical tab (isspace(3)).
  static let six = Blanks { $0 == 0x20 || (0x09...0x0d).contains($0) }
  /// Space and tab.
  static let two = Blanks { $0 == 0x20 || $0 == 0x09 }

  private init(_ isBlank: @escaping @Sendable (UInt8) -> Bool) { self.isBlank = isBlank }

  /// The bytes without blanks at the beginning.
  func dropFront(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> { bytes.drop(while: isBlank) }

  /// The bytes without blanks at the end.
  func dropBack(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    bytes.lastIndex { !isBlank($0) }.map { bytes[...$0] } ?? bytes.prefix(0)
  }

  /// The bytes without blanks around them.
  func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> { dropBack(dropFront(bytes)) }
}
