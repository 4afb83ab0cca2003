/// Plain search in text. The standard library's own is part of its module for regular expressions,
/// which would add some megabytes to a static program.
extension StringProtocol {
  /// The first place where `part` stands, byte by byte; nil when it does not.
  public func place(of part: String) -> Range<Index>? {
    let wanted = Array(part.utf8)
    var start = utf8.startIndex
    while utf8.distance(from: start, to: utf8.endIndex) >= wanted.count {
      if utf8[start...].starts(with: wanted) {
        return start..<utf8.index(start, offsetBy: wanted.count)
      }
      start = utf8.index(after: start)
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
