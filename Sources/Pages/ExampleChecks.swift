import Expressions
import Facts

/// What the examples of a rule's page must keep.
struct ExampleChecks {
  private let rule: Rule
  private let tunables: TunableTable
  private let isConditionSound: Bool
  private let areChangesSound: Bool
  private(set) var problems: [PageProblem] = []
  private(set) var examples: [Example] = []

  /// Checks for the examples of a rule; what is not sound is not evaluated.
  init(
    _ rule: Rule, _ tunables: TunableTable, isConditionSound: Bool, areChangesSound: Bool
  ) {
    self.rule = rule
    self.tunables = tunables
    self.isConditionSound = isConditionSound
    self.areChangesSound = areChangesSound
  }

  private mutating func note(_ message: String, line: Int = 1) {
    problems.append(PageProblem(file: rule.file, line: line, message: message))
  }

  mutating func run(_ body: Body, _ checker: TypeChecker) {
    let areFencesRight = checkFences(of: body)
    // Without its subject a rule has no facts that an example could give.
    guard rule.isRead("for") else { return }
    let read = Example.read(body, file: rule.file) { checker.check($0) }
    examples = read.examples
    problems += read.problems
    let whole = examples.filter(\.isWhole)
    if rule.isRead("when", "set") {
      for example in examples { checkNames(of: example) }
    }
    if isConditionSound {
      for example in whole { checkOutcome(of: example) }
    }
    // An example that could not be read may be the one that is missing.
    guard areFencesRight, body.isClosed else { return }
    for outcome in [Example.Outcome.fires, .quiet]
    where !examples.contains(where: { $0.outcome == outcome }) {
      note("expected an example '```\(outcome.rawValue)', found none")
    }
    if isConditionSound, whole.count == examples.count { checkBoundaries() }
  }

  /// Under its heading every fence is an example; elsewhere it is code, unless its word was meant
  /// for an outcome.
  private mutating func checkFences(of body: Body) -> Bool {
    let outcomes = Example.Outcome.allCases.map(\.rawValue)
    var areRight = true
    for fence in body.fences where !outcomes.contains(fence.language) {
      guard
        fence.section == "Examples"
          || Spelling.nearest(to: fence.language, among: outcomes) != nil
      else { continue }
      areRight = false
      let known = outcomes.map { "'```\($0)'" }.joined(separator: ", ")
      note(
        "expected \(known) before an example, found '```\(fence.language)'", line: fence.line - 1)
    }
    return areRight
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
    let found = outcome(of: example.readings)
    guard found.truth == example.outcome.truth else {
      note(
        "expected the outcome '\(example.outcome.rawValue)', found \(found.words)",
        line: example.line)
      return
    }
    guard example.outcome == .fires, areChangesSound, rule.isRead("unset"),
      !rule.changes.isEmpty || !rule.removals.isEmpty
    else { return }
    // The line is gone, and with it the member for which the rule was evaluated.
    if rule.removals.contains(.entry) { return }
    switch ExampleRemedy(rule, tunables).readings(after: example) {
    case .failure(let problem): note(problem.message, line: example.line)
    case .success(let readings):
      let after = outcome(of: readings)
      if after.truth != .no {
        note(
          "expected the change to make the example quiet, found \(after.words)", line: example.line)
      }
    }
  }

  private func outcome(
    of readings: [String: Reading<Value>]
  ) -> (truth: Truth, words: String) {
    var evaluator = Evaluator(ExampleFacts(readings: readings))
    let judgement = evaluator.judge(rule.when)
    let outcome = Example.Outcome.allCases.first { $0.truth == judgement.truth } ?? .unknown
    let missing = judgement.missing.map(\.fact).joined(separator: ", ")
    return (
      judgement.truth,
      "'\(outcome.rawValue)'" + (missing.isEmpty ? "" : " for want of \(missing)")
    )
  }

  /// Every comparison with a number, bare or as a factor (`25% * X`), has an example on either side of
  /// it.
  private mutating func checkBoundaries() {
    var comparisons: [Expression] = []
    rule.when.visit { expression in
      if case .comparison(_, let left, let right, _) = expression, left.hasNumber || right.hasNumber
      {
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

extension Expression {
  /// Whether a number stands anywhere in it.
  fileprivate var hasNumber: Bool {
    var found = false
    visit { part in
      if case .literal(.number, _) = part { found = true }
    }
    return found
  }
}
