/// What was seen of a host so far, sample by sample; what a screen shows.
public struct Watched: Equatable, Sendable {
  /// The machine and the namespace.
  public var host: Host
  /// The moment of the last sample, in milliseconds since 1970.
  public var moment: Int64
  /// How many samples were taken.
  public var samples: Int
  /// Seconds between the last two samples; nil after the first one.
  public var interval: Fraction?
  /// Every listener that the last sample showed, those that matter most first.
  public var listeners: Reading<[WatchedListener]>
  /// Counters of TCP that moved between the last two samples, those that count losses first.
  public var counters: [MovedCounter]
  /// Numbers of connections, and how often things happened between the last two samples.
  public var gauges: Gauges
  /// Present findings, the worst first; then those that went a short time ago.
  public var findings: [WatchedFinding]
  /// What is new since the sample before.
  public var events: [WatchEvent]
  /// How many rules could not be decided.
  public var undecided: Int
  /// What could not be read.
  public var gaps: [Gap]

  /// Nothing seen yet.
  public init(host: Host) {
    self.host = host
    moment = 0
    samples = 0
    listeners = .notGathered("no sample was taken")
    counters = []
    gauges = Gauges()
    findings = []
    events = []
    undecided = 0
    gaps = []
  }

  /// The worst severity of the present findings, nil where there is none.
  public var worst: Severity? {
    findings.filter { $0.goneFor == nil }.map(\.finding.severity).max()
  }

  /// How many present findings have the severity.
  public func count(_ severity: Severity) -> Int {
    findings.count { $0.goneFor == nil && $0.finding.severity == severity }
  }
}

extension Watched {
  /// Numbers of the namespace that need no walk of the table of connections, but for one.
  public struct Gauges: Equatable, Sendable {
    /// Connections in ESTABLISHED or CLOSE_WAIT: Tcp.CurrEstab.
    public var established: Reading<Int64>
    /// Connections in TIME_WAIT, from sockstat.
    public var timeWait: Reading<Int64>
    /// Requests that no client has completed; only a walk tells.
    public var halfOpen: Reading<Int64>
    /// Connections accepted by the kernel a second: Tcp.PassiveOpens.
    public var opened: Reading<Fraction>
    /// SYNs and ACKs that listeners dropped a second: TcpExt.ListenDrops.
    public var dropped: Reading<Fraction>
    /// SYNs answered by a cookie a second: TcpExt.SyncookiesSent.
    public var cookies: Reading<Fraction>
    /// Segments sent again a second: Tcp.RetransSegs.
    public var retransmitted: Reading<Fraction>

    /// Nothing read yet.
    public init() {
      let nothing = Absence(.notGathered, "no sample was taken")
      established = .missing(nothing)
      timeWait = .missing(nothing)
      halfOpen = .missing(nothing)
      opened = .missing(nothing)
      dropped = .missing(nothing)
      cookies = .missing(nothing)
      retransmitted = .missing(nothing)
    }
  }
}

/// A listener with what successive samples showed of it; the cookie tells which socket it is.
public struct WatchedListener: Equatable, Sendable {
  /// The listener as the last sample showed it, with its queues.
  public var queues: ListenerQueues
  /// Lengths of the accept queue, the last sample's at the end.
  public var lengths: [Int64]
  /// The largest length ever seen.
  public var peak: Int64
  /// The socket's drop counter between the last two samples, a second.
  public var dropRate: Reading<Fraction>

  /// A listener after its first sample.
  public init(
    queues: ListenerQueues, lengths: [Int64], peak: Int64, dropRate: Reading<Fraction>
  ) {
    self.queues = queues
    self.lengths = lengths
    self.peak = peak
    self.dropRate = dropRate
  }

  /// Whether the last sample showed more connections than the limit.
  public var isFull: Bool { queues.listener.length > queues.listener.limit }

  /// How full the accept queue was in a sample: 1 is full.
  public func occupancy(_ length: Int64) -> Double {
    let capacity = queues.acceptQueue.capacity
    return capacity > 0 ? Double(length) / Double(capacity) : length > 0 ? 1 : 0
  }
}

/// A counter that grew between two samples.
public struct MovedCounter: Equatable, Sendable {
  /// As the kernel's file names it: `TcpExt.ListenDrops`.
  public var name: String
  /// By how much.
  public var growth: Int64
  /// By how much a second.
  public var rate: Fraction

  /// A counter with its growth.
  public init(name: String, growth: Int64, rate: Fraction) {
    self.name = name
    self.growth = growth
    self.rate = rate
  }
}

/// A finding that is there now or was a short time ago.
public struct WatchedFinding: Equatable, Sendable {
  /// As the last sample that had it showed it.
  public var finding: Finding
  /// Milliseconds since 1970 of the sample in which it appeared.
  public var since: Int64
  /// Milliseconds since 1970 of the last sample that had it.
  public var lastSeen: Int64
  /// For how many samples it has been gone; nil while it is there.
  public var goneFor: Int?

  /// A finding that has just appeared.
  public init(_ finding: Finding, since: Int64) {
    self.finding = finding
    self.since = since
    lastSeen = since
    goneFor = nil
  }
}

/// Something that was not so in the sample before.
public enum WatchEvent: Equatable, Sendable {
  /// A rule does not hold any more.
  case findingAppeared(Finding)
  /// A rule holds again, after so many milliseconds.
  case findingWent(Finding, after: Int64)
  /// A listener's accept queue has become full.
  case overflowBegan(WatchedListener)
  /// It is not full any more.
  case overflowEnded(WatchedListener)
  /// A socket began to listen.
  case listenerCame(Listener)
  /// A socket listens no more.
  case listenerWent(Listener)
  /// Counters are smaller than before.
  case countersReset
}
