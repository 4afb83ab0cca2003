/// What would be written, key by key, as a value: made without touching the host.
public struct Plan: Equatable, Sendable {
  /// Remedies that pull one key in opposite directions: shown, planned by nobody.
  public struct Conflict: Equatable, Sendable {
    /// What one rule wants of the key.
    public struct Wish: Equatable, Sendable {
      /// The rule's id.
      public var rule: String
      /// How its value stands to the present one.
      public var `operator`: ChangeOperator
      /// Its value, in the kernel's own unit.
      public var value: Int64

      /// A rule's wish.
      public init(rule: String, operator: ChangeOperator, value: Int64) {
        self.rule = rule
        self.operator = `operator`
        self.value = value
      }
    }

    /// The key.
    public var key: SysctlKey
    /// The element of a vector, nil for the whole value.
    public var element: VectorElement?
    /// What the rules want.
    public var wishes: [Wish]

    /// A key with contradicting wishes.
    public init(key: SysctlKey, element: VectorElement? = nil, wishes: [Wish]) {
      self.key = key
      self.element = element
      self.wishes = wishes
    }
  }

  /// A profile of the plan, and where it was found.
  public struct Member: Equatable, Sendable {
    /// The name by which it was asked for.
    public var name: String
    /// One line about it.
    public var title: String
    /// A path, or `built in`.
    public var origin: String
    /// The profile that includes it, nil for one that was asked for.
    public var includedBy: String?

    /// A profile with where it was found.
    public init(name: String, title: String, origin: String, includedBy: String? = nil) {
      self.name = name
      self.title = title
      self.origin = origin
      self.includedBy = includedBy
    }
  }

  /// A key that two profiles want otherwise: the later wins.
  public struct Overruled: Equatable, Sendable {
    /// What one profile wants.
    public struct Wish: Equatable, Sendable {
      /// The profile's name.
      public var profile: String
      /// `file:line`.
      public var source: String
      /// How the value stands to the present one; nil for the kernel's default.
      public var `operator`: ChangeOperator?
      /// The value in the file.
      public var value: String

      /// A profile's wish.
      public init(
        profile: String, source: String, operator: ChangeOperator?, value: String
      ) {
        self.profile = profile
        self.source = source
        self.operator = `operator`
        self.value = value
      }
    }

    /// The key.
    public var key: SysctlKey
    /// What is not planned.
    public var earlier: Wish
    /// What is planned.
    public var later: Wish

    /// A key with what two profiles want of it.
    public init(key: SysctlKey, earlier: Wish, later: Wish) {
      self.key = key
      self.earlier = earlier
      self.later = later
    }
  }

  /// What the plan leaves to others.
  public enum Advice: Equatable, Sendable {
    /// A sentence of the profile.
    case leaves(String)
    /// The descriptors that a service may hold: each connection takes one.
    case descriptors(service: String, limit: Int64)
    /// A finding that no tunable mends: for whom, and what to do.
    case remedy(subjects: [String], String)
  }

  /// What the plan is for: the names of the profiles that were asked for, or `findings`.
  public var name: String
  /// One line about it.
  public var title: String
  /// The profiles in the order in which later ones win, included ones among them; none for
  /// findings.
  public var members: [Member]
  /// The keys, in the order in which they would be written.
  public var changes: [PlannedChange]
  /// Keys of the plan that the next boot would set otherwise than they run now.
  public var drift: [Drift] = []
  /// What is not planned because rules contradict.
  public var conflicts: [Conflict]
  /// What is not planned because a later profile wants otherwise.
  public var overruled: [Overruled]
  /// Lines of sysctl files that ought to go; shown as a difference, never removed by us.
  public var removals: [Removal]
  /// What the plan leaves to others: a program's backlog, descriptor limits.
  public var advice: [Advice]

  /// A plan with its keys.
  public init(
    name: String, title: String, members: [Member] = [], changes: [PlannedChange],
    conflicts: [Conflict] = [], overruled: [Overruled] = [], removals: [Removal] = [],
    advice: [Advice] = []
  ) {
    self.name = name
    self.title = title
    self.members = members
    self.changes = changes
    self.conflicts = conflicts
    self.overruled = overruled
    self.removals = removals
    self.advice = advice
  }

  /// The keys that would be written.
  public var writes: [PlannedChange] { changes.filter { $0.outcome == .change } }

  /// The keys that a file has to hold: those that are written, and those that hold now and would not
  /// after the next boot.
  public var kept: [PlannedChange] { changes.filter { $0.outcome == .change || $0.isLostAtBoot } }

  /// The keys that would make apply refuse.
  public var refusals: [PlannedChange] {
    changes.filter { if case .refused = $0.outcome { true } else { false } }
  }
}
