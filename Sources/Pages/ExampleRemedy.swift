import Expressions
import Facts

/// What an example's host is after the remedy (facts.md 5).
struct ExampleRemedy {
  let rule: Rule
  let tunables: TunableTable

  init(_ rule: Rule, _ tunables: TunableTable) {
    self.rule = rule
    self.tunables = tunables
  }

  /// The facts with the changed values, every rate 0 and every listener listening anew.
  func readings(after example: Example) -> Result<[String: Reading<Value>], Problem> {
    var readings = example.readings
    let before = readings
    var evaluator = Evaluator(ExampleFacts(readings: before))
    for change in rule.changes {
      guard let tunable = tunables[change.key], !isAbsent(change, before) else { continue }
      let resolved = change.resolve(
        with: &evaluator, for: .host, bounds: tunable.bounds, pageSize: PageSet.examplePageSize)
      switch resolved {
      case .missing(let absence):
        return .failure(Problem(at: 0, "expected a value for '\(change.target)', found \(absence)"))
      case .known(let resolved): apply(change, resolved.value, tunable, to: &readings)
      }
    }
    for removal in rule.removals { take(removal, from: &readings) }
    relisten(&readings, before)
    settle(&readings)
    return .success(readings)
  }

  /// Counts of the lines that set a key are none when those lines are gone.
  private func take(_ removal: Rule.Removal, from readings: inout [String: Reading<Value>]) {
    guard case .key(let key) = removal else { return }
    rule.when.visit { expression in
      guard case .aggregate(let aggregate, _) = expression, aggregate.subject == .entry,
        aggregate.condition.description.has("\"\(key.name)\"")
      else { return }
      readings[aggregate.description] = .known(
        aggregate.kind == .any ? .boolean(false) : .count(0))
    }
  }

  /// What is not there is not set.
  private func isAbsent(_ change: Rule.Change, _ readings: [String: Reading<Value>]) -> Bool {
    let reading = readings[change.target.description] ?? readings[change.key.name]
    return reading?.absence?.kind == .absent
  }

  private func apply(
    _ change: Rule.Change, _ value: Int64, _ tunable: Tunable,
    to readings: inout [String: Reading<Value>]
  ) {
    guard let quantity = tunable.unit.quantity(value, pageSize: PageSet.examplePageSize) else {
      return
    }
    let source = ExampleFacts(readings: readings)
    if case .known(.quantity(let current)) = source.reading(.value(change.target), of: .host),
      let own = tunable.unit.own(current, pageSize: PageSet.examplePageSize)?.whole,
      change.operator.isSatisfied(by: own, wanting: value)
    {
      return
    }
    if let element = change.element, let index = tunable.elements.firstIndex(of: element),
      case .known(.vector(var numbers))? = readings[change.key.name], index < numbers.count
    {
      numbers[index] = quantity
      readings[change.key.name] = .known(.vector(numbers))
    }
    readings[change.target.description] = .known(.quantity(quantity))
  }

  /// A limit at the old cap follows the cap; any other is cut to it.
  private func relisten(
    _ readings: inout [String: Reading<Value>], _ before: [String: Reading<Value>]
  ) {
    let cap = "net.core.somaxconn"
    let limit = FactName.listener(.limit).description
    guard
      case .known(.quantity(let old))? = before[cap],
      case .known(.quantity(let new))? = readings[cap],
      case .known(.quantity(let asked))? = before[limit]
    else { return }
    let relistened = asked == old ? new : Quantity(min(asked.amount, new.amount))
    readings[limit] = .known(.quantity(relistened))
    let above = FactName.listener(.aboveCap).description
    if readings[above] != nil { readings[above] = .known(.boolean(false)) }
  }

  /// With the cause gone nothing grows any more.
  private func settle(_ readings: inout [String: Reading<Value>]) {
    rule.when.visit { expression in
      switch expression {
      case .query(.rate(let fact), _):
        readings[Query.rate(fact).description] = .known(.count(0, .perSecond))
      case .aggregate(let aggregate, _):
        var evaluator = Evaluator(NoRates())
        guard evaluator.truth(of: aggregate.condition) == .no else { return }
        readings[aggregate.description] = .known(
          aggregate.kind == .any ? .boolean(false) : .count(0))
      default: break
      }
    }
  }

  /// A host of which only is known that nothing grows.
  private struct NoRates: FactSource {
    func reading(_ query: Query, of members: Members) -> Reading<Value> {
      if case .rate = query { .known(.count(0, .perSecond)) } else { .notGathered("not asked for") }
    }
    func stated(_ aggregate: Aggregate) -> Reading<Value>? { .notGathered("not asked for") }
    func count(of subject: Subject) -> Reading<Int> { .notGathered("not asked for") }
    func name(of subject: Subject, _ index: Int) -> String? { nil }
  }
}
