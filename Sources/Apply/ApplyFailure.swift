public import Facts

/// Why a change did not come to where it was meant to.
public struct ApplyFailure: Error, Equatable, Sendable {
  /// What that means for the host.
  public enum Kind: Equatable, Sendable {
    /// There is nothing to do.
    case nothingToDo
    /// Nothing was changed.
    case refused
    /// It was changed, and is back as it was: verified.
    case takenBack
    /// Some keys or the file are neither as before nor as planned.
    case uncertain
    /// What we keep on disk is damaged or not ours.
    case damaged
    /// Another command holds the lock, or a trial is open.
    case busy
    /// The trial was over.
    case tooLate
    /// A signal came before anything was changed.
    case interrupted(signal: Int32)
  }

  /// What that means for the host.
  public var kind: Kind
  /// Why, one sentence each.
  public var reasons: [String]
  /// The change that it is about.
  public var record: ChangeRecord?

  /// A failure for these reasons.
  public init(_ kind: Kind, _ reasons: [String], _ record: ChangeRecord? = nil) {
    self.kind = kind
    self.reasons = reasons
    self.record = record
  }

  init(_ kind: Kind, _ reason: String, _ record: ChangeRecord? = nil) {
    self.init(kind, [reason], record)
  }

  static func refused(_ reason: String) -> ApplyFailure { ApplyFailure(.refused, reason) }

  /// A call that failed before anything was changed.
  static func refused(_ failure: CallFailure) -> ApplyFailure {
    ApplyFailure(.refused, failure.reason)
  }

  static func damaged(_ reason: String) -> ApplyFailure { ApplyFailure(.damaged, reason) }
}
