/// What a profile's numbers can be computed from: a property of the line and of the way.
public enum SizingParameter: String, CaseIterable, Hashable, Sendable {
  /// The round-trip time to the far end.
  case rtt
  /// What the narrowest line on the way carries, in bits a second.
  case bandwidth

  /// A parameter with an amount.
  public struct Value: Equatable, Sendable {
    /// Which parameter.
    public var parameter: SizingParameter
    /// How much: seconds, or bytes per second.
    public var quantity: Quantity
    /// The same as it was written, with a blank before the unit: `40 ms`, `10 Gbit/s`.
    public var text: String
  }

  /// What it measures.
  public var dimension: Dimension {
    switch self {
    case .rtt: .seconds
    case .bandwidth: .bytesPerSecond
    }
  }

  /// The units that may follow the number, with how many base units each is.
  ///
  /// Lines are sold in decimal bits a second: a Gbit is 125,000,000 bytes.
  private var units: [(symbol: String, factor: Fraction)] {
    switch self {
    case .rtt: [("us", .millionth), ("ms", .thousandth), ("s", Fraction(1))]
    case .bandwidth:
      [("Kbit", Fraction(125)), ("Mbit", Fraction(125_000)), ("Gbit", Fraction(125_000_000))]
    }
  }

  /// The least and the most that may be written.
  ///
  /// From a way inside one machine to one by satellite and back many times; from a modem to what no
  /// single line carries yet. Their products stay far inside of 64 bits.
  private var bounds: ClosedRange<Fraction> {
    switch self {
    case .rtt: Fraction(unchecked: 1, 100_000)...Fraction(10)
    case .bandwidth: Fraction(64 * 125)...Fraction(1000 * 125_000_000)
    }
  }

  /// What may be written, for messages.
  public var expected: String {
    switch self {
    case .rtt: "a time from 10us to 10s as in '40ms' (us, ms or s)"
    case .bandwidth:
      "a rate from 64Kbit to 1000Gbit a second as in '10Gbit' (Kbit, Mbit or Gbit)"
    }
  }

  /// The amount that a text spells: digits, perhaps a dot and more digits, and at once a unit; nil
  /// for anything else and beyond the bounds.
  public func value(_ text: some StringProtocol) -> Value? {
    let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
    let symbol = text.dropFirst(digits.count)
    guard let unit = units.first(where: { $0.symbol == symbol }),
      let amount = Fraction(decimal: digits)?.multiplied(by: unit.factor),
      bounds.contains(amount)
    else { return nil }
    return Value(
      parameter: self, quantity: Quantity(amount, dimension),
      text: "\(digits) \(symbol)\(self == .bandwidth ? "/s" : "")")
  }
}

/// How a number of a profile came about.
public struct Sizing: Equatable, Sendable {
  /// The element of a vector, nil for the only number.
  public var element: VectorElement?
  /// The arithmetic, as the profile has it.
  public var formula: String
  /// The parameters in it.
  public var parameters: [SizingParameter.Value]
  /// What the arithmetic gives, in the kernel's own unit.
  public var result: Int64
  /// What is planned: the result, cut to what makes sense of the key.
  public var value: Int64

  /// A number with its arithmetic.
  public init(
    element: VectorElement?, formula: String, parameters: [SizingParameter.Value], result: Int64,
    value: Int64
  ) {
    self.element = element
    self.formula = formula
    self.parameters = parameters
    self.result = result
    self.value = value
  }

  /// Bytes under way at that rate over that round trip; nil where one of them is not in it.
  public var bytesUnderWay: Fraction? {
    func amount(_ wanted: SizingParameter) -> Fraction? {
      parameters.first { $0.parameter == wanted }?.quantity.amount
    }
    guard let time = amount(.rtt), let rate = amount(.bandwidth) else { return nil }
    return rate.multiplied(by: time)
  }
}
