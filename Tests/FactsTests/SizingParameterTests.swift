import Testing

@testable import Facts

@Test(arguments: [
  (SizingParameter.rtt, "100ms", Fraction(1, 10), "100 ms"),
  (.rtt, "10us", Fraction(1, 100_000), "10 us"),
  (.rtt, "0.25s", Fraction(1, 4), "0.25 s"),
  (.rtt, "10s", Fraction(10), "10 s"),
  (.bandwidth, "1Gbit", Fraction(125_000_000), "1 Gbit/s"),
  (.bandwidth, "2.5Gbit", Fraction(312_500_000), "2.5 Gbit/s"),
  (.bandwidth, "64Kbit", Fraction(8000), "64 Kbit/s"),
  (.bandwidth, "100Mbit", Fraction(12_500_000), "100 Mbit/s"),
  (.bandwidth, "1000Gbit", Fraction(125_000_000_000), "1000 Gbit/s"),
])
func amountsOfParameters(
  _ parameter: SizingParameter, _ text: String, _ amount: Fraction?, _ words: String
) throws {
  let value = try #require(parameter.value(text))
  #expect(value.quantity == Quantity(try #require(amount), parameter.dimension))
  #expect(value.text == words)
}

@Test(arguments: [
  "", "100", "ms", "100 ms", "100ms ", " 100ms", "-1ms", "+1ms", "1,5ms", "1.ms", ".5ms", "1.2.3ms",
  "1e2ms", "0x10ms", "100MS", "100m", "1min", "1h", "9us", "9.99us", "0ms", "10.001s", "11s",
  "1Gbit",
  "99999999999999999999ms", "0.00000000000000000000001s", "１ms",
])
func textsThatAreNoRoundTrip(_ text: String) {
  #expect(SizingParameter.rtt.value(text) == nil)
}

@Test(arguments: [
  "", "1000000", "1G", "1gbit", "1Gbit/s", "1GBit", "1Gbps", "1GB", "1 Gbit", "63Kbit", "0Gbit",
  "-1Gbit",
  "1000.1Gbit", "1Tbit", "100ms", "9223372036854775807Gbit",
])
func textsThatAreNoBandwidth(_ text: String) {
  #expect(SizingParameter.bandwidth.value(text) == nil)
}

/// Whatever two amounts may be given, their product is a number.
@Test func productsOfParametersFit() throws {
  for time in ["10us", "10.0001ms", "9.999999s", "10s"] {
    for rate in ["64Kbit", "999.999999Gbit", "1000Gbit"] {
      let sizing = Sizing(
        element: nil, formula: "",
        parameters: [
          try #require(SizingParameter.rtt.value(time)),
          try #require(SizingParameter.bandwidth.value(rate)),
        ], result: 0, value: 0)
      #expect(sizing.bytesUnderWay != nil, "\(time) \(rate)")
    }
  }
}
