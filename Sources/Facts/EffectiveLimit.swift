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

  /// The part of a connection's life that a result is about; a heading.
  public enum Group: String, Sendable, CaseIterable {
    case connecting = "Connecting"
    case flood = "SYN flood"
    case givingUp = "Giving up"
    case deadPeers = "Dead peers"
    case closing = "Closing"
    case ports = "Ports"
    case windows = "Windows"
    case memory = "Memory"
  }

  /// A timer's life, to be drawn.
  public struct Drawing: Equatable, Sendable {
    /// What goes out: `SYN`, `probe`.
    public var packet: String
    /// When it goes out and when it ends.
    public var timeline: Timeline
    /// What the end is: `connect() fails with ETIMEDOUT`.
    public var ending: String

    /// A timeline with the names of what it shows.
    public init(_ packet: String, _ timeline: Timeline, ending: String) {
      self.packet = packet
      self.timeline = timeline
      self.ending = ending
    }
  }

  /// Stable name, in snake case: `connect_timeout`.
  public var id: String
  /// The heading under which it stands.
  public var group: Group
  /// What it is, as the beginning of a sentence that the value ends.
  public var title: String
  /// The result in base units; missing with the reason, also where the answer is "never".
  public var value: Reading<Quantity>
  /// The higher of two results, with ``note`` as the reason.
  public var valueMax: Quantity?
  /// Whether the result lies between ``value`` and ``valueMax``; otherwise it is one of them, and the
  /// release leaves open which.
  public var isRange = false
  /// The formula in symbols.
  public var formula: String
  /// What goes in.
  public var inputs: [Input]
  /// What the reader should know beside the number.
  public var note: String?
  /// When each packet of a timer goes out; nil for other results, and where the value is missing.
  public var drawing: Drawing?

  /// A result with its formula.
  public init(
    _ id: LimitID, _ group: Group, title: String, value: Reading<Quantity>, formula: String,
    inputs: [Input], note: String? = nil, drawing: Drawing? = nil
  ) {
    self.id = id.rawValue
    self.group = group
    self.title = title
    self.value = value
    self.formula = formula
    self.inputs = inputs
    self.note = note
    self.drawing = drawing
  }
}

/// What the asker adds to the tunables.
public struct LimitQuestion: Equatable, Sendable {
  /// What the program passes to listen(); nil for the most that the cap gives.
  public var backlog: Int64?
  /// How many sockets of a SO_REUSEPORT group listen with it.
  public var members: Int64
  /// The round-trip time in seconds; nil for an assumed one.
  public var roundTrip: Fraction?

  /// A question; without arguments, about the tunables alone.
  public init(backlog: Int64? = nil, members: Int64 = 1, roundTrip: Fraction? = nil) {
    self.backlog = backlog
    self.members = members
    self.roundTrip = roundTrip
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
  /// Whether the end is the last quarter of the table, which is kept for proven peers, and not its
  /// own length.
  public var isLastQuarter: Bool

  /// A queue with its capacity.
  public init(
    capacity: Int64, capacityMax: Int64? = nil, binding: Binding, formula: String,
    note: String? = nil, isLastQuarter: Bool = false
  ) {
    self.isLastQuarter = isLastQuarter
    self.capacity = capacity
    self.capacityMax = capacityMax
    self.binding = binding
    self.formula = formula
    self.note = note
  }
}

/// What becomes of a SYN while the accept queue is full (claim Q2.3); never is it answered by a
/// cookie or a RST.
public enum FullQueueRule: String, Sendable {
  /// Since 4.10: it is dropped.
  case dropsEverySYN = "drops-every-syn"
  /// Up to 4.9: it is dropped while more than one request has not been resent yet.
  case dropsWithYoungRequests = "drops-with-young-requests"
}

/// How many connections with data in the SYN may wait at once (fastopen_queue_tune).
public struct FastOpenQueue: Equatable, Sendable {
  /// Where the number comes from.
  public enum Source: String, Sendable {
    /// tcp_fastopen does not have the server's bit, 2: none.
    case off
    /// Bit 0x400: every listener gets its backlog.
    case backlog
    /// The program's TCP_FASTOPEN option; the capacity is the most that it can get.
    case program
  }

  /// So many fit; the kernel's test is `>=`, unlike the accept queue's.
  public var capacity: Int64
  /// Where the number comes from.
  public var source: Source

  /// A queue with its capacity.
  public init(capacity: Int64, source: Source) {
    self.capacity = capacity
    self.source = source
  }
}

/// The queues that listen() with a given backlog would make.
public struct BacklogQueues: Equatable, Sendable {
  /// What the program passes to listen().
  public var backlog: Int64
  /// How many sockets of a SO_REUSEPORT group do so; each has queues of its own.
  public var members: Int64
  /// Its accept queue.
  public var acceptQueue: Reading<AcceptQueue>
  /// Its SYN queue.
  public var synQueue: Reading<SynQueue>
  /// Its queue of Fast Open connections.
  public var fastOpen: Reading<FastOpenQueue>
  /// What becomes of a SYN when the accept queue is full.
  public var whenFull: Reading<FullQueueRule>

  /// The queues of a backlog.
  public init(
    backlog: Int64, members: Int64, acceptQueue: Reading<AcceptQueue>,
    synQueue: Reading<SynQueue>, fastOpen: Reading<FastOpenQueue>,
    whenFull: Reading<FullQueueRule>
  ) {
    self.backlog = backlog
    self.members = members
    self.acceptQueue = acceptQueue
    self.synQueue = synQueue
    self.fastOpen = fastOpen
    self.whenFull = whenFull
  }
}
