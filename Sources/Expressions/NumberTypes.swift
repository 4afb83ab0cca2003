import Facts

// What the parts of an expression must be that make numbers of others.
extension TypeChecker {
  mutating func negative(_ type: FactType?, at: Int) -> FactType? {
    guard let type else { return nil }
    guard case .quantity = type else {
      return note(at, "expected a number after '-', found \(type.words)")
    }
    return type
  }

  mutating func computed(
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

  mutating func called(
    _ function: Expression.Function, _ arguments: [Expression], at: Int, _ members: Set<Subject>
  ) -> FactType? {
    // A bare 0 takes the unit of the others.
    var result: FactType?
    for argument in arguments {
      guard let type = type(of: argument, members: members) else { return nil }
      guard case .quantity = type else {
        return note(
          argument.offset, "expected a number in '\(function.rawValue)(…)', found \(type.words)")
      }
      if argument.isBareZero { continue }
      if let result, result != type {
        return note(
          argument.offset,
          "expected \(result.words) in '\(function.rawValue)(…)', found \(type.words)")
      }
      result = type
    }
    return result ?? .quantity(.pure)
  }

  mutating func aggregated(
    _ aggregate: Aggregate, at: Int, _ members: Set<Subject>
  ) -> FactType? {
    let inside = members.union([aggregate.subject])
    let condition = expectTruth(aggregate.condition, "after 'where'", inside)
    guard let field = aggregate.field else {
      guard aggregate.kind == .count || aggregate.kind == .any else {
        let kind = aggregate.kind.rawValue
        let field = aggregate.subject.aNumber.map { ", as in '\(kind)(\($0) where …)'" } ?? ""
        return note(at, "expected a field in '\(kind)(…)'\(field), found none")
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

extension Subject {
  /// A fact that can be summed, for hints.
  fileprivate var aNumber: FactName? {
    switch self {
    case .host: nil
    case .listener: .listener(.length)
    case .destination: .destination(.timeWait)
    case .entry: .entry(.repeated)
    }
  }
}
