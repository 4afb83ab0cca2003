public import Catalogue
import Expressions
public import Facts
import Pages

extension Audit {
  /// Whether some rule about destinations cannot be decided by the cheap facts alone, so that it is
  /// worth a dump of connections (facts.md: also on demand).
  public static func needsDestinations(
    _ snapshot: Snapshot, with catalogue: Catalogue
  ) -> Bool {
    let rules = catalogue.pages.rules.filter { $0.subject == .destination }
    guard !rules.isEmpty else { return false }
    // A rule that asks about listeners as well stays open without their queues: that costs a dump
    // at most.
    let facts = SnapshotFacts(snapshot, tunables: catalogue.pages.tunables, hasQueues: false)
    var evaluator = Evaluator(facts)
    return rules.contains { rule in
      if let release = snapshot.host.release.value, !rule.kernel.contains(release) { return false }
      return evaluator.truth(of: rule.when, for: .host) == .unknown
    }
  }
}
