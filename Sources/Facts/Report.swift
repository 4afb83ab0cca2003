/// A listener with what its queues can hold.
public struct ListenerQueues: Equatable, Sendable {
  /// The socket as it was read.
  public var listener: Listener
  /// Its accept queue.
  public var acceptQueue: AcceptQueue
  /// Its SYN queue; missing where a tunable could not be read.
  public var synQueue: Reading<SynQueue>
  /// How many requests stand in the SYN queue; only a walk can tell.
  public var synLength: Reading<Int64>
  /// How many listeners share its address and port (SO_REUSEPORT), itself among them.
  public var groupSize: Int64
  /// How many of them were seen above their limit.
  public var groupFull: Int64

  /// A listener with its two queues.
  public init(
    listener: Listener, acceptQueue: AcceptQueue, synQueue: Reading<SynQueue>,
    synLength: Reading<Int64>, groupSize: Int64 = 1, groupFull: Int64 = 0
  ) {
    self.listener = listener
    self.acceptQueue = acceptQueue
    self.synQueue = synQueue
    self.synLength = synLength
    self.groupSize = groupSize
    self.groupFull = groupFull
  }
}

/// A key as a report lists it.
public struct TunableRow: Equatable, Sendable {
  /// The key.
  public var key: SysctlKey
  /// Its text.
  public var value: Reading<String>
  /// Whether it is the whole machine's, in every namespace the same; nil where no page tells.
  public var isHostWide: Bool?
  /// The default of this release on this machine, in the kernel's own unit; nil where no page
  /// describes the key.
  public var defaultValue: Reading<String>?

  /// A row with the key's value.
  public init(
    key: SysctlKey, value: Reading<String>, defaultValue: Reading<String>?,
    isHostWide: Bool? = nil
  ) {
    self.key = key
    self.isHostWide = isHostWide
    self.value = value
    self.defaultValue = defaultValue
  }
}

/// How many sockets stand where.
public struct SocketCounts: Equatable, Sendable {
  /// ESTABLISHED and CLOSE_WAIT together, which the kernel keeps counted.
  public var establishedOrCloseWait: Reading<Int64>
  /// TIME_WAIT, and FIN_WAIT2 without a socket.
  public var timeWait: Reading<Int64>
  /// SYN_SENT, FIN_WAIT1, FIN_WAIT2, CLOSING and LAST_ACK together.
  public var openingOrClosing: Reading<Int64>
  /// Half-open and half-closed connections, which only a walk shows.
  public var walk: Reading<Listener.Attached>
  /// All eleven states.
  public var states: Reading<StateCounts>
  /// What a look at all connections showed.
  public var connections: Reading<ConnectionCounts>
  /// The remote addresses and ports to which connections go out, those with the most first.
  public var destinations: Reading<[Destination]>
  /// How many local ports one destination can have; missing where it is not known.
  public var portsPerDestination: Reading<Quantity>

  /// Counts with their parts.
  public init(
    establishedOrCloseWait: Reading<Int64>, timeWait: Reading<Int64>,
    openingOrClosing: Reading<Int64>, walk: Reading<Listener.Attached>,
    states: Reading<StateCounts>, connections: Reading<ConnectionCounts>,
    destinations: Reading<[Destination]>, portsPerDestination: Reading<Quantity>
  ) {
    self.establishedOrCloseWait = establishedOrCloseWait
    self.timeWait = timeWait
    self.openingOrClosing = openingOrClosing
    self.walk = walk
    self.states = states
    self.connections = connections
    self.destinations = destinations
    self.portsPerDestination = portsPerDestination
  }
}

/// What an audit found; everything that a renderer needs and nothing that it must compute.
public struct Report: Equatable, Sendable {
  /// The machine and the namespace.
  public var host: Host
  /// Over which time rates were formed.
  public var window: Window
  /// Values that were laid over what was read, by key.
  public var assumed: [SysctlKey: String]
  /// Every key that was read.
  public var tunables: [TunableRow]
  /// Every listener, those that matter most first.
  public var listeners: Reading<[ListenerQueues]>
  /// How many sockets stand where.
  public var sockets: SocketCounts
  /// The counters that tell of listeners' queues and of what the kernel gave up, by name.
  public var counts: [String: Reading<Int64>]
  /// What the tunables add up to.
  public var limits: [EffectiveLimit]
  /// What does not hold, the worst first.
  public var findings: [Finding]
  /// What could not be decided.
  public var notChecked: [NotChecked]
  /// How many rules applied to this host's kernel.
  public var rulesApplied: Int
  /// What could not be read beside the facts of undecided rules.
  public var gaps: [Gap]
  /// Keys that the next boot would change, sorted.
  public var drift: [Drift] = []
  /// Programs that write keys of this report too, each with those keys.
  public var writers: [SysctlWriter.Touched] = []
  /// Why no sysctl file was read; nil where they were.
  public var filesMissing: Absence?
  /// Why running values were not held against the files; nil where they were.
  public var filesNotCompared: String?
  /// What was found and is allowed; it is not among the findings.
  public var waived: [WaivedFinding] = []
  /// What is allowed, and what became of each.
  public var waivers: [WaiverUse] = []

  /// A report with its parts.
  public init(
    host: Host, window: Window, assumed: [SysctlKey: String], tunables: [TunableRow],
    listeners: Reading<[ListenerQueues]>, sockets: SocketCounts,
    counts: [String: Reading<Int64>], limits: [EffectiveLimit], findings: [Finding],
    notChecked: [NotChecked], rulesApplied: Int, gaps: [Gap]
  ) {
    self.host = host
    self.window = window
    self.assumed = assumed
    self.tunables = tunables
    self.listeners = listeners
    self.sockets = sockets
    self.counts = counts
    self.limits = limits
    self.findings = findings
    self.notChecked = notChecked
    self.rulesApplied = rulesApplied
    self.gaps = gaps
  }

  /// How many findings have the severity.
  public func count(_ severity: Severity) -> Int {
    findings.count { $0.severity == severity }
  }

  /// The worst severity found, nil when every rule holds.
  public var worst: Severity? { findings.map(\.severity).max() }
}
