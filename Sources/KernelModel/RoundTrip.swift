import Facts

/// The way that a buffer's bytes go, for what it carries.
struct RoundTrip {
  /// What stands where no time is given: the example of the sources, 100 ms.
  private static let assumed = Fraction(milliseconds: 100)
  /// Beyond what numbers here can be.
  static let tooLarge = Reading<Quantity>.unreadable("the rate does not fit 64 bits")

  private let time: Fraction
  private let isAssumed: Bool

  init(_ question: LimitQuestion) {
    time = question.roundTrip ?? Self.assumed
    isAssumed = question.roundTrip == nil
  }

  /// So many bytes in each round trip.
  func rate(_ bytes: Fraction) -> Reading<Quantity> {
    bytes.divided(by: time).map { .known(Quantity($0, .bytesPerSecond)) } ?? Self.tooLarge
  }

  /// The time as an input of a formula.
  var input: EffectiveLimit.Input {
    EffectiveLimit.Input("round_trip_time", .known(.quantity(Quantity(time, .seconds))))
  }

  /// A note, with a word about a time that is assumed.
  func note(_ text: String?) -> String? {
    let assumption = "a round-trip time of 100 ms is assumed; for another: tcptune limits --rtt D"
    let notes = [text, isAssumed ? assumption : nil].compactMap { $0 }
    return notes.isEmpty ? nil : notes.joined(separator: "; ")
  }
}
