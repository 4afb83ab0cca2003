public import Facts

/// Evaluates conditions and values over one source of facts.
///
/// Not for use from several threads: it remembers the values of aggregates, which do not depend on
/// the member at hand.
public struct Evaluator<Source: FactSource> {
  /// Where facts come from.
  public let source: Source
  /// Values of aggregates that do not depend on the member at hand.
  var aggregates: [Aggregate: Reading<Value>] = [:]

  /// An evaluator over a source.
  public init(_ source: Source) {
    self.source = source
  }

  /// Whether a condition holds for the members at hand.
  public mutating func truth(of condition: Expression, for members: Members = .host) -> Truth {
    var trace: Trace?
    return truth(condition, members, &trace)
  }

  /// Whether a condition holds, with what decided it.
  public mutating func judge(_ condition: Expression, for members: Members = .host) -> Judgement {
    var trace: Trace? = Trace()
    let truth = truth(condition, members, &trace)
    return Judgement(
      truth: truth, evidence: trace?.evidence ?? [],
      missing: truth == .unknown ? trace?.missing ?? [] : [])
  }

  /// The value of an expression, or why there is none.
  public mutating func value(of expression: Expression, for members: Members = .host)
    -> Reading<Value>
  {
    var trace: Trace? = Trace()
    if let value = value(expression, members, &trace) { return .known(value) }
    let reason = trace?.missing.first.map(\.absence) ?? Absence(.absent, "\(expression)")
    return .missing(reason)
  }
}

// MARK: Conditions

extension Evaluator {
  mutating func truth(
    _ expression: Expression, _ members: Members, _ trace: inout Trace?
  ) -> Truth {
    switch expression {
    case .not(let inner, _): return truth(inner, members, &trace).negated
    case .logic(let logic, let left, let right, _):
      return joined(logic, left, right, members, &trace)
    case .comparison(let comparison, let left, let right, _):
      return compared(comparison, left, right, members, &trace)
    case .member(let left, let set, _): return isMember(left, of: set, members, &trace)
    case .present(let fact, _): return presence(of: fact, members, &trace)
    case .ascending(let fact, _): return isAscending(fact, members, &trace)
    case .literal, .query, .negative, .arithmetic, .call, .aggregate:
      guard case .boolean(let boolean) = value(expression, members, &trace) else {
        return .unknown
      }
      return Truth(boolean)
    }
  }

  /// `and` is decided by one no, `or` by one yes; only the deciding side is evidence.
  private mutating func joined(
    _ logic: Expression.Logic, _ left: Expression, _ right: Expression, _ members: Members,
    _ trace: inout Trace?
  ) -> Truth {
    let decisive: Truth = logic == .and ? .no : .yes
    var first = trace.map { _ in Trace() }
    let a = truth(left, members, &first)
    if a == decisive {
      trace?.add(first)
      return a
    }
    var second = trace.map { _ in Trace() }
    let b = truth(right, members, &second)
    if b == decisive {
      trace?.add(second)
      return b
    }
    trace?.add(first)
    trace?.add(second)
    return a == .unknown || b == .unknown ? .unknown : a
  }

  /// `in` is an `or` of equalities: one yes decides it, and then nothing else is evidence.
  private mutating func isMember(
    _ left: Expression, of set: [Expression], _ members: Members, _ trace: inout Trace?
  ) -> Truth {
    var result = Truth.no
    var undecided = trace.map { _ in Trace() }
    for item in set {
      var own = trace.map { _ in Trace() }
      switch compared(.equal, left, item, members, &own) {
      case .yes:
        trace?.add(own)
        return .yes
      case .unknown: result = .unknown
      case .no: break
      }
      undecided?.add(own)
    }
    trace?.add(undecided)
    return result
  }

  private mutating func compared(
    _ comparison: Expression.Comparison, _ left: Expression, _ right: Expression,
    _ members: Members, _ trace: inout Trace?
  ) -> Truth {
    var a = value(left, members, &trace)
    var b = value(right, members, &trace)
    // Opposite a release a number spells one; with three parts it has no value of its own.
    if case .release? = a, let spelled = right.release { b = .release(spelled) }
    if case .release? = b, let spelled = left.release { a = .release(spelled) }
    guard let a, let b else { return .unknown }
    switch (a, b) {
    case (.quantity(let x), .quantity(let y)): return Truth(comparison.holds(x.amount, y.amount))
    case (.text(let x), .text(let y)):
      return Truth(comparison == .contains ? x.has(y) : comparison.holds(x, y))
    case (.boolean(let x), .boolean(let y)):
      return Truth(comparison == .unequal ? x != y : x == y)
    case (.release(let x), .release(let y)): return Truth(comparison.holds(x, y))
    default: return .unknown
    }
  }

  private func presence(
    of fact: FactName, _ members: Members, _ trace: inout Trace?
  ) -> Truth {
    switch source.reading(.value(fact), of: members) {
    case .known(let value):
      trace?.add(evidence(.value(fact), value, members))
      return .yes
    case .missing(let absence) where absence.kind == .absent: return .no
    case .missing(let absence):
      trace?.miss("present(\(fact))", absence)
      return .unknown
    }
  }

  private func isAscending(
    _ fact: FactName, _ members: Members, _ trace: inout Trace?
  ) -> Truth {
    switch source.reading(.value(fact), of: members) {
    case .known(let value):
      guard case .vector(let elements) = value else { return .unknown }
      trace?.add(evidence(.value(fact), value, members))
      return Truth(zip(elements, elements.dropFirst()).allSatisfy { $0.amount <= $1.amount })
    case .missing(let absence):
      trace?.miss(fact.description, absence)
      return .unknown
    }
  }
}

// MARK: Values

extension Evaluator {
  private mutating func value(
    _ expression: Expression, _ members: Members, _ trace: inout Trace?
  ) -> Value? {
    switch expression {
    case .literal(.number(let number), _): return number.quantity.map(Value.quantity)
    case .literal(.text(let text), _): return .text(text)
    case .literal(.boolean(let boolean), _): return .boolean(boolean)
    case .query(let query, _):
      switch source.reading(query, of: members) {
      case .known(let value):
        trace?.add(evidence(query, value, members))
        return value
      case .missing(let absence):
        trace?.miss(query.description, absence)
        return nil
      }
    case .negative(let inner, _):
      guard let number = quantity(inner, members, &trace) else { return nil }
      return result(number.amount.negated, number.dimension, expression, &trace)
    case .arithmetic(let operation, let left, let right, _):
      let a = quantity(left, members, &trace)
      let b = quantity(right, members, &trace)
      guard let a, let b else { return nil }
      return computed(operation, a, b, expression, &trace)
    case .call(let function, let arguments, _):
      return called(function, arguments, expression, members, &trace)
    case .aggregate(let aggregate, _): return aggregated(aggregate, members, &trace)
    case .present, .ascending, .not, .logic, .comparison, .member:
      switch truth(expression, members, &trace) {
      case .yes: return .boolean(true)
      case .no: return .boolean(false)
      case .unknown: return nil
      }
    }
  }

  private mutating func quantity(
    _ expression: Expression, _ members: Members, _ trace: inout Trace?
  ) -> Quantity? {
    guard case .quantity(let quantity) = value(expression, members, &trace) else { return nil }
    return quantity
  }

  private func result(
    _ amount: Fraction?, _ dimension: Dimension, _ expression: Expression, _ trace: inout Trace?
  ) -> Value? {
    guard let amount else {
      trace?.miss(
        expression.description, Absence(.unreadable, "the result does not fit 64 bits"))
      return nil
    }
    return .quantity(Quantity(amount, dimension))
  }

  private func computed(
    _ operation: Expression.Arithmetic, _ a: Quantity, _ b: Quantity, _ expression: Expression,
    _ trace: inout Trace?
  ) -> Value? {
    let sum = a.dimension == .pure ? b.dimension : a.dimension
    switch operation {
    case .plus: return result(a.amount.adding(b.amount), sum, expression, &trace)
    case .minus: return result(a.amount.subtracting(b.amount), sum, expression, &trace)
    case .times:
      return Dimension.product(a.dimension, b.dimension).flatMap {
        result(a.amount.multiplied(by: b.amount), $0, expression, &trace)
      }
    case .over:
      guard b.amount != Fraction(0) else {
        trace?.miss(expression.description, Absence(.unreadable, "division by zero"))
        return nil
      }
      return Dimension.quotient(a.dimension, b.dimension).flatMap {
        result(a.amount.divided(by: b.amount), $0, expression, &trace)
      }
    }
  }

  private mutating func called(
    _ function: Expression.Function, _ arguments: [Expression], _ expression: Expression,
    _ members: Members, _ trace: inout Trace?
  ) -> Value? {
    var numbers: [Quantity] = []
    for argument in arguments {
      if let number = quantity(argument, members, &trace) { numbers.append(number) }
    }
    guard numbers.count == arguments.count, let first = numbers.first else { return nil }
    // A bare 0 takes the unit of the others.
    let dimension = numbers.first { $0.dimension != .pure }?.dimension ?? first.dimension
    let amounts = numbers.map(\.amount)
    switch function {
    case .min: return amounts.min().map { .quantity(Quantity($0, dimension)) }
    case .max: return amounts.max().map { .quantity(Quantity($0, dimension)) }
    case .nextPowerOfTwo:
      return result(first.amount.nextPowerOfTwo, dimension, expression, &trace)
    }
  }

  private func evidence(_ query: Query, _ value: Value, _ members: Members) -> Evidence {
    let subject = query.fact.subject
    let source: String =
      if case .defaultValue = query { "page \(query.fact)" } else { query.fact.source }
    return Evidence(
      fact: query.description, value: value, source: source,
      subject: subject.flatMap { kind in
        members[kind].flatMap { self.source.name(of: kind, $0) }
      })
  }
}

extension Expression {
  /// The release that a bare number spells.
  fileprivate var release: KernelRelease? {
    if case .literal(.number(let number), _) = self { number.release } else { nil }
  }
}

extension Expression.Comparison {
  fileprivate func holds<Operand: Comparable>(_ a: Operand, _ b: Operand) -> Bool {
    switch self {
    case .equal: a == b
    case .unequal: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    case .contains: false
    }
  }
}
