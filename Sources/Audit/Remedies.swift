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
    for finding in findings where rule == nil || finding.rule == rule {
      for change in finding.changes { merger.add(change, of: finding) }
      if finding.changes.isEmpty, let remedy = finding.remedy {
        advice.append(.remedy(subjects: finding.subjects, remedy))
      }
    }
    let merged = merger.merged
    return Plan(
      name: "findings", title: "the remedies of the present findings", origin: nil,
      changes: merged.compactMap(planned), conflicts: merger.conflicts, advice: advice)
  }

  private func planned(_ remedy: RemedyMerger.Remedy) -> PlannedChange? {
    guard let tunable = catalogue.tunable(remedy.key),
      case .known(var numbers) = facts.numbers(of: tunable)
    else { return nil }
    for (element, value) in remedy.values {
      let index = element.flatMap { tunable.elements.firstIndex(of: $0) } ?? 0
      numbers[index] = value
    }
    return PlannedChange(
      key: remedy.key, current: snapshot.text(of: remedy.key),
      target: numbers.map(String.init).joined(separator: " "), operator: remedy.operator,
      outcome: .change, reason: remedy.titles.joined(separator: "; "), effect: remedy.effect,
      restart: remedy.restart.sorted(), source: remedy.rules.joined(separator: ", "))
  }
}

/// Brings the changes of several findings together, one remedy for each key.
struct RemedyMerger {
  struct Remedy {
    var key: SysctlKey
    var values: [(element: VectorElement?, value: Int64)]
    var `operator`: ChangeOperator
    var effect: Effect
    var restart: Set<String>
    var rules: [String]
    var titles: [String]
  }

  private struct Target: Hashable {
    var key: SysctlKey
    var element: VectorElement?
  }

  private var changes: [Target: [(change: ProposedChange, finding: Finding)]] = [:]

  mutating func add(_ change: ProposedChange, of finding: Finding) {
    changes[Target(key: change.key, element: change.element), default: []].append(
      (change, finding))
  }

  /// Keys that findings pull in opposite directions.
  var conflicts: [Plan.Conflict] {
    changes.filter { Self.value(of: $0.value.map(\.change)) == nil }.map { target, items in
      Plan.Conflict(
        key: target.key,
        wishes: items.map { item in
          Plan.Conflict.Wish(
            rule: item.finding.rule, operator: item.change.operator, value: item.change.value)
        })
    }.sorted { $0.key < $1.key }
  }

  /// One remedy for each key without a contradiction, in the order of keys.
  var merged: [Remedy] {
    var remedies: [SysctlKey: Remedy] = [:]
    for (target, items) in changes {
      guard let value = Self.value(of: items.map(\.change)) else { continue }
      let first = items[0].change
      var remedy =
        remedies[target.key]
        ?? Remedy(
          key: target.key, values: [], operator: first.operator, effect: first.effect, restart: [],
          rules: [], titles: [])
      remedy.values.append((target.element, value))
      for item in items {
        remedy.restart.formUnion(item.change.restart)
        if !remedy.rules.contains(item.finding.rule) {
          remedy.rules.append(item.finding.rule)
          remedy.titles.append(item.finding.title)
        }
      }
      remedies[target.key] = remedy
    }
    let hasConflict = Set(
      changes.filter { Self.value(of: $0.value.map(\.change)) == nil }.map(\.key.key))
    return remedies.values.filter { !hasConflict.contains($0.key) }.sorted { $0.key < $1.key }
  }

  /// The number that satisfies every change, nil when none does.
  private static func value(of changes: [ProposedChange]) -> Int64? {
    let exact = Set(changes.filter { $0.operator == .exactly }.map(\.value))
    let low = changes.filter { $0.operator == .atLeast }.map(\.value).max()
    let high = changes.filter { $0.operator == .atMost }.map(\.value).min()
    let value: Int64?
    switch exact.count {
    case 0: value = low ?? high
    case 1: value = exact.first
    default: value = nil
    }
    return value.flatMap { value in
      changes.allSatisfy { $0.operator.isSatisfied(by: value, wanting: $0.value) } ? value : nil
    }
  }
}
