import Facts

extension Expression: CustomStringConvertible {
  /// The expression in its normal spelling; parsing it again gives an equal expression but for the
  /// places.
  public var description: String { printed(inside: 0) }

  /// How tightly the expression's own operator binds: or 1, and 2, not 3, comparisons 4, sums 5,
  /// products 6, a minus sign 7, all else 8.
  private var binding: Int {
    switch self {
    case .logic(.or, _, _, _): 1
    case .logic(.and, _, _, _): 2
    case .not: 3
    case .comparison, .member: 4
    case .arithmetic(.plus, _, _, _), .arithmetic(.minus, _, _, _): 5
    case .arithmetic(.times, _, _, _), .arithmetic(.over, _, _, _): 6
    case .negative: 7
    case .literal, .query, .present, .ascending, .call, .aggregate: 8
    }
  }

  private func printed(inside outer: Int) -> String {
    let text = unparenthesized
    return binding < outer ? "(\(text))" : text
  }

  private var unparenthesized: String {
    switch self {
    case .literal(let literal, _): literal.description
    case .query(let query, _): query.description
    case .present(let fact, _): "present(\(fact))"
    case .ascending(let fact, _): "ascending(\(fact))"
    case .not(let inner, _): "not \(inner.printed(inside: 4))"
    case .negative(let inner, _): "-\(inner.printed(inside: 8))"
    case .logic(let logic, let left, let right, _):
      "\(left.printed(inside: binding)) \(logic.rawValue) \(right.printed(inside: binding + 1))"
    case .comparison(let comparison, let left, let right, _):
      "\(left.printed(inside: 5)) \(comparison.rawValue) \(right.printed(inside: 5))"
    case .member(let left, let set, _):
      "\(left.printed(inside: 5)) in {\(Self.list(set))}"
    case .arithmetic(let operation, let left, let right, _):
      "\(left.printed(inside: binding)) \(operation.rawValue) \(right.printed(inside: binding + 1))"
    case .call(let function, let arguments, _):
      "\(function.rawValue)(\(Self.list(arguments)))"
    case .aggregate(let aggregate, _): aggregate.description
    }
  }

  private static func list(_ expressions: [Expression]) -> String {
    expressions.map { $0.printed(inside: 5) }.joined(separator: ", ")
  }
}

extension Expression.Literal: CustomStringConvertible {
  /// The literal as it is written.
  public var description: String {
    switch self {
    case .number(let number): number.text + (number.unit?.symbol ?? "")
    case .text(let text): "\"\(text)\""
    case .boolean(let boolean): boolean ? "true" : "false"
    }
  }
}

extension Aggregate: CustomStringConvertible {
  /// The spelling in conditions and examples.
  public var description: String {
    "\(kind.rawValue)(\(field?.description ?? subject.rawValue) where \(condition))"
  }
}
