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

  /// How far a name is from what was typed, both folded; nil when it is not near.
  ///
  /// Near is a distance below 4 and below half the word's length, or a beginning of three letters. A
  /// short word has no near ones, and of ideographs, each of which is a word, no more than a fourth
  /// may differ.
  public static func distance(from typed: String, to name: String) -> Int? {
    let wanted = Array(typed.unicodeScalars.prefix(80))
    let letters = Array(name.unicodeScalars.prefix(80))
    let limit =
      wanted.contains { !$0.isASCII } || wanted.count < 4
      ? wanted.count / 4 + 1 : min(4, (wanted.count + 1) / 2)
    if let distance = distance(wanted, letters, below: limit) { return distance }
    return wanted.count >= 3 && letters.starts(with: wanted) ? 3 : nil
  }

  /// The Levenshtein distance, nil when it is not below `limit`.
  private static func distance<Letter: Equatable>(
    _ a: [Letter], _ b: [Letter], below limit: Int
  ) -> Int? {
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
