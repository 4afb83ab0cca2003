import Facts

/// The formulas of the queues in symbols and with a listener's numbers.
struct QueueFormulaText {
  let inputs: Explanation.QueueInputs

  func title(of formula: Explanation.QueueFormula) -> String {
    switch formula {
    case .acceptQueue: "Accept queue: the limit; one more fits (Q1.1, holds on every release)"
    case .synQueueOfDocuments: "SYN queue: as the documents have it (Q2.2)"
    case .synQueue:
      "SYN queue: what fits on "
        + (inputs.release.value.map { "Linux \($0)" } ?? "this kernel")
    }
  }

  func symbols(of formula: Explanation.QueueFormula) -> String {
    switch formula {
    case .acceptQueue: "min(backlog, net.core.somaxconn)"
    case .synQueueOfDocuments: "min(backlog, net.core.somaxconn, net.ipv4.tcp_max_syn_backlog)"
    case .synQueue: inputs.synFormula.value ?? "unknown"
    }
  }

  /// The formula with the host's numbers, for whatever backlog a program asks.
  ///
  /// - Returns: nil where none of its tunables could be read.
  func filled(_ formula: Explanation.QueueFormula) -> String? {
    var numbers = symbols(of: formula)
    if let cap = inputs.cap.value {
      numbers = numbers.substituting("\(cap)", for: "net.core.somaxconn")
    }
    if let table = inputs.tableSize.value {
      numbers = numbers.substituting("\(table)", for: "net.ipv4.tcp_max_syn_backlog")
        .substituting("\(table)", for: "tcp_max_syn_backlog")
    }
    return numbers == symbols(of: formula) ? nil : numbers
  }

  /// The formula with a listener's numbers.
  ///
  /// Of its backlog only the minimum is visible, which serves as well.
  func filled(_ formula: Explanation.QueueFormula, _ queues: ListenerQueues) -> String {
    let limit = queues.acceptQueue.limit
    guard let cap = inputs.cap.value else { return "\(limit)" }
    switch formula {
    case .acceptQueue:
      if limit > cap { return "\(limit), from before the cap was lowered to \(cap)" }
      let backlog = limit == cap ? "\(limit) or more" : "\(limit)"
      return "\(limit) = min(\(backlog), \(cap))"
    case .synQueueOfDocuments:
      guard let table = inputs.tableSize.value else { return "unknown" }
      return "\(min(limit, table)) = min(\(limit), \(cap), \(table))"
    case .synQueue:
      guard let queue = queues.synQueue.value else {
        return "\(queues.synQueue.absence?.description ?? "unknown")"
      }
      let result = queue.capacityMax.map { "\(queue.capacity) or \($0)" } ?? "\(queue.capacity)"
      var numbers = queue.formula.substituting(
        "\(limit), \(cap)", for: "backlog, net.core.somaxconn")
      if let table = inputs.tableSize.value {
        numbers = numbers.substituting("\(table)", for: "tcp_max_syn_backlog")
      }
      return "\(result) = \(numbers)"
    }
  }

  func note(on formula: Explanation.QueueFormula) -> String? {
    if formula == .acceptQueue { return inputs.whenFull.value.map(\.words) }
    guard formula == .synQueue else { return nil }
    let idle =
      inputs.isTableIdle
      ? "tcp_max_syn_backlog plays no part while tcp_syncookies is not 0" : nil
    let note = inputs.listeners.value?.first?.synQueue.value?.note
    let notes = [idle, note].compactMap { $0 }
    return notes.isEmpty ? nil : notes.joined(separator: "; ")
  }
}
