import Facts

/// What an evaluation met on its way.
struct Trace {
  var evidence: [Evidence] = []
  var missing: [NotChecked.Missing] = []

  mutating func add(_ item: Evidence) {
    if !evidence.contains(item) { evidence.append(item) }
  }

  mutating func miss(_ fact: String, _ absence: Absence) {
    let item = NotChecked.Missing(fact: fact, absence: absence)
    if !missing.contains(item) { missing.append(item) }
  }

  mutating func add(_ other: Trace?) {
    guard let other else { return }
    for item in other.evidence { add(item) }
    for item in other.missing where !missing.contains(item) { missing.append(item) }
  }
}
