/// A JSON document under construction; what is null says so.
public enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  /// A number as it is to stand in the text.
  case number(String)
  case string(String)
  case array([JSONValue])
  /// Members are printed in the order of their names.
  case object([String: JSONValue])

  /// A whole number.
  public static func integer(_ number: some BinaryInteger) -> JSONValue { .number("\(number)") }

  /// Texts in their order.
  public static func strings(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }

  /// What `json` makes of the value, or null where there is none.
  public static func optional<Wrapped>(
    _ value: Wrapped?, _ json: (Wrapped) -> JSONValue
  ) -> JSONValue {
    value.map(json) ?? .null
  }
}

// MARK: Text

extension JSONValue {
  /// The document: sorted names, two blanks a level, a newline at the end.
  public var text: String {
    var bytes: [UInt8] = []
    append(to: &bytes, indent: 0)
    bytes.append(UInt8(ascii: "\n"))
    return String(decoding: bytes, as: UTF8.self)
  }

  private var isNested: Bool {
    switch self {
    case .array, .object: true
    case .null, .boolean, .number, .string: false
    }
  }

  private func append(to bytes: inout [UInt8], indent: Int) {
    switch self {
    case .null: bytes += "null".utf8
    case .boolean(let value): bytes += (value ? "true" : "false").utf8
    case .number(let text): bytes += text.utf8
    case .string(let text): Self.append(text, to: &bytes)
    case .array(let items) where !items.contains(where: \.isNested):
      // Short rows of numbers and names read best on one line.
      bytes.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { bytes += ", ".utf8 }
        item.append(to: &bytes, indent: indent)
      }
      bytes.append(UInt8(ascii: "]"))
    case .array(let items):
      Self.append(items, "[", "]", to: &bytes, indent) { item, bytes in
        item.append(to: &bytes, indent: indent + 1)
      }
    case .object(let members):
      guard !members.isEmpty else {
        bytes += "{}".utf8
        return
      }
      let sorted = members.sorted { $0.key < $1.key }
      Self.append(sorted, "{", "}", to: &bytes, indent) { member, bytes in
        Self.append(member.key, to: &bytes)
        bytes += ": ".utf8
        member.value.append(to: &bytes, indent: indent + 1)
      }
    }
  }

  private static func append<Item>(
    _ items: [Item], _ opening: String, _ closing: String, to bytes: inout [UInt8],
    _ indent: Int, _ each: (Item, inout [UInt8]) -> Void
  ) {
    bytes += opening.utf8
    for (index, item) in items.enumerated() {
      bytes += (index > 0 ? ",\n" : "\n").utf8
      bytes += repeatElement(0x20, count: 2 * (indent + 1))
      each(item, &bytes)
    }
    bytes.append(UInt8(ascii: "\n"))
    bytes += repeatElement(0x20, count: 2 * indent)
    bytes += closing.utf8
  }

  /// A string with everything escaped that JSON does not let stand.
  static func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case 0x0a: bytes += "\\n".utf8
      case 0x09: bytes += "\\t".utf8
      case 0..<0x20, 0x7f:
        let digits = String(byte, radix: 16)
        bytes += "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
