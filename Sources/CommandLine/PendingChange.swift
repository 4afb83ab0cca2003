import Apply
import Facts
import Glibc

/// A change of this host that waits to be finished: reading commands mention it, and leave it alone.
enum PendingChange {
  /// One sentence, nil where there is none or where only root could see it.
  static func remark() -> String? {
    guard geteuid() == 0, Changes.hasJournal() else { return nil }
    do {
      let state = try Changes.ofThisHost().state()
      guard let open = state.open, state.needsSettling else { return nil }
      return "change \(open.id) was interrupted: 'tcptune rollback --settle' finishes it"
    } catch {
      return "\(error.reasons[0]) (tcptune status)"
    }
  }
}
