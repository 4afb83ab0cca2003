import Expressions
public import Facts

/// A page, read as what its header says it is.
public enum Page: Sendable {
  case rule(Rule)
  case tunable(Tunable)

  /// The rule's id or the key.
  public var name: String {
    switch self {
    case .rule(let rule): rule.id
    case .tunable(let tunable): tunable.key.name
    }
  }
}

/// All pages together, and what they must keep among themselves.
public struct PageSet: Sendable {
  /// Examples are about a machine with pages of this size, in bytes.
  static let examplePageSize: Int64 = 4096

  /// All rules, in the order of their ids.
  public private(set) var rules: [Rule] = []
  /// All tunables by their keys.
  public private(set) var tunables: [SysctlKey: Tunable] = [:]
  /// The files that were read, by the names of their pages.
  public private(set) var files: [String: PageFile] = [:]

  /// No page at all.
  public init() {}

  /// Pages that were checked before, when the program was built: only headers are read.
  public init(checked files: [PageFile]) {
    for file in files {
      switch Self.read(file).page {
      case .rule(let rule)?: rules.append(rule)
      case .tunable(let tunable)?: tunables[tunable.key] = tunable
      case nil: continue
      }
      self.files[file.name] = file
    }
    rules.sort { $0.id < $1.id }
  }

  /// Adds pages after checking everything about them.
  ///
  /// - Parameter new: the pages; those that are read already are taken as right.
  /// - Returns: all that is wrong, in the order of the files; nothing is added if there is anything.
  public mutating func add(_ new: [PageFile]) -> [PageProblem] {
    var problems: [PageProblem] = []
    var together = self
    var added: [Page] = []
    for file in new {
      let (page, found) = Self.read(file)
      problems += found
      guard let page else {
        // The body can be looked at without the header.
        problems += Sections.problems(
          of: Body(file), file: file.path,
          expected: Self.isTunable(file) ? TunableChecks.headings : RuleChecks.headings)
        continue
      }
      if let other = together.files[page.name] {
        problems.append(
          PageProblem(
            file: file.path, line: 1,
            message: "expected a name of its own, found '\(page.name)', the name of \(other.path)"))
        continue
      }
      together.files[page.name] = file
      added.append(page)
      switch page {
      case .rule(let rule): together.rules.append(rule)
      case .tunable(let tunable): together.tunables[tunable.key] = tunable
      }
    }
    together.rules.sort { $0.id < $1.id }
    problems += together.problems(of: added)
    if problems.isEmpty { self = together }
    return problems.sorted()
  }

  /// The body of a page, read anew.
  public func body(of name: String) -> Body? { files[name].map(Body.init) }

  /// A page is about a key if its header begins with one.
  private static func isTunable(_ file: PageFile) -> Bool { file.header.hasPrefix("key:") }

  private static func read(_ file: PageFile) -> (page: Page?, problems: [PageProblem]) {
    if isTunable(file) {
      let (tunable, problems) = Tunable.read(file)
      return (tunable.map(Page.tunable), problems)
    }
    let (rule, problems) = Rule.read(file)
    return (rule.map(Page.rule), problems)
  }

  private func problems(of pages: [Page]) -> [PageProblem] {
    let names = Set(files.keys)
    var problems: [PageProblem] = []
    var examples: [(rule: Rule, examples: [Example])] = []
    for page in pages {
      guard let file = files[page.name] else { continue }
      switch page {
      case .tunable(let tunable):
        let checks = TunableChecks(
          tunable: tunable, body: Body(file), tunables: tunables, names: names)
        problems += checks.problems()
      case .rule(let rule):
        var checks = RuleChecks(rule, body: Body(file), tunables: tunables)
        problems += checks.run()
        examples.append((rule, checks.examples))
      }
    }
    return problems.isEmpty ? contradictions(on: examples) : problems
  }

  /// No two rules that fire on one example pull one key in opposite directions.
  private func contradictions(on examples: [(rule: Rule, examples: [Example])]) -> [PageProblem] {
    var problems: [PageProblem] = []
    for (rule, examples) in examples {
      for example in examples where example.outcome == .fires {
        var evaluator = Evaluator(ExampleFacts(readings: example.readings))
        for other in rules where other.id != rule.id && evaluator.truth(of: other.when) == .yes {
          for (mine, theirs) in rule.changes.flatMap({ a in other.changes.map { (a, $0) } })
          where mine.target == theirs.target && contradict(mine, theirs, &evaluator) {
            problems.append(
              PageProblem(
                file: rule.file, line: example.line,
                message: "expected no rule to pull '\(mine.target)' the other way here, found"
                  + " '\(other.id)'"))
          }
        }
      }
    }
    return problems
  }

  private func contradict<Source>(
    _ a: Rule.Change, _ b: Rule.Change, _ evaluator: inout Evaluator<Source>
  ) -> Bool {
    guard let tunable = tunables[a.key],
      let x = a.resolve(
        with: &evaluator, for: .host, tunable: tunable, pageSize: Self.examplePageSize
      ).value?.value,
      let y = b.resolve(
        with: &evaluator, for: .host, tunable: tunable, pageSize: Self.examplePageSize
      ).value?.value
    else { return false }
    return !a.operator.isSatisfied(by: y, wanting: x) && !b.operator.isSatisfied(by: x, wanting: y)
  }

  /// A checker that knows these keys.
  static func typeChecker(
    for subject: Subject, _ tunables: [SysctlKey: Tunable]
  ) -> TypeChecker {
    TypeChecker(
      subject: subject, keyType: { tunables[$0]?.type },
      elements: { tunables[$0]?.elements ?? [] })
  }
}
