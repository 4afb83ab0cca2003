import Expressions
import Facts

/// A host in miniature on a rule's page: some facts, and what the rule must say of them.
public struct Example: Sendable {
  /// What the rule must say.
  public enum Outcome: String, Sendable, CaseIterable {
    case fires, quiet, unknown

    /// The truth of the condition that goes with it.
    var truth: Truth {
      switch self {
      case .fires: .yes
      case .quiet: .no
      case .unknown: .unknown
      }
    }
  }

  struct Line {
    var name: String
    var reading: Reading<Value>
    var number: Int
  }

  /// What the rule must say.
  public var outcome: Outcome
  /// The number of the first line.
  public var line: Int
  var lines: [Line]
  /// Whether every line could be read.
  var isWhole = true

  /// The facts by their spelling in conditions.
  var readings: [String: Reading<Value>] {
    Dictionary(lines.map { ($0.name, $0.reading) }) { first, _ in first }
  }

  /// Reads the examples of a body; `types` tells the type of what a left side names, nil without a
  /// problem where it is not known.
  static func read(
    _ body: Body, file: String, types: (Expression) -> (FactType?, [Problem])
  ) -> (examples: [Example], problems: [PageProblem]) {
    var examples: [Example] = []
    var problems: [PageProblem] = []
    for fence in body.fences {
      guard let outcome = Outcome(rawValue: fence.language) else { continue }
      var example = Example(outcome: outcome, line: fence.line, lines: [])
      for (index, text) in fence.lines.enumerated() where text.contains(where: { $0 != " " }) {
        let number = fence.line + index
        do {
          guard let line = try line(text, number: number, file: file, types: types) else {
            example.isWhole = false
            continue
          }
          if example.lines.contains(where: { $0.name == line.name }) {
            problems.append(
              PageProblem(
                file: file, line: number, message: "expected '\(line.name)' once, found it again"))
            example.isWhole = false
          }
          example.lines.append(line)
        } catch {
          problems.append(error)
          example.isWhole = false
        }
      }
      examples.append(example)
    }
    return (examples, problems)
  }

  /// `fact = value`, where fact is as in conditions.
  private static func line(
    _ text: String, number: Int, file: String, types: (Expression) -> (FactType?, [Problem])
  ) throws(PageProblem) -> Line? {
    guard let sign = text.place(of: " = ") else {
      throw PageProblem(
        file: file, line: number, message: "expected 'fact = value', found '\(text)'")
    }
    let left = String(text[..<sign.lowerBound])
    let right = text[sign.upperBound...].drop { $0 == " " }
    let column = text.distance(from: text.startIndex, to: right.startIndex) + 1
    let expression: Expression
    do {
      expression = try Expression(parsing: left)
    } catch {
      let problem = error.all[0]
      throw PageProblem(
        file: file, line: number, column: problem.column(in: left), message: problem.message)
    }
    switch expression {
    case .query, .aggregate: break
    default:
      throw PageProblem(
        file: file, line: number,
        message: "expected a fact, rate(fact), default(key) or an aggregate, found '\(left)'")
    }
    let (type, problems) = types(expression)
    guard let type else {
      guard let problem = problems.first else { return nil }
      throw PageProblem(
        file: file, line: number, column: problem.column(in: left), message: problem.message)
    }
    let value = String(right)
    guard let reading = reading(value, type) else {
      throw PageProblem(
        file: file, line: number, column: column,
        message: "expected \(type.words) or absent, unreadable, not-gathered, no-window,"
          + " found '\(value)'")
    }
    return Line(name: expression.description, reading: reading, number: number)
  }

  private static func reading(_ text: String, _ type: FactType) -> Reading<Value>? {
    if let kind = Absence.Kind(rawValue: text) {
      return .missing(Absence(kind, "as the example says"))
    }
    if type == .release {
      return KernelRelease(text).map { .known(.release($0)) }
    }
    if case .vector(let dimension) = type {
      let elements = text.split(separator: " ").map { quantity(String($0), dimension) }
      let known = elements.compactMap { $0 }
      return known.count == elements.count ? .known(.vector(known)) : nil
    }
    if case .quantity(let dimension) = type {
      return quantity(text, dimension).map { .known(.quantity($0)) }
    }
    guard case .literal(let literal, _)? = try? Expression(parsing: text) else { return nil }
    switch (literal, type) {
    case (.boolean(let boolean), .boolean): return .known(.boolean(boolean))
    case (.text(let text), .text): return .known(.text(text))
    default: return nil
    }
  }

  /// A literal with the fact's unit; only 0 may stand bare.
  private static func quantity(_ text: String, _ dimension: Dimension) -> Quantity? {
    let isNegative = text.hasPrefix("-")
    guard
      case .literal(.number(let number), _)? = try? Expression(
        parsing: String(text.dropFirst(isNegative ? 1 : 0))),
      var quantity = number.quantity
    else { return nil }
    if quantity.amount == Fraction(0) { quantity.dimension = dimension }
    if isNegative {
      guard let negated = quantity.amount.negated else { return nil }
      quantity.amount = negated
    }
    return quantity.dimension == dimension ? quantity : nil
  }
}

/// The lines of an example as a source of facts.
struct ExampleFacts: FactSource {
  var readings: [String: Reading<Value>]

  func reading(_ query: Query, of members: Members) -> Reading<Value> {
    readings[query.description] ?? element(query) ?? .notGathered("the example does not give it")
  }

  /// An element of a vector that the example gives whole.
  private func element(_ query: Query) -> Reading<Value>? {
    guard case .value(.element(let key, let element)) = query else { return nil }
    return readings[key.name]?.flatMap { value in
      guard case .vector(let numbers) = value,
        let layout = VectorElement.layouts.first(where: { $0.contains(element) }),
        let index = layout.firstIndex(of: element), index < numbers.count
      else { return .absent("no such element") }
      return .known(.quantity(numbers[index]))
    }
  }

  func stated(_ aggregate: Aggregate) -> Reading<Value>? {
    readings[aggregate.description] ?? .notGathered("the example does not give it")
  }

  func count(of subject: Subject) -> Reading<Int> { .notGathered("an example has no members") }

  func name(of subject: Subject, _ index: Int) -> String? { nil }
}
