/// A page with what it means on the host at hand; words and units are the renderer's.
public struct Explanation: Equatable, Sendable {
  /// What the page is about.
  public enum Subject: Equatable, Sendable {
    case tunable(TunableFacts)
    case rule(RuleFacts)
    case reference(ReferenceFacts)
  }

  /// What a page to be read says in its header, and what the host shows of it.
  public struct ReferenceFacts: Equatable, Sendable {
    /// One of the keys that the page names, with its value here.
    public struct Row: Equatable, Sendable {
      /// The key.
      public var key: SysctlKey
      /// Its unit; nil for a key whose value is text.
      public var unit: KeyUnit?
      /// Its numbers here, nil for a key whose value is text.
      public var numbers: [Int64]?
      /// Its text here.
      public var text: Reading<String>
      /// The page's title.
      public var title: String

      /// A key with its value here.
      public init(
        key: SysctlKey, unit: KeyUnit?, numbers: [Int64]?, text: Reading<String>, title: String
      ) {
        self.key = key
        self.unit = unit
        self.numbers = numbers
        self.text = text
        self.title = title
      }
    }

    /// How many sockets are in several states together.
    public struct Together: Equatable, Sendable {
      /// How many.
      public var count: Int64
      /// The states, as one reads them out: `ESTABLISHED and CLOSE_WAIT`.
      public var states: String

      /// A sum over states.
      public init(count: Int64, states: String) {
        self.count = count
        self.states = states
      }
    }

    /// `counter`, `state`, `error`, `concept`.
    public var kind: String
    /// The first release that has it, nil for older than all that we know.
    public var since: KernelRelease?
    /// The first release that lacks it, nil for none.
    public var removed: KernelRelease?
    /// The calls that return an error.
    public var calls: [String]
    /// How many sockets are in the state now; nil where the page is about no state.
    public var sockets: Reading<Int64>?
    /// A sum that the kernel keeps and that has the state in it, where the state alone was not
    /// counted.
    public var together: Together?
    /// The keys that have to do with it.
    public var keys: [Row]

    /// A header with what the host shows of it.
    public init(
      kind: String, since: KernelRelease?, removed: KernelRelease?, calls: [String],
      sockets: Reading<Int64>?, together: Together? = nil, keys: [Row]
    ) {
      self.kind = kind
      self.since = since
      self.removed = removed
      self.calls = calls
      self.sockets = sockets
      self.together = together
      self.keys = keys
    }
  }

  /// What is to be filled into a page's text.
  public enum Filling: Equatable, Sendable {
    /// A key's numbers, in its own unit.
    case numbers([Int64], KeyUnit)
    /// A key's text.
    case text(String)
    /// An effective limit.
    case limit(EffectiveLimit)
    /// It is not known here.
    case unknown
  }

  /// A tunable's header, for this release and machine; numbers are in the kernel's own unit.
  public struct TunableFacts: Equatable, Sendable {
    /// The key.
    public var key: SysctlKey
    /// Whether it is numbers, names or ports.
    public var form: KeyForm
    /// Who may read and write it.
    public var access: KeyAccess
    /// The kernel's own unit.
    public var unit: KeyUnit
    /// The names of a vector's numbers; empty for a single one.
    public var elements: [VectorElement]
    /// The value here.
    public var value: Reading<KeyContent>
    /// The default here.
    public var defaultValue: Reading<KeyContent>
    /// The expressions of the default; nil where the language cannot say it.
    public var defaultFormula: [String]?
    /// Whether the default is computed from facts of the machine.
    public var defaultIsComputed: Bool
    /// Whether the kernel computes with memory that we know only about.
    public var defaultIsApproximate: Bool
    /// The release since which this default holds, nil for the oldest.
    public var defaultSince: KernelRelease?
    /// The expressions of the default before that.
    public var defaultBefore: [String]?
    /// What the kernel accepts; of names it says nothing.
    public var range: ClosedRange<Int64>
    /// What we accept without a warning.
    public var sensible: ClosedRange<Int64>
    /// When a change begins to matter.
    public var effect: Effect
    /// Whether each network namespace has its own.
    public var isNamespaced: Bool
    /// The release since which that is so, nil for always.
    public var namespacedSince: KernelRelease?
    /// The first release that has the key, nil for older than all that we know.
    public var since: KernelRelease?
    /// The first release that lacks it, nil for none.
    public var removed: KernelRelease?

    /// A tunable's header with what it is here.
    public init(
      key: SysctlKey, form: KeyForm, access: KeyAccess, unit: KeyUnit,
      elements: [VectorElement], value: Reading<KeyContent>,
      defaultValue: Reading<KeyContent>, defaultFormula: [String]?, defaultIsComputed: Bool,
      defaultIsApproximate: Bool, defaultSince: KernelRelease?, defaultBefore: [String]?,
      range: ClosedRange<Int64>, sensible: ClosedRange<Int64>, effect: Effect,
      isNamespaced: Bool, namespacedSince: KernelRelease?, since: KernelRelease?,
      removed: KernelRelease?
    ) {
      self.key = key
      self.form = form
      self.access = access
      self.unit = unit
      self.elements = elements
      self.value = value
      self.defaultValue = defaultValue
      self.defaultFormula = defaultFormula
      self.defaultIsComputed = defaultIsComputed
      self.defaultIsApproximate = defaultIsApproximate
      self.defaultSince = defaultSince
      self.defaultBefore = defaultBefore
      self.range = range
      self.sensible = sensible
      self.effect = effect
      self.isNamespaced = isNamespaced
      self.namespacedSince = namespacedSince
      self.since = since
      self.removed = removed
    }
  }

  /// A rule's header, and what it says of this host.
  public struct RuleFacts: Equatable, Sendable {
    /// What the rule says here.
    public enum State: Equatable, Sendable {
      /// The rule is about other releases.
      case notThisKernel
      case fires, quiet
      /// For want of these facts.
      case undecided([NotChecked.Missing])
    }

    /// How bad.
    public var severity: Severity
    /// How sure.
    public var confidence: Confidence
    /// What it is evaluated for, as the page says it: `host`, `listener`.
    public var subject: String
    /// The condition.
    public var when: String
    /// What it would set: key, operator and value.
    public var changes: [String]
    /// What it would take out of sysctl files.
    public var removals: [String]
    /// When that begins to matter.
    public var effect: Effect?
    /// Who must act where no tunable helps.
    public var act: Actor?
    /// What to do.
    public var remedy: String?
    /// What it says here.
    public var state: State

    /// A rule's header with its outcome.
    public init(
      severity: Severity, confidence: Confidence, subject: String, when: String,
      changes: [String], removals: [String] = [], effect: Effect?, act: Actor?, remedy: String?,
      state: State
    ) {
      self.severity = severity
      self.confidence = confidence
      self.subject = subject
      self.when = when
      self.changes = changes
      self.removals = removals
      self.effect = effect
      self.act = act
      self.remedy = remedy
      self.state = state
    }
  }

  /// The lines of sysctl files for a key.
  public struct FileLines: Equatable, Sendable {
    /// What the next boot leaves, and the line that decides; nil where no line counts then.
    public var boot: FilesReport.Outcome?
    /// Every line for the key.
    public var lines: [FilesReport.Assignment]

    /// Lines with what comes of them.
    public init(boot: FilesReport.Outcome?, lines: [FilesReport.Assignment]) {
      self.boot = boot
      self.lines = lines
    }
  }

  /// A formula of a listener's queues into which a key goes.
  public enum QueueFormula: Equatable, Sendable {
    /// The accept queue's limit (claim Q1.1).
    case acceptQueue
    /// The SYN queue as the documents have it (claim Q2.2).
    case synQueueOfDocuments
    /// The SYN queue as this release has it.
    case synQueue
  }

  /// What the queues' formulas need of the host.
  public struct QueueInputs: Equatable, Sendable {
    /// The release whose formula it is.
    public var release: Reading<KernelRelease>
    /// net.core.somaxconn.
    public var cap: Reading<Int64>
    /// net.ipv4.tcp_max_syn_backlog.
    public var tableSize: Reading<Int64>
    /// Whether tcp_max_syn_backlog decides nothing now, because cookies are on.
    public var isTableIdle: Bool
    /// The SYN queue's formula on this release; the same for every listener.
    public var synFormula: Reading<String>
    /// What becomes of a SYN when the accept queue is full.
    public var whenFull: Reading<FullQueueRule>
    /// The listeners, those that matter most first.
    public var listeners: Reading<[ListenerQueues]>

    /// The host's part of the formulas.
    public init(
      release: Reading<KernelRelease>, cap: Reading<Int64>, tableSize: Reading<Int64>,
      isTableIdle: Bool, synFormula: Reading<String>, whenFull: Reading<FullQueueRule>,
      listeners: Reading<[ListenerQueues]>
    ) {
      self.release = release
      self.cap = cap
      self.tableSize = tableSize
      self.isTableIdle = isTableIdle
      self.synFormula = synFormula
      self.whenFull = whenFull
      self.listeners = listeners
    }
  }

  /// A counter that shows the tunable at work.
  public struct CounterRow: Equatable, Sendable {
    /// The counter's name.
    public var name: String
    /// The total since boot, or what a level is now.
    public var total: Reading<Int64>
    /// Whether it is a level, which falls too, or a constant; such a number is no total.
    public var isLevel: Bool
    /// Per second over the window, nil without one and for a level.
    public var rate: Reading<Quantity>?

    /// A counter's readings.
    public init(name: String, total: Reading<Int64>, isLevel: Bool, rate: Reading<Quantity>?) {
      self.name = name
      self.total = total
      self.isLevel = isLevel
      self.rate = rate
    }
  }

  /// Another page.
  public struct Link: Equatable, Sendable {
    /// The page's name.
    public var name: String
    /// What leads to it: the name, or the kind and the name where that is another page's too.
    public var word: String
    /// The page's title.
    public var title: String

    /// A page's name and title.
    public init(name: String, word: String, title: String) {
      self.name = name
      self.word = word
      self.title = title
    }
  }

  /// The key or the rule's id.
  public var name: String
  /// The page's title.
  public var title: String
  /// What the page is about, with the host's values.
  public var subject: Subject
  /// Formulas of the queues into which the key goes, in the order of reading.
  public var queueFormulas: [QueueFormula]
  /// What those formulas need; nil where there is none.
  public var queueInputs: QueueInputs?
  /// Effective limits into which the key goes.
  public var limits: [EffectiveLimit]
  /// Counters that show it at work.
  public var counters: [CounterRow]
  /// What sysctl files make of the key: nil where they were not read, or it is no key.
  public var files: FileLines?
  /// Findings that name it.
  public var findings: [Finding]
  /// The text.
  public var sections: [Section]
  /// What stands for the words in braces in the text.
  public var fillings: [String: Filling] = [:]
  /// Pages to read next.
  public var related: [Link]
  /// Claim ids and kernel files.
  public var sources: [String]
  /// The word that was asked for, where it is another name of the page.
  public var alias: String?
  /// Other pages that the word fits.
  public var alsoFits: [Link]
  /// Whether a host was looked at.
  public var isLive = true

  /// A page with its subject; the audit fills in the rest.
  public init(name: String, title: String, subject: Subject) {
    self.name = name
    self.title = title
    self.subject = subject
    queueFormulas = []
    limits = []
    counters = []
    findings = []
    sections = []
    related = []
    sources = []
    alsoFits = []
  }
}
