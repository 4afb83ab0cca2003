/// Shell patterns as glob(3) and fnmatch(3) read them in the C locale.
enum Globbing {
  /// Whether the loaders take a text for a pattern: it has one of `*`, `?`, `[`.
  static func isPattern(_ text: some StringProtocol) -> Bool {
    text.utf8.contains {
      $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[")
    }
  }

  /// The paths that a pattern names, in the order of their bytes, piece by piece.
  ///
  /// - Parameters:
  ///   - pattern: relative; a `*` never stands for a slash.
  ///   - names: the entries of a folder, in order; `""` is the topmost.
  ///   - exists: whether a path is there.
  /// - Returns: the paths, as the pattern spells what is not wild in them.
  static func paths(
    matching pattern: String, names: (String) -> [Name], exists: (String) -> Bool
  ) -> [String] {
    let bytes = Array(pattern.utf8)
    let wild = bytes.firstIndex { isPattern(String(decoding: [$0], as: UTF8.self)) } ?? bytes.count
    // What stands before the first wild piece stays as it is spelled.
    let slash = bytes[..<wild].lastIndex(of: UInt8(ascii: "/"))
    let pieces = bytes[(slash.map { $0 + 1 } ?? 0)...].split(separator: UInt8(ascii: "/"))
    var found = [String(decoding: bytes[..<(slash ?? 0)], as: UTF8.self)]
    for (index, piece) in pieces.enumerated() {
      // A slash at the end asks for a folder, but only of a piece that is wild.
      let wantsFolder = index == pieces.count - 1 && bytes.last == UInt8(ascii: "/")
      let shape = Shape(Array(piece))
      let isLiteral = !shape.isPattern
      found = found.flatMap { folder -> [String] in
        let candidates =
          isLiteral
          ? [String(decoding: piece.filter { $0 != UInt8(ascii: "\\") }, as: UTF8.self)]
          : names(folder).filter { shape.matches($0.bytes, hidesDots: true) }.map(\.text)
        let paths = candidates.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
        return wantsFolder && !isLiteral ? paths.filter { exists("\($0)/") } : paths
      }
    }
    return found.filter { exists($0) }
  }

  /// An entry of a folder, whose bytes are held against many patterns.
  struct Name {
    let text: String
    let bytes: [UInt8]

    init(_ text: String) {
      self.text = text
      bytes = Array(text.utf8)
    }
  }

  /// A pattern with the bytes that a text must begin and end with.
  struct Shape: Hashable {
    private let pattern: [UInt8]
    /// What stands before the first byte that is not meant as it stands.
    private let head: Int
    /// How many bytes stand behind the last one.
    private let tail: Int

    init(_ pattern: [UInt8]) {
      self.pattern = pattern
      head = pattern.firstIndex(where: Self.isSpecial) ?? pattern.count
      tail = pattern.count - (pattern.lastIndex(where: Self.isSpecial).map { $0 + 1 } ?? 0)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "]"),
        UInt8(ascii: "\\"):
        true
      default: false
      }
    }

    /// Whether the loaders take it for a pattern.
    var isPattern: Bool {
      pattern.contains {
        $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[")
      }
    }

    /// Whether a whole text fits; a `*` also stands for slashes.
    func matches(_ text: [UInt8], hidesDots: Bool = false) -> Bool {
      guard text.count >= max(head, tail) else { return false }
      var index = 0
      while index < head {
        guard text[index] == pattern[index] else { return false }
        index += 1
      }
      index = 1
      while index <= tail {
        guard text[text.count - index] == pattern[pattern.count - index] else { return false }
        index += 1
      }
      return Globbing.matches(text, pattern, hidesDots: hidesDots)
    }
  }

  /// Two places to go back to at most: no pattern makes it slower than text times pattern.
  private static func matches(_ text: [UInt8], _ pattern: [UInt8], hidesDots: Bool) -> Bool {
    if hidesDots, text.first == UInt8(ascii: "."), pattern.first != UInt8(ascii: ".") {
      return false
    }
    var here = 0
    var at = 0
    var star: (here: Int, at: Int)?
    while here < text.count {
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        star = (here, at)
        at += 1
      } else if let next = step(text[here], pattern, at) {
        here += 1
        at = next
      } else if let back = star {
        star = (back.here + 1, back.at)
        here = back.here + 1
        at = back.at + 1
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// Where the pattern goes on after one byte that fits, nil where it does not fit.
  private static func step(_ byte: UInt8, _ pattern: [UInt8], _ at: Int) -> Int? {
    guard at < pattern.count else { return nil }
    switch pattern[at] {
    case UInt8(ascii: "?"): return at + 1
    case UInt8(ascii: "\\") where at + 1 < pattern.count:
      return pattern[at + 1] == byte ? at + 2 : nil
    case UInt8(ascii: "["):
      guard let set = set(in: pattern, at) else { return pattern[at] == byte ? at + 1 : nil }
      return set.holds(byte) ? set.end : nil
    default: return pattern[at] == byte ? at + 1 : nil
    }
  }

  private struct Bracket {
    var ranges: [ClosedRange<UInt8>] = []
    var isNegated = false
    var end = 0

    func holds(_ byte: UInt8) -> Bool { ranges.contains { $0.contains(byte) } != isNegated }
  }

  /// `[a-z_]`, `[!0-9]`; nil where the bracket does not close and so stands for itself.
  private static func set(in pattern: [UInt8], _ start: Int) -> Bracket? {
    var bracket = Bracket()
    var at = start + 1
    if at < pattern.count, pattern[at] == UInt8(ascii: "!") || pattern[at] == UInt8(ascii: "^") {
      bracket.isNegated = true
      at += 1
    }
    let first = at
    while at < pattern.count {
      if pattern[at] == UInt8(ascii: "]"), at > first {
        bracket.end = at + 1
        return bracket
      }
      if pattern[at] == UInt8(ascii: "\\"), at + 1 < pattern.count { at += 1 }
      let low = pattern[at]
      if at + 2 < pattern.count, pattern[at + 1] == UInt8(ascii: "-"),
        pattern[at + 2] != UInt8(ascii: "]")
      {
        if low <= pattern[at + 2] { bracket.ranges.append(low...pattern[at + 2]) }
        at += 3
      } else {
        bracket.ranges.append(low...low)
        at += 1
      }
    }
    return nil
  }
}
