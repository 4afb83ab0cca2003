public import Expressions
public import Facts

/// How much can go wrong when the change is made.
public enum Risk: String, Sendable, CaseIterable {
  case low, medium, high
}

/// A rule: what should hold, and what mends it where it does not.
public struct Rule: Sendable {
  /// A value that the remedy sets.
  public struct Change: Sendable {
    /// The key that is set.
    public var key: SysctlKey
    /// The element of a vector, nil for the whole value.
    public var element: VectorElement?
    /// How the value stands to the present one.
    public var `operator`: ChangeOperator
    /// The value, evaluated where the rule fires.
    public var value: Expression
    var field: Header.Field
    var offset: Int

    /// The key or its element as a fact.
    public var target: FactName { element.map { .element(key, $0) } ?? .key(key) }
  }

  /// The name in findings, in `--allow` and of the page's file.
  public var id: String
  /// What is wrong, true whenever the rule fires.
  public var title: String
  /// How bad that is.
  public var severity: Severity
  /// How sure.
  public var confidence: Confidence
  /// What the rule is evaluated for.
  public var subject: Subject
  /// When it fires.
  public var when: Expression
  /// What mends it; empty where no tunable helps.
  public var changes: [Change]
  /// When the change begins to matter.
  public var effect: Effect?
  /// How much can go wrong.
  public var risk: Risk
  /// Who must act where no tunable helps.
  public var act: Actor?
  /// What to do, one line without numbers.
  public var remedy: String?
  /// For which releases it holds.
  public var kernel: ReleaseRange
  /// Further names of the page.
  public var aliases: [String]
  /// Claim ids and kernel files.
  public var sources: [String]
  /// The page's file.
  public var file: String
  /// Where the condition stands.
  let whenField: Header.Field

  private static let required = [
    "id", "title", "severity", "confidence", "when", "risk", "kernel", "sources",
  ]
  private static let optional = [
    "for", "set", "effect", "act", "remedy", "aliases",
  ]

  /// Reads a rule's header.
  ///
  /// - Returns: the rule, nil when the header is not complete, and all that is wrong with it; types
  ///   of the expressions are not looked at.
  public static func read(_ page: PageFile) -> (rule: Rule?, problems: [PageProblem]) {
    var header = Header(page)
    header.check(required: required, optional: optional, repeatable: ["set"])
    header.checkName("id", fileName: page.name)
    header.checkTitle()
    header.checkSources()
    checkSpelling(&header)
    let rule = Rule(&header)
    return (header.problems.isEmpty ? rule : nil, header.problems)
  }

  /// Ids are lower-case words with hyphens, so that they read well in `--rule`.
  private static func checkSpelling(_ header: inout Header) {
    guard let field = header.first("id") else { return }
    let words = field.value.split(separator: "-", omittingEmptySubsequences: false)
    let isSpelled = words.allSatisfy { word in
      !word.isEmpty && word.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
    }
    if !isSpelled {
      header.note(field, "expected lower-case words with hyphens, found '\(field.value)'")
    }
  }

  private init?(_ header: inout Header) {
    let subject = header.first("for") == nil ? .host : header.word("for", Subject.self)
    let severity = header.word("severity", Severity.self)
    let confidence = header.word("confidence", Confidence.self)
    let risk = header.word("risk", Risk.self)
    let effect = header.word("effect", Effect.self)
    let act = header.word("act", Actor.self)
    let whenField = header.first("when")
    let when = whenField.flatMap { Self.expression($0, $0.value, 0, &header) }
    let changes = header.all("set").compactMap { Self.change($0, &header) }
    let kernel = header.first("kernel").map { ReleaseRange($0, &header) }
    Self.checkRemedy(&header)
    guard
      let id = header.first("id")?.value, let title = header.first("title")?.value,
      let subject, let severity, let confidence, let risk, let when, let whenField, let kernel
    else { return nil }
    self.id = id
    self.title = title
    self.severity = severity
    self.confidence = confidence
    self.subject = subject
    self.when = when
    self.changes = changes
    self.effect = effect
    self.risk = risk
    self.act = act
    remedy = header.first("remedy")?.value
    self.kernel = kernel
    aliases = header.list("aliases")
    sources = header.list("sources")
    file = header.file
    self.whenField = whenField
  }

  /// Somebody must be told what to do: by a value and when it matters, or by who acts and how.
  private static func checkRemedy(_ header: inout Header) {
    let sets = header.first("set")
    let acts = header.first("act")
    if sets == nil, acts == nil {
      header.note(1, 1, "expected 'set', or 'act' with 'remedy', in the header")
    }
    if let sets, header.first("effect") == nil {
      header.note(sets.line, 1, "expected 'effect' beside 'set'")
    }
    if let acts, header.first("remedy") == nil {
      header.note(acts.line, 1, "expected 'remedy' beside 'act'")
    }
    if let remedy = header.first("remedy"), remedy.value.contains(where: \.isNumber) {
      header.note(remedy, "expected a remedy without numbers: 'set' is where they stand")
    }
  }

  /// `KEY OPERATOR VALUE`.
  private static func change(_ field: Header.Field, _ header: inout Header) -> Change? {
    let words = field.value.split(separator: " ", maxSplits: 2)
    guard words.count == 3, let `operator` = ChangeOperator(rawValue: String(words[1])) else {
      let known = ChangeOperator.allCases.map(\.rawValue).joined(separator: ", ")
      header.note(
        field, "expected 'KEY OPERATOR VALUE' with the operator \(known), found '\(field.value)'")
      return nil
    }
    let key: SysctlKey
    var element: VectorElement?
    switch FactName(String(words[0])) {
    case .key(let whole): key = whole
    case .element(let whole, let part): (key, element) = (whole, part)
    default:
      header.note(field, "expected a sysctl key, found '\(words[0])'")
      return nil
    }
    let offset = field.value.distance(from: field.value.startIndex, to: words[2].startIndex)
    guard let value = expression(field, String(words[2]), offset, &header) else { return nil }
    return Change(
      key: key, element: element, operator: `operator`, value: value, field: field, offset: offset)
  }

  static func expression(
    _ field: Header.Field, _ text: String, _ offset: Int, _ header: inout Header
  ) -> Expression? {
    do {
      return try Expression(parsing: text)
    } catch {
      for problem in error.all {
        header.note(field, at: offset + problem.column(in: text) - 1, problem.message)
      }
      return nil
    }
  }
}
