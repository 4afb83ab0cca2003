import Facts
import JSON

extension JSONValue {
  /// A whole number as such, any other as the nearest floating-point number.
  static func fraction(_ fraction: Fraction) -> JSONValue {
    fraction.whole.map { .integer($0) } ?? .number("\(fraction.double)")
  }

  /// A fact's value: number, text, boolean or array; a release is its text.
  static func value(_ value: Value) -> JSONValue {
    switch value {
    case .quantity(let quantity): .fraction(quantity.amount)
    case .boolean(let boolean): .boolean(boolean)
    case .text(let text): .string(text)
    case .release(let release): .string(release.text)
    case .vector(let numbers): .array(numbers.map { .fraction($0.amount) })
    }
  }

  /// The unit of a value, nil for pure numbers, texts and booleans.
  static func unit(_ value: Value) -> String? {
    switch value {
    case .quantity(let quantity): quantity.dimension.symbol
    case .vector(let numbers): numbers.first?.dimension.symbol
    case .boolean, .text, .release: nil
    }
  }
}

/// Documents: one JSON object with its format's version.
public enum JSONText {
  /// The version of every document that we write; minor adds, major breaks.
  static let formatVersion = "1.0"

  /// A document with these members.
  static func document(_ members: [String: JSONValue]) -> String {
    var members = members
    members["format_version"] = .string(formatVersion)
    return JSONValue.object(members).text
  }

  /// The document of a command that failed: what is wrong, all problems where there are several.
  ///
  /// - Parameters:
  ///   - message: the first line that a person reads.
  ///   - problems: every problem, in order.
  ///   - status: the exit status that goes with it.
  /// - Returns: the text.
  public static func failure(_ message: String, problems: [String], status: Int32) -> String {
    document([
      "error": .object([
        "message": .string(message), "problems": .strings(problems),
        "status": .integer(status),
      ])
    ])
  }
}
