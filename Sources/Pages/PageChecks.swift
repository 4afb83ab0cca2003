import Facts

/// Checks new pages beside those of a set, and finds all that is wrong at once.
struct PageChecks {
  /// A page with what there is of it: what its header does not say rightly has stand-ins.
  private struct Draft {
    var file: PageFile
    var header: Header
    /// Nil for a page about a key that nothing tells.
    var page: Page?
    /// Whether another page has the name.
    var isDouble = false
  }

  private let set: PageSet
  private let further: Set<String>
  private var drafts: [Draft] = []
  private var tunables: TunableTable
  private var problems: [PageProblem] = []

  init(_ files: [PageFile], beside set: PageSet, knowing further: Set<String> = []) {
    self.set = set
    self.further = further
    tunables = set.tunables
    var names = set.files.mapValues(\.path)
    for file in files {
      var draft = Self.draft(file)
      problems += draft.header.problems
      if let name = draft.page?.name {
        if let other = names[name] {
          draft.isDouble = true
          problems.append(
            PageProblem(
              file: file.path, line: 1,
              message: "expected a name of its own, found '\(name)', the name of \(other)"))
        } else {
          names[name] = file.path
          if case .tunable(let tunable)? = draft.page { tunables[tunable.key] = tunable }
        }
      }
      drafts.append(draft)
    }
    // Where header and file disagree, either name may be meant: that is one problem, not two.
    for case (.tunable(let tunable)?, let name) in drafts.map({ ($0.page, $0.file.name) }) {
      if let key = SysctlKey(name), tunables[key] == nil { tunables[key] = tunable }
    }
  }

  /// The new pages; they are right if nothing was found.
  var pages: [(page: Page, file: PageFile)] {
    drafts.compactMap { draft in draft.page.map { ($0, draft.file) } }
  }

  private static func draft(_ file: PageFile) -> Draft {
    if Reference.kind(of: file) != nil {
      let (reference, header) = Reference.draft(file)
      return Draft(file: file, header: header, page: reference.map(Page.reference))
    }
    if file.isAboutKey {
      let (tunable, header) = Tunable.draft(file)
      return Draft(file: file, header: header, page: tunable.map(Page.tunable))
    }
    let (rule, header) = Rule.draft(file)
    return Draft(file: file, header: header, page: .rule(rule))
  }

  /// A rule gives way to rules about the same kind of subject, or the host, that give way to none
  /// themselves.
  private mutating func checkUnless(of rule: Rule, _ header: Header) {
    guard !rule.unless.isEmpty, let field = header.first("unless") else { return }
    let drafted = drafts.compactMap { draft in
      if case .rule(let other)? = draft.page { other } else { nil }
    }
    for id in rule.unless {
      let other = (set.rules + drafted).first { $0.id == id }
      let isAbove = other?.subject == rule.subject || other?.subject == .host
      if isAbove, other?.unless.isEmpty == true { continue }
      problems.append(
        PageProblem(
          file: rule.file, line: field.line, column: field.column,
          message: "expected a rule for '\(rule.subject.rawValue)' or the host without 'unless' of"
            + " its own, found '\(id)'"))
    }
  }

  mutating func run() -> [PageProblem] {
    let names = Set(set.files.keys).union(drafts.map(\.file.name))
      .union(drafts.compactMap { $0.page?.name }).union(further)
    var sound: [Rule] = []
    var examples: [(rule: Rule, examples: [Example])] = []
    for draft in drafts {
      let body = Body(draft.file)
      switch draft.page {
      case .tunable(let tunable)?:
        var checks = TunableChecks(
          tunable, draft.header, body: body, tunables: tunables, names: names)
        problems += checks.run()
      case .rule(let rule)?:
        var checks = RuleChecks(rule, draft.header, body: body, tunables: tunables)
        checks.run()
        problems += checks.problems
        examples.append((rule, checks.examples))
        checkUnless(of: rule, draft.header)
        if checks.isSound, !draft.isDouble { sound.append(rule) }
      case .reference(let reference)?:
        var checks = ReferenceChecks(
          reference, draft.header, file: draft.file, tunables: tunables, names: names)
        problems += checks.run()
      case nil:
        problems += Sections.problems(
          of: body, file: draft.file.path, expected: TunableChecks.headings)
      }
    }
    let contradictions = Contradictions(
      among: set.rules + sound, new: Set(sound.map(\.id)), tunables)
    for (rule, examples) in examples {
      problems += contradictions.problems(on: examples, of: rule)
    }
    return problems
  }
}
