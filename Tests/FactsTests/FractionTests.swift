import Facts
import Testing

@Test func fractionsAreExact() throws {
  let third = try #require(Fraction(1, 3))
  let sixth = try #require(Fraction(-2, -12))
  #expect(third.adding(sixth) == Fraction(1, 2))
  #expect(third.subtracting(sixth) == sixth)
  #expect(third.multiplied(by: sixth) == Fraction(1, 18))
  #expect(third.divided(by: sixth) == Fraction(2))
  #expect(sixth < third)
}

@Test func whatDoesNotFitIsNil() {
  let largest = Fraction(Int64.max)
  #expect(largest.adding(Fraction(1)) == nil)
  #expect(largest.multiplied(by: largest) == nil)
  #expect(Fraction(Int64.min).negated == nil)
  #expect(largest.divided(by: Fraction(0)) == nil)
  #expect(Fraction(1, 0) == nil)
}

@Test(
  arguments: [
    (7, 2, 3, 4), (-7, 2, -4, -3), (6, 2, 3, 3), (0, 5, 0, 0), (-1, 3, -1, 0),
  ] as [(Int64, Int64, Int64, Int64)])
func rounding(_ above: Int64, _ below: Int64, _ down: Int64, _ up: Int64) throws {
  let fraction = try #require(Fraction(above, below))
  #expect(fraction.roundedDown == down)
  #expect(fraction.roundedUp == up)
}

@Test(
  arguments: [
    ("12345.67", 1_234_567, 100), ("0.5", 1, 2), ("-0.25", -1, 4), ("10", 10, 1), ("0.10", 1, 10),
  ] as [(String, Int64, Int64)])
func decimals(_ text: String, _ above: Int64, _ below: Int64) {
  #expect(Fraction(decimal: text) == Fraction(above, below))
}

@Test(arguments: [
  "", ".", "1.", ".5", "1.2.3", "1e3", "+1", "99999999999999999999", "0.1234567890123456789",
])
func noDecimals(_ text: String) {
  #expect(Fraction(decimal: text) == nil)
}
