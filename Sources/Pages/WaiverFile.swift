public import Facts

/// A file of waivers, one a line: `RULE [SUBJECT] [until YYYY-MM-DD]: REASON`.
///
/// Blank lines and lines that begin with `#` say nothing. The reason stands behind the first colon
/// that a blank follows, so that addresses and `file:line` need no quotes.
public enum WaiverFile {
  /// Reads a file's waivers.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - file: its name, for problems and sources.
  ///   - rules: the ids that a waiver may name.
  /// - Returns: the waivers of the lines that are right, and what is wrong with the others.
  public static func read(
    _ bytes: [UInt8], file: String, rules: [String]
  ) -> (waivers: [Waiver], problems: [PageProblem]) {
    var waivers: [Waiver] = []
    var problems: [PageProblem] = []
    let known = Set(rules)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let text = String(
        decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
      let content = text[...].stripped
      if content.isEmpty || content.hasPrefix("#") { continue }
      do throws(Mistake) {
        var waiver = try parse(text, rules: known, needsReason: true)
        waiver.source = "\(file):\(index + 1)"
        if let other = waivers.first(where: {
          $0.rule == waiver.rule && $0.subject == waiver.subject
        }) {
          throw Mistake(
            at: text.startIndex, "expected a waiver once, found that of \(other.source) again")
        }
        waivers.append(waiver)
      } catch {
        problems.append(
          PageProblem(
            file: file, line: index + 1,
            column: text.distance(from: text.startIndex, to: error.place) + 1,
            message: error.message))
      }
    }
    return (waivers, problems)
  }

  /// Reads one waiver from the command line, where a reason may stand and need not.
  ///
  /// - Throws: what was expected and what was found.
  public static func read(option text: String, rules: [String]) throws(Mistake) -> Waiver {
    try parse(text, rules: Set(rules), needsReason: false)
  }

  /// What is wrong with a line, and where.
  public struct Mistake: Error {
    let place: String.Index
    /// What was expected and what was found.
    public let message: String

    init(at place: String.Index, _ message: String) {
      self.place = place
      self.message = message
    }
  }

  private static func parse(
    _ text: String, rules: Set<String>, needsReason: Bool
  ) throws(Mistake) -> Waiver {
    let colon = reasonColon(in: text)
    let head = text[..<(colon ?? text.endIndex)]
    var words = head.split { $0 == " " || $0 == "\t" }
    guard let rule = words.first else {
      throw Mistake(at: text.startIndex, "expected a rule, found '\(text)'")
    }
    guard rules.contains(String(rule)) else {
      let near = Spelling.nearest(to: String(rule), among: rules.sorted())
      let hint = near.map { "; did you mean '\($0)'?" } ?? ""
      throw Mistake(at: rule.startIndex, "expected a rule, found '\(rule)'\(hint)")
    }
    words.removeFirst()
    let until = try expiry(&words)
    let subject = words.isEmpty ? nil : words.map(String.init).joined(separator: " ")
    let reason = colon.map { text[text.index(after: $0)...].stripped } ?? ""
    if reason.isEmpty, needsReason {
      throw Mistake(
        at: colon ?? text.endIndex,
        "expected ': ' and a reason, found \(colon == nil ? "the end" : "none")")
    }
    return Waiver(
      rule: String(rule), subject: subject, reason: reason.isEmpty ? nil : String(reason),
      until: until, source: "--allow")
  }

  /// The colon before the reason: the first with a blank or nothing behind it.
  private static func reasonColon(in text: String) -> String.Index? {
    text.indices.first { index in
      guard text[index] == ":" else { return false }
      let next = text.index(after: index)
      return next == text.endIndex || text[next] == " " || text[next] == "\t"
    }
  }

  /// Takes `until YYYY-MM-DD` off the end.
  private static func expiry(_ words: inout [Substring]) throws(Mistake) -> CalendarDate? {
    guard let place = words.lastIndex(of: "until"), place >= words.count - 2 else { return nil }
    guard place == words.count - 2 else {
      throw Mistake(
        at: words[place].endIndex, "expected a day as in '2027-01-31' after 'until', found none")
    }
    guard let date = CalendarDate(words[place + 1]) else {
      throw Mistake(
        at: words[place + 1].startIndex,
        "expected a day as in '2027-01-31', found '\(words[place + 1])'")
    }
    words.removeLast(2)
    return date
  }
}

extension Substring {
  /// Without blanks and tabs at either end.
  fileprivate var stripped: Substring {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    var bytes = utf8
    while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return Substring(bytes)
  }
}
