public import Facts

/// A key to be set in a sysctl file, with what stands above it.
public struct ConfEntry: Equatable, Sendable {
  /// The key.
  public var key: SysctlKey
  /// Its value, numbers parted by one blank.
  public var value: String
  /// Why, in sentences; each becomes comment lines.
  public var comments: [String]

  /// An entry.
  public init(key: SysctlKey, value: String, comments: [String]) {
    self.key = key
    self.value = value
    self.comments = comments
  }
}

extension ConfFile {
  /// Comment lines are wrapped so that a file reads well in a terminal.
  private static let commentWidth = 78

  /// The file with these keys set, every other byte kept.
  ///
  /// It writes what every loader reads alike: ASCII, one key a line, `dotted.key = value`,
  /// comments on lines of their own. A key that the file assigns last with the same numbers is left
  /// alone; otherwise that line is replaced, with the comment of an earlier call above it; a new key
  /// goes to the end.
  public func setting(_ entries: [ConfEntry]) -> ConfFile {
    var file = self
    for entry in entries { file.set(entry) }
    return file
  }

  private mutating func set(_ entry: ConfEntry) {
    var block = Self.comments(of: entry).map(Self.line)
    block.append(Self.line("\(entry.key) = \(entry.value)"))
    guard let index = lastAssignment(of: entry.key) else {
      if let last = lines.last, last.content != .blank { lines.append(Self.line("")) }
      lines += block
      endsInNewline = true
      return
    }
    if case .assignment(_, let value) = lines[index].content,
      Self.words(value) == Self.words(entry.value)
    {
      return
    }
    lines.replaceSubrange(ownComment(above: index, for: entry.key)...index, with: block)
  }

  /// Where the comment that we wrote above a line begins; the line itself if there is none.
  private func ownComment(above index: Int, for key: SysctlKey) -> Int {
    var first = index
    while first > 0, case .comment(let text) = lines[first - 1].content {
      first -= 1
      if text.hasPrefix("\(key):") { return first }
    }
    return index
  }

  private static func words(_ value: String) -> [Substring] {
    value.split { $0 == " " || $0 == "\t" }
  }

  private static func line(_ text: String) -> Line {
    let bytes = Array(text.utf8)
    return Line(bytes: bytes, content: Content(of: bytes[...]))
  }

  /// The first comment begins with the key, so that it can be found again.
  private static func comments(of entry: ConfEntry) -> [String] {
    var lines: [String] = []
    for (index, comment) in entry.comments.enumerated() {
      var line = index == 0 ? "# \(entry.key):" : "#"
      for word in comment.split(separator: " ") {
        if line.utf8.count + word.utf8.count >= commentWidth, line.utf8.count > 2 {
          lines.append(line)
          line = "#"
        }
        line += " \(ascii(word))"
      }
      lines.append(line)
    }
    return lines
  }

  /// Loaders differ on bytes beyond ASCII and on control characters: they become `?`.
  private static func ascii(_ word: Substring) -> String {
    String(
      String.UnicodeScalarView(
        word.unicodeScalars.map { (0x21...0x7e).contains($0.value) ? $0 : "?" }))
  }
}
