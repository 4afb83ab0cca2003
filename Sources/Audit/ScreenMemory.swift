import Expressions
import Facts
import Synchronization

/// What keys and the machine alone have decided: which conditions they refute, and which findings
/// they make.
///
/// That stays so until a key changes, whatever counters and listeners do: a screen of samples looks at
/// the other rules only. Conditions go by where they begin.
final class ScreenMemory: Sendable {
  /// What is known of the conditions, by where they begin.
  struct Known: Sendable {
    var isRefuted: [Bool]
    var findings: [Int: Finding] = [:]
  }

  private let known = Mutex<Known?>(nil)

  /// What was left here, for conditions of so many words.
  func recalled(_ count: Int) -> Known {
    known.withLock { $0 } ?? Known(isRefuted: [Bool](repeating: false, count: count))
  }

  /// Leaves it to the next.
  func leave(_ known: Known) { self.known.withLock { $0 = known } }
}

extension FactName {
  /// Whether it stays as it is while no key changes.
  var isSteady: Bool {
    switch self {
    case .key, .element, .limit: true
    case .host(let fact): fact != .uptime
    case .counter, .sockets, .listener, .destination, .connections, .entry, .files: false
    }
  }
}
