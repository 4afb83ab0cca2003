import Facts
import Pages

extension Catalogue {
  /// The name that somebody may have meant who typed a word that names no page.
  public func nearestName(to word: String) -> String? { nearestNames(to: word).first }

  /// The names that somebody may have meant who typed a word that names no page, the nearest first.
  ///
  /// - Parameters:
  ///   - word: what was typed; case and punctuation are no distance.
  ///   - most: how many at most.
  /// - Returns: names as `find` takes them: of a key the part that was typed, else the page's own.
  public func nearestNames(to word: String, most: Int = 3) -> [String] {
    let wanted = Spelling.folded(word)
    var near: [String: (distance: Int, rank: Int, folded: String)] = [:]
    for name in allNames {
      guard let distance = Spelling.distance(from: wanted, to: name.folded) else { continue }
      if let known = near[name.page], (known.distance, known.rank) <= (distance, name.rank) {
        continue
      }
      near[name.page] = (distance, name.rank, name.folded)
    }
    // What is farther away than the nearest was hardly meant, and a page's own name says more than
    // a further one.
    let least = near.values.map(\.distance).min() ?? 0
    let firstAlias = PageName.Rank.conceptAlias.rawValue
    let bestRank = near.values.filter { $0.distance == least }.map(\.rank).min() ?? 0
    return near.map { (page: $0.key, at: $0.value) }
      .filter { $0.at.distance <= least + 1 && ($0.at.rank < firstAlias || bestRank >= firstAlias) }
      .sorted {
        ($0.at.distance, $0.at.rank, $0.page) < ($1.at.distance, $1.at.rank, $1.page)
      }
      .prefix(most).map { spelled($0.page, as: $0.at.folded) }
  }

  /// The form of a page's name that folds into what was found: a key has short ones.
  private func spelled(_ page: String, as folded: String) -> String {
    guard page.hasPrefix("net."), let key = SysctlKey(page) else { return word(for: page) }
    let last = String(key.lastComponent)
    let forms = [key.name, last, last.hasPrefix("tcp_") ? String(last.dropFirst(4)) : last]
    return forms.first { Spelling.folded($0) == folded } ?? page
  }
}
