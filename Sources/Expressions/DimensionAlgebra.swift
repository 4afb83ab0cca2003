import Facts

extension Dimension {
  /// What a product measures, nil where the language has no such product.
  static func product(_ a: Dimension, _ b: Dimension) -> Dimension? {
    switch (a, b) {
    case (.pure, _): b
    case (_, .pure): a
    case (.perSecond, .seconds), (.seconds, .perSecond): .pure
    case (.bytesPerSecond, .seconds), (.seconds, .bytesPerSecond): .bytes
    default: nil
    }
  }

  /// What a quotient measures, nil where the language has no such quotient.
  static func quotient(_ a: Dimension, _ b: Dimension) -> Dimension? {
    switch (a, b) {
    case _ where a == b: .pure
    case (_, .pure): a
    case (.pure, .seconds): .perSecond
    case (.bytes, .seconds): .bytesPerSecond
    default: nil
    }
  }
}

extension Fraction {
  /// The least power of two that is not below the number; 1 for anything up to 1.
  var nextPowerOfTwo: Fraction? {
    let wanted = roundedUp
    guard wanted > 1 else { return Fraction(1) }
    guard wanted <= 1 << 62 else { return nil }
    return Fraction(1 << (64 - (wanted - 1).leadingZeroBitCount))
  }
}
