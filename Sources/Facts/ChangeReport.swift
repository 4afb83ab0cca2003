/// A key of a change beside its value now.
public struct KeyState: Equatable, Sendable {
  /// Whose value it has.
  public enum Owner: String, Sendable {
    /// The one that the change wrote.
    case ours
    /// The one before the change.
    case before
    /// Before and after are the same to the kernel.
    case same
    /// Somebody else's.
    case foreign
    /// The key is not there any more: its module was taken out.
    case gone
    /// It could not be read.
    case unknown
  }

  /// What stands for the key in the file.
  public enum InFile: Equatable, Sendable {
    /// The change keeps no file, or keeps it later.
    case none
    /// This value.
    case value(String)
    /// The file has no line for it.
    case missing
    /// The file could not be read.
    case unread(String)
  }

  /// The key as the change has it.
  public var key: ChangeRecord.Key
  /// Its value now, or why it could not be read.
  public var now: Reading<String>
  /// Whose value that is.
  public var owner: Owner
  /// What stands in the file.
  public var file: InFile
  /// The id of the change.
  public var change: String

  /// A key beside its value now.
  public init(
    _ key: ChangeRecord.Key, of change: String, now: Reading<String>, owner: Owner,
    file: InFile = .none
  ) {
    self.key = key
    self.change = change
    self.now = now
    self.owner = owner
    self.file = file
  }

  /// Whether it is neither as before nor as the change wrote it.
  public var isStrange: Bool { owner == .foreign || owner == .unknown }

  /// A sentence about a key that is not as it should be.
  public var sentence: String {
    switch now {
    case .known(let text):
      "\(key.key) is \(Self.plain(text)): neither \(Self.plain(key.before)) (before) nor"
        + " \(Self.plain(key.after)) (ours)"
    case .missing(let absence): "\(key.key): \(absence.reason)"
    }
  }

  /// The words of a value with one blank between them.
  public static func plain(_ text: String) -> String {
    text.split { $0 == " " || $0 == "\t" || $0 == "\n" }.joined(separator: " ")
  }
}

/// How a change stands: what apply, confirm, rollback and status tell.
public struct ChangeReport: Equatable, Sendable {
  /// What came of a command, or how a change stands.
  public enum Outcome: String, Sendable {
    /// In force until the deadline.
    case trial
    /// In force, and in the file where there is one.
    case kept
    /// Back as before.
    case reverted
    /// There was nothing to change.
    case unchanged
    /// It was interrupted, or its time is over: it waits to be finished.
    case interrupted
    /// Nothing was changed.
    case refused
    /// It failed, and everything is back as it was.
    case takenBack = "taken-back"
    /// Some keys or the file are neither as before nor as planned.
    case uncertain
    /// What is kept on disk is damaged or not ours.
    case damaged
    /// Another command or trial is in the way.
    case busy
    /// The trial was over.
    case tooLate = "too-late"
    /// There is nothing that the command could be about.
    case nothing
  }

  /// What came of it.
  public var outcome: Outcome
  /// The change, nil where there is none.
  public var record: ChangeRecord?
  /// Its keys beside their values now.
  public var keys: [KeyState]
  /// Where the file is; nil for none.
  public var path: String?
  /// Seconds that a trial still has.
  public var secondsLeft: Int64?
  /// When it ends, as the clock on the wall will show it.
  public var deadline: String?
  /// Why it did not come to what was wanted, one sentence each.
  public var reasons: [String]
  /// What a person should know beside it.
  public var remarks: [String]

  /// How a change stands.
  public init(
    _ outcome: Outcome, record: ChangeRecord? = nil, keys: [KeyState] = [], path: String? = nil,
    secondsLeft: Int64? = nil, deadline: String? = nil, reasons: [String] = [],
    remarks: [String] = []
  ) {
    self.outcome = outcome
    self.record = record
    self.keys = keys
    self.path = path
    self.secondsLeft = secondsLeft
    self.deadline = deadline
    self.reasons = reasons
    self.remarks = remarks
  }
}
