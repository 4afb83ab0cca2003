import Facts
public import Pages

extension Catalogue {
  /// A page that a word names.
  public struct Found: Sendable {
    /// The page that fits first.
    public var page: Page
    /// The names of others that fit too.
    public var alsoFits: [String]
    /// The word, where it is a further name of the page that its own name does not show.
    public var alias: String?
  }

  /// A page in a list: its name, what it is about, one line.
  public struct Entry: Hashable, Sendable {
    /// The page's name.
    public var name: String
    /// `tunable`, `rule`, `counter`, `state`, `error`, `concept`.
    public var kind: String
    /// One line about it.
    public var title: String
  }

  /// The page that `word` names: key, short key, counter, state, error, concept, rule, alias, in this
  /// order; case and punctuation do not matter.
  ///
  /// A line that names no page as a whole is searched for the longest name that stands in it. Before
  /// a page's own name the word for its kind may stand: `concept time-wait`.
  public func find(_ word: String) -> Found? {
    found(kindAndName: word) ?? found(naming: word) ?? found(in: word)
  }

  /// What leads to the page of that name: the name, or where it leads to another page, the kind and
  /// the name.
  public func word(for name: String) -> String {
    guard let first = matches(naming: name).first, first.page != name else { return name }
    let kind =
      pages.addedNames.contains(name) ? page(named: name)?.kindWord : EmbeddedFiles.kind(of: name)
    return kind.map { "\($0) \(name)" } ?? name
  }

  private func found(kindAndName words: String) -> Found? {
    let parts = words.split(separator: " ")
    guard parts.count == 2, let page = page(named: String(parts[1])), page.kindWord == parts[0]
    else { return nil }
    return Found(page: page, alsoFits: [], alias: nil)
  }

  private func found(naming word: String) -> Found? {
    let matches = matches(naming: word)
    guard let first = matches.first, let page = page(named: first.page) else { return nil }
    var others: [String] = []
    for match in matches.dropFirst() where match.page != first.page && !others.contains(match.page)
    {
      others.append(match.page)
    }
    return Found(
      page: page, alsoFits: others,
      alias: first.rank >= PageName.Rank.conceptAlias.rawValue ? word : nil)
  }

  /// The pages that have a word among their names, the one that fits best first.
  private func matches(naming word: String) -> [(rank: Int, page: String)] {
    let wanted = Spelling.folded(word)
    guard !wanted.isEmpty else { return [] }
    var matches = EmbeddedFiles.pages(folded: wanted).filter { !isReplaced($0.page) }
    for page in addedPages {
      matches += page.names.filter { $0.folded == wanted }.map { ($0.rank.rawValue, page.name) }
    }
    // A rule's own id, or a counter's name, may fold into a key's short name; typed as it is, it is
    // meant.
    let id = word.lowercased()
    func place(_ match: (rank: Int, page: String)) -> (Int, String) {
      let isMeant =
        switch PageName.Rank(rawValue: match.rank) {
        case .rule: match.page == id
        case .counter: match.page == word || match.page.hasSuffix(".\(word)")
        default: false
        }
      return (isMeant ? -1 : match.rank, match.page)
    }
    return matches.sorted { place($0) < place($1) }
  }

  /// How many other pages are told of when a line has the names of several.
  private static let mostOthers = 4

  private func found(in line: String) -> Found? {
    struct Match {
      var hit: PastedLine.Hit
      var rank: Int
      var page: String
    }
    let pasted = PastedLine(line)
    var matches: [Match] = []
    for name in allNames {
      guard let hit = pasted.hit(Array(name.folded.utf8)) else { continue }
      matches.append(Match(hit: hit, rank: name.rank, page: name.page))
    }
    matches.sort { ($1.hit.length, $0.rank, $0.page) < ($0.hit.length, $1.rank, $1.page) }
    guard let first = matches.first, let page = page(named: first.page) else { return nil }
    var others: [String] = []
    for match in matches where match.page != first.page && !others.contains(match.page) {
      others.append(match.page)
    }
    let isAlias = first.rank >= PageName.Rank.conceptAlias.rawValue
    return Found(
      page: page, alsoFits: Array(others.prefix(Self.mostOthers)),
      alias: isAlias ? first.hit.text : nil)
  }

  /// Every name of every page, folded.
  var allNames: [(folded: String, rank: Int, page: String)] {
    EmbeddedFiles.names.filter { !isReplaced($0.page) }
      + addedPages.flatMap { page in
        page.names.map { ($0.folded, $0.rank.rawValue, page.name) }
      }
  }

  /// The page of that very name.
  public func page(named name: String) -> Page? {
    if let key = SysctlKey(name), let tunable = tunable(key) { return .tunable(tunable) }
    if let rule = pages.rules.first(where: { $0.id == name }) { return .rule(rule) }
    if let reference = pages.references.first(where: { $0.name == name }) {
      return .reference(reference)
    }
    return EmbeddedFiles.reference(name).flatMap(Reference.init(checked:)).map(Page.reference)
  }

  /// The pages that users added.
  private var addedPages: [Page] {
    pages.addedNames.sorted().compactMap { page(named: $0) }
  }

  /// Whether a page of the user's stands for a built-in one.
  private func isReplaced(_ name: String) -> Bool { pages.addedNames.contains(name) }

  /// The title of the page of that name.
  public func title(of name: String) -> String? {
    if pages.addedNames.contains(name) { return page(named: name)?.title }
    return EmbeddedFiles.title(of: name)
  }

  /// Every page, by its name.
  public var entries: [Entry] {
    let added = addedPages.map { Entry(name: $0.name, kind: $0.kindWord, title: $0.title) }
    let own = EmbeddedFiles.titles().filter { !isReplaced($0.page) }
      .map { Entry(name: $0.page, kind: $0.kind, title: $0.title) }
    return (own + added).sorted { $0.name < $1.name }
  }

  // MARK: Search

  /// Pages that have all of these words, those that have them in name, title or aliases first.
  public func search(_ words: [String]) -> [Entry] {
    let wanted = words.flatMap { $0.split(separator: " ") }.map { $0.lowercased() }
    guard !wanted.isEmpty else { return [] }
    var hits: [(score: Int, entry: Entry)] = []
    for entry in entries {
      let aliases = page(named: entry.name)?.aliases ?? []
      let head = ([entry.name, entry.title] + aliases).joined(separator: " ").lowercased()
      let missing = wanted.filter { !head.has($0) }
      if missing.isEmpty {
        hits.append((0, entry))
        continue
      }
      let text = (body(of: entry.name)?.sections ?? []).map(Self.text).joined(separator: " ")
        .lowercased()
      if missing.allSatisfy({ text.has($0) }) { hits.append((missing.count, entry)) }
    }
    return hits.sorted { ($0.score, $0.entry.name) < ($1.score, $1.entry.name) }.map(\.entry)
  }

  private static func text(_ section: Section) -> String {
    section.heading + " "
      + section.blocks.map { block in
        switch block {
        case .paragraph(let text): text
        case .list(let items): items.joined(separator: " ")
        case .code(_, let lines): lines.joined(separator: " ")
        }
      }.joined(separator: " ")
  }
}
