import Facts

/// The head of a page to be read: what the host shows of it.
enum ReferenceText {
  /// The rows of a page's head.
  ///
  /// - Parameters:
  ///   - facts: what the page and the host say.
  ///   - options: what a command named in the text must repeat.
  /// - Returns: label and text of each row.
  static func rows(
    _ facts: Explanation.ReferenceFacts, options: String = ""
  ) -> [(String, String)] {
    var rows: [(String, String)] = []
    if let sockets = facts.sockets {
      rows.append(("here now", self.sockets(sockets, facts.together, options)))
    }
    if !facts.calls.isEmpty { rows.append(("from", facts.calls.joined(separator: ", "))) }
    if let since = facts.since { rows.append(("since", "Linux \(since)")) }
    if let removed = facts.removed { rows.append(("removed in", "Linux \(removed)")) }
    for row in facts.keys { rows.append((row.key.name, "\(value(row)): \(row.title)")) }
    return rows
  }

  /// The head without a host: what has to do with it, and not its values.
  static func titles(_ facts: Explanation.ReferenceFacts) -> [(String, String)] {
    var facts = facts
    facts.sockets = nil
    facts.together = nil
    let keys = facts.keys.map { ($0.key.name, $0.title) }
    facts.keys = []
    return rows(facts) + keys
  }

  /// How many sockets are in a state, as well as the kernel tells it without a walk.
  private static func sockets(
    _ sockets: Reading<Int64>, _ together: Explanation.ReferenceFacts.Together?, _ options: String
  ) -> String {
    let count = "tcptune audit --states\(options)"
    if let together {
      if together.count == 0 { return "0 sockets" }
      return "at most \(number(together.count)), which is the sum of \(together.states); "
        + "\(count) tells them apart"
    }
    switch sockets {
    case .known(let value): return number(value)
    case .missing(let absence) where absence.kind == .notGathered:
      return "not counted, which takes a walk of all connections: \(count)"
    case .missing(let absence): return absence.reason.printable
    }
  }

  private static func number(_ sockets: Int64) -> String {
    sockets == 1 ? "1 socket" : "\(sockets) sockets"
  }

  private static func value(_ row: Explanation.ReferenceFacts.Row) -> String {
    if let numbers = row.numbers, let unit = row.unit { return Units.own(numbers, unit) }
    switch row.text {
    case .known(let text): return text.isEmpty ? "empty" : text.printable
    case .missing(let absence): return "(\(absence.reason.printable))"
    }
  }
}
