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
          keys: reference.tunables.map(row))))
    let counters =
      reference.kind == .counter ? [reference.name] + reference.counters : reference.counters
    explanation.counters = counters.map(counterRow)
    let asking =
      reference.kind == .counter ? catalogue.rules(asking: reference.name).map(\.id) : []
    let rules = catalogue.pages.rules.filter {
      reference.related.contains($0.id) || asking.contains($0.id)
    }
    explanation.findings = judged(rules).findings
    explanation.related = links(
      reference.tunables.map(\.name) + reference.related + rules.map(\.id))
    explanation.sources = reference.sources
    return explanation
  }

  /// How many sockets are in the state that a page is about.
  private func sockets(in reference: Reference) -> Reading<Int64>? {
    guard reference.kind == .state,
      let fact = SocketsFact(rawValue: reference.name.lowercased())
    else { return nil }
    return facts.reading(.value(.sockets(fact)), of: .host).flatMap { value in
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
