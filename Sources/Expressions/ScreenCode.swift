public import Facts

/// Conditions as numbers, for a first look at very many of them.
///
/// Of a hundred conditions hardly one holds on a host that is well. Whether one surely does not is
/// seen by running over a few small numbers; only what is left is worth an expression, its evidence
/// and its reasons. What the numbers cannot say stands as ``Word/open``, which is neither true nor
/// false: by Kleene's rules a condition that is refuted all the same is false whatever it were.
public struct ScreenCode: Sendable {
  /// What a number means; its operands follow, those of operators in prefix order.
  public enum Word: UInt16, Sendable, CaseIterable {
    /// Something that is not looked at here.
    case open
    case no, yes
    /// Both are followed by the length of their right side, then left and right.
    case and, or
    case not
    /// Two values follow.
    case equal, unequal, less, lessOrEqual, greater, greaterOrEqual
    /// The place of a fact follows.
    case present, ascending, fact
    /// The place of a number follows.
    case number
    case negative
    case plus, minus, times, over
    /// How many values there are follows, then they.
    case min, max
    /// Over all listeners: the length of the condition follows, then it.
    case countOfListeners, anyListener
  }

  /// The conditions, one behind the other.
  public let words: [UInt16]
  /// What they ask of a host; nil for what could not be read back.
  public let queries: [Query?]
  /// The numbers in them, in base units.
  public let numbers: [Fraction]

  /// What a ``ScreenWriter`` wrote.
  public init(
    words: [UInt16], facts: [(kind: String, name: String)],
    numbers: [(above: Int64, below: Int64)]
  ) {
    self.words = words
    queries = facts.map { Query(screened: $0.kind, $0.name) }
    self.numbers = numbers.map { Fraction(inLowestTerms: $0.above, $0.below) }
  }
}

/// Writes conditions as ``ScreenCode``.
public struct ScreenWriter {
  private typealias Word = ScreenCode.Word

  /// The conditions, one behind the other.
  public private(set) var words: [UInt16] = []
  /// What they ask: letters for what is asked of which group, and the name of a key or a counter.
  public private(set) var facts: [(kind: String, name: String)] = []
  /// The numbers in them: what is above the line and what is below it.
  public private(set) var numbers: [(above: Int64, below: Int64)] = []

  /// A writer that has written nothing.
  public init() {}

  /// Adds a condition.
  ///
  /// - Returns: where it begins in ``words``.
  public mutating func add(_ condition: Expression) -> Int {
    let start = words.count
    words += code(condition)
    return start
  }

  private mutating func code(_ expression: Expression) -> [UInt16] {
    switch expression {
    case .literal(.boolean(let boolean), _): [boolean ? Word.yes : .no].map(\.rawValue)
    case .literal(.number(let number), _): code(number)
    case .literal(.text, _): [Word.open.rawValue]
    case .query(let query, _): [Word.fact.rawValue, place(of: query)]
    case .present(let fact, _): [Word.present.rawValue, place(of: .value(fact))]
    case .ascending(let fact, _): [Word.ascending.rawValue, place(of: .value(fact))]
    case .not(let inner, _): [Word.not.rawValue] + code(inner)
    case .negative(let inner, _): [Word.negative.rawValue] + code(inner)
    case .logic(let logic, let left, let right, _): code(logic, code(left), code(right))
    case .comparison(let comparison, let left, let right, _): code(comparison, left, right)
    case .arithmetic(let operation, let left, let right, _):
      [Self.word(of: operation).rawValue] + code(left) + code(right)
    case .member: [Word.open.rawValue]
    case .call(let function, let arguments, _): code(function, arguments)
    case .aggregate(let aggregate, _): code(aggregate)
    }
  }

  private func code(_ logic: Expression.Logic, _ left: [UInt16], _ right: [UInt16]) -> [UInt16] {
    let word = logic == .and ? Word.and : .or
    return [word.rawValue, UInt16(right.count)] + left + right
  }

  /// Texts are not compared here, nor a release with the number that spells it.
  private mutating func code(
    _ comparison: Expression.Comparison, _ left: Expression, _ right: Expression
  ) -> [UInt16] {
    let word: Word? =
      switch comparison {
      case .equal: .equal
      case .unequal: .unequal
      case .less: .less
      case .lessOrEqual: .lessOrEqual
      case .greater: .greater
      case .greaterOrEqual: .greaterOrEqual
      case .contains: nil
      }
    guard let word else { return [Word.open.rawValue] }
    return [word.rawValue] + code(left) + code(right)
  }

  private static func word(of operation: Expression.Arithmetic) -> Word {
    switch operation {
    case .plus: .plus
    case .minus: .minus
    case .times: .times
    case .over: .over
    }
  }

  private mutating func code(
    _ function: Expression.Function, _ arguments: [Expression]
  ) -> [UInt16] {
    switch function {
    case .min, .max:
      let word = function == .min ? Word.min : .max
      return [word.rawValue, UInt16(arguments.count)] + arguments.flatMap { code($0) }
    case .nextPowerOfTwo: return [Word.open.rawValue]
    }
  }

  private mutating func code(_ aggregate: Aggregate) -> [UInt16] {
    guard aggregate.subject == .listener, aggregate.kind == .count || aggregate.kind == .any,
      aggregate.condition.asksListenersForNumbersOnly
    else { return [Word.open.rawValue] }
    let word = aggregate.kind == .count ? Word.countOfListeners : .anyListener
    let condition = code(aggregate.condition)
    return [word.rawValue, UInt16(condition.count)] + condition
  }

  private mutating func code(_ literal: NumberLiteral) -> [UInt16] {
    guard let amount = literal.quantity?.amount else { return [Word.open.rawValue] }
    let number = (above: amount.numerator, below: amount.denominator)
    let place = numbers.firstIndex { $0 == number } ?? numbers.count
    if place == numbers.count { numbers.append(number) }
    return [Word.number.rawValue, UInt16(place)]
  }

  private mutating func place(of query: Query) -> UInt16 {
    let fact = query.screened
    let place = facts.firstIndex { $0 == fact } ?? facts.count
    if place == facts.count { facts.append(fact) }
    return UInt16(place)
  }
}

extension Query {
  /// A letter for what is asked of the fact and the fact's code, a name standing apart: as it is in
  /// the program's text it need not be copied.
  fileprivate var screened: (kind: String, name: String) {
    let letter =
      switch self {
      case .value: "v"
      case .rate: "r"
      case .defaultValue: "d"
      }
    return switch fact {
    case .key(let key): (letter + "k", key.name)
    case .counter(let name): (letter + "c", name)
    default: (letter + fact.code, "")
    }
  }

  /// The query that such words stand for; nil for any others.
  fileprivate init?(screened kind: String, _ name: String) {
    var letters = kind.utf8.makeIterator()
    guard let letter = letters.next(), let group = letters.next() else { return nil }
    let fact: FactName? =
      switch group {
      case UInt8(ascii: "k"): .key(SysctlKey(literal: name))
      case UInt8(ascii: "c"): .counter(name)
      default: FactName(code: Array(kind.utf8).dropFirst())
      }
    guard let fact else { return nil }
    switch letter {
    case UInt8(ascii: "v"): self = .value(fact)
    case UInt8(ascii: "r"): self = .rate(fact)
    case UInt8(ascii: "d"): self = .defaultValue(fact)
    default: return nil
    }
  }
}
