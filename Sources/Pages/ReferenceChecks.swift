import Facts

/// What a page to be read must keep beside its header's form.
struct ReferenceChecks {
  private static let optional = ["aliases"]

  private let reference: Reference
  private var header: Header
  private let body: Body
  private let file: PageFile
  private let tunables: TunableTable
  private let names: Set<String>

  /// - Parameters:
  ///   - reference: what the header says.
  ///   - header: where it says it.
  ///   - file: the page.
  ///   - tunables: the keys that have pages.
  ///   - names: the names of all pages.
  init(
    _ reference: Reference, _ header: Header, file: PageFile, tunables: TunableTable,
    names: Set<String>
  ) {
    self.reference = reference
    self.header = header
    self.file = file
    self.tunables = tunables
    self.names = names
    body = Body(file)
  }

  mutating func run() -> [PageProblem] {
    let kind = reference.kind
    let known = Set(header.problems)
    header.check(
      required: [kind.rawValue, "title"] + kind.keys + ["related", "sources"],
      optional: Self.optional)
    header.checkName(kind.rawValue, fileName: file.name)
    header.checkTitle()
    header.checkSources()
    checkName()
    checkNames()
    checkPlaceholders()
    let sections = Sections.problems(of: body, file: file.path, expected: headings)
    return header.problems.filter { !known.contains($0) } + sections
  }

  private var headings: [String] {
    if let headings = reference.kind.headings { return headings }
    let own = body.sections.map(\.heading)
    // Its own choice, but it has some.
    return own.count > 2 ? own : ["", "a heading", "another"]
  }

  private mutating func checkName() {
    guard let field = header.first(reference.kind.rawValue) else { return }
    switch reference.kind {
    case .counter:
      if case .counter = FactName(field.value) { return }
      if field.value.hasPrefix("IpExt.") || field.value.hasPrefix("Ip.") { return }
      header.note(field, "expected a counter as in 'TcpExt.ListenDrops', found '\(field.value)'")
    case .error:
      if field.value.hasPrefix("E") { return }
      header.note(field, "expected the name of an error as in 'ECONNRESET', found '\(field.value)'")
    case .state, .concept: break
    }
  }

  private mutating func checkNames() {
    for item in header.items("tunables") {
      guard let field = header.first("tunables") else { break }
      if let key = SysctlKey(item), tunables.shape(of: key) != nil { continue }
      header.note(field, at: item.startIndex, "expected a key that has a page, found '\(item)'")
    }
    for item in header.items("counters") {
      guard let field = header.first("counters") else { break }
      if case .counter = FactName(String(item)) { continue }
      header.note(
        field, at: item.startIndex,
        "expected a counter as in 'TcpExt.ListenDrops', found '\(item)'")
    }
    for item in header.items("related") where !names.contains(String(item)) {
      guard let field = header.first("related") else { break }
      header.note(
        field, at: item.startIndex, "expected the name of a page in 'related', found '\(item)'")
    }
  }

  /// What the text asks of the host can be answered.
  private mutating func checkPlaceholders() {
    for placed in body.placed {
      for word in placed.section.placeholders {
        switch FactName(word) {
        case .key(let key) where tunables.shape(of: key) != nil: continue
        case .limit: continue
        default:
          header.note(
            placed.line, 1,
            "expected a key that has a page or a limit in braces, found '{\(word)}'")
        }
      }
    }
  }
}
