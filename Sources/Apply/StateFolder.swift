import CLinux
import Facts
import Glibc

/// What we keep on disk: the journal of the open change, and the history.
///
/// It is refused, not repaired, where anything in it is not as we leave it.
struct StateFolder: ~Copyable {
  private static let format = "1\n"
  /// A record with the longest values of all keys is far smaller.
  private static let longest = 4 << 20

  private let folder: Folder

  /// Opens the folder; made where there is none if `creating`.
  ///
  /// - Returns: nil where there is none and none is to be made.
  static func open(creating: Bool) throws(ApplyFailure) -> StateFolder? {
    let folder: Folder
    do {
      let parent = try Folder(following: Places.stateParent)
      if creating {
        folder = try parent.makingFolder(Places.stateName)
      } else {
        guard try parent.status(of: Places.stateName) != nil else { return nil }
        folder = try parent.folder(Places.stateName)
      }
    } catch {
      throw failure(error)
    }
    return try StateFolder(folder)
  }

  private init(_ folder: consuming Folder) throws(ApplyFailure) {
    let status: stat
    do {
      status = try folder.status()
    } catch {
      throw Self.failure(error)
    }
    guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw .damaged(
        "\(folder.path): expected a folder of \(Self.user(geteuid())) that nobody else may enter,"
          + " found one of \(Self.user(status.st_uid)) with mode \(Self.octal(status.st_mode))")
    }
    self.folder = folder
  }

  /// A link or another thing in the place of ours is not our state; all else is the machine's doing.
  private static func failure(_ failure: CallFailure) -> ApplyFailure {
    switch failure.errno {
    case ELOOP, ENOTDIR:
      .damaged("\(failure.place): expected a folder, found a link or another file")
    case EACCES, EPERM:
      .refused("\(failure.reason); only root may look into it")
    case ENOENT:
      .refused("\(failure.reason): there is no place to keep the way back")
    default: .refused(failure)
    }
  }

  // MARK: Lock

  /// The lock, held until it goes.
  struct Lock: ~Copyable {
    fileprivate let file: CInt

    deinit {
      // Whatever becomes of the descriptor.
      flock(file, LOCK_UN)
      close(file)
    }
  }

  /// Takes the lock of all commands that change something, or waits for it.
  ///
  /// - Throws: busy after so many milliseconds.
  func lock(waiting patience: Int64) throws(ApplyFailure) -> Lock {
    let file: CInt
    var status = stat()
    do {
      file = try folder.lockFile(StateName.lock)
    } catch {
      switch error.errno {
      case ELOOP, EISDIR, ENXIO:
        throw .damaged(
          "\(folder.place(StateName.lock)): expected a file, found a link or something else")
      default: throw .refused(error)
      }
    }
    let lock = Lock(file: file)
    do {
      try SystemCall.made(folder.place(StateName.lock)) { unsafe fstat(file, &status) }
    } catch {
      throw .refused(error)
    }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      status.st_nlink == 1, status.st_mode & 0o077 == 0
    else {
      throw .damaged(
        "\(folder.place(StateName.lock)): expected a file of \(Self.user(geteuid())) alone,"
          + " found one of \(Self.user(status.st_uid)) with mode \(Self.octal(status.st_mode))")
    }
    let end = SystemCall.sinceBoot + patience
    var interruptions: CInt = 0
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      let number = errno
      if number == EINTR, interruptions < TCPTUNE_MOST_INTERRUPTIONS {
        interruptions += 1
        continue
      }
      guard number == EWOULDBLOCK else {
        throw .refused(CallFailure(place: folder.place(StateName.lock), errno: number))
      }
      guard SystemCall.sinceBoot < end else {
        throw ApplyFailure(.busy, "another command is changing this host; nothing was done")
      }
      SystemCall.pause(20)
    }
    return lock
  }

  // MARK: Format

  /// Whether what is here was written by a version that we understand; under the lock an empty
  /// folder is marked as ours.
  func checkFormat(marking: Bool) throws(ApplyFailure) {
    guard let bytes = try bytes(of: StateName.format, in: folder) else {
      guard marking else { return }
      do {
        try folder.replace(StateName.format, Self.wish(Array(Self.format.utf8)))
      } catch {
        throw .refused(error)
      }
      return
    }
    guard bytes == Array(Self.format.utf8) else {
      let found =
        String(decoding: bytes.prefix(20), as: UTF8.self)
        .split(separator: "\n").first ?? ""
      throw .damaged(
        "\(folder.place(StateName.format)): expected '1', found '\(found)': another version of"
          + " tcptune keeps its state here")
    }
  }

  // MARK: Journal

  /// The open change, nil for none.
  func journal() throws(ApplyFailure) -> ChangeRecord? {
    guard let record = try record(StateName.journal, in: folder) else { return nil }
    guard record.ending == nil || record.phase == .persisted || record.phase == .reverting else {
      throw .damaged("\(folder.place(StateName.journal)): an open change that has ended")
    }
    return record
  }

  /// Brings the open change to the disk, in one piece.
  func write(journal record: ChangeRecord) throws(CallFailure) {
    try folder.replace(StateName.journal, Self.wish(RecordJSON.bytes(of: record)))
  }

  /// The open change is over.
  func removeJournal() throws(CallFailure) {
    try folder.remove(StateName.journal)
    try folder.synchronize()
  }

  /// Takes the journal out of the way, to be looked at by a person.
  func setJournalAside(_ record: ChangeRecord) throws(CallFailure) {
    let failed = try folder.makingFolder(StateName.failed)
    try folder.move(StateName.journal, to: failed, as: Self.name(of: record))
  }

  // MARK: History

  /// The changes that have ended, the oldest first.
  func history() throws(ApplyFailure) -> [ChangeRecord] {
    do {
      guard try folder.status(of: StateName.history) != nil else { return [] }
      let history = try self.history(in: folder)
      var records: [ChangeRecord] = []
      for name in try history.names() where !name.hasSuffix(Places.unfinished) {
        guard let record = try record(name, in: history) else { continue }
        guard name == Self.name(of: record), record.ending != nil else {
          throw ApplyFailure.damaged(
            "\(history.place(name)): expected the record of a change that has ended, found that of"
              + " '\(record.id)'")
        }
        records.append(record)
      }
      return records
    } catch let error as ApplyFailure {
      throw error
    } catch let error as CallFailure {
      throw Self.failure(error)
    } catch {
      throw .damaged("\(error)")
    }
  }

  private func history(in folder: borrowing Folder) throws(CallFailure) -> Folder {
    try folder.folder(StateName.history)
  }

  /// Brings the record of a change that has ended to the disk; one that is there already stays.
  func keep(_ record: ChangeRecord) throws(CallFailure) {
    let history = try folder.makingFolder(StateName.history)
    let name = Self.name(of: record)
    guard try history.status(of: name) == nil else { return try history.synchronize() }
    try history.prepare(name, Self.wish(RecordJSON.bytes(of: record)))
    try history.placePrepared(name)
  }

  /// The number of the next change.
  func nextSequence() throws(ApplyFailure) -> Int {
    var last = 0
    do {
      for inner in [StateName.history, StateName.failed] where try folder.status(of: inner) != nil {
        for name in try folder.folder(inner).names() {
          last = max(last, Int(name.prefix(6)) ?? 0)
        }
      }
    } catch {
      throw Self.failure(error)
    }
    guard last < 999_999 else { throw .refused("\(folder.place(StateName.history)): it is full") }
    return last + 1
  }

  /// Takes away what a command that was killed left half written.
  func sweep() {
    for name in [StateName.journal, StateName.format] {
      try? folder.remove(name + Places.unfinished)
    }
    guard let history = try? folder.folder(StateName.history), let names = try? history.names()
    else { return }
    for name in names where name.hasSuffix(Places.unfinished) { try? history.remove(name) }
  }

  // MARK: Files

  private static func wish(_ bytes: [UInt8]) -> StoredFile.Wish {
    StoredFile.Wish(bytes: bytes, mode: 0o600, owner: nil, label: nil)
  }

  private static func name(of record: ChangeRecord) -> String {
    let digits = String(record.sequence)
    return String(repeating: "0", count: 6 - digits.utf8.count) + "\(digits)-\(record.id).json"
  }

  private func record(
    _ name: String, in folder: borrowing Folder
  ) throws(ApplyFailure) -> ChangeRecord? {
    guard let bytes = try bytes(of: name, in: folder) else { return nil }
    do {
      return try RecordJSON.record(from: bytes)
    } catch {
      throw .damaged("\(folder.place(name)): \(error.message)")
    }
  }

  private func bytes(
    of name: String, in folder: borrowing Folder
  ) throws(ApplyFailure) -> [UInt8]? {
    let place = folder.place(name)
    do {
      var found = try folder.file(name, atMost: Self.longest)
      // Another command put a new one in its place between the opening and the look: that one counts.
      var replacements: CInt = 0
      while found?.status.st_nlink == 0 {
        guard replacements < TCPTUNE_MOST_INTERRUPTIONS else {
          throw ApplyFailure.refused("\(place) is replaced again and again")
        }
        replacements += 1
        found = try folder.file(name, atMost: Self.longest)
      }
      guard let file = found else { return nil }
      guard file.status.st_uid == geteuid(), file.status.st_mode & 0o077 == 0,
        file.status.st_nlink == 1
      else {
        throw ApplyFailure.damaged(
          "\(place): expected a file of \(Self.user(geteuid())) alone, found one of"
            + " \(Self.user(file.status.st_uid)) with mode \(Self.octal(file.status.st_mode))"
            + " and \(file.status.st_nlink) names")
      }
      return file.bytes
    } catch let error as ApplyFailure {
      throw error
    } catch let error as CallFailure {
      switch error.errno {
      case ELOOP, EINVAL, ENXIO: throw .damaged("\(place): expected a file, found something else")
      case EFBIG: throw .damaged("\(place): expected at most \(Self.longest) bytes, found more")
      default: throw .refused(error)
      }
    } catch {
      throw .damaged("\(place): \(error)")
    }
  }

  private static func user(_ number: uid_t) -> String { number == 0 ? "root" : "user \(number)" }

  private static func octal(_ mode: mode_t) -> String { String(mode & 0o7777, radix: 8) }
}
