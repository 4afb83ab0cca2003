public import Facts

/// A key to be set in a sysctl file, with what stands above it.
///
/// It can only be made of what every loader reads alike (procps, systemd, busybox): a key without
/// patterns, plain words as a value, a line below 1000 bytes.
public struct ConfEntry: Equatable, Sendable {
  /// Why a key or value cannot be written so that every loader reads it alike.
  public struct Unwritable: Error, Equatable, Sendable {
    /// What was expected and what was found.
    public var message: String
  }

  /// The key.
  public let key: SysctlKey
  /// Its value, words parted by one blank.
  public let value: String
  /// Why, in sentences; each becomes comment lines.
  public let comments: [String]

  /// Busybox reads lines of any length, systemd up to a mebibyte; people read much less.
  private static let longestLine = 1000
  /// Bytes that some loader takes for more than themselves: comments, quotes, continuations.
  private static let telling = Array("\\\"'`#;=".utf8)
  /// Bytes that make a key a pattern.
  private static let patterns = Array("*?[]".utf8)

  /// An entry.
  ///
  /// - Throws: ``Unwritable`` where loaders would differ.
  public init(key: SysctlKey, value: String, comments: [String]) throws(Unwritable) {
    let words = value.split { $0 == " " || $0 == "\t" }
    guard !words.isEmpty, words.allSatisfy({ $0.utf8.allSatisfy(Self.isPlain) }) else {
      throw Unwritable(
        message: "expected a value of plain words for '\(key)', found '\(value)'")
    }
    let isPlainKey = key.name.utf8.allSatisfy { Self.isPlain($0) && !Self.patterns.contains($0) }
    guard isPlainKey, !key.name.hasPrefix("-") else {
      throw Unwritable(
        message: "expected a key that every loader takes as it is, found '\(key)'")
    }
    self.key = key
    self.value = words.joined(separator: " ")
    self.comments = comments
    guard line.utf8.count < Self.longestLine else {
      throw Unwritable(
        message: "expected a line below \(Self.longestLine) bytes for '\(key)',"
          + " found \(line.utf8.count)")
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x21...0x7e).contains(byte) && !telling.contains(byte)
  }

  /// The line that sets the key.
  var line: String { "\(key) = \(value)" }
}

extension ConfFile {
  /// Comment lines are wrapped so that a file reads well in a terminal.
  private static let commentWidth = 78

  /// The file with these keys set, every other byte kept.
  ///
  /// It writes what every loader reads alike: ASCII, one key a line, `dotted.key = value`,
  /// comments on lines of their own, nothing that busybox would go on with in the next line. A key
  /// that the file assigns last with the same words is left alone; otherwise that line is replaced,
  /// with the comment of an earlier call above it; a new key goes to the end.
  public func setting(_ entries: [ConfEntry]) -> ConfFile {
    var file = self
    for entry in entries { file.set(entry) }
    return file
  }

  private mutating func set(_ entry: ConfEntry) {
    var block = Self.comments(of: entry).map(Self.line)
    block.append(Self.line(entry.line))
    guard let index = standingAssignment(of: entry.key) else {
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
    if index == lines.count - 1 { endsInNewline = true }
    let first = ownComment(above: index, for: entry.key)
    // Busybox would read the block as the rest of the line above.
    if first > 0, lines[first - 1].bytes.last == UInt8(ascii: "\\") {
      block.insert(Self.line(""), at: 0)
    }
    lines.replaceSubrange(first...index, with: block)
  }

  /// The index of the last line that assigns to `key`, nil where there is none or a later `-key`
  /// takes it back, as systemd reads it.
  private func standingAssignment(of key: SysctlKey) -> Int? {
    guard let index = lastAssignment(of: key) else { return nil }
    let isTakenBack = lines[(index + 1)...].contains { line in
      guard case .other(let text) = line.content, text.hasPrefix("-") else { return false }
      return SysctlKey(text.dropFirst()) == key
    }
    return isTakenBack ? nil : index
  }

  /// The value of the line that counts for a key, nil where no line sets it.
  public func standingValue(of key: SysctlKey) -> String? {
    guard let index = standingAssignment(of: key),
      case .assignment(_, let value) = lines[index].content
    else { return nil }
    return value
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

  /// The file without some of its lines, and without the comments that we wrote above them.
  ///
  /// - Parameters:
  ///   - removals: lines, counted from 1, each with the key that it ought to set.
  ///   - kept: keys that are going to be set in this file: their last line is replaced anyway.
  /// - Returns: the file, and the removals whose line sets another key or none.
  public func removing(
    _ removals: [(line: Int, key: SysctlKey)], keeping kept: Set<SysctlKey> = []
  ) -> (file: ConfFile, stale: [(line: Int, key: SysctlKey)]) {
    var file = self
    var stale: [(line: Int, key: SysctlKey)] = []
    // From the end, so that the numbers of earlier lines stay true.
    for removal in removals.sorted(by: { $0.line > $1.line }) {
      let index = removal.line - 1
      guard lines.indices.contains(index), lines[index].key == removal.key else {
        stale.append(removal)
        continue
      }
      if kept.contains(removal.key), lastAssignment(of: removal.key) == index { continue }
      let first = file.ownComment(above: index, for: removal.key)
      file.lines.removeSubrange(first...index)
    }
    if file.lines.isEmpty { file.endsInNewline = true }
    return (file, stale.reversed())
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
      for word in comment.split(separator: " ").flatMap(Self.pieces) {
        if line.utf8.count + word.utf8.count >= commentWidth, line.utf8.count > 2 {
          lines.append(line)
          line = "#"
        }
        line += " \(word)"
      }
      lines.append(line)
    }
    return lines
  }

  /// A word as it may stand in a comment, in parts where it is longer than a line.
  ///
  /// Loaders differ on bytes beyond ASCII and on control characters, and to busybox a backslash at
  /// the end of a comment makes a comment of the next line: they become `?`.
  private static func pieces(_ word: Substring) -> [Substring] {
    var rest = String(
      String.UnicodeScalarView(
        word.unicodeScalars.map { (0x21...0x7e).contains($0.value) && $0 != "\\" ? $0 : "?" })
    )[...]
    var pieces: [Substring] = []
    while !rest.isEmpty {
      pieces.append(rest.prefix(commentWidth - 4))
      rest = rest.dropFirst(commentWidth - 4)
    }
    return pieces
  }
}
