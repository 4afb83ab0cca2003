/// Why a fact has no value.
public struct Absence: Hashable, Sendable {
  /// The ways not to have a value (facts.md 1), and the answer that is no number.
  public enum Kind: String, Sendable, CaseIterable {
    /// This kernel or namespace has no such file, or the feature is not loaded.
    case absent
    /// It is there, but reading it was not permitted or failed.
    case unreadable
    /// It is too dear, or was switched off.
    case notGathered = "not-gathered"
    /// A rate for which there are not two readings.
    case noWindow = "no-window"
    /// A time that does not end; only effective limits have it.
    case never

    /// The four ways that something looked for can be missing.
    public static let allCases: [Kind] = [.absent, .unreadable, .notGathered, .noWindow]
  }

  /// Which of them.
  public var kind: Kind
  /// What stood in the way, in words that follow a colon: `permission denied`.
  public var reason: String

  /// Names a way and its reason.
  public init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }
}

extension Absence: CustomStringConvertible {
  /// The reason with its kind, as the report prints it.
  public var description: String {
    switch kind {
    case .absent: "absent: \(reason)"
    case .unreadable: "unreadable: \(reason)"
    case .notGathered: "not gathered: \(reason)"
    case .noWindow: "no window: \(reason)"
    case .never: "never: \(reason)"
    }
  }
}

/// A value that was read, or the reason why there is none; never a zero in its place.
public enum Reading<Wrapped> {
  /// It was read.
  case known(Wrapped)
  /// It was not, for this reason.
  case missing(Absence)

  /// The value, if it was read.
  public var value: Wrapped? {
    switch self {
    case .known(let value): value
    case .missing: nil
    }
  }

  /// Why there is no value, if there is none.
  public var absence: Absence? {
    switch self {
    case .known: nil
    case .missing(let absence): absence
    }
  }

  /// The reading of something made from the value.
  public func map<Result>(_ transform: (Wrapped) -> Result) -> Reading<Result> {
    switch self {
    case .known(let value): .known(transform(value))
    case .missing(let absence): .missing(absence)
    }
  }

  /// The reading that the value leads to.
  public func flatMap<Result>(_ transform: (Wrapped) -> Reading<Result>) -> Reading<Result> {
    switch self {
    case .known(let value): transform(value)
    case .missing(let absence): .missing(absence)
    }
  }

  /// There is no such thing on this kernel or in this namespace.
  public static func absent(_ reason: String) -> Self { .missing(Absence(.absent, reason)) }
  /// It could not be read.
  public static func unreadable(_ reason: String) -> Self { .missing(Absence(.unreadable, reason)) }
  /// Nobody asked for it, or it was too dear.
  public static func notGathered(_ reason: String) -> Self {
    .missing(Absence(.notGathered, reason))
  }
  /// A rate that cannot be formed.
  public static func noWindow(_ reason: String) -> Self { .missing(Absence(.noWindow, reason)) }
  /// A time that does not end.
  public static func never(_ reason: String) -> Self { .missing(Absence(.never, reason)) }
}

extension Reading: Sendable where Wrapped: Sendable {}
extension Reading: Equatable where Wrapped: Equatable {}
extension Reading: Hashable where Wrapped: Hashable {}
