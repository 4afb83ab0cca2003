import Facts

/// Cuts a condition into tokens.
///
/// A `-` or `/` inside a name belongs to it; as operators they stand between blanks.
struct Lexer {
  private let bytes: [UInt8]
  private var at = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  static func tokens(of text: String) throws(Problem) -> [Token] {
    var lexer = Lexer(text)
    var tokens: [Token] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private func byte(_ index: Int) -> UInt8? {
    index < bytes.count ? bytes[index] : nil
  }

  private func slice(from start: Int) -> String {
    String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func next() throws(Problem) -> Token {
    while let blank = byte(at), blank == 0x20 || blank == 0x09 { at += 1 }
    let start = at
    guard let first = byte(at) else { return Token(kind: .end, offset: start, end: start) }
    let kind: Token.Kind =
      switch first {
      case _ where first.beginsName: name(from: start)
      case _ where first.isDigit: try number(from: start)
      case UInt8(ascii: "\""): try quoted(from: start)
      default: try symbol(from: start)
      }
    return Token(kind: kind, offset: start, end: at)
  }

  /// `listener.peak`, `net.ipv4.conf.eth0/100.rp_filter`, `next-power-of-two`.
  private mutating func name(from start: Int) -> Token.Kind {
    while let next = byte(at) {
      if next.continuesName {
        at += 1
      } else if next.joinsName, let after = byte(at + 1), after.continuesName {
        at += 2
      } else {
        break
      }
    }
    return .name(slice(from: start))
  }

  /// Digits with dots between them, and a unit that follows without a blank.
  private mutating func number(from start: Int) throws(Problem) -> Token.Kind {
    while let next = byte(at) {
      if next.isDigit {
        at += 1
      } else if next == UInt8(ascii: "."), byte(at + 1)?.isDigit == true {
        at += 2
      } else {
        break
      }
    }
    let digits = slice(from: start)
    let unitStart = at
    while let next = byte(at), next.isLetter || next == UInt8(ascii: "%") || isSlashOfUnit(next) {
      at += 1
    }
    guard at > unitStart else {
      if byte(at) == UInt8(ascii: ".") {
        throw Problem(at: at, "expected digits after '\(digits).', found \(words(at: at + 1))")
      }
      return .number(NumberLiteral(text: digits))
    }
    let symbol = slice(from: unitStart)
    guard let unit = LiteralUnit.all.first(where: { $0.symbol == symbol }) else {
      let known = LiteralUnit.all.map(\.symbol).joined(separator: " ")
      throw Problem(
        at: unitStart, "expected a unit (\(known)) after '\(digits)', found '\(symbol)'")
    }
    return .number(NumberLiteral(text: digits, unit: NumberLiteral.UnitSymbol(unit)))
  }

  private func isSlashOfUnit(_ next: UInt8) -> Bool {
    next == UInt8(ascii: "/") && byte(at + 1)?.isLetter == true
  }

  private mutating func quoted(from start: Int) throws(Problem) -> Token.Kind {
    at += 1
    while let next = byte(at), next != UInt8(ascii: "\"") { at += 1 }
    guard at < bytes.count else {
      throw Problem(at: start, "expected a closing '\"', found the end")
    }
    at += 1
    return .text(String(decoding: bytes[start + 1..<at - 1], as: UTF8.self))
  }

  private mutating func symbol(from start: Int) throws(Problem) -> Token.Kind {
    let two = String(decoding: bytes[start..<min(start + 2, bytes.count)], as: UTF8.self)
    if ["==", "!=", "<=", ">="].contains(two) {
      at += 2
      return .symbol(two)
    }
    let one = String(decoding: bytes[start...start], as: UTF8.self)
    guard ["(", ")", "{", "}", ",", "<", ">", "+", "-", "*", "/"].contains(one) else {
      let hint = one == "=" ? "; equality is '=='" : ""
      throw Problem(
        at: start, "expected a fact, a number or an operator, found \(words(at: start))\(hint)")
    }
    at += 1
    if one == "/" || (one == "-" && isBinaryPlace(start)) {
      let side: String? =
        if !blankBefore(start) {
          "before"
        } else if byte(at) != 0x20, byte(at) != 0x09 {
          "after"
        } else {
          nil
        }
      if let side {
        throw Problem(
          at: start, "expected a blank on both sides of '\(one)', found none \(side) it")
      }
    }
    return .symbol(one)
  }

  /// The character at a place as a message quotes it, whole also where it takes several bytes.
  private func words(at place: Int) -> String {
    let rest = String(decoding: bytes[min(place, bytes.count)...], as: UTF8.self)
    return rest.first.map { "'\($0)'" } ?? "the end"
  }

  private func blankBefore(_ start: Int) -> Bool {
    start > 0 && (bytes[start - 1] == 0x20 || bytes[start - 1] == 0x09)
  }

  /// Whether an operand ends before the place, so that a `-` there is subtraction.
  private func isBinaryPlace(_ start: Int) -> Bool {
    guard
      let before = bytes[..<start].last(where: { $0 != 0x20 && $0 != 0x09 })
    else { return false }
    let operandEnd =
      before.continuesName || before == UInt8(ascii: ")") || before == UInt8(ascii: "%")
    return operandEnd && !endsWithKeyword(before: start)
  }

  private func endsWithKeyword(before start: Int) -> Bool {
    let word = bytes[..<start].reversed().drop { $0 == 0x20 || $0 == 0x09 }
      .prefix { $0.continuesName || $0.joinsName || $0 == UInt8(ascii: ".") }
    return ["and", "or", "not", "in", "where", "contains"]
      .contains(String(decoding: word.reversed(), as: UTF8.self))
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  fileprivate var isLetter: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
  }
  fileprivate var beginsName: Bool { isLetter || self == UInt8(ascii: "_") }
  fileprivate var continuesName: Bool { beginsName || isDigit }
  /// May stand inside a name, never at its end.
  fileprivate var joinsName: Bool {
    self == UInt8(ascii: ".") || self == UInt8(ascii: "-") || self == UInt8(ascii: "/")
  }
}
