import Facts
import HostFS

extension LiveReader {
  /// How often listeners are looked at within a window, in milliseconds (facts.md 2).
  private static let samplingInterval: Int64 = 100

  /// Looks at the listeners again and again, and at the counters once more at the end.
  ///
  /// The counters are read inside the first and the last look at the listeners: what they count in
  /// between, a listener's own drop counter has counted too.
  func watch(_ snapshot: inout Snapshot, _ files: HostFS, for window: Fraction) {
    let begin = Clock.milliseconds()
    let length = window.multiplied(by: Fraction(1000))?.roundedUp ?? 0
    let end = begin + length
    snapshot.countersBefore = snapshot.counters
    var samples = Samples(first: snapshot.listeners.value ?? [])
    var next = begin + Self.samplingInterval
    while next < end {
      progress?((Clock.milliseconds() - begin) / 1000, length / 1000)
      Clock.sleep(until: next)
      if case .known(let now) = Self.listeners().listeners { samples.add(now) }
      // A look that took longer than the interval is not made up for.
      next = max(next + Self.samplingInterval, Clock.milliseconds())
    }
    Clock.sleep(until: end)
    let counters = files.counters()
    let elapsed = Clock.milliseconds() - begin
    let last = Self.listeners()
    snapshot.counters = counters.table
    snapshot.window = .interval(seconds: Fraction(max(1, elapsed), 1000) ?? window)
    for gap in counters.gaps + last.gaps where !snapshot.gaps.contains(gap) {
      snapshot.gaps.append(gap)
    }
    snapshot.listeners = last.listeners.map { samples.finish(with: $0) }
  }
}

/// The listeners of a window by their cookies.
private struct Samples {
  private var sampled: [UInt64: Listener.Sampling] = [:]

  init(first: [Listener]) {
    add(first, dropsBefore: \.drops)
  }

  mutating func add(_ listeners: [Listener]) {
    add(listeners) { _ in .noWindow("it began to listen within the window") }
  }

  private mutating func add(
    _ listeners: [Listener], dropsBefore: (Listener) -> Reading<Int64>
  ) {
    for listener in listeners {
      var sampling =
        sampled[listener.cookie]
        ?? Listener.Sampling(
          peak: 0, samples: 0, fullSamples: 0, dropsBefore: dropsBefore(listener))
      sampling.peak = max(sampling.peak, listener.length)
      sampling.samples += 1
      sampling.fullSamples += listener.length > listener.limit ? 1 : 0
      sampled[listener.cookie] = sampling
    }
  }

  /// The last look, each listener with what all looks showed.
  mutating func finish(with last: [Listener]) -> [Listener] {
    add(last)
    return last.map { listener in
      var listener = listener
      listener.sampling = sampled[listener.cookie]
      return listener
    }
  }
}
