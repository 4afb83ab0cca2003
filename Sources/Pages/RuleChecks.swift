import Expressions
import Facts

/// What a rule's page must keep beside its header's form.
///
/// The header may be wrong: what could not be read of it is left alone, and all else is checked, so
/// that one look finds everything.
struct RuleChecks {
  static let headings = ["", "Why", "What the change does", "When to leave it alone", "Examples"]

  let rule: Rule
  let header: Header
  let body: Body
  /// The tunables that rules may name, those with faulty headers among them.
  let tunables: TunableTable
  private(set) var problems: [PageProblem] = []
  private(set) var examples: [Example] = []
  /// Whether the condition and the changes can be evaluated.
  private(set) var isSound = false

  init(_ rule: Rule, _ header: Header, body: Body, tunables: TunableTable) {
    self.rule = rule
    self.header = header
    self.body = body
    self.tunables = tunables
  }

  /// Finds all that is wrong; the examples are there afterwards.
  mutating func run() {
    problems = Sections.problems(of: body, file: rule.file, expected: Self.headings)
    let isConditionSound = checkCondition()
    let areChangesSound = checkChanges()
    isSound = isConditionSound && areChangesSound
    var checks = ExampleChecks(
      rule, tunables, isConditionSound: isConditionSound, areChangesSound: areChangesSound)
    checks.run(body, checker)
    problems += checks.problems
    examples = checks.examples
  }

  private var checker: TypeChecker {
    PageSet.typeChecker(for: rule.subject, tunables)
  }

  private mutating func note(
    _ message: String, _ field: Header.Field, at place: String.Index? = nil
  ) {
    problems.append(
      PageProblem(
        file: rule.file, line: field.line,
        column: place.map { field.column(at: $0) } ?? field.column, message: message))
  }

  /// - Returns: whether the condition can be evaluated.
  private mutating func checkCondition() -> Bool {
    guard rule.isRead("when", "for"), let field = header.first("when") else { return false }
    for problem in checker.problems(ofCondition: rule.when) {
      note(problem.message, field, at: problem.place(in: field.value[...]))
    }
    return checker.check(rule.when).type == .boolean
  }

  /// - Returns: whether all changes can be made.
  private mutating func checkChanges() -> Bool {
    guard rule.isRead("for") else { return false }
    var areSound = rule.isRead("set")
    for change in rule.changes where !check(change) { areSound = false }
    return areSound
  }

  private mutating func check(_ change: Rule.Change) -> Bool {
    let (target, missing) = checker.check(.query(.value(change.target), at: 0))
    for problem in missing { note(problem.message, change.field) }
    let (value, problems) = checker.check(change.value)
    for problem in problems {
      note(problem.message, change.field, at: problem.place(in: change.text))
    }
    guard let target, let value, let tunable = tunables[change.key] else { return false }
    // A rule raises and lowers; which name is right is no arithmetic.
    guard tunable.form == .numbers, tunable.access == .readWrite else {
      note("expected a key with numbers that can be written, found '\(change.key)'", change.field)
      return false
    }
    if case .vector = target {
      note("expected an element of '\(change.key)', found the whole vector", change.field)
      return false
    }
    guard value == target || change.value.isBareZero else {
      note(
        "expected \(target.words) for '\(change.target)', found \(value.words)", change.field,
        at: change.text.startIndex)
      return false
    }
    return isSensible(change, tunable)
  }

  /// A constant is held against the sensible range here; a computed value is cut when it is made.
  private mutating func isSensible(_ change: Rule.Change, _ tunable: Tunable) -> Bool {
    guard tunable.isRead("sensible") else { return false }
    guard change.value.asked.isEmpty else { return true }
    var evaluator = Evaluator(ExampleFacts(readings: [:]))
    let resolved = change.resolve(
      with: &evaluator, for: .host, bounds: tunable.bounds, pageSize: PageSet.examplePageSize)
    guard let cut = resolved.value?.cutFrom else { return true }
    let range = tunable.sensible
    note(
      "expected \(range.lowerBound) to \(range.upperBound), as the page of '\(change.key)' has it,"
        + " found \(cut)", change.field, at: change.text.startIndex)
    return false
  }
}
