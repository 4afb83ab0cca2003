import Facts

/// An expression as words in prefix order, for a program that reads hundreds of them at its start.
///
/// The parser of conditions is made for people: it tells where and why a text is wrong. What was
/// checked when the program was built needs none of that, and reading its words back takes a
/// twentieth of the time. Places in the text are not kept.
public enum ExpressionCode {
  /// The words of an expression, parted by blanks.
  public static func text(_ expression: Expression) -> String {
    words(expression).joined(separator: " ")
  }

  /// The expression that words spell; nil for words that ``text(_:)`` did not write.
  public static func expression(_ text: some StringProtocol) -> Expression? {
    var reader = Reader(bytes: Array(text.utf8))
    guard let expression = reader.expression(), reader.isAtEnd else { return nil }
    return expression
  }

  // What a word begins with. Operators stand for themselves behind a letter, for `-` is two of them.
  private static let value = "v"
  private static let rate = "r"
  private static let standard = "d"
  private static let present = "p"
  private static let ascending = "a"
  private static let not = "!"
  private static let negative = "~"
  private static let logic = "l"
  private static let comparison = "c"
  private static let member = "i"
  private static let arithmetic = "o"
  private static let call = "f"
  private static let aggregate = "g"
  private static let number = "n"
  private static let text = "t"
  private static let boolean = "b"

  // MARK: Writing

  private static func words(_ expression: Expression) -> [String] {
    switch expression {
    case .literal(let literal, _): [word(literal)]
    case .query(.value(let fact), _): ["\(value)\(fact)"]
    case .query(.rate(let fact), _): ["\(rate)\(fact)"]
    case .query(.defaultValue(let fact), _): ["\(standard)\(fact)"]
    case .present(let fact, _): ["\(present)\(fact)"]
    case .ascending(let fact, _): ["\(ascending)\(fact)"]
    case .not(let inner, _): [not] + words(inner)
    case .negative(let inner, _): [negative] + words(inner)
    case .logic(let logic, let left, let right, _):
      ["\(Self.logic)\(logic.rawValue)"] + words(left) + words(right)
    case .comparison(let comparison, let left, let right, _):
      ["\(Self.comparison)\(comparison.rawValue)"] + words(left) + words(right)
    case .arithmetic(let operation, let left, let right, _):
      ["\(arithmetic)\(operation.rawValue)"] + words(left) + words(right)
    case .member(let left, let set, _):
      ["\(member)\(set.count)"] + words(left) + set.flatMap(words)
    case .call(let function, let arguments, _):
      ["\(call)\(arguments.count):\(function.rawValue)"] + arguments.flatMap(words)
    case .aggregate(let aggregate, _):
      [
        "\(Self.aggregate)\(aggregate.kind.rawValue):\(aggregate.subject.rawValue):"
          + (aggregate.field?.description ?? "")
      ] + words(aggregate.condition)
    }
  }

  private static func word(_ literal: Expression.Literal) -> String {
    switch literal {
    case .number(let number): "\(Self.number)\(number.text):\(number.unit?.symbol ?? "")"
    case .boolean(let boolean): "\(Self.boolean)\(boolean ? 1 : 0)"
    // A text may hold blanks.
    case .text(let text): Self.text + text.utf8.map { hexadecimal($0) }.joined()
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  // MARK: Reading

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    var isAtEnd: Bool { at >= bytes.count }

    /// The next word without its first character, and that.
    private mutating func word() -> (kind: UInt8, rest: ArraySlice<UInt8>)? {
      guard at < bytes.count else { return nil }
      let start = at
      while at < bytes.count, bytes[at] != 0x20 { at += 1 }
      let word = bytes[start..<at]
      at += 1
      return word.first.map { ($0, word.dropFirst()) }
    }

    mutating func expression() -> Expression? {
      guard let (kind, rest) = word() else { return nil }
      let text = String(decoding: rest, as: UTF8.self)
      switch kind {
      case UInt8(ascii: "v"): return FactName(text).map { .query(.value($0), at: 0) }
      case UInt8(ascii: "r"): return FactName(text).map { .query(.rate($0), at: 0) }
      case UInt8(ascii: "d"): return FactName(text).map { .query(.defaultValue($0), at: 0) }
      case UInt8(ascii: "p"): return FactName(text).map { .present($0, at: 0) }
      case UInt8(ascii: "a"): return FactName(text).map { .ascending($0, at: 0) }
      case UInt8(ascii: "!"): return expression().map { .not($0, at: 0) }
      case UInt8(ascii: "~"): return expression().map { .negative($0, at: 0) }
      case UInt8(ascii: "l"):
        guard let logic = Expression.Logic(rawValue: text), let pair = pair() else { return nil }
        return .logic(logic, pair.0, pair.1, at: 0)
      case UInt8(ascii: "c"):
        guard let comparison = Expression.Comparison(rawValue: text), let pair = pair() else {
          return nil
        }
        return .comparison(comparison, pair.0, pair.1, at: 0)
      case UInt8(ascii: "o"):
        guard let operation = Expression.Arithmetic(rawValue: text), let pair = pair() else {
          return nil
        }
        return .arithmetic(operation, pair.0, pair.1, at: 0)
      case UInt8(ascii: "i"):
        guard let count = Int(text), let left = expression(), let set = several(count) else {
          return nil
        }
        return .member(left, of: set, at: 0)
      default: return other(kind, text)
      }
    }

    private mutating func other(_ kind: UInt8, _ text: String) -> Expression? {
      switch kind {
      case UInt8(ascii: "n"): return number(text)
      case UInt8(ascii: "b"): return .literal(.boolean(text == "1"), at: 0)
      case UInt8(ascii: "t"): return quoted(text)
      case UInt8(ascii: "f"):
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let count = Int(parts[0]),
          let function = Expression.Function(rawValue: String(parts[1])),
          let arguments = several(count)
        else { return nil }
        return .call(function, arguments, at: 0)
      case UInt8(ascii: "g"):
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let kind = Aggregate.Kind(rawValue: String(parts[0])),
          let subject = Subject(rawValue: String(parts[1])), let condition = expression()
        else { return nil }
        let field = FactName(String(parts[2]))
        if field == nil, !parts[2].isEmpty { return nil }
        return .aggregate(
          Aggregate(kind: kind, subject: subject, field: field, condition: condition), at: 0)
      default: return nil
      }
    }

    private mutating func pair() -> (Expression, Expression)? {
      guard let left = expression(), let right = expression() else { return nil }
      return (left, right)
    }

    private mutating func several(_ count: Int) -> [Expression]? {
      var all: [Expression] = []
      for _ in 0..<max(0, count) {
        guard let next = expression() else { return nil }
        all.append(next)
      }
      return all
    }

    private func number(_ text: String) -> Expression? {
      guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      let symbol = text[text.utf8.index(after: colon)...]
      var literal = NumberLiteral(text: String(text[..<colon]))
      if !symbol.isEmpty {
        guard let unit = LiteralUnit.all.first(where: { $0.symbol == symbol }) else { return nil }
        literal = NumberLiteral(text: literal.text, unit: NumberLiteral.UnitSymbol(unit))
      }
      return .literal(.number(literal), at: 0)
    }

    private func quoted(_ text: String) -> Expression? {
      let digits = Array(text.utf8)
      guard digits.count.isMultiple(of: 2) else { return nil }
      var bytes: [UInt8] = []
      for index in stride(from: 0, to: digits.count, by: 2) {
        let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
        guard let byte = UInt8(pair, radix: 16) else { return nil }
        bytes.append(byte)
      }
      return .literal(.text(String(decoding: bytes, as: UTF8.self)), at: 0)
    }
  }
}
