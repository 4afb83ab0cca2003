/// Plain search in text. The standard library's own is part of its module for regular expressions,
/// which would add some megabytes to a static program.
extension StringProtocol {
  /// The first place where `part` stands, byte by byte; nil when it does not.
  public func place(of part: String) -> Range<Index>? {
    let text = utf8
    guard let first = part.utf8.first else { return startIndex..<startIndex }
    var start = text.startIndex
    while let found = text[start...].firstIndex(of: first) {
      if text[found...].starts(with: part.utf8) {
        return found..<text.index(found, offsetBy: part.utf8.count)
      }
      start = text.index(after: found)
    }
    return nil
  }

  /// Whether `part` stands in the text.
  public func has(_ part: String) -> Bool { place(of: part) != nil }

  /// The text with `other` in the place of every `part`.
  public func substituting(_ other: String, for part: String) -> String {
    var result = ""
    var rest = self[...]
    while let place = rest.place(of: part) {
      result += rest[..<place.lowerBound]
      result += other
      rest = rest[place.upperBound...]
    }
    return result + rest
  }
}
