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
    /// The name is none of these, which may be chosen here now, and the plan does without.
    case unavailable(String, [String])
    /// The plan wants the default, and the default here is not known.
    case defaultUnknown(Absence)
    /// This host has no such key, and the user wants such keys left out.
    case skipped(String)
  }

  /// Why a plan would be refused.
  public enum Refusal: Equatable, Sendable {
    /// The present value cannot be read.
    case unread(Absence)
    /// This host has no such key although it should; `--skip-missing` leaves it out.
    case missing(String)
    /// It came with a later release; `--skip-missing` leaves it out.
    case since(KernelRelease)
    /// An earlier release took it away; `--skip-missing` leaves it out.
    case removedIn(KernelRelease)
    /// The kernel would not accept the number.
    case outsideRange(Int64, ClosedRange<Int64>)
    /// The numbers of a vector do not ascend: the kernel takes them, and nothing works as it says.
    case notAscending([Int64])
    /// Beside another key the kernel refuses it.
    case contradicts(String)
    /// This network namespace may choose only of these names.
    case notPermitted(String, [String])
  }

  /// What a reader should know although it does not stop the plan.
  public enum Warning: Equatable, Sendable {
    /// The kernel accepts the number, and it makes no sense.
    case outsideSensible(Int64, ClosedRange<Int64>)
    /// Beside another key it makes no sense.
    case senseless(String)
    /// The name is none of these, which the kernel has now: writing it loads its module, or fails.
    case notLoaded(String, [String])
  }

  /// The key.
  public var key: SysctlKey
  /// Its text now.
  public var current: Reading<String>
  /// Its text after the change, numbers parted by one blank.
  public var target: String
  /// What the plan asks for, before numbers that already hold take its place.
  public var wanted: String
  /// Whether that is the kernel's default rather than a number of the plan's own.
  public var wantsDefault: Bool
  /// How the target stands to the present value.
  public var `operator`: ChangeOperator
  /// What would become of it.
  public var outcome: Outcome
  /// Whether the present value satisfies the plan, and the one after the next boot would not.
  public var isLostAtBoot = false
  /// Why, in sentences of the profile or the titles of rules.
  public var reason: String
  /// How a number of it comes of the parameters of a profile; nil for a fixed one.
  public var sizing: Sizing?
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
    warnings: [Warning] = [], wanted: String? = nil, wantsDefault: Bool = false
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
    self.wanted = wanted ?? target
    self.wantsDefault = wantsDefault
  }
}
