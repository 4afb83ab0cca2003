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
    // The list has no page, being no number; nothing is reserved by default.
    stock.tunables[.localReservedPorts] = .known("")
    for (key, value) in withoutPages(snapshot.host.release) where stock.tunables[key] == nil {
      stock.tunables[key] = value
    }
    return stock
  }

  /// Inputs of limits that no page describes yet; a page with its default takes their place.
  private static func withoutPages(
    _ release: Reading<KernelRelease>
  ) -> [(SysctlKey, Reading<String>)] {
    func since(_ major: Int, _ minor: Int, _ value: String) -> Reading<String> {
      release.flatMap {
        $0.isAtLeast(major, minor)
          ? .known(value) : .absent("it came with Linux \(major).\(minor)")
      }
    }
    return [
      (.retries1, .known("3")), (.windowScaling, .known("1")),
      (.fastOpen, release.map { $0.isAtLeast(3, 14) ? "1" : "0" }),
      (.receiveMax, release.map { $0.isAtLeast(6, 18) ? "4194304" : "212992" }),
      (.rtoMin, since(6, 11, "200000")), (.timeWaitReuseDelay, since(6, 14, "1000")),
      (.rtoMax, since(6, 15, "120000")),
    ]
  }

  private static func stockValue(of tunable: Tunable, _ facts: SnapshotFacts) -> Reading<String> {
    facts.snapshot.host.release.flatMap { release in
      if let since = tunable.since, release < since {
        return .absent("it came with Linux \(since)")
      }
      if let removed = tunable.removed, release >= removed {
        return .absent("Linux \(removed) removed it")
      }
      return facts.defaultNumbers(of: tunable).map {
        $0.map(String.init).joined(separator: " ")
      }
    }
  }

  /// The queues that listen() with this backlog would make.
  ///
  /// - Parameters:
  ///   - backlog: what the program passes.
  ///   - members: how many sockets of a SO_REUSEPORT group do so.
  public func queues(ofBacklog backlog: Int64, members: Int64 = 1) -> BacklogQueues {
    facts.model.queues(backlog: backlog, members: members)
  }
}
