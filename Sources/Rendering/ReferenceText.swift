import Facts

/// The head of a page to be read: what the host shows of it.
enum ReferenceText {
  static func rows(_ facts: Explanation.ReferenceFacts) -> [(String, String)] {
    var rows: [(String, String)] = []
    if let sockets = facts.sockets {
      rows.append(
        (
          "here now",
          sockets.value.map { $0 == 1 ? "1 socket" : "\($0) sockets" }
            ?? (sockets.absence?.reason ?? "").printable
        ))
    }
    if !facts.calls.isEmpty { rows.append(("from", facts.calls.joined(separator: ", "))) }
    if let since = facts.since { rows.append(("since", "Linux \(since)")) }
    if let removed = facts.removed { rows.append(("removed in", "Linux \(removed)")) }
    for row in facts.keys { rows.append((row.key.name, "\(value(row))  \(row.title)")) }
    return rows
  }

  /// The head without a host: what has to do with it, and not its values.
  static func titles(_ facts: Explanation.ReferenceFacts) -> [(String, String)] {
    var facts = facts
    facts.sockets = nil
    let keys = facts.keys.map { ($0.key.name, $0.title) }
    facts.keys = []
    return rows(facts) + keys
  }

  private static func value(_ row: Explanation.ReferenceFacts.Row) -> String {
    if let numbers = row.numbers, let unit = row.unit { return Units.own(numbers, unit) }
    switch row.text {
    case .known(let text): return text.isEmpty ? "empty" : text.printable
    case .missing(let absence): return "(\(absence.reason.printable))"
    }
  }
}
