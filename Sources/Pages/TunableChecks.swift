import Expressions
import Facts

/// What a tunable's page must keep beside its header's form.
///
/// The header may be wrong: what could not be read of it is left alone.
struct TunableChecks {
  static let headings = [
    "", "What it does", "How it meets the others", "How to see it at work", "When to change it",
    "When to leave it alone",
  ]

  private let tunable: Tunable
  private let header: Header
  private let body: Body
  private let tunables: TunableTable
  private let names: Set<String>
  private var problems: [PageProblem] = []

  /// - Parameters:
  ///   - tunable: what the header says.
  ///   - header: where it says it.
  ///   - body: the page's text.
  ///   - tunables: the keys that defaults may name.
  ///   - names: the keys and ids of all pages.
  init(
    _ tunable: Tunable, _ header: Header, body: Body, tunables: TunableTable,
    names: Set<String>
  ) {
    self.tunable = tunable
    self.header = header
    self.body = body
    self.tunables = tunables
    self.names = names
  }

  mutating func run() -> [PageProblem] {
    problems = Sections.problems(of: body, file: tunable.file, expected: Self.headings)
    checkSensible()
    checkDefaults()
    for counter in header.items("counters") {
      if case .counter = FactName(String(counter)) { continue }
      note("expected a counter as in 'TcpExt.ListenDrops', found '\(counter)'", "counters", counter)
    }
    for name in header.items("related") where !names.contains(String(name)) {
      note("expected the name of a page in 'related', found '\(name)'", "related", name)
    }
    return problems
  }

  /// Places a problem at a part of a field's value, or at all of it.
  private mutating func note(_ message: String, _ name: String, _ part: Substring? = nil) {
    guard let field = header.first(name) else { return }
    problems.append(
      PageProblem(
        file: tunable.file, line: field.line,
        column: part.map { field.column(at: $0.startIndex) } ?? field.column, message: message))
  }

  /// What is sensible is also what the newest kernel accepts.
  private mutating func checkSensible() {
    let newest = tunable.range.cases[0].value
    let sensible = tunable.sensible
    guard tunable.form != .text, tunable.isRead("range", "sensible"),
      !newest.contains(sensible.lowerBound) || !newest.contains(sensible.upperBound)
    else { return }
    note(
      "expected a sensible range inside \(newest.lowerBound)..\(newest.upperBound), found"
        + " \(sensible.lowerBound)..\(sensible.upperBound)", "sensible")
  }

  /// Every default has the key's unit.
  private mutating func checkDefaults() {
    guard tunable.isRead("type", "unit", "default"), let field = header.first("default") else {
      return
    }
    let checker = PageSet.typeChecker(for: .host, tunables)
    let wanted = tunable.form == .numbers ? .quantity(tunable.unit.dimension) : tunable.type
    // The field once more, for the places of its expressions.
    var again = header
    let texts = ByRelease(field, &again) { text, _ in Tunable.outerPieces(of: text) }
    for (values, texts) in zip(tunable.defaultValue.cases, texts?.cases ?? []) {
      for (expression, text) in zip(values.value ?? [], texts.value) {
        let (type, found) = checker.check(expression)
        for problem in found {
          note(problem.message, "default", text[problem.place(in: text)...])
        }
        if let type, type != wanted, !(expression.isBareZero && tunable.form == .numbers) {
          note(
            "expected \(wanted.words) in the default '\(expression)', found \(type.words)",
            "default", text)
        }
      }
    }
  }
}
