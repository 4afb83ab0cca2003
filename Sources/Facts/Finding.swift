/// How bad a finding is.
public enum Severity: String, Sendable, CaseIterable, Comparable {
  /// Worth knowing.
  case note
  /// Will hurt under load, or hurts a few.
  case warning
  /// Connections are lost now.
  case error

  /// A note is below a warning, a warning below an error.
  public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }
}

/// How sure a finding is.
public enum Confidence: String, Sendable, CaseIterable {
  case high, medium, low
}

/// Who must act where no tunable helps.
public enum Actor: String, Sendable, CaseIterable {
  case application, network, administrator, nobody
}

/// When a changed value begins to matter (design.md 1.2).
public enum Effect: String, Sendable, CaseIterable {
  case atOnce = "at-once"
  case nextConnection = "next-connection"
  case nextSocket = "next-socket"
  case nextListen = "next-listen"
  case newNamespaces = "new-namespaces"
  case nextBoot = "next-boot"
}

/// How a proposed value stands to the present one.
public enum ChangeOperator: String, Sendable, CaseIterable {
  /// This value and no other.
  case exactly
  /// Never lower than this.
  case atLeast = "at-least"
  /// Never higher than this.
  case atMost = "at-most"
}

/// A fact that supports a finding.
public struct Evidence: Hashable, Sendable {
  /// The fact as the condition names it; `rate(…)` where a rate was formed.
  public var fact: String
  /// Its value, in base units.
  public var value: Value
  /// The kernel file or interface it was read from.
  public var source: String
  /// The listener that it is about, nil for host facts.
  public var subject: String?

  /// One supporting fact.
  public init(fact: String, value: Value, source: String, subject: String? = nil) {
    self.fact = fact
    self.value = value
    self.source = source
    self.subject = subject
  }
}

/// What a finding's remedy would set.
public struct ProposedChange: Hashable, Sendable {
  /// The key to write.
  public var key: SysctlKey
  /// The element of a vector, nil for the whole value.
  public var element: VectorElement?
  /// How the value stands to the present one.
  public var `operator`: ChangeOperator
  /// The new number, in the kernel's own unit.
  public var value: Int64
  /// The present number, in the kernel's own unit.
  public var current: Int64
  /// When it begins to matter.
  public var effect: Effect
  /// The units and processes to restart before it does, by name.
  public var restart: [String]
  /// Set where the computed value was cut to the tunable's sensible range: the value before.
  public var cutFrom: Int64?

  /// A proposed value with the value that it replaces.
  public init(
    key: SysctlKey, element: VectorElement?, operator: ChangeOperator, value: Int64,
    current: Int64, effect: Effect, restart: [String] = [], cutFrom: Int64? = nil
  ) {
    self.key = key
    self.element = element
    self.operator = `operator`
    self.value = value
    self.current = current
    self.effect = effect
    self.restart = restart
    self.cutFrom = cutFrom
  }
}

/// A rule that does not hold, with the facts that show it.
///
/// It has no sentence that contains a number: words, units and order belong to the renderer.
public struct Finding: Equatable, Sendable {
  /// The rule's id.
  public var rule: String
  /// How bad it is.
  public var severity: Severity
  /// How sure it is.
  public var confidence: Confidence
  /// What is wrong, one line.
  public var title: String
  /// `address:port` or `file:line`; empty for a finding about the host.
  public var subjects: [String]
  /// The facts that make the condition true.
  public var evidence: [Evidence]
  /// What would mend it.
  public var changes: [ProposedChange]
  /// Lines of sysctl files that ought to go.
  public var removals: [Removal] = []
  /// Who must act, where no tunable helps.
  public var act: Actor?
  /// What to do, one line without numbers.
  public var remedy: String?
  /// The setting of each subject's program that sets its backlog, where we know it.
  public var settings: [String]
  /// Whether only a total since boot supports it; such a finding is at most a note.
  public var sinceBoot: Bool

  /// A finding without changes; the audit adds them.
  public init(
    rule: String, severity: Severity, confidence: Confidence, title: String, subjects: [String],
    evidence: [Evidence], changes: [ProposedChange] = [], act: Actor? = nil,
    remedy: String? = nil, settings: [String] = [], sinceBoot: Bool = false
  ) {
    self.rule = rule
    self.severity = severity
    self.confidence = confidence
    self.title = title
    self.subjects = subjects
    self.evidence = evidence
    self.changes = changes
    self.act = act
    self.remedy = remedy
    self.settings = settings
    self.sinceBoot = sinceBoot
  }
}

/// A rule that could not be decided, for want of these facts.
public struct NotChecked: Equatable, Sendable {
  /// A fact and why it has no value.
  public struct Missing: Hashable, Sendable {
    /// The fact as the condition names it.
    public var fact: String
    /// Why there is no value.
    public var absence: Absence

    /// Names a missing fact.
    public init(fact: String, absence: Absence) {
      self.fact = fact
      self.absence = absence
    }
  }

  /// The rule's id.
  public var rule: String
  /// What was missing.
  public var missing: [Missing]
  /// For which listeners, empty for a rule about the host; where only some are wanted, the first.
  public var subjects: [String]
  /// How many there are.
  public var subjectCount: Int

  /// Names a rule that is undecided.
  public init(rule: String, missing: [Missing], subjects: [String]) {
    self.rule = rule
    self.missing = missing
    self.subjects = subjects
    subjectCount = subjects.count
  }
}
