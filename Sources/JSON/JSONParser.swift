/// Reads JSON (RFC 8259) and says where a text leaves it.
struct JSONParser {
  /// Deeper nesting is refused: no document of ours needs it, and the stack has an end.
  private static let deepestNesting = 64

  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  static func document(_ bytes: [UInt8]) throws(JSONProblem) -> JSONNode {
    var parser = JSONParser(bytes)
    let node = try parser.value()
    parser.skipBlanks()
    guard parser.at == bytes.count else {
      throw parser.problem("the end of the document")
    }
    return node
  }

  private var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipBlanks() {
    while let next = byte, next == 0x20 || next == 0x0a || next == 0x0d || next == 0x09 { at += 1 }
  }

  /// A problem here: what was expected, and what stands here instead.
  private func problem(_ expected: String) -> JSONProblem {
    let found: String
    if let next = byte {
      found = next > 0x20 && next < 0x7f ? "'\(Character(Unicode.Scalar(next)))'" : "byte \(next)"
    } else {
      found = "the end of the text"
    }
    return JSONProblem(at: at, "expected \(expected), found \(found)")
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard byte == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func value() throws(JSONProblem) -> JSONNode {
    skipBlanks()
    let start = at
    let content: JSONNode.Content =
      switch byte {
      case UInt8(ascii: "{"): .object(try nested { (p) throws(JSONProblem) in try p.members() })
      case UInt8(ascii: "["): .array(try nested { (p) throws(JSONProblem) in try p.items() })
      case UInt8(ascii: "\""): .string(try string())
      case UInt8(ascii: "t"): try word("true", .boolean(true))
      case UInt8(ascii: "f"): try word("false", .boolean(false))
      case UInt8(ascii: "n"): try word("null", .null)
      default: .number(try number())
      }
    return JSONNode(content: content, offset: start)
  }

  private mutating func nested<Result>(
    _ parse: (inout JSONParser) throws(JSONProblem) -> Result
  ) throws(JSONProblem) -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepestNesting else {
      throw JSONProblem(
        at: at, "expected at most \(Self.deepestNesting) nested levels, found one more")
    }
    return try parse(&self)
  }

  private mutating func word(
    _ word: String, _ content: JSONNode.Content
  ) throws(JSONProblem) -> JSONNode.Content {
    guard bytes[at...].starts(with: word.utf8) else { throw problem("a value") }
    at += word.utf8.count
    return content
  }

  private mutating func members() throws(JSONProblem) -> [String: JSONNode] {
    at += 1
    var members: [String: JSONNode] = [:]
    skipBlanks()
    if take("}") { return members }
    repeat {
      skipBlanks()
      let start = at
      guard byte == UInt8(ascii: "\"") else { throw problem("a name in quotes") }
      let name = try string()
      skipBlanks()
      guard take(":") else { throw problem("':' after \"\(name)\"") }
      guard members.updateValue(try value(), forKey: name) == nil else {
        throw JSONProblem(at: start, "expected \"\(name)\" once, found it again")
      }
      skipBlanks()
    } while take(",")
    guard take("}") else { throw problem("',' or '}'") }
    return members
  }

  private mutating func items() throws(JSONProblem) -> [JSONNode] {
    at += 1
    var items: [JSONNode] = []
    skipBlanks()
    if take("]") { return items }
    repeat {
      items.append(try value())
      skipBlanks()
    } while take(",")
    guard take("]") else { throw problem("',' or ']'") }
    return items
  }

  // MARK: Numbers

  private mutating func number() throws(JSONProblem) -> String {
    let start = at
    _ = take("-")
    guard digits() > 0 else {
      at = start
      throw problem("a value")
    }
    if take("."), digits() == 0 { throw problem("a digit") }
    if take("e") || take("E") {
      _ = take("+") || take("-")
      if digits() == 0 { throw problem("a digit") }
    }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func digits() -> Int {
    let start = at
    while let next = byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { at += 1 }
    return at - start
  }

  // MARK: Strings

  private mutating func string() throws(JSONProblem) -> String {
    at += 1
    let start = at
    while let next = byte, next != UInt8(ascii: "\""), next != UInt8(ascii: "\\"), next >= 0x20 {
      at += 1
    }
    if byte == UInt8(ascii: "\"") {
      defer { at += 1 }
      return try text(bytes[start..<at], at: start)
    }
    // Only a string with escapes is put together piece by piece.
    var characters = Array(bytes[start..<at])
    while !take("\"") {
      if take("\\") {
        characters += try escaped()
      } else {
        guard let next = byte, next >= 0x20 else { throw problem("'\"' at the end of the string") }
        characters.append(next)
        at += 1
      }
    }
    return try text(characters[...], at: start)
  }

  private func text(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(JSONProblem) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw JSONProblem(at: offset, "expected UTF-8, found other bytes in a string")
    }
    return text
  }

  private mutating func escaped() throws(JSONProblem) -> String.UTF8View {
    let start = at
    guard let next = byte else { throw problem("an escape") }
    at += 1
    switch next {
    case UInt8(ascii: "\""): return "\"".utf8
    case UInt8(ascii: "\\"): return "\\".utf8
    case UInt8(ascii: "/"): return "/".utf8
    case UInt8(ascii: "b"): return "\u{8}".utf8
    case UInt8(ascii: "f"): return "\u{c}".utf8
    case UInt8(ascii: "n"): return "\n".utf8
    case UInt8(ascii: "r"): return "\r".utf8
    case UInt8(ascii: "t"): return "\t".utf8
    case UInt8(ascii: "u"): break
    default:
      at = start
      throw problem("one of \" \\ / b f n r t u after '\\'")
    }
    var units = [try unit()]
    if UTF16.isLeadSurrogate(units[0]), take("\\"), take("u") { units.append(try unit()) }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw JSONProblem(at: start, "expected a character, found half of a surrogate pair")
    }
    return text.utf8
  }

  private mutating func unit() throws(JSONProblem) -> UInt16 {
    let digits = bytes[at...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw problem("four hexadecimal digits") }
    at += 4
    return unit
  }
}

extension JSONNode {
  /// Reads a document.
  ///
  /// - Throws: ``JSONProblem`` at the first place where the text is not JSON.
  public init(parsing bytes: [UInt8]) throws(JSONProblem) {
    self = try JSONParser.document(bytes)
  }
}
