import CLinux
import Facts
import Glibc
import SysctlConf

/// Signals that ask us to end, held until they are looked at.
struct HeldSignals: ~Copyable {
  private let descriptor: CInt

  init() {
    // A terminal that goes, a reader that goes and a limit of file sizes are failures, not deaths.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    descriptor = unsafe tcptune_hold_signals([SIGINT, SIGTERM, SIGQUIT], 3)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Lets signals end us again; one that has come meanwhile came too late.
  func release() {
    while next() != nil {}
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGQUIT] { unsafe sigaddset(&signals, number) }
    unsafe sigprocmask(SIG_UNBLOCK, &signals, nil)
  }

  /// The signal that has come, nil for none.
  func next() -> Int32? {
    guard descriptor >= 0 else { return nil }
    let number = tcptune_next_signal(descriptor)
    return number > 0 ? number : nil
  }
}

extension Changes {
  /// How long the alarm gives a change that has no trial, in milliseconds.
  private static let time: Int64 = 60_000

  /// Begins a change: the old values to the disk, the alarm, the new values, all looked at again.
  ///
  /// With a trial it is in force when this returns, until the deadline; without one it is kept.
  ///
  /// - Returns: the change. Without keys to change it is nil: nothing was open and nothing was done.
  /// - Throws: all reasons at once where it is refused; taken back; uncertain.
  public func begin(_ wish: Wish) throws(ApplyFailure) -> Settled? {
    let signals = HeldSignals()
    let refusals = reasons(against: wish)
    guard refusals.isEmpty else { throw ApplyFailure(.refused, refusals) }
    let result: Settled?? = try locked(creating: !wish.keys.isEmpty || isFileChanged(wish)) {
      state throws(ApplyFailure) in
      var remarks: [String] = []
      if let settled = try settleInterrupted(state) {
        remarks = ["change \(settled.record.id) was interrupted and is settled"] + settled.remarks
        guard settled.conflicts.isEmpty else {
          throw ApplyFailure(.uncertain, settled.conflicts, settled.record)
        }
      }
      if let open = try journal(state) {
        guard remarks.isEmpty else { throw ApplyFailure(.refused, remarks, open) }
        throw busy(open)
      }
      let sequence = try state.nextSequence()
      _ = try history(state)
      guard !wish.keys.isEmpty || isFileChanged(wish) else { return nil }
      let record = try record(of: wish, .apply, sequence)
      var settled = try run(record, state, signals)
      settled.remarks = remarks + settled.remarks
      return settled
    }
    return result ?? nil
  }

  private func isFileChanged(_ wish: Wish) -> Bool {
    wish.file.map { $0.before != $0.after } ?? false
  }

  func busy(_ open: ChangeRecord) -> ApplyFailure {
    ApplyFailure(
      .busy,
      "change \(open.id) is in its trial for another \(Changes.rest(of: open) / 1000) s:"
        + " 'tcptune confirm' keeps it, 'tcptune rollback' takes it back", open)
  }

  /// The record of a change before it begins, with the values of this moment.
  func record(
    of wish: Wish, _ kind: ChangeRecord.Kind, _ sequence: Int
  ) throws(ApplyFailure) -> ChangeRecord {
    do {
      let folder = try KeyFolder()
      let id = try Surroundings.newID()
      var keys: [ChangeRecord.Key] = []
      for key in wish.keys {
        let now = try folder.text(of: key.key)
        guard KeyText.isSame(now, key.current, for: key.key) else {
          throw ApplyFailure.refused(
            "\(key.key) was \(KeyText.plain(key.current)) when the plan was made and is"
              + " \(KeyText.plain(now)) now: look at the plan again")
        }
        keys.append(
          ChangeRecord.Key(key: key.key, before: now, after: key.target, source: key.source))
      }
      let values = Dictionary(uniqueKeysWithValues: keys.map { ($0.key, $0) })
      let order = WriteOrder.sorted(keys.map(\.key)) { key in
        values[key].map { ($0.before, $0.after) }
      }
      return ChangeRecord(
        id: id, sequence: sequence, kind: kind, tool: tool, title: wish.title,
        origin: try Surroundings.origin(folder), caller: Surroundings.caller(),
        began: SystemCall.sinceEpoch,
        deadline: SystemCall.sinceBoot + (wish.trial ?? Self.time), trial: wish.trial,
        alarm: try Alarm.choice(preferring: wish.prefersWatcher),
        keys: order.compactMap { values[$0] }, file: try file(of: wish, id))
    } catch let error as ApplyFailure {
      throw error
    } catch let error as CallFailure {
      throw .refused(error)
    } catch {
      throw .refused("\(error)")
    }
  }

  private func file(of wish: Wish, _ id: String) throws(ApplyFailure) -> ChangeRecord.File? {
    guard let file = wish.file else { return nil }
    let before: ChangeRecord.Content?
    do {
      before = try KeptFile(file.name).content()
    } catch {
      throw .refused(error)
    }
    var body: [UInt8]?
    if let before {
      guard case .ours(_, let own) = OwnedText.owner(of: Array(before.text.utf8)) else {
        throw .refused("\(Places.files)/\(file.name) is not as tcptune left it")
      }
      body = own
    }
    guard body == file.before else {
      throw .refused(
        "\(Places.files)/\(file.name) is not what it was when the plan was made: look at it again")
    }
    guard body != file.after else { return nil }
    return ChangeRecord.File(
      name: file.name, before: before,
      after: ChangeRecord.Content(
        text: String(
          decoding: OwnedText.stamped(transaction: id, body: file.after), as: UTF8.self),
        label: before?.label))
  }

  // MARK: Running

  /// Runs a change from its first record to its trial, or to its end where it has none.
  func run(
    _ first: ChangeRecord, _ state: borrowing StateFolder, _ signals: borrowing HeldSignals
  ) throws(ApplyFailure) -> Settled {
    var record = first
    if let signal = signals.next() {
      throw ApplyFailure(.interrupted(signal: signal), "interrupted before anything was changed")
    }
    do {
      try state.write(journal: record)
    } catch {
      // It may stand there although that failed.
      try? state.removeJournal()
      state.sweep()
      throw .refused("the way back cannot be kept: \(error.reason)")
    }
    let alarm: Alarm.Armed
    do {
      alarm = try Alarm.arm(record)
    } catch {
      Alarm.disarm(record)
      try? state.removeJournal()
      throw .refused("nothing would take it back: \(error.reason)")
    }
    if let signal = signals.next() {
      Alarm.disarm(record)
      try? state.removeJournal()
      throw ApplyFailure(.interrupted(signal: signal), "interrupted before anything was changed")
    }
    do {
      record.phase = .applying
      try state.write(journal: record)
      try write(record, signals)
      if record.trial != nil {
        record.phase = .trial
        try state.write(journal: record)
        let folder = try KeyFolder()
        let settled = Settled(record: record, states: record.states(folder), remarks: [])
        _ = consume alarm
        return settled
      }
      record.phase = .persisting
      try state.write(journal: record)
    } catch {
      throw try backed(record, state, error.reason)
    }
    let settled = try keepOrBack(record, state)
    _ = consume alarm
    return settled
  }

  /// Writes every key and looks at all of them again.
  private func write(
    _ record: ChangeRecord, _ signals: borrowing HeldSignals
  ) throws(CallFailure) {
    let folder = try KeyFolder()
    for key in record.keys {
      if let signal = signals.next() {
        throw CallFailure(place: "signal \(signal) came", errno: EINTR)
      }
      let now = try folder.text(of: key.key)
      if KeyText.isSame(now, key.after, for: key.key) { continue }
      guard KeyText.isSame(now, key.before, for: key.key) else {
        throw CallFailure(place: "\(key.key): somebody else changed it meanwhile", errno: EBUSY)
      }
      do {
        try folder.write(key.after, to: key.key)
      } catch {
        // Of several numbers the kernel has taken those before the one that it refuses.
        try? folder.write(key.before, to: key.key)
        throw error
      }
      let taken = try folder.text(of: key.key)
      guard KeyText.isSame(taken, key.after, for: key.key) else {
        throw CallFailure(
          place: "\(key.key): \(KeyText.plain(key.after)) was written and"
            + " \(KeyText.plain(taken)) is read", errno: EINVAL)
      }
    }
    for state in record.states(folder) where state.owner != .ours && state.owner != .same {
      throw CallFailure(place: state.sentence, errno: EBUSY)
    }
  }

  /// Keeps a change that is on its way into the file; where that fails, everything goes back.
  func keepOrBack(
    _ record: ChangeRecord, _ state: borrowing StateFolder
  ) throws(ApplyFailure) -> Settled {
    let settled: Settled
    do {
      settled = try keepOn(record, state)
    } catch {
      throw try backed(record, state, error.reasons.first ?? "it could not be kept")
    }
    guard settled.conflicts.isEmpty else {
      throw ApplyFailure(.uncertain, settled.conflicts, settled.record)
    }
    return settled
  }

  /// Takes a change back because it failed.
  ///
  /// - Returns: the failure to be thrown: taken back, or uncertain where somebody else interferes.
  func backed(
    _ record: ChangeRecord, _ state: borrowing StateFolder, _ reason: String
  ) throws(ApplyFailure) -> ApplyFailure {
    var record = record
    // A phase that was not brought to the disk leads nowhere: what stands there counts.
    if record.phase == .persisting, let there = try? journal(state),
      there.phase == .applying || there.phase == .trial
    {
      record.phase = there.phase
    }
    let settled = try takeBack(record, state, because: reason)
    guard settled.conflicts.isEmpty else {
      return ApplyFailure(.uncertain, [reason] + settled.conflicts, settled.record)
    }
    return ApplyFailure(
      .takenBack, [reason, "everything is as it was before"] + settled.remarks, settled.record)
  }
}
