import Catalogue
public import Facts
import Pages

extension Audit {
  /// Plans what the findings' remedies would write, merged key by key.
  ///
  /// Lower bounds merge by the highest, upper bounds by the lowest; what contradicts is shown and
  /// planned by nobody.
  ///
  /// - Parameters:
  ///   - findings: of a report of this audit.
  ///   - rule: take only the findings of this rule; nil for all.
  /// - Returns: the plan.
  public func plan(for findings: [Finding], onlyOf rule: String? = nil) -> Plan {
    var merger = RemedyMerger()
    var advice: [Plan.Advice] = []
    var removals: [Removal] = []
    for finding in findings where rule == nil || finding.rule == rule {
      for change in finding.changes { merger.add(change, of: finding) }
      for removal in finding.removals { removals.merge(removal) }
      if finding.changes.isEmpty, finding.removals.isEmpty, let remedy = finding.remedy {
        advice.append(.remedy(subjects: finding.subjects, remedy))
      }
    }
    var plan = Plan(
      name: "findings", title: "the remedies of the present findings",
      changes: merger.merged.compactMap(planned), conflicts: merger.conflicts,
      removals: removals.sorted { ($0.file, $0.line) < ($1.file, $1.line) }, advice: advice)
    addDrift(to: &plan)
    addSense(to: &plan)
    return plan
  }

  private func planned(_ remedy: RemedyMerger.Remedy) -> PlannedChange? {
    guard let tunable = catalogue.tunable(remedy.key),
      case .known(let current) = facts.numbers(of: tunable)
    else { return nil }
    var numbers = current
    for (element, value) in remedy.values {
      let index = element.flatMap { tunable.elements.firstIndex(of: $0) } ?? 0
      numbers[index] = value
    }
    var change = PlannedChange(
      key: remedy.key, current: snapshot.text(of: remedy.key),
      target: numbers.map(String.init).joined(separator: " "), operator: remedy.operator,
      outcome: .change, reason: remedy.titles.joined(separator: "; "), effect: remedy.effect,
      restart: remedy.restart.sorted(), source: remedy.rules.joined(separator: ", "))
    if facts.isHiddenByNamespace(tunable) { change.outcome = .notHere(.readOnlyHere) }
    return change
  }
}

extension [Removal] {
  /// Several rules may want one line to go.
  fileprivate mutating func merge(_ removal: Removal) {
    let same = firstIndex {
      $0.file == removal.file && $0.line == removal.line && $0.key == removal.key
    }
    guard let same else {
      append(removal)
      return
    }
    guard self[same].source != removal.source else { return }
    self[same].source += ", \(removal.source)"
    self[same].reason += "; \(removal.reason)"
  }
}
