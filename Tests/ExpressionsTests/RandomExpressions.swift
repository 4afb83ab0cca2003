import Facts

@testable import Expressions

/// One of some things, by chance.
func pick<Element>(_ things: [Element], _ generator: inout SystemRandomNumberGenerator) -> Element {
  things[Int.random(in: things.indices, using: &generator)]
}

/// Makes expressions that the grammar knows, whatever their types.
struct RandomExpressions {
  private var generator = SystemRandomNumberGenerator()
  private let facts: [FactName]

  init(naming names: [String]) {
    facts = names.compactMap { FactName($0) }
  }

  mutating func next(depth: Int) -> Expression {
    guard depth > 0 else { return leaf() }
    switch Int.random(in: 0...9, using: &generator) {
    case 0: return .not(next(depth: depth - 1), at: 0)
    case 1: return .negative(next(depth: depth - 1), at: 0)
    case 2, 3:
      let logic = pick([Expression.Logic.and, .or], &generator)
      return .logic(logic, next(depth: depth - 1), next(depth: depth - 1), at: 0)
    case 4:
      let comparison = pick(Expression.Comparison.allCases, &generator)
      return .comparison(comparison, next(depth: depth - 1), next(depth: depth - 1), at: 0)
    case 5: return .member(next(depth: depth - 1), of: some(depth: depth - 1), at: 0)
    case 6, 7:
      let operation = pick([Expression.Arithmetic.plus, .minus, .times, .over], &generator)
      return .arithmetic(operation, next(depth: depth - 1), next(depth: depth - 1), at: 0)
    case 8: return call(depth: depth)
    default: return .aggregate(aggregate(depth: depth), at: 0)
    }
  }

  private mutating func some(depth: Int) -> [Expression] {
    (0..<Int.random(in: 1...3, using: &generator)).map { _ in next(depth: depth) }
  }

  private mutating func call(depth: Int) -> Expression {
    switch pick([Expression.Function.min, .max, .nextPowerOfTwo], &generator) {
    case .nextPowerOfTwo: .call(.nextPowerOfTwo, [next(depth: depth - 1)], at: 0)
    case let function: .call(function, some(depth: depth - 1), at: 0)
    }
  }

  private mutating func aggregate(depth: Int) -> Aggregate {
    let kind = pick([Aggregate.Kind.count, .any, .sum, .max], &generator)
    let subject = pick([Subject.listener, .destination, .entry], &generator)
    let fields: [FactName] =
      switch subject {
      case .destination: [.destination(.timeWait), .destination(.port)]
      case .entry: [.entry(.repeated)]
      default: [.listener(.drops), .listener(.synCapacity)]
      }
    let field = kind == .count || kind == .any ? nil : pick(fields, &generator)
    return Aggregate(
      kind: kind, subject: subject, field: field, condition: next(depth: depth - 1))
  }

  private mutating func leaf() -> Expression {
    let fact = pick(facts, &generator)
    switch Int.random(in: 0...7, using: &generator) {
    case 0: return .literal(.boolean(Bool.random(using: &generator)), at: 0)
    case 1: return .literal(.text(pick(["", "a b", "队列", "/etc/x.conf"], &generator)), at: 0)
    case 2, 3: return .literal(.number(number()), at: 0)
    case 4: return .query(.rate(fact), at: 0)
    case 5: return .query(.defaultValue(fact), at: 0)
    case 6:
      return Bool.random(using: &generator)
        ? .present(fact, at: 0) : .ascending(fact, at: 0)
    default: return .query(.value(fact), at: 0)
    }
  }

  private mutating func number() -> NumberLiteral {
    let text = pick(["0", "1", "60", "4096", "0.25", "5.4", "6.1.125"], &generator)
    guard Bool.random(using: &generator) else { return NumberLiteral(text: text) }
    let unit = pick(LiteralUnit.all, &generator)
    return NumberLiteral(text: text, unit: NumberLiteral.UnitSymbol(unit))
  }
}
