import Facts

extension Evaluator {
  mutating func aggregated(
    _ aggregate: Aggregate, _ members: Members, _ trace: inout Trace?
  ) -> Value? {
    let reading: Reading<Value>
    if let stated = source.stated(aggregate) {
      reading = stated
    } else if let remembered = aggregates[aggregate] {
      reading = remembered
    } else {
      reading = overMembers(aggregate, members)
      if isSelfContained(aggregate, members) { aggregates[aggregate] = reading }
    }
    switch reading {
    case .known(let value):
      trace?.add(
        Evidence(
          fact: aggregate.description, value: value,
          source: aggregate.subject == .entry ? "sysctl files" : "sock_diag"))
      return value
    case .missing(let absence):
      trace?.miss(aggregate.description, absence)
      return nil
    }
  }

  private mutating func overMembers(_ aggregate: Aggregate, _ members: Members) -> Reading<Value> {
    let count: Int
    switch source.count(of: aggregate.subject) {
    case .known(let number): count = number
    case .missing(let absence): return .missing(absence)
    }
    var chosen: Int64 = 0
    var fields: [Quantity] = []
    var undecided: Absence?
    for index in 0..<count {
      var inside = members
      inside[aggregate.subject] = index
      var nothing: Trace?
      switch truth(aggregate.condition, inside, &nothing) {
      case .no: continue
      case .unknown:
        undecided = undecided ?? judge(aggregate.condition, for: inside).missing.first?.absence
        if undecided == nil { undecided = Absence(.unreadable, "undecided for a member") }
      case .yes:
        chosen += 1
        guard let field = aggregate.field else { continue }
        switch source.reading(.value(field), of: inside) {
        case .known(.quantity(let quantity)): fields.append(quantity)
        case .known: break
        case .missing(let absence): undecided = undecided ?? absence
        }
      }
    }
    if aggregate.kind == .any, chosen > 0 { return .known(.boolean(true)) }
    if let undecided { return .missing(undecided) }
    switch aggregate.kind {
    case .any: return .known(.boolean(false))
    case .count: return .known(.count(chosen))
    case .max:
      guard let greatest = fields.max(by: { $0.amount < $1.amount }) else {
        return .absent("no \(aggregate.subject.rawValue) is chosen")
      }
      return .known(.quantity(greatest))
    case .sum:
      var sum: Fraction? = Fraction(0)
      for field in fields { sum = sum.flatMap { $0.adding(field.amount) } }
      guard let sum else { return .unreadable("the sum does not fit 64 bits") }
      return .known(.quantity(Quantity(sum, fields.first?.dimension ?? .pure)))
    }
  }

  /// Whether the aggregate's value is the same for every member at hand: no member of another kind
  /// is, on whose facts its condition could lean.
  private func isSelfContained(_ aggregate: Aggregate, _ members: Members) -> Bool {
    var others = members
    others[aggregate.subject] = nil
    return others == .host
  }
}
