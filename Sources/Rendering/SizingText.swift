import Facts
import JSON

/// How a number of a profile comes of the line and the way that it is for.
enum SizingText {
  /// The arithmetic in one line: `rtt 40 ms * bandwidth 10 Gbit/s = 50 MB under way; max =
  /// next-power-of-two(2 * bandwidth * rtt) = 134217728`.
  static func sentence(_ sizing: Sizing) -> String {
    let given = sizing.parameters.map { "\($0.parameter.rawValue) \($0.text)" }
    let underWay = sizing.bytesUnderWay.map { " = \(decimalBytes($0)) under way" } ?? ""
    let name = sizing.element?.rawValue ?? "value"
    let cut =
      sizing.value == sizing.result
      ? ""
      : sizing.value < sizing.result
        ? ", cut to \(sizing.value), the most that makes sense"
        : ", raised to \(sizing.value), the least that makes sense"
    let sum = given.joined(separator: " * ") + underWay
    return "\(sum.isEmpty ? "" : "\(sum); ")\(name) = \(sizing.formula) = \(sizing.result)\(cut)"
  }

  /// Bytes in the decimal units of lines: 1 Gbit/s for 100 ms are 12.5 MB.
  private static func decimalBytes(_ amount: Fraction) -> String {
    for (unit, size) in [("GB", Int64(1_000_000_000)), ("MB", 1_000_000), ("kB", 1_000)]
    where amount >= Fraction(size) {
      return "\(Units.number(amount.divided(by: Fraction(size)) ?? amount)) \(unit)"
    }
    return "\(Units.number(amount)) B"
  }

  static func json(_ sizing: Sizing) -> JSONValue {
    .object([
      "element": .optional(sizing.element?.rawValue, JSONValue.string),
      "formula": .string(sizing.formula), "parameters": parameters(sizing.parameters),
      "result": .string(String(sizing.result)), "value": .string(String(sizing.value)),
    ])
  }

  static func parameters(_ values: [SizingParameter.Value]) -> JSONValue {
    .array(
      values.map { value in
        .object([
          "name": .string(value.parameter.rawValue),
          "value": JSONValue.fraction(value.quantity.amount),
          "unit": .optional(value.quantity.dimension.symbol, JSONValue.string),
          "text": .string(value.text),
        ])
      })
  }
}
