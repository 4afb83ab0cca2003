import Facts

extension Changes {
  // MARK: Settle

  /// Finishes a change that was interrupted or whose trial is over, and does nothing else.
  ///
  /// - Returns: nil where there is none.
  public func settle() throws(ApplyFailure) -> Settled? {
    let signals = HeldSignals()
    defer { signals.release() }
    try checkMayChange()
    let result: Settled?? = try locked(creating: false) { state throws(ApplyFailure) in
      try settleInterrupted(state)
    }
    return result ?? nil
  }

  // MARK: The way back by itself

  /// What came of an attempt to take a change back.
  public enum Attempt: Sendable {
    /// The change is over.
    case over
    /// It is in its trial, and that was to be left alone.
    case inTrial
    /// It has to be tried again.
    case failed
  }

  /// The deadline of an open change, nil where it is over; waits where that cannot be seen.
  func deadline(of id: String) -> Int64? {
    while true {
      do {
        guard let state = try StateFolder.open(creating: false) else { return nil }
        guard let record = try journal(state), record.id == id else { return nil }
        return record.deadline
      } catch {
        if error.kind == .damaged {
          Terminals.announce("change \(id) cannot be taken back: \(error.reasons[0])", also: nil)
          return nil
        }
        SystemCall.pause(500)
      }
    }
  }

  /// Takes an open change back unless it was confirmed, and tells everybody.
  ///
  /// - Parameters:
  ///   - id: which one; another that is open is left alone.
  ///   - leavesTrial: whether one in its trial is left alone although its time is not over.
  /// - Returns: whether it has to be tried again.
  public func takeBack(_ id: String, unlessInTrial leavesTrial: Bool) -> Attempt {
    do {
      let attempt = try locked(creating: false, waiting: Changes.longPatience) {
        state throws(ApplyFailure) -> Attempt in
        guard let record = try journal(state), record.id == id else { return .over }
        if leavesTrial, try isInForce(record) { return .inTrial }
        let wasTrial = record.phase == .trial
        let settled = try settle(record, state)
        if settled.record.ending == .reverted, wasTrial { announce(settled) }
        return .over
      }
      return attempt ?? .over
    } catch {
      guard error.kind != .damaged else {
        Terminals.announce("change \(id) cannot be taken back: \(error.reasons[0])", also: nil)
        return .over
      }
      return .failed
    }
  }

  private func announce(_ settled: Settled) {
    let record = settled.record
    let left =
      record.conflicts.isEmpty
      ? ""
      : "; left alone, for somebody else changed them:"
        + " \(record.conflicts.map(\.name).joined(separator: ", "))"
    Terminals.announce(
      "change \(record.id) (\(record.title)) was taken back: \(record.reason ?? "not confirmed")\(left)",
      also: record.caller.terminal)
  }
}
