import Expressions
import Facts

// The values of a tunable's header; what is wrong with one is noted there.
extension Tunable {
  static func key(_ header: inout Header) -> SysctlKey? {
    guard let field = header.first("key") else { return nil }
    if let key = key(named: field.value) { return key }
    header.note(field, "expected a key below net, found '\(field.value)'")
    return nil
  }

  static func key(named name: String) -> SysctlKey? {
    SysctlKey(name).flatMap { $0.name.hasPrefix("net.") ? $0 : nil }
  }

  /// `integer`, `text`, `ports`, or `vector` with the names of its elements.
  static func type(
    _ header: inout Header
  ) -> (form: KeyForm, elements: [VectorElement])? {
    guard let field = header.first("type") else { return nil }
    switch field.value {
    case "integer": return (.numbers, [])
    case "text": return (.text, [])
    case "ports": return (.ports, [])
    default: break
    }
    let words = field.value.split(separator: " ")
    let names = words.dropFirst().map { String($0) }
    if words.first == "vector",
      let layout = VectorElement.layouts.first(where: { $0.map(\.rawValue) == names })
    {
      return (.numbers, layout)
    }
    let known = VectorElement.layouts.map {
      "'vector \($0.map(\.rawValue).joined(separator: " "))'"
    }
    header.note(
      field,
      "expected 'integer', 'text', 'ports' or \(known.joined(separator: ", ")),"
        + " found '\(field.value)'")
    return nil
  }

  /// A unit that goes with the form: names have none, lists of ports are of ports.
  static func unit(_ header: inout Header, of form: KeyForm?) -> KeyUnit? {
    guard let field = header.first("unit") else { return nil }
    guard let unit = KeyUnit(field.value) else {
      let known = KeyUnit.words.joined(separator: " ")
      header.note(field, "expected one of the units \(known), found '\(field.value)'")
      return nil
    }
    switch form {
    case .text where unit != .nothing:
      header.note(field, "expected the unit 'none' of a text, found '\(field.value)'")
    case .ports where unit != .count(of: "ports"):
      header.note(field, "expected the unit 'ports' of a list of ports, found '\(field.value)'")
    case .numbers where unit == .nothing:
      header.note(field, "expected a unit of numbers, found '\(field.value)'")
    default: break
    }
    return unit
  }

  static func range(
    _ field: Header.Field, _ text: Substring, _ form: KeyForm?, _ header: inout Header
  ) -> ClosedRange<Int64>? {
    if form == .text {
      if text == "any" { return Int64.min...Int64.max }
      header.note(field, at: text.startIndex, "expected 'any' for a text, found '\(text)'")
      return nil
    }
    if let dots = text.place(of: ".."), let low = Int64(text[..<dots.lowerBound]),
      let high = bound(text[dots.upperBound...]), low <= high
    {
      return low...high
    }
    header.note(field, at: text.startIndex, "expected a range as in '0..255', found '\(text)'")
    return nil
  }

  /// A number of 64 bits; what only an unsigned one holds is cut.
  private static func bound(_ text: Substring) -> Int64? {
    UInt64(text).map { Int64(clamping: $0) } ?? Int64(text)
  }

  static func yesOrNo(
    _ field: Header.Field, _ text: Substring, _ header: inout Header
  ) -> Bool? {
    if text == "yes" || text == "no" { return text == "yes" }
    header.note(field, at: text.startIndex, "expected 'yes' or 'no', found '\(text)'")
    return nil
  }

  static func release(
    _ name: String, orWord word: String, _ header: inout Header
  ) -> KernelRelease? {
    guard let field = header.first(name), field.value != word else { return nil }
    if let release = KernelRelease(numbers: field.value) { return release }
    header.note(field, "expected a release or '\(word)', found '\(field.value)'")
    return nil
  }

  /// One expression for each number, parted by commas outside of parentheses; or `unknown`.
  ///
  /// `count` is how many numbers the key has, nil where its type does not tell.
  static func defaults(
    _ field: Header.Field, _ text: Substring, count: Int?, _ header: inout Header
  ) -> [Expression]?? {
    if text == "unknown" { return .some(nil) }
    let pieces = outerPieces(of: text)
    if let count, pieces.count != count {
      let wanted = count == 1 ? "one default value" : "\(count) default values parted by commas"
      header.note(field, at: text.startIndex, "expected \(wanted), found \(pieces.count)")
      return nil
    }
    let expressions = pieces.compactMap { Rule.expression(field, $0, &header) }
    return expressions.count == pieces.count ? .some(expressions) : nil
  }

  /// What commas outside of parentheses part.
  static func outerPieces(of text: Substring) -> [Substring] {
    var pieces: [Substring] = []
    var start = text.startIndex
    var depth = 0
    for index in text.utf8.indices {
      switch text.utf8[index] {
      case UInt8(ascii: "("), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ",") where depth == 0:
        pieces.append(text[start..<index].trimmed)
        start = text.utf8.index(after: index)
      default: break
      }
    }
    pieces.append(text[start...].trimmed)
    return pieces
  }
}
