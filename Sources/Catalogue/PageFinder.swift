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

  /// The page that `word` names: exact key, short key, rule, alias, in this order; case does not
  /// matter.
  public func find(_ word: String) -> Found? {
    let wanted = word.lowercased()
    var matches: [Page] = []
    func take(_ page: Page) {
      if !matches.contains(where: { $0.name == page.name }) { matches.append(page) }
    }
    let tunables = pages.tunables.all
    if let key = SysctlKey(wanted), let tunable = tunable(key) { take(.tunable(tunable)) }
    for tunable in tunables where KeyName.isShort(wanted, for: tunable.key) {
      take(.tunable(tunable))
    }
    for rule in pages.rules where rule.id == wanted { take(.rule(rule)) }
    for tunable in tunables where tunable.aliases.contains(where: { $0.lowercased() == wanted }) {
      take(.tunable(tunable))
    }
    for rule in pages.rules where rule.aliases.contains(where: { $0.lowercased() == wanted }) {
      take(.rule(rule))
    }
    guard let first = matches.first else { return nil }
    let isAlias = first.aliases.contains { $0.lowercased() == wanted }
    return Found(
      page: first, alsoFits: matches.dropFirst().map(\.name), alias: isAlias ? word : nil)
  }

  /// Whether findings that a page shows, or its formulas, may be about listeners.
  public func isAboutListeners(_ page: Page) -> Bool {
    switch page {
    case .rule(let rule): rule.subject == .listener
    case .tunable(let tunable):
      tunable.effect == .nextListen
        || pages.rules.contains { rule in
          rule.subject == .listener && rule.changes.contains { $0.key == tunable.key }
        }
    }
  }

  /// The name that somebody may have meant who typed a word that names no page.
  public func nearestName(to word: String) -> String? {
    let keys = pages.tunables.keys
    let short = keys.flatMap { key in
      let last = key.lastComponent
      return [String(last), last.hasPrefix("tcp_") ? String(last.dropFirst(4)) : String(last)]
    }
    return Spelling.nearest(
      to: word, among: keys.map(\.name) + short + pages.rules.map(\.id))
  }

  /// The title of the page of that name.
  public func title(of name: String) -> String? {
    if let rule = pages.rules.first(where: { $0.id == name }) { return rule.title }
    return SysctlKey(name).flatMap { tunable($0)?.title }
  }
}
