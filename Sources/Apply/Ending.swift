public import Facts
import Glibc

extension Changes {
  // MARK: Confirm

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

  private func other(_ id: String, _ open: ChangeRecord) -> ApplyFailure {
    Self.nothing("expected the id of the open change, \(open.id), found '\(id)'")
  }

  static func nothing(_ reason: String) -> ApplyFailure { ApplyFailure(.nothingToDo, reason) }

  /// A change can only be ended where it was begun.
  ///
  /// Of the namespaces before the last boot only the first one is there again.
  private func checkNetwork(_ record: ChangeRecord) throws(ApplyFailure) {
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

  // MARK: Roll back

  /// Takes back the open change, else the last that was kept, or the one of that id.
  ///
  /// - Parameters:
  ///   - id: which one; nil for the open one or the last.
  ///   - prefersWatcher: whether a watcher is used even where systemd's timer could be.
  /// - Returns: the open change, reverted, or a change of its own that was kept.
  /// - Throws: nothing to do; refused where the file is not as we left it; uncertain where somebody
  ///   else changed a key, which is left alone.
  public func rollBack(
    _ id: String?, prefersWatcher: Bool = false
  ) throws(ApplyFailure) -> Settled {
    let signals = HeldSignals()
    try checkMayChange()
    let result = try locked(creating: false) { state throws(ApplyFailure) -> Settled in
      if let open = try journal(state) {
        if try isInForce(open) {
          if let id, id != open.id { throw other(id, open) }
          if let gone = try settleGone(open, state) { return gone }
          try checkNetwork(open)
          return try takeBack(open, state, because: "it was rolled back")
        }
        let settled = try settle(open, state)
        // What was interrupted was what the user wants back.
        if settled.record.ending == .reverted, id == nil || id == open.id { return settled }
      }
      let target = try target(id, state)
      try checkNetwork(target)
      return try rollBack(target, prefersWatcher, state, signals)
    }
    guard let result else { throw Self.nothing("there is no change to roll back") }
    return result
  }

  /// The change that a rollback is about.
  private func target(
    _ id: String?, _ state: borrowing StateFolder
  ) throws(ApplyFailure) -> ChangeRecord {
    let records = try history(state).filter { $0.ending == .kept }
    let undone = Set(
      records.compactMap { record in
        if case .rollback(let id) = record.kind { id } else { nil }
      })
    if let id {
      guard let record = records.last(where: { $0.id == id }), record.kind == .apply else {
        throw Self.nothing("expected the id of a change that was kept, found '\(id)'")
      }
      guard !undone.contains(id) else { throw Self.nothing("change \(id) is rolled back already") }
      return record
    }
    guard let record = records.last(where: { $0.kind == .apply && !undone.contains($0.id) }) else {
      throw Self.nothing("there is no change to roll back")
    }
    return record
  }

  /// What a rollback of a kept change would do, key by key; nothing is done.
  ///
  /// - Returns: the change, and its keys beside their values now; nil where there is none.
  public func rollbackTarget(
    _ id: String?
  ) throws(ApplyFailure) -> (record: ChangeRecord, states: [KeyState])? {
    guard let state = try StateFolder.open(creating: false) else { return nil }
    try state.checkFormat(marking: false)
    let open = try journal(state)
    let record: ChangeRecord
    if let open, id == nil || id == open.id {
      record = open
    } else {
      record = try target(id, state)
    }
    do {
      return (record, record.states(try KeyFolder()))
    } catch {
      throw .refused(error)
    }
  }

  private func rollBack(
    _ target: ChangeRecord, _ prefersWatcher: Bool, _ state: borrowing StateFolder,
    _ signals: borrowing HeldSignals
  ) throws(ApplyFailure) -> Settled {
    var keys: [ChangeRecord.Key] = []
    var left: [KeyState] = []
    var remarks = warnings(about: target)
    let file: ChangeRecord.File?
    let record: ChangeRecord
    do {
      let folder = try KeyFolder()
      for key in target.keys.reversed() {
        let state = KeyState(key, of: target.id, folder)
        switch state.owner {
        case .ours:
          guard case .known(let now) = state.now else { continue }
          keys.append(
            ChangeRecord.Key(
              key: key.key, before: now, after: key.before, source: "change \(target.id)"))
        case .before, .same, .gone: continue
        case .foreign: left.append(state)
        // Nobody knows whose it is; a later rollback would not look at it again.
        case .unknown: throw ApplyFailure(.refused, "\(state.sentence): nothing was done", target)
        }
      }
      let later = try self.later(than: target, left, history(state))
      do throws(ApplyFailure) {
        file = try self.file(backFrom: target)
      } catch {
        throw ApplyFailure(error.kind, error.reasons + later, target)
      }
      guard later.isEmpty else { throw ApplyFailure(.refused, later, target) }
      guard !keys.isEmpty || file != nil || left.isEmpty else {
        throw ApplyFailure(.uncertain, left.map(\.sentence), target)
      }
      record = ChangeRecord(
        id: try Surroundings.newID(), sequence: try state.nextSequence(),
        kind: .rollback(of: target.id), tool: tool, title: target.title,
        origin: try Surroundings.origin(folder), caller: Surroundings.caller(),
        began: SystemCall.sinceEpoch, deadline: SystemCall.sinceBoot + Self.rollbackTime,
        trial: nil, alarm: try Alarm.choice(preferring: prefersWatcher), keys: keys, file: file)
    } catch let error as ApplyFailure {
      throw error
    } catch let error as CallFailure {
      throw .refused(error)
    } catch {
      throw .refused("\(error)")
    }
    if keys.isEmpty { remarks.append("the running values are those from before already") }
    var settled = try run(record, state, signals)
    settled.remarks = remarks + settled.remarks
    guard left.isEmpty else {
      throw ApplyFailure(
        .uncertain,
        left.map { "\($0.sentence): it was left alone; everything else is back" }, settled.record)
    }
    return settled
  }

  /// Which of a change's keys have the value of a later one of ours, one sentence each.
  ///
  /// Nobody else interferes and nothing is uncertain: that one goes first.
  private func later(
    than target: ChangeRecord, _ states: [KeyState], _ history: [ChangeRecord]
  ) -> [String] {
    let undone = Set(
      history.compactMap { record in
        if case .rollback(let id) = record.kind, record.ending == .kept { id } else { nil }
      })
    return states.compactMap { state in
      let owner = history.last { record in
        record.sequence > target.sequence && record.kind == .apply && record.ending == .kept
          && !undone.contains(record.id)
          && record.keys.contains { key in
            key.key == state.key.key
              && state.now.value.map { KeyText.isSame($0, key.after, for: key.key) } ?? false
          }
      }
      return owner.map {
        "\(state.key.key) has the value of change \($0.id), which came later: roll that one back"
          + " first; nothing was done"
      }
    }
  }

  /// How long the alarm gives a rollback, in milliseconds.
  private static let rollbackTime: Int64 = 60_000

  /// The file's way back; nil where it is as before already.
  private func file(
    backFrom target: ChangeRecord
  ) throws(ApplyFailure) -> ChangeRecord.File? {
    guard let file = target.file else { return nil }
    let now: ChangeRecord.Content?
    do {
      now = try KeptFile(file.name).content()
    } catch {
      throw .refused(error)
    }
    if now?.text == file.before?.text { return nil }
    guard now?.text == file.after?.text else {
      throw .refused(
        "\(Places.files)/\(file.name) is not as change \(target.id) left it:"
          + " \(fileRemark(on: target) ?? "somebody else changed it"); nothing was done")
    }
    return ChangeRecord.File(name: file.name, before: now, after: file.before)
  }

  /// What may make old values stale.
  private func warnings(about target: ChangeRecord) -> [String] {
    guard let folder = try? KeyFolder(), let now = try? Surroundings.origin(folder) else {
      return []
    }
    var warnings: [String] = []
    if now.boot != target.origin.boot, now.memory != target.origin.memory {
      warnings.append(
        "the machine's memory is not what it was: defaults that follow it are other ones today")
    }
    if now.kernel != target.origin.kernel {
      warnings.append(
        "these values are of Linux \(target.origin.kernel), this is \(now.kernel): its defaults may"
          + " be others")
    }
    return warnings
  }

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
