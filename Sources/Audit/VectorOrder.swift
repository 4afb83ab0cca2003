import Facts
import Pages

extension [Int64] {
  /// Whether no number is smaller than the one before it.
  var isAscending: Bool { zip(self, dropFirst()).allSatisfy { $0 <= $1 } }
}

extension [ProposedChange] {
  /// The changes of a rule, and those that keep the vectors it sets in order.
  ///
  /// A rule sets numbers of a vector one by one, and each is cut to what is sensible: beside a
  /// number that is absurd the result may descend. What lies below is raised then; where none of
  /// the numbers makes sense, to the kernel's defaults.
  ///
  /// - Parameters:
  ///   - rule: whose changes these are.
  ///   - facts: the host.
  /// - Returns: the changes in the order of the rule's, those that were added behind them.
  func keepingOrder(of rule: Rule, _ facts: SnapshotFacts) -> [ProposedChange] {
    var changes = self
    var seen: Set<SysctlKey> = []
    for key in rule.changes.filter({ $0.element != nil }).map(\.key)
    where seen.insert(key).inserted {
      guard let tunable = facts.tunables[key], let current = facts.numbers(of: tunable).value,
        current.count == tunable.elements.count
      else { continue }
      var wanted = current
      for change in self where change.key == key {
        guard let index = tunable.elements.firstIndex(where: { $0 == change.element }) else {
          continue
        }
        wanted[index] = change.value
      }
      guard !wanted.isAscending else { continue }
      let mended = Self.mended(wanted, from: current, tunable, facts)
      guard mended.isAscending else { continue }
      for (index, element) in tunable.elements.enumerated() where mended[index] != wanted[index] {
        let same = changes.firstIndex { $0.key == key && $0.element == element }
        guard mended[index] != current[index] else {
          if let same { changes.remove(at: same) }
          continue
        }
        let change = ProposedChange(
          key: key, element: element,
          operator: mended[index] > current[index] ? .atLeast : .atMost, value: mended[index],
          current: current[index], effect: rule.effect ?? tunable.effect)
        if let same { changes[same] = change } else { changes.append(change) }
      }
    }
    return changes
  }

  private static func mended(
    _ wanted: [Int64], from current: [Int64], _ tunable: Tunable, _ facts: SnapshotFacts
  ) -> [Int64] {
    if !current.contains(where: tunable.sensible.contains),
      case .known(let numbers) = facts.defaultNumbers(of: tunable), numbers.isAscending
    {
      return numbers
    }
    var floor = tunable.sensible.lowerBound
    return wanted.map { number in
      floor = Swift.max(floor, number)
      return floor
    }
  }
}
