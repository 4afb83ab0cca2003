/// Finds the name that somebody may have meant.
public enum Spelling {
  /// A name as it is compared: small letters and digits, so that case, blanks and punctuation do not
  /// matter; a count that netstat prints before its sentences is left out.
  public static func folded(_ name: some StringProtocol) -> String {
    var rest = name.unicodeScalars[...]
    let digits = rest.prefix { ("0"..."9").contains($0) }
    // "12 times the listen queue of a socket overflowed"
    if !digits.isEmpty, rest.dropFirst(digits.count).first == " " {
      rest = rest.dropFirst(digits.count)
    }
    var folded = String.UnicodeScalarView()
    for scalar in rest {
      switch scalar {
      case "a"..."z", "0"..."9": folded.append(scalar)
      case "A"..."Z": folded.append(Unicode.Scalar(scalar.value + 32) ?? scalar)
      default: if scalar.value > 0x7f, scalar.properties.isAlphabetic { folded.append(scalar) }
      }
    }
    return String(folded)
  }

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
