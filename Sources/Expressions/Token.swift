public import Facts

/// A word of the condition language.
struct Token: Equatable {
  enum Kind: Equatable {
    /// A fact, a function, a subject or a keyword.
    case name(String)
    /// A number as written, with its unit; it may be a release.
    case number(NumberLiteral)
    /// The characters between double quotes.
    case text(String)
    /// One of `( ) { } , == != < <= > >= + - * /`.
    case symbol(String)
    case end
  }

  var kind: Kind
  /// UTF-8 bytes before the token.
  var offset: Int
  /// UTF-8 bytes before what follows it.
  var end: Int

  /// The token as a message quotes it.
  var words: String {
    switch kind {
    case .name(let name): "'\(name)'"
    case .number(let number): "'\(number.text)\(number.unit?.symbol ?? "")'"
    case .text(let text): "\"\(text)\""
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end"
    }
  }
}

/// A number as it is written: `60s`, `80%`, `5.4`, `6.1.125`.
public struct NumberLiteral: Hashable, Sendable {
  /// The digits and dots, or the name that stands for them.
  public let text: String
  /// The unit behind them, nil for a bare number.
  public let unit: UnitSymbol?
  /// The number in base units; nil for a release of three parts or a number that does not fit.
  public let quantity: Quantity?

  /// A number with its unit.
  public init(text: String, unit: UnitSymbol? = nil) {
    self.text = text
    self.unit = unit
    // Conditions are evaluated often and read once.
    let number = Int64(text).map { Fraction($0) } ?? Fraction(decimal: text)
    quantity =
      if let unit {
        number?.multiplied(by: unit.factor).map { Quantity($0, unit.dimension) }
      } else {
        number.map { Quantity($0) }
      }
  }

  /// A name that stands for an amount.
  init(name: String, quantity: Quantity) {
    text = name
    unit = nil
    self.quantity = quantity
  }

  /// The spelling of a unit with what it means.
  public struct UnitSymbol: Hashable, Sendable {
    /// As written.
    public var symbol: String
    /// What it measures.
    public var dimension: Dimension
    /// How many base units it is.
    public var factor: Fraction

    /// A unit of the language.
    init(_ unit: LiteralUnit) {
      symbol = unit.symbol
      dimension = unit.dimension
      factor = unit.factor
    }
  }

  /// The release that the digits spell opposite `host.release`, nil with a unit.
  public var release: KernelRelease? {
    unit == nil ? KernelRelease(text.contains(".") ? text : text + ".0") : nil
  }

  /// Whether it is a bare zero, which may stand beside any unit.
  var isBareZero: Bool { unit == nil && quantity?.amount == Fraction(0) }
}
