/// What several tunables and the kernel's rules add up to, with the way there.
public struct EffectiveLimit: Equatable, Sendable {
  /// One tunable or fact that goes into the formula.
  public struct Input: Equatable, Sendable {
    /// The key or fact.
    public var name: String
    /// Its value; missing where it could not be read and the formula does without.
    public var value: Reading<Value>

    /// An input with what was read of it.
    public init(_ name: String, _ value: Reading<Value>) {
      self.name = name
      self.value = value
    }
  }

  /// Stable name, in snake case: `connect_timeout`.
  public var id: String
  /// What it is, as the beginning of a sentence that the value ends.
  public var title: String
  /// The result in base units; missing with the reason, also where the answer is "never".
  public var value: Reading<Quantity>
  /// The formula in symbols.
  public var formula: String
  /// What goes in.
  public var inputs: [Input]
  /// What the reader should know beside the number.
  public var note: String?

  /// A result with its formula.
  public init(
    id: String, title: String, value: Reading<Quantity>, formula: String, inputs: [Input],
    note: String? = nil
  ) {
    self.id = id
    self.title = title
    self.value = value
    self.formula = formula
    self.inputs = inputs
    self.note = note
  }
}

/// The term of a queue's minimum that sets the result.
public enum Binding: String, Sendable {
  /// What the program passes to listen().
  case backlog
  /// The cap on it.
  case somaxconn = "net.core.somaxconn"
  /// The table for half-open requests.
  case maxSynBacklog = "net.ipv4.tcp_max_syn_backlog"
  /// None of them: a constant of the kernel.
  case none
}

/// How long a listener's accept queue may get.
public struct AcceptQueue: Equatable, Sendable {
  /// What the length is compared with.
  public var limit: Int64
  /// How many connections fit: one more, for the kernel's test is `>`.
  public var capacity: Int64
  /// Which term sets the limit.
  public var binding: Binding
  /// Whether the binding term is known; of a live listener only the result can be seen.
  public var certain: Bool

  /// A queue with its limit.
  public init(limit: Int64, capacity: Int64, binding: Binding, certain: Bool) {
    self.limit = limit
    self.capacity = capacity
    self.binding = binding
    self.certain = certain
  }
}

/// How many requests from peers never seen before a listener keeps at once.
public struct SynQueue: Equatable, Sendable {
  /// The number, or the lower of two where the release leaves it open.
  public var capacity: Int64
  /// The higher of the two, nil where there is one answer.
  public var capacityMax: Int64?
  /// Which term sets it.
  public var binding: Binding
  /// The formula in symbols, for this release.
  public var formula: String
  /// Why there are two answers, or what else matters here.
  public var note: String?

  /// A queue with its capacity.
  public init(
    capacity: Int64, capacityMax: Int64? = nil, binding: Binding, formula: String,
    note: String? = nil
  ) {
    self.capacity = capacity
    self.capacityMax = capacityMax
    self.binding = binding
    self.formula = formula
    self.note = note
  }
}

/// The queues that listen() with a given backlog would make.
public struct BacklogQueues: Equatable, Sendable {
  /// What the program passes to listen().
  public var backlog: Int64
  /// Its accept queue.
  public var acceptQueue: Reading<AcceptQueue>
  /// Its SYN queue.
  public var synQueue: Reading<SynQueue>

  /// The queues of a backlog.
  public init(backlog: Int64, acceptQueue: Reading<AcceptQueue>, synQueue: Reading<SynQueue>) {
    self.backlog = backlog
    self.acceptQueue = acceptQueue
    self.synQueue = synQueue
  }
}
