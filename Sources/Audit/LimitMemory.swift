import Facts
import KernelModel
import Synchronization

/// What the tunables of a host add up to, each computed once however many rules ask.
final class LimitMemory: Sendable {
  private let known = Mutex<[(id: LimitID, limit: EffectiveLimit)]>([])

  /// One of the results.
  func limit(_ id: LimitID, _ model: KernelModel) -> EffectiveLimit {
    known.withLock { known in
      if let found = known.first(where: { $0.id == id }) { return found.limit }
      let limit = model.limit(id)
      known.append((id, limit))
      return limit
    }
  }
}
