import Facts

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
      guard case .listener(let asked)? = fact else { return }
      switch asked {
      case .address, .family, .port, .unit, .owner, .nofile: onlyNumbers = false
      case .length, .limit, .capacity, .peak, .full, .drops, .aboveCap, .certain, .groupSize,
        .groupFull, .synCapacity, .synRecv, .closeWaitUnaccepted, .closeWaitHeld:
        break
      }
    }
    return onlyNumbers
  }
}
