import Expressions
import Facts

/// What a tunable's page must keep beside its header's form.
struct TunableChecks {
  static let headings = [
    "", "What it does", "How it meets the others", "How to see it at work", "When to change it",
    "When to leave it alone",
  ]

  let tunable: Tunable
  let body: Body
  let tunables: [SysctlKey: Tunable]
  /// Keys and ids of all pages.
  let names: Set<String>

  func problems() -> [PageProblem] {
    var problems = Sections.problems(of: body, file: tunable.file, expected: Self.headings)
    func note(_ message: String, line: Int = 1, column: Int = 1) {
      problems.append(
        PageProblem(file: tunable.file, line: line, column: column, message: message))
    }
    let newest = tunable.range.cases[0].value
    if !newest.contains(tunable.sensible.lowerBound)
      || !newest.contains(tunable.sensible.upperBound)
    {
      note(
        "expected a sensible range inside \(newest.lowerBound)..\(newest.upperBound), found"
          + " \(tunable.sensible.lowerBound)..\(tunable.sensible.upperBound)")
    }
    problems += defaultProblems()
    for counter in tunable.counters {
      if case .counter = FactName(counter) { continue }
      note("expected a counter as in 'TcpExt.ListenDrops', found '\(counter)'")
    }
    for name in tunable.related where !names.contains(name) {
      note("expected the name of a page in 'related', found '\(name)'")
    }
    return problems
  }

  /// Every default has the key's unit.
  private func defaultProblems() -> [PageProblem] {
    let checker = PageSet.typeChecker(for: .host, tunables)
    let wanted = FactType.quantity(tunable.unit.dimension)
    var problems: [PageProblem] = []
    for expression in tunable.defaultValue.cases.compactMap(\.value).joined() {
      let (type, found) = checker.check(expression)
      var messages = found.map(\.message)
      if let type, type != wanted, expression.description != "0" {
        messages.append(
          "expected \(wanted.words) in the default '\(expression)', found \(type.words)")
      }
      problems += messages.map {
        PageProblem(
          file: tunable.file, line: tunable.defaultField.line, column: tunable.defaultField.column,
          message: $0)
      }
    }
    return problems
  }
}
