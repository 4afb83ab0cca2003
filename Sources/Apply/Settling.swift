public import Facts
import Glibc
import HostFS

/// How a change that was open has ended.
public struct Settled: Equatable, Sendable {
  /// The change, with its ending.
  public var record: ChangeRecord
  /// Its keys beside their values now; empty where they are gone with a boot or their namespace.
  public var states: [KeyState]
  /// What a person should know.
  public var remarks: [String]

  /// The keys, and where it stands the file, that are neither as before nor as planned.
  public var conflicts: [String] {
    states.filter { record.conflicts.contains($0.key.key) }.map(\.sentence) + fileConflict
  }

  var fileConflict: [String] = []
}

extension Changes {
  /// Takes a change back: keys in reverse order, the file, then the record of it.
  ///
  /// A key that has neither our value nor the one before was changed by somebody else: it is left
  /// alone and named. Doing it again does nothing.
  ///
  /// - Throws: uncertain where something could not be written; journal and alarm stay.
  func takeBack(
    _ record: ChangeRecord, _ state: borrowing StateFolder, because reason: String
  ) throws(ApplyFailure) -> Settled {
    var record = record
    if record.phase != .reverting {
      let wasConfirmed = record.phase == .persisting || record.phase == .persisted
      record.phase = .reverting
      record.reason = record.reason ?? reason
      do {
        try state.write(journal: record)
      } catch {
        // The journal on the disk leads here all the same, unless it was confirmed: then it leads
        // the other way.
        if wasConfirmed { throw uncertain(record, [error.reason]) }
      }
    }
    var settled = Settled(record: record, states: [], remarks: [])
    let isCurrent: Bool
    do {
      isCurrent = try self.isCurrent(record)
    } catch {
      throw uncertain(record, [error.reason])
    }
    if isCurrent {
      settled.states = try restoreKeys(record)
      settled.record.conflicts = settled.states.filter { $0.owner == .foreign }.map(\.key.key)
    } else {
      settled.remarks.append(
        "the machine was started anew since: running values are not those of it")
    }
    if let file = record.file {
      do {
        let kept = try KeptFile(file.name)
        if try !kept.change(file, isWayBack: true) {
          settled.fileConflict = [
            "\(kept.path) is neither as before nor as we wrote it: somebody else changed it"
          ]
        }
      } catch {
        // The folder is looked at for what may stand there; where it was never written it may be gone.
        if !error.isAbsent { throw uncertain(record, [error.reason]) }
      }
    }
    try finish(&settled, state, .reverted)
    return settled
  }

  /// Restores what has our value, and looks at all of it again.
  private func restoreKeys(_ record: ChangeRecord) throws(ApplyFailure) -> [KeyState] {
    let folder: KeyFolder
    do {
      folder = try KeyFolder()
    } catch {
      throw uncertain(record, [error.reason])
    }
    var failures: [String] = []
    for key in record.keys.reversed() {
      switch KeyState(key, of: record.id, folder).owner {
      case .ours:
        do {
          try folder.write(key.before, to: key.key)
        } catch {
          failures.append(error.reason)
        }
      case .before, .same, .foreign, .gone, .unknown: break
      }
    }
    let states = record.states(folder)
    for state in states {
      switch state.owner {
      case .before, .same, .foreign, .gone: break
      case .ours: failures.append("\(state.key.key) still has our value")
      case .unknown: failures.append(state.sentence)
      }
    }
    guard failures.isEmpty else { throw uncertain(record, failures) }
    return states
  }

  func uncertain(_ record: ChangeRecord, _ reasons: [String]) -> ApplyFailure {
    ApplyFailure(
      .uncertain, reasons + ["the way back stays armed; 'tcptune rollback --settle' tries again"],
      record)
  }

  /// Goes on with a change that was confirmed: values, file, record.
  ///
  /// - Throws: uncertain where that cannot be done.
  func keepOn(
    _ record: ChangeRecord, _ state: borrowing StateFolder
  ) throws(ApplyFailure) -> Settled {
    var settled = Settled(record: record, states: [], remarks: [])
    do throws(CallFailure) {
      let folder = try KeyFolder()
      // After a boot only the first network namespace is still there.
      var isHere = try isCurrent(record)
      if !isHere { isHere = try isFirst(record, folder) }
      if isHere {
        for state in record.states(folder) where state.owner == .before {
          try folder.write(state.key.after, to: state.key.key)
        }
        settled.states = record.states(folder)
        settled.record.conflicts = settled.states.filter { $0.owner == .foreign }.map(\.key.key)
        if settled.states.contains(where: { $0.owner == .before || $0.owner == .unknown }) {
          throw CallFailure(place: "a value was not taken", errno: EIO)
        }
      }
      if let file = record.file {
        let kept = try KeptFile(file.name)
        if try !kept.change(file) {
          settled.fileConflict = [
            "\(kept.path) is neither as before nor as planned: somebody else changed it"
          ]
        }
      }
    } catch {
      throw uncertain(record, [error.reason])
    }
    try finish(&settled, state, .kept)
    return settled
  }

  private func isFirst(
    _ record: ChangeRecord, _ folder: borrowing KeyFolder
  ) throws(CallFailure) -> Bool {
    guard record.origin.isInitialNetwork else { return false }
    return try Surroundings.isFirstNetwork(folder)
  }

  /// The change has come to its end: history, alarm, journal, in this order.
  func finish(
    _ settled: inout Settled, _ state: borrowing StateFolder, _ ending: ChangeRecord.Ending
  ) throws(ApplyFailure) {
    settled.record.ending = settled.record.ending ?? ending
    settled.record.ended = settled.record.ended ?? SystemCall.sinceEpoch
    var record = settled.record
    do {
      try state.keep(record)
      if ending == .kept, record.phase != .persisted {
        record.phase = .persisted
        try state.write(journal: record)
        settled.record = record
      }
      Alarm.disarm(record)
      try state.removeJournal()
    } catch {
      // The host is where it should be; what is left over is finished by the next command.
      settled.remarks.append("\(error.reason): the next command of tcptune clears up")
    }
    state.sweep()
    if let file = record.file { (try? KeptFile(file.name))?.sweep() }
  }

  // MARK: Interrupted changes

  /// Finishes a change that was interrupted; nil where none is open or one is in its trial.
  func settleInterrupted(
    _ state: borrowing StateFolder
  ) throws(ApplyFailure) -> Settled? {
    guard let record = try journal(state) else {
      state.sweep()
      Watcher.endAll()
      return nil
    }
    if try isInForce(record) {
      if let gone = try settleGone(record, state) { return gone }
      // As when it was taken back on a disk that was full.
      guard try isBack(record) else { return nil }
      return try takeBack(record, state, because: "none of its values was in force any more")
    }
    return try settle(record, state)
  }

  /// Whether every key of a change has its value from before, seen from where it was made.
  private func isBack(_ record: ChangeRecord) throws(ApplyFailure) -> Bool {
    guard try Self.network() == record.origin.namespaces.network, !record.keys.isEmpty,
      let folder = try? KeyFolder()
    else { return false }
    return record.states(folder).allSatisfy { $0.owner == .before }
  }

  /// Finishes a change whatever its phase: back where it was not confirmed, forward where it was.
  func settle(
    _ record: ChangeRecord, _ state: borrowing StateFolder
  ) throws(ApplyFailure) -> Settled {
    let isCurrent: Bool
    do {
      isCurrent = try self.isCurrent(record)
    } catch {
      throw .refused(error)
    }
    if isCurrent, let gone = try settleElsewhere(record, state) { return gone }
    switch record.phase {
    case .persisting, .persisted: return try keepOn(record, state)
    case .armed, .applying: return try takeBack(record, state, because: "it was interrupted")
    case .trial:
      let reason = isCurrent ? "nobody confirmed it in time" : "the machine was started anew"
      return try takeBack(record, state, because: reason)
    case .reverting: return try takeBack(record, state, because: "it was interrupted")
    }
  }

  /// A change of another network namespace is refused while that one is there, and put aside when
  /// it is gone: then there is nothing left to take back.
  private func settleElsewhere(
    _ record: ChangeRecord, _ state: borrowing StateFolder
  ) throws(ApplyFailure) -> Settled? {
    if let gone = try settleGone(record, state) { return gone }
    let network = try Self.network()
    let there = record.origin.namespaces.network
    guard network != there else { return nil }
    throw ApplyFailure(
      .refused,
      "change \(record.id) was made in the network namespace net:[\(there)], this is"
        + " net:[\(network)]: run the command there", record)
  }
}

extension Changes {
  /// The network namespace that we are in.
  static func network() throws(ApplyFailure) -> UInt64 {
    do {
      return try Surroundings.namespace("/proc/thread-self/ns/net")
    } catch {
      throw .refused(error)
    }
  }

  /// Puts a change of this boot aside whose network namespace is gone, in its trial or not.
  ///
  /// - Returns: nil where that is still there, or where nobody can tell.
  func settleGone(
    _ record: ChangeRecord, _ state: borrowing StateFolder
  ) throws(ApplyFailure) -> Settled? {
    let there = record.origin.namespaces.network
    guard try Self.network() != there, isGone(record) else { return nil }
    do {
      try state.setJournalAside(record)
    } catch {
      throw .refused(error)
    }
    Alarm.disarm(record)
    let reason = "its network namespace net:[\(there)] is gone, and its values with it"
    var settled = Settled(
      record: record, states: [], remarks: ["change \(record.id): \(reason)"])
    settled.record.ending = .reverted
    settled.record.reason = reason
    return settled
  }

  /// Whether nothing on this host is in a change's network namespace any more, as far as can be seen
  /// from where it was made.
  private func isGone(_ record: ChangeRecord) -> Bool {
    guard let processes = try? Surroundings.namespace("/proc/self/ns/pid"),
      processes == record.origin.namespaces.processes
    else { return false }
    let list = NamespaceList.seenFromHere()
    return list.gaps.isEmpty
      && !list.entries.contains { $0.inode == record.origin.namespaces.network }
  }
}
