import Expressions
import Facts
import Testing

/// A host made of a table: facts in the spelling of conditions.
struct TableOfFacts: FactSource, Sendable {
  typealias Row = [String: Reading<Value>]

  /// Facts of the host, and those of a member that is in no list.
  var facts: Row = [:]
  /// The facts of each listener.
  var listeners: Reading<[Row]> = .known([])
  /// The facts of each destination.
  var destinations: Reading<[Row]> = .notGathered("no dump")
  /// Aggregates that the source states itself.
  var stated: Row = [:]

  func reading(_ query: Query, of members: Members) -> Reading<Value> {
    let name = query.description
    if case .known(let rows) = rows(query.fact.subject ?? .host),
      let index = members[query.fact.subject ?? .host], let reading = rows[index][name]
    {
      return reading
    }
    return facts[name] ?? .notGathered("not in the table")
  }

  func stated(_ aggregate: Aggregate) -> Reading<Value>? { stated[aggregate.description] }

  func count(of subject: Subject) -> Reading<Int> { rows(subject).map(\.count) }

  func name(of subject: Subject, _ index: Int) -> String? { "\(subject.rawValue) \(index)" }

  private func rows(_ subject: Subject) -> Reading<[Row]> {
    switch subject {
    case .listener: listeners
    case .destination: destinations
    case .host, .entry: .notGathered("no members")
    }
  }
}

extension Reading<Value> {
  static func number(_ number: Int64) -> Self { .known(.count(number)) }
  static func seconds(_ number: Int64) -> Self { .known(.count(number, .seconds)) }
  static func bytes(_ number: Int64) -> Self { .known(.count(number, .bytes)) }
  static func perSecond(_ number: Int64) -> Self { .known(.count(number, .perSecond)) }
  static func flag(_ boolean: Bool) -> Self { .known(.boolean(boolean)) }
  static func words(_ text: String) -> Self { .known(.text(text)) }
  static func numbers(_ numbers: Int64...) -> Self {
    .known(.vector(numbers.map { Quantity($0, .bytes) }))
  }
  static func kernel(_ text: String) -> Self {
    KernelRelease(text).map { .known(.release($0)) } ?? .unreadable("'\(text)' is no release")
  }
  /// No value, in one of the four ways.
  static func lacking(_ kind: Absence.Kind) -> Self { .missing(Absence(kind, "in this test")) }
}

/// The truth of a condition over a table.
func truth(
  _ condition: String, _ facts: TableOfFacts.Row = [:], of members: Members = .host
) throws -> Truth {
  var evaluator = Evaluator(TableOfFacts(facts: facts))
  return evaluator.truth(of: try Expression(parsing: condition), for: members)
}

/// The value of an expression over a table.
func value(_ expression: String, _ facts: TableOfFacts.Row = [:]) throws -> Reading<Value> {
  var evaluator = Evaluator(TableOfFacts(facts: facts))
  return evaluator.value(of: try Expression(parsing: expression))
}

extension Expression {
  /// The same expression with every place 0, so that two spellings can be compared.
  var withoutPlaces: Expression {
    switch self {
    case .literal(let literal, _): .literal(literal, at: 0)
    case .query(let query, _): .query(query, at: 0)
    case .present(let fact, _): .present(fact, at: 0)
    case .ascending(let fact, _): .ascending(fact, at: 0)
    case .not(let inner, _): .not(inner.withoutPlaces, at: 0)
    case .negative(let inner, _): .negative(inner.withoutPlaces, at: 0)
    case .logic(let logic, let left, let right, _):
      .logic(logic, left.withoutPlaces, right.withoutPlaces, at: 0)
    case .comparison(let comparison, let left, let right, _):
      .comparison(comparison, left.withoutPlaces, right.withoutPlaces, at: 0)
    case .member(let left, let set, _):
      .member(left.withoutPlaces, of: set.map(\.withoutPlaces), at: 0)
    case .arithmetic(let operation, let left, let right, _):
      .arithmetic(operation, left.withoutPlaces, right.withoutPlaces, at: 0)
    case .call(let function, let arguments, _):
      .call(function, arguments.map(\.withoutPlaces), at: 0)
    case .aggregate(let aggregate, _): .aggregate(aggregate.withoutPlaces, at: 0)
    }
  }
}

extension Aggregate {
  fileprivate var withoutPlaces: Aggregate {
    var copy = self
    copy.condition = condition.withoutPlaces
    return copy
  }
}
