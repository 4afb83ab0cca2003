public import Facts

/// Reads the condition language by recursive descent, one function a line of the grammar.
struct Parser {
  /// Conditions longer than this are refused (facts.md 4).
  static let longestText = 1000
  /// Conditions nested deeper than this are refused.
  static let deepestNesting = 64

  private let tokens: [Token]
  private var at = 0
  private var depth = 0
  /// Names that no fact has; parsing goes on, so that all are reported.
  private var unknownNames: [Problem] = []
  /// Names that stand for amounts; where there are such, no name is a fact.
  private let constants: [String: Quantity]?

  private init(_ text: String, _ constants: [String: Quantity]?) throws(Problem) {
    self.constants = constants
    // No character takes less than a byte: most texts need not be counted.
    guard text.utf8.count <= Self.longestText || text.count <= Self.longestText else {
      let tooFar = text.index(text.startIndex, offsetBy: Self.longestText)
      throw Problem(
        at: text.utf8.distance(from: text.startIndex, to: tooFar),
        "expected at most \(Self.longestText) characters, found \(text.count)")
    }
    tokens = try Lexer.tokens(of: text)
  }

  /// The expression that `text` spells.
  static func parse(
    _ text: String, with constants: [String: Quantity]? = nil
  ) throws(Problems) -> Expression {
    var parser: Parser
    do {
      parser = try Parser(text, constants)
    } catch {
      throw Problems([error])
    }
    do {
      let expression = try parser.condition()
      try parser.expectEnd()
      if parser.unknownNames.isEmpty { return expression }
    } catch {
      throw Problems(parser.unknownNames + [error])
    }
    throw Problems(parser.unknownNames)
  }

  // MARK: Tokens

  private var token: Token { tokens[at] }

  private mutating func advance() {
    if at < tokens.count - 1 { at += 1 }
  }

  private mutating func take(symbol: String) -> Bool {
    guard token.kind == .symbol(symbol) else { return false }
    advance()
    return true
  }

  private mutating func take(keyword: String) -> Bool {
    guard token.kind == .name(keyword) else { return false }
    advance()
    return true
  }

  private mutating func expect(symbol: String, after what: String) throws(Problem) {
    guard take(symbol: symbol) else {
      throw Problem(at: token.offset, "expected '\(symbol)' after \(what), found \(token.words)")
    }
  }

  private func expectEnd() throws(Problem) {
    guard token.kind == .end else {
      throw Problem(
        at: token.offset, "expected 'and', 'or', an operator or the end, found \(token.words)")
    }
  }

  private mutating func nested<Result>(
    _ parse: (inout Parser) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepestNesting else {
      throw Problem(
        at: token.offset, "expected at most \(Self.deepestNesting) nested levels, found one more")
    }
    return try parse(&self)
  }

  // MARK: Grammar

  // condition = and { "or" and }
  private mutating func condition() throws(Problem) -> Expression {
    try nested { (parser) throws(Problem) in
      var left = try parser.conjunction()
      while case let at = parser.token.offset, parser.take(keyword: "or") {
        left = .logic(.or, left, try parser.conjunction(), at: at)
      }
      return left
    }
  }

  // and = not { "and" not }
  private mutating func conjunction() throws(Problem) -> Expression {
    var left = try negation()
    while case let at = token.offset, take(keyword: "and") {
      left = .logic(.and, left, try negation(), at: at)
    }
    return left
  }

  // not = [ "not" ] comparison
  private mutating func negation() throws(Problem) -> Expression {
    let at = token.offset
    guard take(keyword: "not") else { return try comparison() }
    return .not(try comparison(), at: at)
  }

  // comparison = sum [ operator sum | "in" set ]
  private mutating func comparison() throws(Problem) -> Expression {
    let left = try sum()
    let at = token.offset
    if take(keyword: "in") {
      try expect(symbol: "{", after: "'in'")
      var set = [try sum()]
      while take(symbol: ",") { set.append(try sum()) }
      try expect(symbol: "}", after: "the set")
      return .member(left, of: set, at: at)
    }
    let comparison: Expression.Comparison? =
      switch token.kind {
      case .symbol(let symbol): Expression.Comparison(rawValue: symbol)
      case .name("contains"): .contains
      default: nil
      }
    guard let comparison else { return left }
    advance()
    return .comparison(comparison, left, try sum(), at: at)
  }

  // sum = product { ( "+" | "-" ) product }
  private mutating func sum() throws(Problem) -> Expression {
    var left = try product()
    while case let at = token.offset, let operation = operation(among: [.plus, .minus]) {
      left = .arithmetic(operation, left, try product(), at: at)
    }
    return left
  }

  // product = unary { ( "*" | "/" ) unary }
  private mutating func product() throws(Problem) -> Expression {
    var left = try unary()
    while case let at = token.offset, let operation = operation(among: [.times, .over]) {
      left = .arithmetic(operation, left, try unary(), at: at)
    }
    return left
  }

  private mutating func operation(among these: [Expression.Arithmetic]) -> Expression.Arithmetic? {
    guard
      case .symbol(let symbol) = token.kind,
      let operation = Expression.Arithmetic(rawValue: symbol),
      these.contains(operation)
    else { return nil }
    advance()
    return operation
  }

  // unary = [ "-" ] primary
  private mutating func unary() throws(Problem) -> Expression {
    let at = token.offset
    guard take(symbol: "-") else { return try primary() }
    return .negative(try primary(), at: at)
  }

  // primary = literal | fact | call | "(" condition ")"
  private mutating func primary() throws(Problem) -> Expression {
    let at = token.offset
    switch token.kind {
    case .number(let number):
      advance()
      return .literal(.number(number), at: at)
    case .text(let text):
      advance()
      return .literal(.text(text), at: at)
    case .symbol("("):
      advance()
      let inner = try condition()
      try expect(symbol: ")", after: "the condition in parentheses")
      return inner
    case .name(let name):
      advance()
      return try named(name, at: at)
    case .symbol, .end:
      throw Problem(at: at, "expected a fact, a number or '(', found \(token.words)")
    }
  }

  private mutating func named(_ name: String, at: Int) throws(Problem) -> Expression {
    if name == "true" || name == "false" { return .literal(.boolean(name == "true"), at: at) }
    guard token.kind == .symbol("(") else {
      if ["and", "or", "not", "in", "where", "contains"].contains(name) {
        throw Problem(at: at, "expected a fact, a number or '(', found '\(name)'")
      }
      if let amount = constants?[name] {
        return .literal(.number(NumberLiteral(name: name, quantity: amount)), at: at)
      }
      return .query(.value(fact(name, at: at)), at: at)
    }
    advance()
    let expression: Expression
    switch name {
    case "rate": expression = .query(.rate(try argument(of: name)), at: at)
    case "default": expression = .query(.defaultValue(try argument(of: name)), at: at)
    case "present": expression = .present(try argument(of: name), at: at)
    case "ascending": expression = .ascending(try argument(of: name), at: at)
    case "next-power-of-two": expression = .call(.nextPowerOfTwo, [try nestedSum()], at: at)
    case "count", "any", "sum": expression = try aggregate(name, at: at)
    case "max" where tokens[min(self.at + 1, tokens.count - 1)].kind == .name("where"):
      expression = try aggregate(name, at: at)
    case "min", "max":
      var arguments = [try nestedSum()]
      while take(symbol: ",") { arguments.append(try nestedSum()) }
      expression = .call(name == "min" ? .min : .max, arguments, at: at)
    default:
      throw Problem(
        at: at,
        "expected a function (rate present default ascending next-power-of-two min max count any"
          + " sum), found '\(name)'")
    }
    try expect(symbol: ")", after: "the arguments of '\(name)'")
    return expression
  }

  /// An argument: a level deeper, as what stands in parentheses is.
  private mutating func nestedSum() throws(Problem) -> Expression {
    try nested { (parser) throws(Problem) in try parser.sum() }
  }

  /// The one fact between the parentheses of rate, default, present and ascending.
  private mutating func argument(of function: String) throws(Problem) -> FactName {
    let at = token.offset
    guard case .name(let name) = token.kind else {
      throw Problem(at: at, "expected a fact in '\(function)(…)', found \(token.words)")
    }
    advance()
    return fact(name, at: at)
  }

  // kind "(" subject [ "." field ] "where" condition ")"
  private mutating func aggregate(_ kind: String, at: Int) throws(Problem) -> Expression {
    let place = token.offset
    guard case .name(let name) = token.kind else {
      throw noSubject(kind, at: place, found: token.words)
    }
    advance()
    let subject = Subject(rawValue: String(name.prefix { $0 != "." }))
    guard let subject, subject != .host, let aggregateKind = Aggregate.Kind(rawValue: kind) else {
      throw noSubject(kind, at: place, found: "'\(name)'")
    }
    let field = name.contains(".") ? fact(name, at: place) : nil
    guard take(keyword: "where") else {
      throw Problem(at: token.offset, "expected 'where' after '\(name)', found \(token.words)")
    }
    let condition = try condition()
    return .aggregate(
      Aggregate(kind: aggregateKind, subject: subject, field: field, condition: condition), at: at)
  }

  private func noSubject(_ kind: String, at place: Int, found: String) -> Problem {
    Problem(at: place, "expected listener, destination or entry in '\(kind)(…)', found \(found)")
  }

  /// The fact of that name; an unknown one is noted, and a stand-in returned.
  private mutating func fact(_ name: String, at: Int) -> FactName {
    if let constants {
      let known = constants.keys.sorted()
      let hint = Spelling.nearest(to: name, among: known).map { "; did you mean '\($0)'?" } ?? ""
      let expected =
        known.isEmpty ? "a number" : "a number or a parameter (\(known.joined(separator: ", ")))"
      unknownNames.append(Problem(at: at, "expected \(expected), found '\(name)'\(hint)"))
      return .host(.release)
    }
    if let fact = FactName(name) { return fact }
    let nearest = Spelling.nearest(to: name, among: FactName.allClosed.map(\.description))
    let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
    unknownNames.append(Problem(at: at, "expected a fact, found '\(name)'\(hint)"))
    return .host(.release)
  }
}

extension Expression {
  /// The expression that `text` spells; types are not looked at.
  ///
  /// - Throws: ``Problems`` with every unknown name, or the first place where the grammar is left.
  public init(parsing text: String) throws(Problems) {
    self = try Parser.parse(text)
  }

  /// The expression that `text` spells of numbers and of names that stand for amounts; no name in it
  /// is a fact.
  ///
  /// - Throws: ``Problems`` with every unknown name, or the first place where the grammar is left.
  public init(parsing text: String, with constants: [String: Quantity]) throws(Problems) {
    self = try Parser.parse(text, with: constants)
  }
}

extension Query {
  /// What the left side of an example's line names: a fact, `rate(fact)` or `default(key)`.
  ///
  /// - Throws: ``Problems`` when `text` is anything else.
  public init(parsing text: String) throws(Problems) {
    guard case .query(let query, _) = try Expression(parsing: text) else {
      throw Problems([
        Problem(at: 0, "expected a fact, rate(fact) or default(key), found '\(text)'")
      ])
    }
    self = query
  }
}
