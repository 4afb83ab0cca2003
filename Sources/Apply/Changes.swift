public import Facts
import Glibc

/// Changes of this host: begins, keeps, takes back and finishes them.
///
/// One at a time, under a lock; the way back is on the disk before the first write, and whoever finds
/// a change that was interrupted finishes it.
public struct Changes: Sendable {
  /// How long a command waits for another, in milliseconds.
  private static let patience: Int64 = 10_000
  /// How long the way back waits: longer than any command lasts.
  static let longPatience: Int64 = 60_000

  /// Which keys may be written, of those below `net`.
  let mayWrite: @Sendable (SysctlKey) -> Bool
  /// The program's version.
  let tool: String

  /// The changes of this host.
  ///
  /// - Parameters:
  ///   - tool: the program's version, for the records.
  ///   - mayWrite: which keys may be written. A journal that names another is refused.
  public init(tool: String, mayWrite: @escaping @Sendable (SysctlKey) -> Bool) {
    self.tool = tool
    self.mayWrite = mayWrite
  }

  /// Whether a key is one of those that are written.
  public func permits(_ key: SysctlKey) -> Bool {
    key.name.hasPrefix("net.") && mayWrite(key) && !SideEffects.has(key)
  }

  // MARK: The folder and its lock

  /// Runs `body` with the state's folder open and its lock held.
  func locked<Result>(
    creating: Bool, waiting patience: Int64 = Changes.patience,
    _ body: (borrowing StateFolder) throws(ApplyFailure) -> Result
  ) throws(ApplyFailure) -> Result? {
    // Folders and files of ours have the modes that they are made with, whatever the caller's is.
    umask(0o022)
    guard let state = try StateFolder.open(creating: creating) else { return nil }
    // Whatever is refused because of its age must be refused before a lock file is made.
    try state.checkFormat(marking: false)
    let lock = try state.lock(waiting: patience)
    try state.checkFormat(marking: true)
    let result = try body(state)
    _ = consume lock
    return result
  }

  /// The open change, held against what may be in a journal.
  func journal(_ state: borrowing StateFolder) throws(ApplyFailure) -> ChangeRecord? {
    guard let record = try state.journal() else { return nil }
    if let foreign = record.keys.first(where: { !permits($0.key) }) {
      throw .damaged(
        "\(Places.state)/\(StateName.journal): expected keys that tcptune writes, found"
          + " '\(foreign.key)'")
    }
    return record
  }

  /// The changes that have ended, the oldest first; likewise.
  func history(_ state: borrowing StateFolder) throws(ApplyFailure) -> [ChangeRecord] {
    let records = try state.history()
    for record in records {
      if let foreign = record.keys.first(where: { !permits($0.key) }) {
        throw .damaged(
          "\(Places.state)/\(StateName.history): change \(record.id): expected keys that tcptune"
            + " writes, found '\(foreign.key)'")
      }
    }
    return records
  }

  // MARK: Reading

  /// What is on the disk about changes; nothing is done about it.
  public struct State: Equatable, Sendable {
    /// The open change, nil for none.
    public var open: ChangeRecord?
    /// Whether it was interrupted, or its trial is over, so that it waits to be finished.
    public var needsSettling: Bool
    /// Those that have ended, the oldest first.
    public var history: [ChangeRecord]
  }

  /// Reads what is on the disk about changes.
  ///
  /// - Throws: refused to all but root, damaged.
  public func state() throws(ApplyFailure) -> State {
    guard let state = try StateFolder.open(creating: false) else {
      return State(open: nil, needsSettling: false, history: [])
    }
    try state.checkFormat(marking: false)
    let open = try journal(state)
    return State(
      open: open, needsSettling: try needsSettling(open, state), history: try history(state))
  }

  /// Whether nothing goes on with an open change by itself: no trial, and no command is at it.
  private func needsSettling(
    _ open: ChangeRecord?, _ state: borrowing StateFolder
  ) throws(ApplyFailure) -> Bool {
    guard let open else { return false }
    if open.phase == .trial { return try !isInForce(open) }
    // The lock is held while a command is at work.
    do {
      _ = try state.lock(waiting: 0)
      return true
    } catch {
      return error.kind != .busy
    }
  }

  /// Whether a change was begun since the last boot: only then are its running values there.
  func isCurrent(_ record: ChangeRecord) throws(CallFailure) -> Bool {
    try Surroundings.boot() == record.origin.boot
  }

  /// Whether a change is in its trial, and that is not over.
  func isInForce(_ record: ChangeRecord) throws(ApplyFailure) -> Bool {
    guard record.phase == .trial, !isOver(record) else { return false }
    do {
      return try isCurrent(record)
    } catch {
      throw .refused(error)
    }
  }

  /// Whether the trial's time is over.
  func isOver(_ record: ChangeRecord) -> Bool { SystemCall.sinceBoot >= record.deadline }

  /// Milliseconds until the deadline of a trial, 0 when it has passed.
  public static func rest(of record: ChangeRecord) -> Int64 {
    max(0, record.deadline - SystemCall.sinceBoot)
  }

  /// Who calls now.
  public static func caller() -> ChangeRecord.Caller { Surroundings.caller() }
}

extension Changes {
  /// Whether a name is that of a file in /etc/sysctl.d which every loader reads.
  public static func isFileName(_ name: String) -> Bool { KeptFile.isName(name) }

  /// Whether a text is the id of a change: eight hexadecimal digits.
  public static func isID(_ text: String) -> Bool { RecordJSON.isID(text) }

  /// Whether a change is still open.
  public func isOpen(_ id: String) throws(ApplyFailure) -> Bool {
    guard let state = try StateFolder.open(creating: false) else { return false }
    return try journal(state)?.id == id
  }

  /// A change that has ended, with its keys as they are now.
  public func settled(_ record: ChangeRecord) -> Settled {
    Settled(record: record, states: Changes.states(of: record), remarks: [])
  }
}

extension Changes {
  /// Whether a change is open, as far as one look at a name tells.
  public static func hasJournal() -> Bool {
    (try? Folder(following: Places.stateParent).folder(Places.stateName)
      .status(of: StateName.journal)) != nil
  }
}
