import Expressions
public import Facts

extension Profile {
  /// `# tcptune: max = EXPRESSION`: how a number of a key comes of the profile's parameters.
  public struct Formula: Equatable, Sendable {
    /// The element of a vector, nil for the only number.
    public var element: VectorElement?
    /// The expression as it is written, in the language of rules.
    public var text: String
    /// Where it stands.
    public var line: Int
    /// Where it stands in the line, counted in characters from 1.
    public var column: Int
  }

  /// The profile with the numbers that these parameters give; those that are not among them keep
  /// the amounts that the profile states.
  ///
  /// - Parameters:
  ///   - given: amounts in the place of the profile's own.
  ///   - tunables: the pages of the keys.
  /// - Returns: the profile, the same where it has no such parameter; and what is wrong, with every
  ///   formula that gives no number with these amounts.
  public func sized(
    by given: [SizingParameter: SizingParameter.Value], tunables: TunableTable
  ) -> (profile: Profile, problems: [PageProblem]) {
    var sized = self
    var problems: [PageProblem] = []
    for index in parameters.indices {
      if let value = given[parameters[index].parameter] { sized.parameters[index] = value }
    }
    for (index, entry) in entries.enumerated() {
      guard let formula = entry.formula, let tunable = tunables[entry.key] else { continue }
      do throws(FormulaFailure) {
        let sizing = try formula.sizing(sized.parameters, tunable, entry.operator)
        sized.entries[index].sizing = sizing
        sized.entries[index].content = entry.content.replacing(sizing, in: tunable)
      } catch {
        problems += formula.problems(error, in: origin)
      }
    }
    return (sized, problems)
  }
}

/// Why a formula gives no number, with places in its text.
struct FormulaFailure: Error {
  var problems: [Problem]
}

extension Profile.Formula {
  /// The same, with places in the file.
  func problems(_ failure: FormulaFailure, in file: String) -> [PageProblem] {
    failure.problems.map { problem in
      PageProblem(
        file: file, line: line, column: column + problem.column(in: text) - 1,
        message: problem.message)
    }
  }

  /// What the formula gives with these parameters.
  func sizing(
    _ parameters: [SizingParameter.Value], _ tunable: Tunable,
    _ operation: Profile.Entry.Operator
  ) throws(FormulaFailure) -> Sizing {
    let constants = Dictionary(
      parameters.map { ($0.parameter.rawValue, $0.quantity) }, uniquingKeysWith: { $1 })
    let expression: Expression
    do throws(Problems) {
      expression = try Expression(parsing: text, with: constants)
    } catch {
      throw FormulaFailure(problems: error.all)
    }
    let checker = TypeChecker(subject: .host, keyType: { _ in nil }, elements: { _ in [] })
    let (type, problems) = checker.check(expression)
    guard problems.isEmpty else { throw FormulaFailure(problems: problems) }
    let wanted = tunable.unit.dimension
    guard type == .quantity(wanted) else {
      throw FormulaFailure(problems: [
        Problem(
          at: 0, "expected \(wanted.words) for '\(tunable.key)', found \(type?.words ?? "nothing")")
      ])
    }
    var evaluator = Evaluator(NoFacts())
    // A page's size is the host's; no key that counts in pages gets this far.
    guard case .known(.quantity(let quantity)) = evaluator.value(of: expression),
      let own = tunable.unit.own(quantity, pageSize: 1)
    else {
      throw FormulaFailure(problems: [
        Problem(at: 0, "expected a number of 64 bits, found none: division by zero, or too large")
      ])
    }
    let result = operation == .value(.atLeast) ? own.roundedUp : own.roundedDown
    let used = parameters.filter { parameter in
      var isUsed = false
      expression.visit { part in
        if case .literal(.number(let number), _) = part {
          isUsed = isUsed || number.text == parameter.parameter.rawValue
        }
      }
      return isUsed
    }
    return Sizing(
      element: element, formula: expression.description, parameters: used, result: result,
      value: min(max(result, tunable.sensible.lowerBound), tunable.sensible.upperBound))
  }
}

extension KeyContent {
  fileprivate func replacing(_ sizing: Sizing, in tunable: Tunable) -> KeyContent {
    guard case .numbers(var numbers) = self else { return self }
    let place = sizing.element.flatMap { tunable.elements.firstIndex(of: $0) } ?? 0
    guard numbers.indices.contains(place) else { return self }
    numbers[place] = sizing.value
    return .numbers(numbers)
  }
}

/// A formula knows its parameters and nothing of any host.
private struct NoFacts: FactSource {
  func reading(_ query: Query, of members: Members) -> Reading<Value> {
    .absent("a formula has no facts")
  }
  func stated(_ aggregate: Aggregate) -> Reading<Value>? { nil }
  func count(of subject: Subject) -> Reading<Int> { .absent("a formula has no facts") }
  func name(of subject: Subject, _ index: Int) -> String? { nil }
}
