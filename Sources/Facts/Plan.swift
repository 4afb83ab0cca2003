/// One key of a plan.
public struct PlannedChange: Equatable, Sendable {
  /// What would become of the key.
  public enum Outcome: Equatable, Sendable {
    /// The value would be written.
    case change
    /// The present value already satisfies the plan.
    case holds
    /// There is nothing to write here; the rest of the plan stands.
    case notHere(NotHere)
    /// The value must not be written; the whole plan would be refused.
    case refused(Refusal)
  }

  /// Why a key is left out.
  public enum NotHere: Equatable, Sendable {
    /// Only the first network namespace has it.
    case hostWide
    /// This network namespace has only a read-only view of it.
    case readOnlyHere
    /// A later release brought it.
    case since(KernelRelease)
    /// An earlier release took it away.
    case removedIn(KernelRelease)
    /// Its module is not loaded.
    case notLoaded(String)
    /// The plan wants the default, and the default here is not known.
    case defaultUnknown(Absence)
  }

  /// Why a plan would be refused.
  public enum Refusal: Equatable, Sendable {
    /// The present value cannot be read.
    case unread(Absence)
    /// The kernel would not accept the number.
    case outsideRange(Int64, ClosedRange<Int64>)
  }

  /// What a reader should know although it does not stop the plan.
  public enum Warning: Equatable, Sendable {
    /// The kernel accepts the number, and it makes no sense.
    case outsideSensible(Int64, ClosedRange<Int64>)
    /// The numbers of a vector do not ascend.
    case notAscending
  }

  /// The key.
  public var key: SysctlKey
  /// Its text now.
  public var current: Reading<String>
  /// Its text after the change, numbers parted by one blank.
  public var target: String
  /// How the target stands to the present value.
  public var `operator`: ChangeOperator
  /// What would become of it.
  public var outcome: Outcome
  /// Why, in sentences of the profile or the titles of rules.
  public var reason: String
  /// When it begins to matter.
  public var effect: Effect
  /// What to restart before it does, by name.
  public var restart: [String]
  /// Where the plan has it from: `file:line`, or the rules' ids.
  public var source: String
  /// What a reader should know although it does not stop the plan.
  public var warnings: [Warning]

  /// One key of a plan.
  public init(
    key: SysctlKey, current: Reading<String>, target: String, operator: ChangeOperator,
    outcome: Outcome, reason: String, effect: Effect, restart: [String], source: String,
    warnings: [Warning] = []
  ) {
    self.key = key
    self.current = current
    self.target = target
    self.operator = `operator`
    self.outcome = outcome
    self.reason = reason
    self.effect = effect
    self.restart = restart
    self.source = source
    self.warnings = warnings
  }
}

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
    /// What the rules want.
    public var wishes: [Wish]

    /// A key with contradicting wishes.
    public init(key: SysctlKey, wishes: [Wish]) {
      self.key = key
      self.wishes = wishes
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

  /// What the plan is for: a profile's name, or `findings`.
  public var name: String
  /// One line about it.
  public var title: String
  /// Where the profile was found, nil for findings.
  public var origin: String?
  /// The keys, in the order in which they would be written.
  public var changes: [PlannedChange]
  /// What is not planned because rules contradict.
  public var conflicts: [Conflict]
  /// What the plan leaves to others: a program's backlog, descriptor limits.
  public var advice: [Advice]

  /// A plan with its keys.
  public init(
    name: String, title: String, origin: String?, changes: [PlannedChange],
    conflicts: [Conflict] = [], advice: [Advice] = []
  ) {
    self.name = name
    self.title = title
    self.origin = origin
    self.changes = changes
    self.conflicts = conflicts
    self.advice = advice
  }

  /// The keys that would be written.
  public var writes: [PlannedChange] { changes.filter { $0.outcome == .change } }

  /// The keys that would make apply refuse.
  public var refusals: [PlannedChange] {
    changes.filter { if case .refused = $0.outcome { true } else { false } }
  }
}
