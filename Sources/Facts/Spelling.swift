/// Finds the name that somebody may have meant.
public enum Spelling {
  /// The candidate nearest to `word` by edit distance, nil when none is near.
  ///
  /// Near is a distance below 4 and below half the word's length, or a beginning of three letters;
  /// letters' case is no distance.
  public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().utf8.prefix(80))
    var best: (distance: Int, name: String)?
    for candidate in candidates {
      let limit = min(best?.distance ?? 4, 4, max(2, (wanted.count + 1) / 2))
      let letters = Array(candidate.lowercased().utf8.prefix(80))
      let begins = wanted.count >= 3 && letters.starts(with: wanted) && best == nil
      let distance = begins ? 3 : distance(wanted, letters, below: limit)
      if let distance { best = (distance, candidate) }
    }
    return best?.name
  }

  /// The Levenshtein distance, nil when it is not below `limit`.
  private static func distance(_ a: [UInt8], _ b: [UInt8], below limit: Int) -> Int? {
    guard abs(a.count - b.count) < limit else { return nil }
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count] < limit ? row[b.count] : nil
  }
}
