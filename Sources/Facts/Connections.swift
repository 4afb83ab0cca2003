/// How many sockets stand in each state.
public struct StateCounts: Equatable, Sendable {
  /// The counts that are known.
  public var counts: [TCPState: Int64]

  /// Counts by state.
  public init(_ counts: [TCPState: Int64]) {
    self.counts = counts
  }

  /// The count of a state, or why there is none.
  public subscript(state: TCPState) -> Reading<Int64> {
    if let count = counts[state] { return .known(count) }
    return state == .close
      ? .absent("closed sockets stand in no table of the kernel")
      : .absent("it was not counted")
  }
}

/// What a dump of connections shows of all of them together.
public struct ConnectionCounts: Equatable, Sendable {
  /// Connections in ESTABLISHED.
  public var established: Int64
  /// Those of them with bytes that wait for read() at both ends of a window, between which the
  /// program has read none.
  public var unread: Reading<Int64>
  /// Those of them with bytes under way at both ends of a window, between which the peer has
  /// acknowledged none, and that have been sent again by then.
  public var unacknowledged: Reading<Int64>
  /// Sockets in SYN_SENT whose SYN was sent more than once.
  public var synSentRetrying: Int64
  /// Connections in ESTABLISHED whose running timer is the one of keepalive.
  public var keepalive: Int64
  /// Connections in ESTABLISHED without a running timer.
  public var timerless: Int64

  /// Counts of a dump.
  public init(
    established: Int64, unread: Reading<Int64>, unacknowledged: Reading<Int64>,
    synSentRetrying: Int64, keepalive: Int64, timerless: Int64
  ) {
    self.established = established
    self.unread = unread
    self.unacknowledged = unacknowledged
    self.synSentRetrying = synSentRetrying
    self.keepalive = keepalive
    self.timerless = timerless
  }

  /// The share of connections with a keepalive timer among those whose timer can tell: while data is
  /// under way another timer runs.
  public var keepaliveShare: Reading<Fraction> {
    Fraction(keepalive, keepalive + timerless).map(Reading.known)
      ?? .absent("no connection in ESTABLISHED is idle")
  }
}

/// The outgoing connections to one remote address and port.
///
/// Outgoing is a socket whose local port connect() may have chosen and on which nobody listens: a
/// server's own connections and its TIME_WAIT use no port up.
public struct Destination: Equatable, Sendable {
  /// The remote address as text, without brackets.
  public var address: String
  /// The remote port.
  public var port: Int64
  /// Local ports in use towards it, in every state; of several local addresses the one with the
  /// most, for each has all ports to itself.
  public var localPorts: Int64
  /// How many of them are in TIME_WAIT.
  public var timeWait: Int64

  /// A destination with its counts.
  public init(address: String, port: Int64, localPorts: Int64, timeWait: Int64) {
    self.address = address
    self.port = port
    self.localPorts = localPorts
    self.timeWait = timeWait
  }

  /// Address and port as reports print them.
  public var name: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
