import Facts
import Pages

/// Brings the changes of several findings together, one remedy for each key.
struct RemedyMerger {
  /// What the findings together want of a key.
  struct Remedy {
    var key: SysctlKey
    var values: [(element: VectorElement?, value: Int64)]
    var `operator`: ChangeOperator
    var effect: Effect
    var restart: Set<String>
    var rules: [String]
    var titles: [String]
  }

  private struct Target: Hashable, Comparable {
    var key: SysctlKey
    var element: VectorElement?

    static func < (a: Self, b: Self) -> Bool {
      (a.key, a.element?.rawValue ?? "") < (b.key, b.element?.rawValue ?? "")
    }
  }

  private var changes: [Target: [(change: ProposedChange, finding: Finding)]] = [:]

  mutating func add(_ change: ProposedChange, of finding: Finding) {
    changes[Target(key: change.key, element: change.element), default: []].append(
      (change, finding))
  }

  private var ordered: [(target: Target, items: [(change: ProposedChange, finding: Finding)])] {
    changes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Keys that findings pull in opposite directions.
  var conflicts: [Plan.Conflict] {
    ordered.filter { Self.value(of: $0.items.map(\.change)) == nil }.map { target, items in
      Plan.Conflict(
        key: target.key, element: target.element,
        wishes: items.map { item in
          Plan.Conflict.Wish(
            rule: item.finding.rule, operator: item.change.operator, value: item.change.value)
        })
    }
  }

  /// One remedy for each key without a contradiction, in the order of keys.
  var merged: [Remedy] {
    let torn = Set(conflicts.map(\.key))
    var remedies: [Remedy] = []
    for (target, items) in ordered where !torn.contains(target.key) {
      guard let value = Self.value(of: items.map(\.change)) else { continue }
      let first = items[0].change
      if remedies.last?.key != target.key {
        remedies.append(
          Remedy(
            key: target.key, values: [], operator: first.operator, effect: first.effect,
            restart: [], rules: [], titles: []))
      }
      let last = remedies.count - 1
      remedies[last].values.append((target.element, value))
      for item in items {
        // A vector of which one number rises and another falls has no word of its own.
        if item.change.operator != remedies[last].operator { remedies[last].operator = .exactly }
        remedies[last].restart.formUnion(item.change.restart)
        if !remedies[last].rules.contains(item.finding.rule) {
          remedies[last].rules.append(item.finding.rule)
          remedies[last].titles.append(item.finding.title)
        }
      }
    }
    return remedies
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
