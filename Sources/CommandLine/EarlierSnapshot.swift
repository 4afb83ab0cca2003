import Audit
import Facts

/// The saved snapshot since which rates are formed (`--since`).
struct EarlierSnapshot {
  let snapshot: Snapshot
  let path: String

  /// The rates between then and now; refused where the two do not belong together.
  func rates(to now: Snapshot) throws(Failure) -> Snapshot {
    do {
      return try now.measured(since: snapshot)
    } catch {
      throw .usage("--since \(path): \(error.reason)")
    }
  }
}

extension Source {
  /// Reads what `--since` names; nil where it was not given.
  func earlier(_ path: String?, window: Fraction?) throws(Failure) -> EarlierSnapshot? {
    guard let path else { return nil }
    if window != nil { throw .usage("expected --since or --window, found both") }
    if case .saved(let other) = self, other == "-", path == "-" {
      throw .usage("--since: standard input is read for --snapshot already")
    }
    return EarlierSnapshot(snapshot: try Self.saved(path), path: path)
  }
}
