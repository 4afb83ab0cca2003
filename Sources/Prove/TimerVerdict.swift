import Facts

/// How far a time may be from its prediction and still be what was predicted.
///
/// A wheel of timers rounds every wait up, by an eighth at most (kernel/time/timer.c), and the
/// program that looks may come late, most of all in an emulated machine. No timer fires early but by
/// the tick in which it was set.
struct TimerTolerance {
  /// The part that the wheel may add.
  static let rounding = 1.0 / 8
  /// What a late look may add, in seconds.
  static let lateness = 0.35
  /// What the clock's ticks may take away, in seconds.
  static let earliness = 0.05

  /// How much longer the socket's first wait is than the one the model reckons with; every later
  /// wait is a multiple of it.
  var stretch = 1.0

  /// The latest time in seconds that is still what was predicted.
  func latest(_ predicted: Double) -> Double {
    predicted * max(1, stretch) * (1 + Self.rounding) + Self.lateness
  }

  /// How long to wait for what was predicted, in seconds: long enough to see that it comes too late.
  func patience(_ predicted: Double) -> Double { latest(predicted) + 3 }

  /// Whether a time in seconds is what was predicted.
  func holds(_ observed: Double, for predicted: Double) -> Bool {
    (predicted - Self.earliness...latest(predicted)).contains(observed)
  }

  /// Whether these are the times that were predicted, one by one.
  func holds(_ observed: [Double], for predicted: [Double]) -> Bool {
    observed.count == predicted.count && zip(observed, predicted).allSatisfy { holds($0, for: $1) }
  }
}

extension Proof.Step {
  /// A count that must be exactly as predicted.
  static func count(_ id: String, _ title: String, _ predicted: Int64, _ observed: Int64) -> Self {
    Proof.Step(
      id, title, predicted: .count(predicted), observed: .count(observed),
      agrees: predicted == observed)
  }

  /// A word that must be exactly as predicted.
  static func text(_ id: String, _ title: String, _ predicted: String, _ observed: String) -> Self {
    Proof.Step(
      id, title, predicted: .text(predicted), observed: .text(observed),
      agrees: predicted == observed)
  }

  /// A time in seconds; nil where it did not come to be in the time that was waited.
  static func seconds(
    _ id: String, _ title: String, _ predicted: Double, _ observed: Double?,
    _ tolerance: TimerTolerance = TimerTolerance()
  ) -> Self {
    Proof.Step(
      id, title, predicted: .seconds(predicted),
      observed: observed.map { .seconds(milliseconds($0)) } ?? .text("not in time"),
      agrees: observed.map { tolerance.holds($0, for: predicted) } ?? false)
  }

  /// The seconds at which packets went out.
  static func timeline(
    _ id: String, _ title: String, _ predicted: [Double], _ observed: [Double],
    _ tolerance: TimerTolerance = TimerTolerance()
  ) -> Self {
    Proof.Step(
      id, title, predicted: .timeline(predicted), observed: .timeline(observed.map(milliseconds)),
      agrees: tolerance.holds(observed, for: predicted))
  }

  private static func milliseconds(_ seconds: Double) -> Double {
    (seconds * 1000).rounded() / 1000
  }
}

extension [Wire.Capture] {
  /// The seconds at which those packets went out that are as wanted, counted from a time of the
  /// lab's clock, or from the first of them.
  func seconds(since start: Double? = nil, where isWanted: (Packet) -> Bool) -> [Double] {
    let times = filter { isWanted($0.packet) }.map(\.time)
    guard let first = start ?? times.first else { return [] }
    return times.map { ($0 - first) / 1000 }
  }
}
