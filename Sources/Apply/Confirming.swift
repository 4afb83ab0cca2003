import Facts

extension Changes {
  /// Keeps the change that is in its trial.
  ///
  /// - Parameter id: which one is meant; nil for whichever is open.
  /// - Returns: the change, kept.
  /// - Throws: too late where it was taken back, nothing to do, uncertain where a value is not ours.
  public func confirm(_ id: String?) throws(ApplyFailure) -> Settled {
    let signals = HeldSignals()
    defer { _ = signals.next() }
    try checkMayChange()
    let result = try locked(creating: false) { state throws(ApplyFailure) -> Settled in
      guard let open = try journal(state) else { throw try nothingOpen(id, state) }
      if let id, id != open.id { throw other(id, open) }
      guard try isInForce(open) else {
        let settled = try settle(open, state)
        if settled.record.ending == .kept { return settled }
        throw tooLate(settled)
      }
      if let gone = try settleGone(open, state) { throw tooLate(gone) }
      try checkNetwork(open)
      return try keep(open, state)
    }
    guard let result else { throw Self.nothing("there is no change to confirm") }
    return result
  }

  private func keep(
    _ open: ChangeRecord, _ state: borrowing StateFolder
  ) throws(ApplyFailure) -> Settled {
    var record = open
    do {
      let folder = try KeyFolder()
      let strange = record.states(folder).filter { $0.owner != .ours && $0.owner != .same }
      guard strange.isEmpty else {
        throw ApplyFailure(
          .uncertain,
          strange.map(\.sentence) + [
            "nothing was kept; the trial goes on, and 'tcptune rollback' takes back what is ours"
          ], record)
      }
      if let file = record.file {
        let now = try KeptFile(file.name).content()
        guard now?.text == file.before?.text || now?.text == file.after?.text else {
          throw ApplyFailure(
            .refused,
            "\(Places.files)/\(file.name) was changed since the trial began; nothing was kept, and"
              + " the trial goes on", record)
        }
      }
    } catch let error as ApplyFailure {
      throw error
    } catch let error as CallFailure {
      throw ApplyFailure(.refused, "\(error.reason); the trial goes on", record)
    } catch {
      throw .refused("\(error)")
    }
    record.phase = .persisting
    do {
      try state.write(journal: record)
    } catch {
      throw try backed(record, state, error.reason)
    }
    return try keepOrBack(record, state)
  }

  private func tooLate(_ settled: Settled) -> ApplyFailure {
    let reason = settled.record.reason ?? "its time was over"
    return ApplyFailure(
      settled.conflicts.isEmpty ? .tooLate : .uncertain,
      ["change \(settled.record.id) was taken back: \(reason)"] + settled.conflicts,
      settled.record)
  }

  private func nothingOpen(
    _ id: String?, _ state: borrowing StateFolder
  ) throws(ApplyFailure) -> ApplyFailure {
    let records = try history(state)
    let last = id.map { id in records.last { $0.id == id } } ?? records.last
    guard let last else {
      return Self.nothing(id.map { "there is no change \($0)" } ?? "there is no change to confirm")
    }
    if last.ending == .kept, case .rollback(let target) = last.kind {
      return Self.nothing("change \(target) was rolled back: there is nothing to confirm")
    }
    guard last.ending == .reverted, last.kind == .apply else {
      return Self.nothing("change \(last.id) is kept already")
    }
    return ApplyFailure(
      .tooLate, "change \(last.id) was taken back: \(last.reason ?? "its time was over")", last)
  }

  func other(_ id: String, _ open: ChangeRecord) -> ApplyFailure {
    Self.nothing("expected the id of the open change, \(open.id), found '\(id)'")
  }

  static func nothing(_ reason: String) -> ApplyFailure { ApplyFailure(.nothingToDo, reason) }

  /// A change can only be ended where it was begun.
  ///
  /// Of the namespaces before the last boot only the first one is there again.
  func checkNetwork(_ record: ChangeRecord) throws(ApplyFailure) {
    let here = try Self.network()
    let isHere: Bool
    do {
      if try isCurrent(record) {
        isHere = here == record.origin.namespaces.network
      } else if record.origin.isInitialNetwork {
        isHere = try Surroundings.isFirstNetwork(try KeyFolder())
      } else {
        isHere = false
      }
    } catch {
      throw .refused("\(error)")
    }
    guard isHere else {
      throw .refused(
        "change \(record.id) was made in the network namespace"
          + " net:[\(record.origin.namespaces.network)], this is net:[\(here)]: run the command"
          + " there")
    }
  }
}
