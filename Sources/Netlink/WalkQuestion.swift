public import Facts

/// What a walk of the table of connections is to tell.
///
/// The walk visits every socket whatever is asked, but only sockets in the wanted states are copied
/// out of the kernel, at six times the price of a visit.
public struct WalkQuestion: Sendable {
  /// The ports on which somebody listens; nil for every port.
  ///
  /// Half-open and half-closed connections at other ports belong to nobody's queue.
  public var listenerPorts: PortSet?
  /// Whether to count the sockets of every state.
  public var wantsStates = false
  /// Whether to look at all connections: unread and unacknowledged bytes, timers, SYNs sent again.
  public var wantsConnections = false
  /// The connections with bytes at the beginning of the window; nil without one.
  public var bytesBefore: StandingBytes?
  /// Among which local ports connect() chooses, where destinations are wanted.
  public var outgoingPorts: ClosedRange<UInt16>?

  /// A question about the queues of listeners alone.
  public init(listenerPorts: PortSet? = nil) {
    self.listenerPorts = listenerPorts
  }

  /// The states of the sockets that must be copied to answer.
  ///
  /// The kernel keeps count of ESTABLISHED with CLOSE_WAIT, and of TIME_WAIT: these need no copies.
  public var wanted: [TCPState] {
    TCPState.allCases.filter { state in
      switch state {
      case .synRecv, .closeWait: true
      case .synSent: wantsStates || wantsConnections || outgoingPorts != nil
      case .established: wantsConnections || outgoingPorts != nil
      case .finWait1, .finWait2, .lastAck, .closing: wantsStates || outgoingPorts != nil
      case .timeWait: outgoingPorts != nil
      case .listen, .close: false
      }
    }
  }
}

/// Some ports, each found by a few comparisons.
public struct PortSet: Sendable {
  private let sorted: [UInt16]

  /// These ports.
  public init(_ ports: some Sequence<UInt16>) {
    sorted = ports.sorted()
  }

  /// Whether the port is among them.
  public func contains(_ port: UInt16) -> Bool {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < port { low = middle + 1 } else { high = middle }
    }
    return low < sorted.count && sorted[low] == port
  }
}
