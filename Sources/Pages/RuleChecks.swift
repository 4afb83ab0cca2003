import Expressions
import Facts

/// What a rule's page must keep beside its header's form.
struct RuleChecks {
  static let headings = ["", "Why", "What the change does", "When to leave it alone", "Examples"]

  let rule: Rule
  let body: Body
  let tunables: [SysctlKey: Tunable]
  private var problems: [PageProblem] = []
  private(set) var examples: [Example] = []

  init(_ rule: Rule, body: Body, tunables: [SysctlKey: Tunable]) {
    self.rule = rule
    self.body = body
    self.tunables = tunables
  }

  /// All that is wrong; the examples are there afterwards.
  mutating func run() -> [PageProblem] {
    problems = Sections.problems(of: body, file: rule.file, expected: Self.headings)
    checkTypes()
    // Examples of a condition without types would only say the same again.
    if problems.isEmpty { checkExamples() }
    return problems
  }

  private mutating func note(_ message: String, line: Int = 1, column: Int = 1) {
    problems.append(PageProblem(file: rule.file, line: line, column: column, message: message))
  }

  // MARK: Types

  private var checker: TypeChecker {
    PageSet.typeChecker(for: rule.subject, tunables)
  }

  private mutating func checkTypes() {
    for problem in checker.problems(ofCondition: rule.when) {
      place(problem, rule.whenField, 0)
    }
    for change in rule.changes { check(change) }
  }

  private mutating func place(_ problem: Problem, _ field: Header.Field, _ offset: Int) {
    let text = String(field.value.dropFirst(offset))
    note(
      problem.message, line: field.line,
      column: field.column + offset + problem.column(in: text) - 1)
  }

  private mutating func check(_ change: Rule.Change) {
    let (target, missing) = checker.check(.query(.value(change.target), at: 0))
    for problem in missing { place(problem, change.field, 0) }
    let (value, problems) = checker.check(change.value)
    for problem in problems { place(problem, change.field, change.offset) }
    guard let target, let value, let tunable = tunables[change.key] else { return }
    if case .vector = target {
      place(
        Problem(at: 0, "expected an element of '\(change.key)', found the whole vector"),
        change.field, 0)
      return
    }
    let isZero = change.value.description == "0"
    if value != target, !isZero {
      place(
        Problem(at: 0, "expected \(target.words) for '\(change.target)', found \(value.words)"),
        change.field, change.offset)
    }
    checkSensible(change, tunable)
  }

  /// A constant is held against the sensible range here; a computed value is cut when it is made.
  private mutating func checkSensible(_ change: Rule.Change, _ tunable: Tunable) {
    guard change.value.asked.isEmpty else { return }
    var evaluator = Evaluator(ExampleFacts(readings: [:]))
    let resolved = change.resolve(
      with: &evaluator, for: .host, tunable: tunable, pageSize: PageSet.examplePageSize)
    if let cut = resolved.value?.cutFrom {
      let range = tunable.sensible
      place(
        Problem(
          at: 0,
          "expected \(range.lowerBound) to \(range.upperBound), as the page of '\(change.key)' has"
            + " it, found \(cut)"), change.field, change.offset)
    }
  }

  // MARK: Examples

  private mutating func checkExamples() {
    let checker = self.checker
    let read = Example.read(body, file: rule.file) { expression in
      let (type, problems) = checker.check(expression)
      return (type, problems)
    }
    examples = read.examples
    problems += read.problems
    guard problems.isEmpty else { return }
    for outcome in [Example.Outcome.fires, .quiet]
    where !examples.contains(where: { $0.outcome == outcome }) {
      note("expected an example '```\(outcome.rawValue)', found none")
    }
    for example in examples {
      checkNames(of: example)
      checkOutcome(of: example)
    }
    checkBoundaries()
  }

  /// An example names what its outcome can need, and nothing else.
  private mutating func checkNames(of example: Example) {
    var known = rule.when.asked
    for change in rule.changes {
      known.formUnion(change.value.asked)
      known.insert(change.target.description)
    }
    for line in example.lines where !known.contains(line.name) {
      note("expected a fact that 'when' or 'set' uses, found '\(line.name)'", line: line.number)
    }
  }

  private mutating func checkOutcome(of example: Example) {
    var evaluator = Evaluator(ExampleFacts(readings: example.readings))
    let judgement = evaluator.judge(rule.when)
    guard judgement.truth == example.outcome.truth else {
      let outcome = Example.Outcome.allCases.first { $0.truth == judgement.truth } ?? .unknown
      let missing = judgement.missing.map(\.fact).joined(separator: ", ")
      note(
        "expected the outcome '\(example.outcome.rawValue)', found '\(outcome.rawValue)'"
          + (missing.isEmpty ? "" : " for want of \(missing)"), line: example.line)
      return
    }
    guard example.outcome == .fires, !rule.changes.isEmpty else { return }
    switch ExampleRemedy(rule, tunables).readings(after: example) {
    case .failure(let problem): note(problem.message, line: example.line)
    case .success(let readings):
      var after = Evaluator(ExampleFacts(readings: readings))
      if after.truth(of: rule.when) != .no {
        note("expected the change to make the example quiet", line: example.line)
      }
    }
  }

  /// Every comparison with a number has an example on either side of it.
  private mutating func checkBoundaries() {
    var comparisons: [Expression] = []
    rule.when.visit { expression in
      if case .comparison(_, let left, let right, _) = expression, left.isNumber || right.isNumber {
        comparisons.append(expression)
      }
    }
    for comparison in comparisons {
      let truths = Set(
        examples.map { example in
          var evaluator = Evaluator(ExampleFacts(readings: example.readings))
          return evaluator.truth(of: comparison)
        })
      for (truth, word) in [(Truth.yes, "holds"), (.no, "does not hold")]
      where !truths.contains(truth) {
        note("expected an example in which '\(comparison)' \(word), found none")
      }
    }
  }
}

/// What an example's host is after the remedy (facts.md 5).
struct ExampleRemedy {
  let rule: Rule
  let tunables: [SysctlKey: Tunable]

  init(_ rule: Rule, _ tunables: [SysctlKey: Tunable]) {
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
        with: &evaluator, for: .host, tunable: tunable, pageSize: PageSet.examplePageSize)
      switch resolved {
      case .missing(let absence):
        return .failure(Problem(at: 0, "expected a value for '\(change.target)', found \(absence)"))
      case .known(let resolved): apply(change, resolved.value, tunable, to: &readings)
      }
    }
    relisten(&readings, before)
    settle(&readings)
    return .success(readings)
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
