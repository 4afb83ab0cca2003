public import Catalogue
public import Facts
import KernelModel
import Pages

extension Audit {
  /// Makes a machine like the one in a snapshot with every tunable at the default of the snapshot's
  /// release; no listeners, no counters.
  ///
  /// - Parameters:
  ///   - snapshot: its release decides the defaults; its memory and table sizes go into them.
  ///   - catalogue: the pages on which the defaults stand.
  /// - Returns: the stock host.
  public static func stockHost(like snapshot: Snapshot, with catalogue: Catalogue) -> Snapshot {
    let facts = SnapshotFacts(snapshot, tunables: catalogue.pages.tunables)
    var stock = Snapshot(host: snapshot.host)
    for tunable in catalogue.pages.tunables.all {
      stock.tunables[tunable.key] = stockValue(of: tunable, facts)
    }
    return stock
  }

  private static func stockValue(of tunable: Tunable, _ facts: SnapshotFacts) -> Reading<String> {
    facts.snapshot.host.release.flatMap { release in
      if let since = tunable.since, release < since {
        return .absent("it came with Linux \(since)")
      }
      if let removed = tunable.removed, release >= removed {
        return .absent("Linux \(removed) removed it")
      }
      return facts.defaultContent(of: tunable).map(\.text)
    }
  }

  /// The queues that listen() with this backlog would make.
  ///
  /// - Parameters:
  ///   - backlog: what the program passes.
  ///   - members: how many sockets of a SO_REUSEPORT group do so.
  /// - Returns: the queues of one member.
  public func queues(ofBacklog backlog: Int64, members: Int64 = 1) -> BacklogQueues {
    facts.model.queues(backlog: backlog, members: members)
  }
}
