public import Facts

extension Expression {
  /// Whether the condition asks a listener for nothing but its numbers, so that it is decided alike
  /// for listeners that are alike in them.
  public var asksListenersForNumbersOnly: Bool {
    var onlyNumbers = true
    visit { expression in
      let fact: FactName? =
        switch expression {
        case .query(let query, _): query.fact
        case .present(let fact, _), .ascending(let fact, _): fact
        default: nil
        }
      if case .listener(let asked)? = fact, !asked.isNumber { onlyNumbers = false }
    }
    return onlyNumbers
  }
}

extension ListenerFact {
  /// Whether it is one of the numbers by which listeners are told to be alike; the others are each
  /// listener's own.
  public var isNumber: Bool {
    switch self {
    case .address, .family, .port, .unit, .owner, .nofile: false
    case .length, .limit, .capacity, .peak, .full, .drops, .aboveCap, .certain, .groupSize,
      .groupFull, .synCapacity, .synRecv, .closeWaitUnaccepted, .closeWaitHeld:
      true
    }
  }
}
