public import Facts

/// A condition or a value of the rule language, parsed (facts.md 4).
public indirect enum Expression: Hashable, Sendable {
  /// A number, a text, true or false.
  case literal(Literal, at: Int)
  /// A fact, its rate, or the default of a key.
  case query(Query, at: Int)
  /// `present(FACT)`.
  case present(FactName, at: Int)
  /// `ascending(KEY)`.
  case ascending(FactName, at: Int)
  /// `not X`.
  case not(Expression, at: Int)
  /// `- X`.
  case negative(Expression, at: Int)
  /// `X and Y`, `X or Y`.
  case logic(Logic, Expression, Expression, at: Int)
  /// `X == Y` and its kin.
  case comparison(Comparison, Expression, Expression, at: Int)
  /// `X in {Y, Z}`.
  case member(Expression, of: [Expression], at: Int)
  /// `X + Y` and its kin.
  case arithmetic(Arithmetic, Expression, Expression, at: Int)
  /// `min(…)`, `max(…)`, `next-power-of-two(…)`.
  case call(Function, [Expression], at: Int)
  /// `count(listener where …)` and its kin.
  case aggregate(Aggregate, at: Int)

  /// A constant.
  public enum Literal: Hashable, Sendable {
    case number(NumberLiteral)
    case text(String)
    case boolean(Bool)
  }

  /// The two connectives.
  public enum Logic: String, Hashable, Sendable, CaseIterable {
    case and, or
  }

  /// The comparisons.
  public enum Comparison: String, Hashable, Sendable, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contains
  }

  /// The four operations.
  public enum Arithmetic: String, Hashable, Sendable, CaseIterable {
    case plus = "+"
    case minus = "-"
    case times = "*"
    case over = "/"
  }

  /// The functions of numbers.
  public enum Function: String, Hashable, Sendable, CaseIterable {
    case min, max
    case nextPowerOfTwo = "next-power-of-two"
  }

  /// UTF-8 bytes of the text before the expression's operator or first word.
  public var offset: Int {
    switch self {
    case .literal(_, let at), .query(_, let at), .present(_, let at), .ascending(_, let at),
      .not(_, let at), .negative(_, let at), .logic(_, _, _, let at),
      .comparison(_, _, _, let at), .member(_, _, let at), .arithmetic(_, _, _, let at),
      .call(_, _, let at), .aggregate(_, let at):
      at
    }
  }
}

/// What a condition can ask a host or an example.
public enum Query: Hashable, Sendable, CustomStringConvertible {
  /// The fact's value.
  case value(FactName)
  /// Its growth per second.
  case rate(FactName)
  /// What the key would be by default on this host.
  case defaultValue(FactName)

  /// The fact that is asked about.
  public var fact: FactName {
    switch self {
    case .value(let fact), .rate(let fact), .defaultValue(let fact): fact
    }
  }

  /// The spelling in conditions and examples.
  public var description: String {
    switch self {
    case .value(let fact): fact.description
    case .rate(let fact): "rate(\(fact))"
    case .defaultValue(let fact): "default(\(fact))"
    }
  }
}

/// A question about all members of a kind: `count(listener where listener.full > 0)`.
public struct Aggregate: Hashable, Sendable {
  /// How the members are taken together.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case count, any, sum, max
  }

  /// How the members are taken together.
  public var kind: Kind
  /// Of what.
  public var subject: Subject
  /// The field that is summed or compared; nil for count and any.
  public var field: FactName?
  /// Which members.
  public var condition: Expression
}

extension Expression {
  /// Calls `body` with this expression and every one inside it, but for those that ask about an
  /// aggregate's members.
  public func visit(_ body: (Expression) -> Void) {
    body(self)
    switch self {
    case .literal, .query, .present, .ascending, .aggregate: break
    case .not(let inner, _), .negative(let inner, _): inner.visit(body)
    case .logic(_, let left, let right, _), .comparison(_, let left, let right, _),
      .arithmetic(_, let left, let right, _):
      left.visit(body)
      right.visit(body)
    case .member(let left, let set, _):
      left.visit(body)
      for item in set { item.visit(body) }
    case .call(_, let arguments, _):
      for argument in arguments { argument.visit(body) }
    }
  }

  /// What the expression asks of its source, each in the spelling of conditions and examples.
  public var asked: Set<String> {
    var asked: Set<String> = []
    visit { expression in
      switch expression {
      case .query(let query, _): asked.insert(query.description)
      case .present(let fact, _), .ascending(let fact, _): asked.insert(fact.description)
      case .aggregate(let aggregate, _): asked.insert(aggregate.description)
      default: break
      }
    }
    return asked
  }

  /// Whether the expression is a number as it stands in the text.
  public var isNumber: Bool {
    switch self {
    case .literal(.number, _): true
    case .negative(let inner, _): inner.isNumber
    default: false
    }
  }
}
