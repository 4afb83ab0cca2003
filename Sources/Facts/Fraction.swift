/// An exact fraction of two 64-bit integers in lowest terms.
///
/// Rules compare what the kernel counts; a rounded number could decide a finding. Arithmetic that
/// leaves the range gives nil, and the condition in which it stands is unknown.
public struct Fraction: Hashable, Sendable {
  /// The part above the line; carries the sign.
  public let numerator: Int64
  /// The part below the line; always positive.
  public let denominator: Int64

  /// A whole number.
  public init(_ whole: Int64) {
    numerator = whole
    denominator = 1
  }

  /// The fraction in lowest terms, or nil when `denominator` is 0 or a part does not fit.
  public init?(_ numerator: Int64, _ denominator: Int64) {
    self.init(Int128(numerator), Int128(denominator))
  }

  /// A fraction whose parts were those of another one.
  public init(inLowestTerms numerator: Int64, _ denominator: Int64) {
    self.init(unchecked: numerator, denominator)
  }

  /// A fraction that stands in the source code in lowest terms.
  init(unchecked numerator: Int64, _ denominator: Int64) {
    self.numerator = numerator
    self.denominator = denominator
  }

  private init?(_ numerator: Int128, _ denominator: Int128) {
    guard denominator != 0 else { return nil }
    var (a, b) = (numerator.magnitude, denominator.magnitude)
    while b != 0 { (a, b) = (b, a % b) }
    let divisor = Int128(a)
    let sign: Int128 = denominator < 0 ? -1 : 1
    guard
      let above = Int64(exactly: sign * (numerator / divisor)),
      let below = Int64(exactly: sign * (denominator / divisor))
    else { return nil }
    self.numerator = above
    self.denominator = below
  }

  /// The fraction that a decimal numeral spells (`0.5`, `12345.67`), or nil.
  public init?(decimal text: some StringProtocol) {
    var digits = text.utf8[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits.removeFirst() }
    let whole = digits.prefix { $0 != UInt8(ascii: ".") }
    guard let above = Self.number(whole) else { return nil }
    guard whole.endIndex < digits.endIndex else {
      self.init(isNegative ? -above : above)
      return
    }
    let places = digits[whole.endIndex...].dropFirst()
    var below: Int128 = 1
    for _ in places.prefix(19) { below *= 10 }
    // 18 digits are the most that Int64 has room for whatever they are.
    guard below <= 1_000_000_000_000_000_000, let rest = Self.number(places) else { return nil }
    let sum = Int128(above) * below + Int128(rest)
    self.init(isNegative ? -sum : sum, below)
  }

  /// The number that digits spell, and nothing but digits.
  private static func number(_ digits: some Sequence<UInt8>) -> Int64? {
    var number: Int64?
    for byte in digits {
      guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else { return nil }
      let (tens, isTooLarge) = (number ?? 0).multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
      guard !isTooLarge, !overflows else { return nil }
      number = sum
    }
    return number
  }

  /// Whether both are whole numbers, as nearly all that the kernel counts are; those need no 128
  /// bits.
  private func isWhole(with other: Self) -> Bool { denominator == 1 && other.denominator == 1 }

  /// The sum, or nil when it does not fit.
  public func adding(_ other: Self) -> Self? {
    if isWhole(with: other) {
      let (sum, overflows) = numerator.addingReportingOverflow(other.numerator)
      return overflows ? nil : Self(sum)
    }
    return Self(
      Int128(numerator) * Int128(other.denominator)
        + Int128(other.numerator) * Int128(denominator),
      Int128(denominator) * Int128(other.denominator))
  }

  /// The difference, or nil when it does not fit.
  public func subtracting(_ other: Self) -> Self? {
    other.negated.flatMap { adding($0) }
  }

  /// The product, or nil when it does not fit.
  public func multiplied(by other: Self) -> Self? {
    if isWhole(with: other) {
      let (product, overflows) = numerator.multipliedReportingOverflow(by: other.numerator)
      return overflows ? nil : Self(product)
    }
    return Self(
      Int128(numerator) * Int128(other.numerator),
      Int128(denominator) * Int128(other.denominator))
  }

  /// The quotient, or nil when `other` is 0 or the quotient does not fit.
  public func divided(by other: Self) -> Self? {
    // Most counters do not move: their rates need no 128 bits.
    if numerator == 0, other.numerator != 0 { return Self(0) }
    return Self(
      Int128(numerator) * Int128(other.denominator),
      Int128(denominator) * Int128(other.numerator))
  }

  /// The number with the other sign, or nil for the smallest integer.
  public var negated: Self? {
    numerator == .min ? nil : Self(unchecked: -numerator, denominator)
  }

  /// The greatest integer that is not above the number.
  public var roundedDown: Int64 {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// The least integer that is not below the number.
  public var roundedUp: Int64 {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    return remainder > 0 ? quotient + 1 : quotient
  }

  /// The integer that the number is, or nil when it is not whole.
  public var whole: Int64? { denominator == 1 ? numerator : nil }

  /// The nearest floating-point number, for JSON and for printing.
  public var double: Double { Double(numerator) / Double(denominator) }
}

extension Fraction: Comparable {
  /// Compares exactly, by cross multiplication.
  public static func < (a: Self, b: Self) -> Bool {
    a.denominator == b.denominator
      ? a.numerator < b.numerator
      : Int128(a.numerator) * Int128(b.denominator) < Int128(b.numerator) * Int128(a.denominator)
  }
}
