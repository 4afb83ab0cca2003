import Catalogue
import Expressions
import Facts
import KernelModel
import Pages

extension Audit {
  /// A page to be read, with what the host shows of it.
  func explanation(of reference: Reference) -> Explanation {
    var explanation = Explanation(
      name: reference.name, title: reference.title,
      subject: .reference(
        Explanation.ReferenceFacts(
          kind: reference.kind.rawValue, since: reference.since, removed: reference.removed,
          calls: reference.calls, sockets: sockets(in: reference),
          together: socketsTogether(in: reference), keys: reference.tunables.map(row))))
    let counters =
      reference.kind == .counter ? [reference.name] + reference.counters : reference.counters
    explanation.counters = counters.map(counterRow)
    let asking = fact(of: reference).map { catalogue.rules(asking: $0).map(\.id) } ?? []
    let rules = catalogue.pages.rules.filter {
      reference.related.contains($0.id) || asking.contains($0.id)
    }
    explanation.findings = judged(rules).findings
    explanation.related = links(
      reference.tunables.map(\.name) + reference.related + rules.map(\.id))
    explanation.sources = reference.sources
    return explanation
  }

  /// What a rule's condition names that is about the same: a counter, or how many sockets are in a
  /// state.
  private func fact(of reference: Reference) -> String? {
    switch reference.kind {
    case .counter: reference.name
    case .state:
      SocketsFact(rawValue: reference.name.lowercased()).map { FactName.sockets($0).description }
    case .error, .concept: nil
    }
  }

  /// How many sockets are in the state that a page is about.
  private func sockets(in reference: Reference) -> Reading<Int64>? {
    guard reference.kind == .state else { return nil }
    switch reference.name {
    case "CLOSE": return .absent("closed sockets stand in no table of the kernel")
    case "LISTEN": return count(.listeners)
    case "NEW_SYN_RECV": return count(.synRecv)
    case "TIME_WAIT":
      // The kernel's own number has FIN_WAIT2 minisockets in it.
      if let counted = snapshot.states.value?[.timeWait].value { return .known(counted) }
      return count(.timeWait)
    default:
      return SocketsFact(rawValue: reference.name.lowercased()).map(count)
    }
  }

  /// What the kernel keeps counted and has the state in it; nil where the state alone is known.
  private func socketsTogether(
    in reference: Reference
  ) -> Explanation.ReferenceFacts.Together? {
    func sum(_ parts: [SocketsFact], _ states: String) -> Explanation.ReferenceFacts.Together? {
      var sum: Int64 = 0
      for part in parts {
        guard let count = count(part).value else { return nil }
        sum = sum &+ count
      }
      return Explanation.ReferenceFacts.Together(count: sum, states: states)
    }
    guard let own = sockets(in: reference) else { return nil }
    switch reference.name {
    case "TIME_WAIT":
      guard snapshot.states.value?[.timeWait].value == nil else { return nil }
      return sum([.timeWait], "TIME_WAIT and, without an owner, FIN_WAIT2")
    case _ where own.value != nil: return nil
    case "ESTABLISHED", "CLOSE_WAIT":
      return sum([.establishedOrCloseWait], "ESTABLISHED and CLOSE_WAIT")
    case "SYN_SENT", "FIN_WAIT1", "CLOSING", "LAST_ACK":
      return sum([.openingOrClosing], "SYN_SENT, FIN_WAIT1, FIN_WAIT2, CLOSING and LAST_ACK")
    case "FIN_WAIT2":
      return sum(
        [.openingOrClosing, .timeWait],
        "SYN_SENT, FIN_WAIT1, FIN_WAIT2, CLOSING, LAST_ACK and TIME_WAIT")
    default: return nil
    }
  }

  private func count(_ fact: SocketsFact) -> Reading<Int64> {
    facts.reading(.value(.sockets(fact)), of: .host).flatMap { value in
      guard case .quantity(let quantity) = value, let count = quantity.amount.whole else {
        return .absent("not a number")
      }
      return .known(count)
    }
  }

  private func row(_ key: SysctlKey) -> Explanation.ReferenceFacts.Row {
    let tunable = catalogue.tunable(key)
    return Explanation.ReferenceFacts.Row(
      key: key, unit: tunable?.unit, numbers: tunable.flatMap { facts.numbers(of: $0).value },
      text: snapshot.text(of: key), title: tunable?.title ?? "")
  }

  /// What stands for the words in braces in a page's text.
  func fillings(of sections: [Section]) -> [String: Explanation.Filling] {
    let words = Set(sections.flatMap(\.placeholders))
    guard !words.isEmpty else { return [:] }
    let limits = words.contains { $0.hasPrefix("limits.") } ? limits() : []
    var fillings: [String: Explanation.Filling] = [:]
    for word in words {
      if word.hasPrefix("limits.") {
        let id = word.dropFirst("limits.".count)
        fillings[word] = limits.first { $0.id == id }.map { .limit($0) } ?? .unknown
        continue
      }
      guard let key = SysctlKey(word) else { continue }
      let row = row(key)
      if let numbers = row.numbers, let unit = row.unit {
        fillings[word] = .numbers(numbers, unit)
      } else {
        fillings[word] = row.text.value.map { .text($0) } ?? .unknown
      }
    }
    return fillings
  }
}
