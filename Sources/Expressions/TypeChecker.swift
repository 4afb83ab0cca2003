public import Facts

/// Gives every part of an expression its type, and says where the language has none.
public struct TypeChecker {
  /// The type of a key by its page, nil where no page describes it.
  private let keyType: (SysctlKey) -> FactType?
  /// The names of a vector key's elements, empty for other keys.
  private let elements: (SysctlKey) -> [VectorElement]
  /// The subject that a rule is about; facts of others stand only inside an aggregate.
  private let subject: Subject
  private var problems: [Problem] = []

  /// A checker for expressions about `subject`.
  ///
  /// - Parameters:
  ///   - subject: what the rule is about; host for values of profiles and defaults.
  ///   - keyType: the type of a key by its page, nil where no page describes it.
  ///   - elements: the names of a vector key's elements, empty for other keys.
  public init(
    subject: Subject, keyType: @escaping (SysctlKey) -> FactType?,
    elements: @escaping (SysctlKey) -> [VectorElement]
  ) {
    self.subject = subject
    self.keyType = keyType
    self.elements = elements
  }

  /// The type of an expression, nil when it has none; the problems say why.
  public func check(_ expression: Expression) -> (type: FactType?, problems: [Problem]) {
    var checker = self
    let type = checker.type(of: expression, members: [subject])
    return (type, checker.problems)
  }

  /// The problems of an expression that must be true or false.
  public func problems(ofCondition expression: Expression) -> [Problem] {
    var (type, problems) = check(expression)
    if let type, type != .boolean {
      problems.append(
        Problem(at: expression.offset, "expected a condition, found \(type.words)"))
    }
    return problems
  }

  private mutating func note(_ offset: Int, _ message: String) -> FactType? {
    problems.append(Problem(at: offset, message))
    return nil
  }

  private mutating func type(of expression: Expression, members: Set<Subject>) -> FactType? {
    switch expression {
    case .literal(let literal, let at): type(of: literal, at: at)
    case .query(let query, let at): type(of: query, at: at, members: members)
    case .present(let fact, let at):
      type(of: fact, at: at, members: members) == nil ? nil : .boolean
    case .ascending(let fact, let at):
      ascending(type(of: fact, at: at, members: members), fact, at: at)
    case .not(let inner, _): expect(.boolean, inner, after: "'not'", members)
    case .negative(let inner, let at): negative(type(of: inner, members: members), at: at)
    case .logic(let logic, let left, let right, _):
      both(
        expect(.boolean, left, after: "the left of '\(logic.rawValue)'", members),
        expect(.boolean, right, after: "the right of '\(logic.rawValue)'", members))
    case .comparison(let comparison, let left, let right, let at):
      compared(comparison, left, right, at: at, members)
    case .member(let left, let set, let at):
      set.reduce(.boolean) { both($0, compared(.equal, left, $1, at: at, members)) }
    case .arithmetic(let operation, let left, let right, let at):
      computed(operation, left, right, at: at, members)
    case .call(let function, let arguments, let at):
      called(function, arguments, at: at, members)
    case .aggregate(let aggregate, let at): aggregated(aggregate, at: at, members)
    }
  }

  private func both(_ a: FactType?, _ b: FactType?) -> FactType? {
    a == nil || b == nil ? nil : .boolean
  }

  private mutating func type(of literal: Expression.Literal, at: Int) -> FactType? {
    switch literal {
    case .boolean: return .boolean
    case .text: return .text
    case .number(let number):
      guard let quantity = number.quantity else {
        return note(at, "expected a number of 64 bits, found '\(number.text)'")
      }
      return .quantity(quantity.dimension)
    }
  }

  private mutating func type(
    of fact: FactName, at: Int, members: Set<Subject>
  ) -> FactType? {
    if let subject = fact.subject, !members.contains(subject) {
      return note(
        at,
        "expected a fact of the host, found '\(fact)'; such a fact needs 'for: \(subject.rawValue)'"
          + " or an aggregate")
    }
    switch fact {
    case .key(let key):
      guard let type = keyType(key) else {
        return note(at, "expected a key that a page describes, found '\(key)'")
      }
      return type
    case .element(let key, let element):
      guard case .vector(let dimension) = keyType(key), elements(key).contains(element) else {
        let names = elements(key).map(\.rawValue).joined(separator: ", ")
        return note(
          at,
          "expected an element of a vector, found '\(fact)'"
            + (names.isEmpty ? "" : "; '\(key)' has \(names)"))
      }
      return .quantity(dimension)
    default: return fact.info?.type
    }
  }

  private mutating func type(
    of query: Query, at: Int, members: Set<Subject>
  ) -> FactType? {
    let type = type(of: query.fact, at: at, members: members)
    switch (query, query.fact) {
    case (.value, _): return type
    case (.rate, .counter), (.rate, .listener(.drops)):
      return type == nil ? nil : .quantity(.perSecond)
    case (.rate, let fact): return note(at, "expected a counter in 'rate(…)', found '\(fact)'")
    case (.defaultValue, .key), (.defaultValue, .element): return type
    case (.defaultValue, let fact):
      return note(at, "expected a key in 'default(…)', found '\(fact)'")
    }
  }

  private mutating func ascending(_ type: FactType?, _ fact: FactName, at: Int) -> FactType? {
    guard let type else { return nil }
    guard case .vector = type else {
      return note(at, "expected a vector in 'ascending(…)', found '\(fact)', \(type.words)")
    }
    return .boolean
  }

  private mutating func expect(
    _ wanted: FactType, _ expression: Expression, after what: String, _ members: Set<Subject>
  ) -> FactType? {
    guard let type = type(of: expression, members: members) else { return nil }
    guard type == wanted else {
      return note(expression.offset, "expected \(wanted.words) after \(what), found \(type.words)")
    }
    return type
  }

  private mutating func negative(_ type: FactType?, at: Int) -> FactType? {
    guard let type else { return nil }
    guard case .quantity = type else {
      return note(at, "expected a number after '-', found \(type.words)")
    }
    return type
  }

  private mutating func compared(
    _ comparison: Expression.Comparison, _ left: Expression, _ right: Expression, at: Int,
    _ members: Set<Subject>
  ) -> FactType? {
    let sides = typesOfReleases(left, right, members)
    guard let a = sides.0, let b = sides.1 else { return nil }
    let symbol = comparison.rawValue
    switch (a, b) {
    case (.text, .text) where [.equal, .unequal, .contains].contains(comparison): return .boolean
    case (.boolean, .boolean) where [.equal, .unequal].contains(comparison): return .boolean
    case (.release, .release) where comparison != .contains: return .boolean
    case (.quantity, .quantity) where comparison != .contains:
      return same(a, b, left, right) ? .boolean : mismatch(symbol, a, b, at: at)
    case (.vector, _), (_, .vector):
      return note(
        at, "expected a number beside '\(symbol)', found a vector; name one of its elements")
    case _ where a == b:
      return note(at, "expected another comparison of \(a.words) than '\(symbol)'")
    default: return mismatch(symbol, a, b, at: at)
    }
  }

  /// The types of both sides; opposite a release a number without unit is a release.
  private mutating func typesOfReleases(
    _ left: Expression, _ right: Expression, _ members: Set<Subject>
  ) -> (FactType?, FactType?) {
    if case .literal(.number(let number), _) = right, number.release != nil {
      let a = type(of: left, members: members)
      return (a, a == .release ? .release : type(of: right, members: members))
    }
    if case .literal(.number(let number), _) = left, number.release != nil {
      let b = type(of: right, members: members)
      return (b == .release ? .release : type(of: left, members: members), b)
    }
    return (type(of: left, members: members), type(of: right, members: members))
  }

  private func same(
    _ a: FactType, _ b: FactType, _ left: Expression, _ right: Expression
  ) -> Bool {
    a == b || left.isBareZero || right.isBareZero
  }

  private mutating func mismatch(
    _ symbol: String, _ a: FactType, _ b: FactType, at: Int
  ) -> FactType? {
    note(at, "expected the same unit on both sides of '\(symbol)', found \(a.words) and \(b.words)")
  }

  private mutating func computed(
    _ operation: Expression.Arithmetic, _ left: Expression, _ right: Expression, at: Int,
    _ members: Set<Subject>
  ) -> FactType? {
    let sides = (type(of: left, members: members), type(of: right, members: members))
    guard let a = sides.0, let b = sides.1 else { return nil }
    guard case .quantity(let x) = a, case .quantity(let y) = b else {
      return note(
        at, "expected numbers beside '\(operation.rawValue)', found \(a.words) and \(b.words)")
    }
    let result: Dimension? =
      switch operation {
      case .plus, .minus: same(a, b, left, right) ? (left.isBareZero ? y : x) : nil
      case .times: Dimension.product(x, y)
      case .over: Dimension.quotient(x, y)
      }
    guard let result else {
      return note(
        at, "expected units that '\(operation.rawValue)' can join, found \(a.words) and \(b.words)")
    }
    return .quantity(result)
  }

  private mutating func called(
    _ function: Expression.Function, _ arguments: [Expression], at: Int, _ members: Set<Subject>
  ) -> FactType? {
    var result: FactType?
    for argument in arguments {
      guard let type = type(of: argument, members: members) else { return nil }
      guard case .quantity = type else {
        return note(
          argument.offset, "expected a number in '\(function.rawValue)(…)', found \(type.words)")
      }
      if argument.isBareZero, result != nil { continue }
      if let result, result != type, !arguments[0].isBareZero {
        return note(
          argument.offset,
          "expected \(result.words) in '\(function.rawValue)(…)', found \(type.words)")
      }
      result = type
    }
    return result
  }

  private mutating func aggregated(
    _ aggregate: Aggregate, at: Int, _ members: Set<Subject>
  ) -> FactType? {
    let inside = members.union([aggregate.subject])
    let condition = expect(.boolean, aggregate.condition, after: "'where'", inside)
    guard let field = aggregate.field else {
      guard aggregate.kind == .count || aggregate.kind == .any else {
        return note(
          at,
          "expected a field in '\(aggregate.kind.rawValue)(…)', as in '\(aggregate.kind.rawValue)"
            + "(\(aggregate.subject.rawValue).length where …)'")
      }
      let type: FactType = aggregate.kind == .any ? .boolean : .quantity(.pure)
      return condition == nil ? nil : type
    }
    guard aggregate.kind == .sum || aggregate.kind == .max else {
      return note(
        at,
        "expected '\(aggregate.kind.rawValue)(\(aggregate.subject.rawValue) where …)' without a"
          + " field, found '\(field)'")
    }
    guard let type = type(of: field, at: at, members: inside), condition != nil else { return nil }
    guard case .quantity = type else {
      return note(
        at, "expected a number in '\(aggregate.kind.rawValue)(…)', found \(type.words)")
    }
    return type
  }
}

extension Expression {
  /// Whether it is a literal 0 without a unit.
  var isBareZero: Bool {
    if case .literal(.number(let number), _) = self { number.isBareZero } else { false }
  }
}
