public import Facts

/// Why two snapshots give no rates.
public enum NoRates: Error, Equatable, Sendable {
  /// They were taken in different lives of the machine, or one does not say in which.
  case otherBoot(expected: Reading<String>, found: Reading<String>)
  /// They were taken in different network namespaces, or one does not say in which.
  case otherNamespace(expected: Reading<String>, found: Reading<String>)
  /// The earlier one is not earlier, or one does not say when it was taken.
  case notEarlier

  /// What was expected and what was found.
  public var reason: String {
    switch self {
    case .otherBoot(let expected, let found):
      "expected a snapshot of boot \(Self.text(expected)), found \(Self.text(found))"
    case .otherNamespace(let expected, let found):
      "expected a snapshot of the network namespace \(Self.text(expected)),"
        + " found \(Self.text(found))"
    case .notEarlier: "expected a snapshot that was taken before the other, found a later one"
    }
  }

  private static func text(_ reading: Reading<String>) -> String {
    switch reading {
    case .known(let text): text
    case .missing(let absence): "unknown (\(absence.reason))"
    }
  }
}

extension Snapshot {
  /// The snapshot with rates over the time since an earlier one of the same namespace.
  ///
  /// - Throws: ``NoRates`` where counters of the two cannot be subtracted.
  public func measured(since earlier: Snapshot) throws(NoRates) -> Snapshot {
    guard let boot = host.bootID.value, boot == earlier.host.bootID.value else {
      throw .otherBoot(expected: host.bootID, found: earlier.host.bootID)
    }
    guard let namespace = host.namespace.value, namespace == earlier.host.namespace.value else {
      throw .otherNamespace(expected: host.namespace, found: earlier.host.namespace)
    }
    guard let now = host.uptime.value, let then = earlier.host.uptime.value,
      let seconds = now.subtracting(then), seconds > Fraction(0)
    else { throw .notEarlier }
    var measured = self
    measured.window = .interval(seconds: seconds)
    measured.countersBefore = earlier.counters
    let before = Dictionary(
      (earlier.listeners.value ?? []).map { ($0.cookie, $0) },
      uniquingKeysWith: { first, _ in first })
    measured.listeners = listeners.map { listeners in
      listeners.map { listener in
        var listener = listener
        listener.sampling = listener.sampled(after: before[listener.cookie])
        return listener
      }
    }
    return measured
  }
}

extension Listener {
  /// The two looks at the ends of a window; nil stands for a listener that was not there before.
  fileprivate func sampled(after earlier: Listener?) -> Sampling {
    let looks = [self] + [earlier].compactMap { $0 }
    return Sampling(
      peak: looks.map(\.length).max() ?? length, samples: Int64(looks.count),
      fullSamples: Int64(looks.count { $0.length > $0.limit }),
      dropsBefore: earlier?.drops ?? .noWindow("it began to listen within the window"))
  }
}
