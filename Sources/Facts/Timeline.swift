/// When packets of one kind go out and when the kernel gives up, in seconds from the first packet
/// (of a keepalive: from the last sign of life).
public struct Timeline: Equatable, Sendable {
  /// When each packet goes out, in order.
  public var sends: [Fraction]
  /// When it is over if nobody answers.
  public var end: Fraction
  /// The end where the kernel just missed ``end``, nil where that is exact.
  ///
  /// It looks only when a timer fires, and by a clock that starts with the first retransmission.
  public var latest: Fraction?

  /// A timeline with its packets and its end.
  public init(sends: [Fraction], end: Fraction, latest: Fraction? = nil) {
    self.sends = sends
    self.end = end
    self.latest = latest
  }
}

extension Fraction {
  /// So many milliseconds, in seconds.
  public init(milliseconds: Int64) {
    // A division by 1000 can only make the parts smaller.
    self = Fraction(milliseconds, 1000) ?? Fraction(milliseconds / 1000)
  }
}
