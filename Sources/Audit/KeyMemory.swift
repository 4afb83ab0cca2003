import Expressions
import Facts
import Synchronization

/// What the keys of a host hold, each read once however many rules ask.
final class KeyMemory: Sendable {
  private let known = Mutex<[SysctlKey: Reading<Value>]>([:])

  /// The value of a key.
  func value(of key: SysctlKey, _ read: () -> Reading<Value>) -> Reading<Value> {
    if let value = known.withLock({ $0[key] }) { return value }
    let value = read()
    known.withLock { $0[key] = value }
    return value
  }
}
