import Facts

/// A name by which a page is found, folded, and how well it fits: smaller comes first.
public struct PageName: Hashable, Sendable {
  /// How a name fits a page, in the order in which pages are tried.
  public enum Rank: Int, CaseIterable, Sendable {
    case key, shortKey, counter, state, error, concept, rule, conceptAlias, alias
  }

  /// Letters and digits only, small.
  public var folded: String
  /// How well it fits.
  public var rank: Rank

  /// A name of some rank.
  public init(_ name: some StringProtocol, _ rank: Rank) {
    folded = Spelling.folded(name)
    self.rank = rank
  }
}

extension Page {
  /// Every name by which the page is found.
  public var names: [PageName] {
    var names: [PageName] = []
    switch self {
    case .tunable(let tunable):
      let last = tunable.key.lastComponent
      names = [PageName(tunable.key.name, .key), PageName(last, .shortKey)]
      if last.hasPrefix("tcp_") { names.append(PageName(last.dropFirst(4), .shortKey)) }
    case .rule(let rule): names = [PageName(rule.id, .rule)]
    case .reference(let reference):
      let rank: PageName.Rank =
        switch reference.kind {
        case .counter: .counter
        case .state: .state
        case .error: .error
        case .concept: .concept
        }
      names = [PageName(reference.name, rank)]
      if reference.kind == .counter, let dot = reference.name.lastIndex(of: ".") {
        names.append(PageName(reference.name[reference.name.index(after: dot)...], rank))
      }
    }
    // What two pages are called too is first of all a concept.
    let isConcept = kindWord == Reference.Kind.concept.rawValue
    names += aliases.map { PageName($0, isConcept ? .conceptAlias : .alias) }
    var seen: Set<String> = []
    return names.filter { !$0.folded.isEmpty && seen.insert($0.folded).inserted }
  }
}
