import Expressions
import Facts
import Synchronization

/// What keys and the machine alone have decided: which conditions they refute, and which findings
/// they make.
///
/// That stays so until a key changes, whatever counters and listeners do: a screen of samples looks at
/// the other rules only. Conditions go by where they begin.
final class ScreenMemory: Sendable {
  private let refuted = Mutex<Set<Int>>([])
  private let findings = Mutex<[Int: Finding]>([:])

  /// Whether a condition was refuted so.
  func isRefuted(_ start: Int) -> Bool { refuted.withLock { $0.contains(start) } }

  /// Remembers that it was.
  func refute(_ start: Int) { refuted.withLock { _ = $0.insert(start) } }

  /// What a condition's rule found, nil where it has not, or on more than keys and the machine.
  func finding(_ start: Int) -> Finding? { findings.withLock { $0[start] } }

  /// Remembers that it did.
  func remember(_ finding: Finding, _ start: Int) { findings.withLock { $0[start] = finding } }
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
