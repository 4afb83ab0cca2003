/// A JSON document that was read: each value with its place in the text.
public struct JSONNode: Sendable {
  /// What stands at the place.
  public enum Content: Sendable {
    case null
    case boolean(Bool)
    /// The number as it stands in the text.
    case number(String)
    case string(String)
    case array([JSONNode])
    case object([String: JSONNode])
  }

  /// The value.
  public var content: Content
  /// How many bytes stand before it.
  public var offset: Int

  /// The kind of value in words, for messages.
  public var words: String {
    switch content {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .number(let text): text
    case .string(let text): "\"\(text.prefix(40))\""
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// Something wrong in a JSON text, with its place.
public struct JSONProblem: Error, Equatable, Sendable {
  /// How many bytes stand before the place.
  public var offset: Int
  /// What was expected and what was found: lower case, no full stop.
  public var message: String

  /// A problem at a place.
  public init(at offset: Int, _ message: String) {
    self.offset = offset
    self.message = message
  }

  /// `line:column` of the place in `bytes`, both counted from 1; columns are characters.
  public func place(in bytes: [UInt8]) -> String {
    let before = bytes.prefix(offset)
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let column = String(decoding: before[start...], as: UTF8.self).count + 1
    return "\(line):\(column)"
  }
}
