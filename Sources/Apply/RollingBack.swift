public import Facts

extension Changes {
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
    let records = try history(state)
    let kept = records.kept
    guard let id else {
      guard let last = kept.last else { throw Self.nothing("there is no change to roll back") }
      return last
    }
    if let record = kept.last(where: { $0.id == id }) { return record }
    throw Self.nothing(
      records.rolledBack.contains(id)
        ? "change \(id) is rolled back already"
        : "expected the id of a change that was kept, found '\(id)'")
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
      let history = try self.history(state)
      let later = self.later(than: target, left, history)
      do throws(ApplyFailure) {
        file = try self.file(backFrom: target, history)
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
    states.compactMap { state in
      let owner = history.kept.last { record in
        record.sequence > target.sequence
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
  ///
  /// A file that is gone holds nothing of anybody's: the one from before is written again.
  private func file(
    backFrom target: ChangeRecord, _ history: [ChangeRecord]
  ) throws(ApplyFailure) -> ChangeRecord.File? {
    guard let file = target.file, let fate = fate(of: target, history) else { return nil }
    let now: ChangeRecord.Content?
    do {
      now = try KeptFile(file.name).content()
    } catch {
      throw .refused(error)
    }
    if now?.text == file.before?.text { return nil }
    let owner = history.kept.last { $0.sequence > target.sequence && $0.file?.name == file.name }
    let isFree = now == nil && owner == nil
    guard isFree || now?.text == file.after?.text else {
      let place = "\(Places.files)/\(file.name)"
      let why =
        now == nil
        ? "the file is gone, and change \(owner?.id ?? "") wrote it since: roll that one back first"
        : "\(fate.remark ?? "somebody else changed it")\(fate.advice)"
      throw .refused(
        "\(place) is not as change \(target.id) left it: \(why); nothing was done")
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
}
