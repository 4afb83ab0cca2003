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
  public static func expression(_ code: ArraySlice<UInt8>) -> Expression? {
    var reader = Reader(bytes: code, at: code.startIndex)
    guard let expression = reader.expression(), reader.isAtEnd else { return nil }
    return expression
  }

  // What a word begins with. Operators, functions and the like stand behind it by their places among
  // all of their kind: one digit each.
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
    case .query(.value(let fact), _): [value + fact.code]
    case .query(.rate(let fact), _): [rate + fact.code]
    case .query(.defaultValue(let fact), _): [standard + fact.code]
    case .present(let fact, _): [present + fact.code]
    case .ascending(let fact, _): [ascending + fact.code]
    case .not(let inner, _): [not] + words(inner)
    case .negative(let inner, _): [negative] + words(inner)
    case .logic(let logic, let left, let right, _):
      [Self.logic + place(of: logic)] + words(left) + words(right)
    case .comparison(let comparison, let left, let right, _):
      [Self.comparison + place(of: comparison)] + words(left) + words(right)
    case .arithmetic(let operation, let left, let right, _):
      [arithmetic + place(of: operation)] + words(left) + words(right)
    case .member(let left, let set, _):
      ["\(member)\(set.count)"] + words(left) + set.flatMap(words)
    case .call(let function, let arguments, _):
      ["\(call)\(place(of: function))\(arguments.count)"] + arguments.flatMap(words)
    case .aggregate(let aggregate, _):
      [
        Self.aggregate + place(of: aggregate.kind) + place(of: aggregate.subject)
          + (aggregate.field?.code ?? "")
      ] + words(aggregate.condition)
    }
  }

  private static func place<Kind: CaseIterable & Equatable>(of kind: Kind) -> String {
    String(Kind.allCases.enumerated().first { $0.element == kind }?.offset ?? 0)
  }

  private static func word(_ literal: Expression.Literal) -> String {
    switch literal {
    case .number(let number): "\(Self.number)\(number.text):\(place(of: number.unit))"
    case .boolean(let boolean): "\(Self.boolean)\(boolean ? 1 : 0)"
    // A text may hold blanks.
    case .text(let text): Self.text + text.utf8.map { hexadecimal($0) }.joined()
    }
  }

  /// The unit's place among all, empty for none.
  private static func place(of unit: NumberLiteral.UnitSymbol?) -> String {
    let place = unit.flatMap { unit in LiteralUnit.all.firstIndex { $0.symbol == unit.symbol } }
    return place.map(String.init) ?? ""
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  // MARK: Reading

  private struct Reader {
    let bytes: ArraySlice<UInt8>
    var at: Int

    var isAtEnd: Bool { at >= bytes.endIndex }

    /// The next word without its first character, and that.
    private mutating func word() -> (kind: UInt8, rest: ArraySlice<UInt8>)? {
      guard at < bytes.endIndex else { return nil }
      let start = at
      while at < bytes.endIndex, bytes[at] != 0x20 { at += 1 }
      let word = bytes[start..<at]
      at += 1
      return word.first.map { ($0, word.dropFirst()) }
    }

    mutating func expression() -> Expression? {
      guard let (kind, rest) = word() else { return nil }
      switch kind {
      case UInt8(ascii: "v"): return FactName(code: rest).map { .query(.value($0), at: 0) }
      case UInt8(ascii: "r"): return FactName(code: rest).map { .query(.rate($0), at: 0) }
      case UInt8(ascii: "d"): return FactName(code: rest).map { .query(.defaultValue($0), at: 0) }
      case UInt8(ascii: "p"): return FactName(code: rest).map { .present($0, at: 0) }
      case UInt8(ascii: "a"): return FactName(code: rest).map { .ascending($0, at: 0) }
      case UInt8(ascii: "n"): return number(rest)
      case UInt8(ascii: "b"): return .literal(.boolean(rest.elementsEqual("1".utf8)), at: 0)
      case UInt8(ascii: "t"): return quoted(rest)
      case UInt8(ascii: "!"): return expression().map { .not($0, at: 0) }
      case UInt8(ascii: "~"): return expression().map { .negative($0, at: 0) }
      default: return operation(kind, rest)
      }
    }

    private mutating func operation(_ kind: UInt8, _ rest: ArraySlice<UInt8>) -> Expression? {
      switch kind {
      case UInt8(ascii: "l"):
        guard let logic = rest.member(of: Expression.Logic.allCases), let pair = pair() else {
          return nil
        }
        return .logic(logic, pair.0, pair.1, at: 0)
      case UInt8(ascii: "c"):
        guard let comparison = rest.member(of: Expression.Comparison.allCases), let pair = pair()
        else { return nil }
        return .comparison(comparison, pair.0, pair.1, at: 0)
      case UInt8(ascii: "o"):
        guard let operation = rest.member(of: Expression.Arithmetic.allCases), let pair = pair()
        else { return nil }
        return .arithmetic(operation, pair.0, pair.1, at: 0)
      case UInt8(ascii: "i"):
        guard let left = expression(), let set = several(rest) else { return nil }
        return .member(left, of: set, at: 0)
      case UInt8(ascii: "f"):
        guard let function = rest.prefix(1).member(of: Expression.Function.allCases),
          let arguments = several(rest.dropFirst())
        else { return nil }
        return .call(function, arguments, at: 0)
      case UInt8(ascii: "g"): return aggregate(rest)
      default: return nil
      }
    }

    private mutating func aggregate(_ word: ArraySlice<UInt8>) -> Expression? {
      let subject = word.dropFirst().prefix(1)
      let field = word.dropFirst(2)
      guard let kind = word.prefix(1).member(of: Aggregate.Kind.allCases),
        let subject = subject.member(of: Subject.allCases), let condition = expression()
      else { return nil }
      let fact = FactName(code: field)
      if fact == nil, !field.isEmpty { return nil }
      return .aggregate(
        Aggregate(kind: kind, subject: subject, field: fact, condition: condition), at: 0)
    }

    private mutating func pair() -> (Expression, Expression)? {
      guard let left = expression(), let right = expression() else { return nil }
      return (left, right)
    }

    /// As many expressions as the digits say.
    private mutating func several(_ digits: ArraySlice<UInt8>) -> [Expression]? {
      guard let count = digits.number(below: bytes.count) else { return nil }
      var all: [Expression] = []
      for _ in 0..<count {
        guard let next = expression() else { return nil }
        all.append(next)
      }
      return all
    }

    private func number(_ word: ArraySlice<UInt8>) -> Expression? {
      guard let colon = word.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      let place = word[(colon + 1)...]
      let unit = place.member(of: LiteralUnit.all)
      if unit == nil, !place.isEmpty { return nil }
      let text = String(decoding: word[..<colon], as: UTF8.self)
      return .literal(
        .number(NumberLiteral(text: text, unit: unit.map { NumberLiteral.UnitSymbol($0) })), at: 0)
    }

    private func quoted(_ digits: ArraySlice<UInt8>) -> Expression? {
      guard digits.count.isMultiple(of: 2) else { return nil }
      var bytes: [UInt8] = []
      for index in stride(from: digits.startIndex, to: digits.endIndex, by: 2) {
        let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
        guard let byte = UInt8(pair, radix: 16) else { return nil }
        bytes.append(byte)
      }
      return .literal(.text(String(decoding: bytes, as: UTF8.self)), at: 0)
    }
  }
}
