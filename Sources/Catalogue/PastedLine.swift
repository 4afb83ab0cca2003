import Facts

/// A line that was pasted whole, from a log, a terminal or a program's output: names of pages are
/// looked for in it.
///
/// Names are compared as `Spelling` folds them. One counts only where it begins and ends with a
/// word of the line: `tcp_mem` stands in `net.ipv4.tcp_mem=1`, but not in `net.ipv4.tcp_memory`.
struct PastedLine {
  /// A name that stands in the line.
  struct Hit {
    /// How many bytes of the folded name were found.
    var length: Int
    /// What the line has there.
    var text: String
  }

  /// Longer lines are cut: no log line of a kernel is as long.
  private static let mostScalars = 1000

  private let scalars: [Unicode.Scalar]
  /// The line with its numbers and addresses, and without: those stand in the middle of sentences.
  private let forms: [Form]

  init(_ line: String) {
    let scalars = Array(
      " \(line)".substituting(" ", for: "/proc/sys/").substituting(" net/", for: " proc/sys/net/")
        .substituting(" net/", for: " sys/net/").unicodeScalars.prefix(Self.mostScalars))
    let words = scalars.indices.split { scalars[$0].properties.isWhitespace }
    let telling = words.filter { !Self.isNumber(scalars[$0]) }
    let all = Form(scalars, words)
    self.scalars = scalars
    forms = telling.count == words.count ? [all] : [all, Form(scalars, telling)]
  }

  /// Where a folded name stands in the line, nil where it does not or says too little there.
  func hit(_ name: [UInt8]) -> Hit? {
    for form in forms {
      guard let range = form.range(of: name) else { continue }
      let text = scalars[range]
      if Self.tellsEnough(text, name) {
        return Hit(length: name.count, text: text.reduce(into: "") { $0.unicodeScalars.append($1) })
      }
    }
    return nil
  }

  /// A single English word may stand in any sentence: one counts only if it looks like a name.
  private static func tellsEnough(_ text: ArraySlice<Unicode.Scalar>, _ name: [UInt8]) -> Bool {
    if text.contains(where: \.isIdeograph) { return name.count >= 6 }
    guard name.count >= 4 else { return false }
    return text.contains { $0.properties.isWhitespace || $0.isJoiner || ("0"..."9").contains($0) }
      || text.count { ("A"..."Z").contains($0) } >= 2
  }

  /// Whether a word is a number, an address, or a place for one in a format.
  private static func isNumber(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
    if word.contains("%") { return true }
    let isWritten = word.allSatisfy { scalar in
      switch scalar {
      case "0"..."9", "a"..."f", "A"..."F", ".", ":", ",", "/", "[", "]", "(", ")", "-", "x": true
      default: false
      }
    }
    return isWritten
      && (word.contains { ("0"..."9").contains($0) } || word.count { $0 == ":" } > 1)
  }

  /// The line as it is compared.
  private struct Form {
    /// Small letters and digits.
    private var bytes: [UInt8] = []
    /// The place in the line that each byte comes from.
    private var places: [Int] = []
    /// Whether a word begins at each byte, and whether one has ended before it.
    private var begins: [Bool] = []
    private var ends: [Bool] = []

    init(_ scalars: [Unicode.Scalar], _ words: [Range<Int>]) {
      for word in words {
        var separators = 0
        var isJoined = false
        var last: Unicode.Scalar?
        for index in word {
          let scalar = scalars[index]
          let folded = Spelling.folded(String(Character(scalar)))
          guard !folded.isEmpty else {
            separators += 1
            isJoined = separators == 1 && scalar.isJoiner
            continue
          }
          let isBoundary =
            last.map { $0.isIdeograph || scalar.isIdeograph || separators > 0 && !isJoined } ?? true
          append(Array(folded.utf8), at: index, isBoundary: isBoundary)
          last = scalar
          separators = 0
          isJoined = false
        }
      }
      ends.append(true)
    }

    private mutating func append(_ folded: [UInt8], at place: Int, isBoundary: Bool) {
      for (offset, byte) in folded.enumerated() {
        bytes.append(byte)
        places.append(place)
        begins.append(isBoundary && offset == 0)
        ends.append(isBoundary && offset == 0)
      }
    }

    /// The part of the line in which a name stands, whole words of it.
    func range(of name: [UInt8]) -> ClosedRange<Int>? {
      guard let first = name.first, name.count <= bytes.count else { return nil }
      for start in 0...(bytes.count - name.count)
      where bytes[start] == first && begins[start] && ends[start + name.count] {
        if bytes[start..<(start + name.count)].elementsEqual(name) {
          return places[start]...places[start + name.count - 1]
        }
      }
      return nil
    }
  }
}

extension Unicode.Scalar {
  /// What stands within a name: two words that one of these joins are one.
  fileprivate var isJoiner: Bool { self == "_" || self == "." || self == "-" || self == "/" }

  /// A character that is a word of its own.
  fileprivate var isIdeograph: Bool { properties.isIdeographic }
}
