public import Facts

/// Three-valued truth (Kleene): a fact that was not read makes a condition unknown, not false.
public enum Truth: Hashable, Sendable {
  case yes, no, unknown

  /// What is known to be true or false.
  public init(_ boolean: Bool) {
    self = boolean ? .yes : .no
  }

  /// The opposite; of what is not known nothing is known.
  public var negated: Truth {
    switch self {
    case .yes: .no
    case .no: .yes
    case .unknown: .unknown
    }
  }
}

/// Where facts come from: a snapshot, or the lines of an example.
public protocol FactSource {
  /// The answer to a query about the host or about the members at hand.
  func reading(_ query: Query, of members: Members) -> Reading<Value>
  /// The value of an aggregate where the source states it (an example does); nil where it must be
  /// computed from the members.
  func stated(_ aggregate: Aggregate) -> Reading<Value>?
  /// How many members of a kind there are.
  func count(of subject: Subject) -> Reading<Int>
  /// The name under which evidence lists a member.
  func name(of subject: Subject, _ index: Int) -> String?
}

/// Which member of each kind a condition is about at the moment.
public struct Members: Hashable, Sendable {
  /// The listener's index.
  public var listener: Int?
  /// The destination's index.
  public var destination: Int?
  /// The index of the sysctl file's line.
  public var entry: Int?

  /// The host alone.
  public static let host = Members()

  /// One member of a kind.
  public init(_ subject: Subject = .host, _ index: Int? = nil) {
    self[subject] = index
  }

  /// The index of the member of that kind.
  public subscript(subject: Subject) -> Int? {
    get {
      switch subject {
      case .host: nil
      case .listener: listener
      case .destination: destination
      case .entry: entry
      }
    }
    set {
      switch subject {
      case .host: break
      case .listener: listener = newValue
      case .destination: destination = newValue
      case .entry: entry = newValue
      }
    }
  }
}

/// What decided a condition.
public struct Judgement: Equatable, Sendable {
  /// The outcome.
  public var truth: Truth
  /// The facts that decided it, in the order of the condition, each once.
  public var evidence: [Evidence]
  /// The facts for want of which it is unknown, each once.
  public var missing: [NotChecked.Missing]
}
