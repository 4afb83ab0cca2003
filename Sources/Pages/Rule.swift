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
    let field: Header.Field
    /// The value as it stands in the field.
    let text: Substring

    /// The key or its element as a fact.
    public var target: FactName { element.map { .element(key, $0) } ?? .key(key) }
  }

  /// A line of a sysctl file that the remedy takes away; shown, never done by us.
  public enum Removal: Hashable, Sendable {
    /// The line for which the rule fires.
    case entry
    /// Every line that sets the key.
    case key(SysctlKey)
  }

  /// The name in findings, in `--allow` and of the page's file.
  public let id: String
  /// What the rule is evaluated for.
  public let subject: Subject
  /// Where its condition begins in the catalogue's ``ScreenCode``; nil for a rule that has none.
  public let screen: Int?
  /// Rules that say the better thing where they fire too: this one is silent there.
  public let unless: [String]
  /// For which releases it holds.
  public let kernel: ReleaseRange
  /// Whether the condition asks a listener for nothing but its numbers, so that it is decided alike
  /// for listeners that are alike in them.
  public let asksListenersForNumbersOnly: Bool
  /// What is asked only of a rule that fires or is explained.
  private let shelf: RuleDetails.Shelf

  /// When it fires.
  public var when: Expression { shelf.when }
  /// What is wrong, true whenever the rule fires.
  public var title: String { shelf.details.title }
  /// How bad that is.
  public var severity: Severity { shelf.details.severity }
  /// How sure.
  public var confidence: Confidence { shelf.details.confidence }
  /// What mends it; empty where no tunable helps.
  public var changes: [Change] { shelf.details.changes }
  /// Lines of sysctl files that ought to go.
  public var removals: [Removal] { shelf.details.removals }
  /// When the change begins to matter.
  public var effect: Effect? { shelf.details.effect }
  /// How much can go wrong.
  public var risk: Risk { shelf.details.risk }
  /// Who must act where no tunable helps.
  public var act: Actor? { shelf.details.act }
  /// What to do, one line without numbers.
  public var remedy: String? { shelf.details.remedy }
  /// Further names of the page.
  public var aliases: [String] { shelf.details.aliases }
  /// Claim ids and kernel files.
  public var sources: [String] { shelf.details.sources }
  /// The page's file.
  public var file: String { shelf.details.file }
  /// The header's keys that have stand-ins here, for what they say could not be read; none in a
  /// rule of a catalogue.
  private var faulty: Set<String> { shelf.details.faulty }

  /// What stands in for a condition that could not be read.
  static let never = Expression.literal(.boolean(false), at: 0)

  private static let required = [
    "id", "title", "severity", "confidence", "when", "risk", "kernel", "sources",
  ]
  private static let optional = [
    "for", "unless", "set", "unset", "effect", "act", "remedy", "aliases",
  ]

  /// Reads a rule's header.
  ///
  /// - Returns: the rule, nil when anything is wrong, and all that is wrong with the header; types
  ///   of the expressions are not looked at.
  public static func read(_ page: PageFile) -> (rule: Rule?, problems: [PageProblem]) {
    let (rule, header) = draft(page)
    return (header.problems.isEmpty ? rule : nil, header.problems)
  }

  /// What there is of a rule whose header may be wrong, for checks of the rest of its page.
  static func draft(_ page: PageFile) -> (rule: Rule, header: Header) {
    var header = Header(page)
    header.check(required: required, optional: optional, repeatable: ["set", "unset"])
    header.checkName("id", fileName: page.name)
    header.checkTitle()
    header.checkSources()
    checkSpelling(&header)
    checkRemedy(&header)
    return (Rule(&header, fileName: page.name), header)
  }

  /// The rule of a page that was checked before; nil for one that was not and is wrong.
  init?(checked page: PageFile) {
    var header = Header(page)
    self.init(&header, fileName: page.name)
    if !header.problems.isEmpty { return nil }
  }

  /// Ids are lower-case words with hyphens, so that they read well in `--rule`.
  private static func checkSpelling(_ header: inout Header) {
    guard let field = header.first("id"), !isSpelledAsID(field.value) else { return }
    header.note(field, "expected lower-case words with hyphens, found '\(field.value)'")
  }

  /// Whether a rule may be called so: lower-case words with hyphens.
  public static func isSpelledAsID(_ text: String) -> Bool {
    text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { word in
      !word.isEmpty && word.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
    }
  }

  /// The rule of a page that was checked when the program was built: what its code says besides
  /// the condition is read now, that and its header where somebody asks.
  init?(coded page: PageFile) {
    guard let code = RuleCode(page.code) else { return nil }
    id = page.name
    subject = code.subject
    unless = code.unless
    kernel = code.kernel
    asksListenersForNumbersOnly = code.asksListenersForNumbersOnly
    screen = code.screen
    shelf = RuleDetails.Shelf(page)
  }

  /// What is missing or wrong gets a stand-in; the header's problems tell of it.
  private init(_ header: inout Header, fileName: String) {
    id = header.first("id")?.value ?? fileName
    subject = header.word("for", Subject.self) ?? .host
    let when =
      header.first("when").flatMap { Self.expression($0, $0.value[...], &header) }
      ?? Self.never
    screen = nil
    unless = header.list("unless")
    kernel = header.first("kernel").map { ReleaseRange($0, &header) } ?? .any
    asksListenersForNumbersOnly = when.asksListenersForNumbersOnly
    shelf = RuleDetails.Shelf(RuleDetails(&header), when: when)
  }

  /// Whether what these keys of the header say could be read.
  func isRead(_ names: String...) -> Bool { faulty.isDisjoint(with: names) }

  /// Somebody must be told what to do: by a value and when it matters, or by who acts and how.
  private static func checkRemedy(_ header: inout Header) {
    let sets = header.line(of: "set")
    let acts = header.line(of: "act")
    if sets == nil, acts == nil, header.line(of: "unset") == nil {
      header.note(
        1, 1, "expected 'set', 'unset', or 'act' with 'remedy', in the header, found none")
    }
    if let sets, header.line(of: "effect") == nil {
      header.note(sets, 1, "expected 'effect' beside 'set', found none")
    }
    if let acts, header.line(of: "remedy") == nil {
      header.note(acts, 1, "expected 'remedy' beside 'act', found none")
    }
    if let remedy = header.first("remedy"),
      let start = remedy.value.firstIndex(where: \.isNumber)
    {
      let number = remedy.value[start...].prefix(while: \.isNumber)
      header.note(
        remedy, at: start,
        "expected a remedy without numbers, which belong to 'set', found '\(number)'")
    }
  }

  /// `entry`, in a rule about lines of files, or a key.
  static func removal(_ field: Header.Field, _ header: inout Header) -> Removal? {
    if field.value == Subject.entry.rawValue {
      guard header.first("for")?.value == field.value else {
        header.note(field, "expected 'for: entry' beside 'unset: entry', found another subject")
        return nil
      }
      return .entry
    }
    if let key = SysctlKey(field.value), key.name.hasPrefix("net.") { return .key(key) }
    header.note(field, "expected 'entry' or a key below net, found '\(field.value)'")
    return nil
  }

  /// `KEY OPERATOR VALUE`.
  static func change(_ field: Header.Field, _ header: inout Header) -> Change? {
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
    let text = words[2].trimmed
    guard let value = expression(field, text, &header) else { return nil }
    return Change(
      key: key, element: element, operator: `operator`, value: value, field: field, text: text)
  }

  /// The expression in a part of the field's value.
  static func expression(
    _ field: Header.Field, _ text: Substring, _ header: inout Header
  ) -> Expression? {
    do {
      return try Expression(parsing: String(text))
    } catch {
      for problem in error.all {
        header.note(field, at: problem.place(in: text), problem.message)
      }
      return nil
    }
  }
}
