public import Facts

/// Gives every part of an expression its type, and says where the language has none.
public struct TypeChecker {
  /// The type of a key by its page, nil where no page describes it.
  private let keyType: (SysctlKey) -> FactType?
  /// The names of a vector key's elements, empty for other keys.
  private let elements: (SysctlKey) -> [VectorElement]
  /// Whether a key has a page that cannot be read: its type is open, which is no problem here.
  private let isUnread: (SysctlKey) -> Bool
  /// The subject that a rule is about; facts of others stand only inside an aggregate.
  private let subject: Subject
  private var problems: [Problem] = []

  /// A checker for expressions about `subject`.
  ///
  /// - Parameters:
  ///   - subject: what the rule is about; host for values of profiles and defaults.
  ///   - keyType: the type of a key by its page, nil where no page describes it.
  ///   - elements: the names of a vector key's elements, empty for other keys.
  ///   - isUnread: whether a key has a page that cannot be read; what the key's type decides has no
  ///     type then, and no problem.
  public init(
    subject: Subject, keyType: @escaping (SysctlKey) -> FactType?,
    elements: @escaping (SysctlKey) -> [VectorElement],
    isUnread: @escaping (SysctlKey) -> Bool = { _ in false }
  ) {
    self.subject = subject
    self.keyType = keyType
    self.elements = elements
    self.isUnread = isUnread
  }

  /// The type of an expression, nil when it has none; the problems say why, unless it leans on a
  /// key that is unread.
  public func check(_ expression: Expression) -> (type: FactType?, problems: [Problem]) {
    var checker = self
    let type = checker.type(of: expression, members: [subject])
    return (type, checker.problems)
  }

  /// The problems of an expression that must be true or false.
  public func problems(ofCondition expression: Expression) -> [Problem] {
    var (type, problems) = check(expression)
    if let type, type != .boolean {
      problems.append(
        Problem(at: expression.offset, "expected a condition, found \(type.words)"))
    }
    return problems
  }

  mutating func note(_ offset: Int, _ message: String) -> FactType? {
    // What stands left of `in` is looked at for each item of the set.
    let problem = Problem(at: offset, message)
    if !problems.contains(problem) { problems.append(problem) }
    return nil
  }

  mutating func type(of expression: Expression, members: Set<Subject>) -> FactType? {
    switch expression {
    case .literal(let literal, let at): type(of: literal, at: at)
    case .query(let query, let at): type(of: query, at: at, members: members)
    case .present(let fact, let at):
      type(of: fact, at: at, members: members) == nil ? nil : .boolean
    case .ascending(let fact, let at):
      ascending(type(of: fact, at: at, members: members), fact, at: at)
    case .not(let inner, _): expectTruth(inner, "after 'not'", members)
    case .negative(let inner, let at): negative(type(of: inner, members: members), at: at)
    case .logic(let logic, let left, let right, _):
      both(
        expectTruth(left, "before '\(logic.rawValue)'", members),
        expectTruth(right, "after '\(logic.rawValue)'", members))
    case .comparison(let comparison, let left, let right, let at):
      compared(comparison, comparison.rawValue, left, right, at: at, members)
    case .member(let left, let set, let at):
      set.reduce(.boolean) { both($0, compared(.equal, "in", left, $1, at: at, members)) }
    case .arithmetic(let operation, let left, let right, let at):
      computed(operation, left, right, at: at, members)
    case .call(let function, let arguments, let at):
      called(function, arguments, at: at, members)
    case .aggregate(let aggregate, let at): aggregated(aggregate, at: at, members)
    }
  }

  private func both(_ a: FactType?, _ b: FactType?) -> FactType? {
    a == nil || b == nil ? nil : .boolean
  }

  private mutating func type(of literal: Expression.Literal, at: Int) -> FactType? {
    switch literal {
    case .boolean: return .boolean
    case .text: return .text
    case .number(let number):
      guard let quantity = number.quantity else {
        return note(at, "expected a number of 64 bits, found '\(number.text)'")
      }
      return .quantity(quantity.dimension)
    }
  }

  mutating func type(
    of fact: FactName, at: Int, members: Set<Subject>
  ) -> FactType? {
    if let subject = fact.subject, !members.contains(subject) {
      return note(
        at,
        "expected a fact of the host, found '\(fact)'; such a fact needs 'for: \(subject.rawValue)'"
          + " or an aggregate")
    }
    switch fact {
    case .key(let key) where isUnread(key), .element(let key, _) where isUnread(key): return nil
    case .key(let key):
      guard let type = keyType(key) else {
        return note(at, "expected a key that a page describes, found '\(key)'")
      }
      return type
    case .element(let key, let element):
      guard case .vector(let dimension) = keyType(key), elements(key).contains(element) else {
        let names = elements(key).map(\.rawValue).joined(separator: ", ")
        return note(
          at,
          "expected an element of a vector, found '\(fact)'"
            + (names.isEmpty ? "" : "; '\(key)' has \(names)"))
      }
      return .quantity(dimension)
    default: return fact.info?.type
    }
  }

  private mutating func type(
    of query: Query, at: Int, members: Set<Subject>
  ) -> FactType? {
    let type = type(of: query.fact, at: at, members: members)
    switch (query, query.fact) {
    case (.value, _): return type
    case (.rate, .counter), (.rate, .listener(.drops)):
      return type == nil ? nil : .quantity(.perSecond)
    case (.rate, let fact): return note(at, "expected a counter in 'rate(…)', found '\(fact)'")
    case (.defaultValue, .key), (.defaultValue, .element): return type
    case (.defaultValue, let fact):
      return note(at, "expected a key in 'default(…)', found '\(fact)'")
    }
  }

  private mutating func ascending(_ type: FactType?, _ fact: FactName, at: Int) -> FactType? {
    guard let type else { return nil }
    guard case .vector = type else {
      return note(at, "expected a vector in 'ascending(…)', found '\(fact)', \(type.words)")
    }
    return .boolean
  }

  mutating func expectTruth(
    _ expression: Expression, _ place: String, _ members: Set<Subject>
  ) -> FactType? {
    guard let type = type(of: expression, members: members) else { return nil }
    guard type == .boolean else {
      return note(expression.offset, "expected true or false \(place), found \(type.words)")
    }
    return type
  }

  /// `symbol` is how the text spells the comparison: `in` is an equality with each item of a set.
  private mutating func compared(
    _ comparison: Expression.Comparison, _ symbol: String, _ left: Expression,
    _ right: Expression, at: Int, _ members: Set<Subject>
  ) -> FactType? {
    let sides = typesOfReleases(left, right, members)
    guard let a = sides.0, let b = sides.1 else { return nil }
    if a.isVector || b.isVector {
      return note(
        at, "expected a number beside '\(symbol)', found a vector; name one of its elements")
    }
    guard same(a, b, left, right) else {
      return note(
        at,
        "expected the same unit on both sides of '\(symbol)', found \(a.words) and \(b.words)")
    }
    guard a.comparisons.contains(comparison) else {
      let known = a.comparisons.map(\.rawValue).joined(separator: " ")
      return note(at, "expected one of \(known) for \(a.words), found '\(symbol)'")
    }
    return .boolean
  }

  /// The types of both sides; opposite a release a number without unit is a release.
  private mutating func typesOfReleases(
    _ left: Expression, _ right: Expression, _ members: Set<Subject>
  ) -> (FactType?, FactType?) {
    if case .literal(.number(let number), _) = right, number.release != nil {
      let a = type(of: left, members: members)
      return (a, a == .release ? .release : type(of: right, members: members))
    }
    if case .literal(.number(let number), _) = left, number.release != nil {
      let b = type(of: right, members: members)
      return (b == .release ? .release : type(of: left, members: members), b)
    }
    return (type(of: left, members: members), type(of: right, members: members))
  }

  /// Whether both are of one kind and unit; beside a number with a unit 0 may stand bare.
  func same(
    _ a: FactType, _ b: FactType, _ left: Expression, _ right: Expression
  ) -> Bool {
    if case .quantity = a, case .quantity = b, left.isBareZero || right.isBareZero { return true }
    return a == b
  }
}

extension Expression {
  /// Whether it is a literal 0 without a unit, which may stand beside any unit.
  public var isBareZero: Bool {
    if case .literal(.number(let number), _) = self { number.isBareZero } else { false }
  }
}

extension FactType {
  fileprivate var isVector: Bool {
    if case .vector = self { true } else { false }
  }

  /// The comparisons of two values of the type.
  fileprivate var comparisons: [Expression.Comparison] {
    switch self {
    case .quantity, .release: Expression.Comparison.allCases.filter { $0 != .contains }
    case .text: [.equal, .unequal, .contains]
    case .boolean: [.equal, .unequal]
    case .vector: []
    }
  }
}
