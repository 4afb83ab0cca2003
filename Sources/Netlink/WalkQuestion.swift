public import Facts

/// What a walk of the table of connections is to tell.
///
/// The walk visits every socket whatever is asked, but only sockets in the wanted states are copied
/// out of the kernel, at six times the price of a visit.
public struct WalkQuestion: Sendable {
  /// The ports on which somebody listens; nil for every port.
  ///
  /// Half-open and half-closed connections at other ports belong to nobody's queue.
  public var listenerPorts: Set<UInt16>?
  /// Whether to count the sockets of every state.
  public var wantsStates = false
  /// Whether to look at all connections: unread and unacknowledged bytes, timers, SYNs sent again.
  public var wantsConnections = false
  /// The connections with bytes at the beginning of the window; nil without one.
  public var bytesBefore: StandingBytes?
  /// Among which local ports connect() chooses, where destinations are wanted.
  public var outgoingPorts: ClosedRange<UInt16>?

  /// A question about the queues of listeners alone.
  public init(listenerPorts: Set<UInt16>? = nil) {
    self.listenerPorts = listenerPorts
  }

  /// The states of the sockets that must be copied to answer.
  public var wanted: Set<TCPState> {
    var states: Set<TCPState> = [.synRecv, .closeWait]
    // The kernel keeps count of ESTABLISHED with CLOSE_WAIT, and of TIME_WAIT.
    if wantsStates { states.formUnion([.synSent, .finWait1, .finWait2, .lastAck, .closing]) }
    if wantsConnections { states.formUnion([.established, .synSent]) }
    if outgoingPorts != nil {
      states.formUnion([
        .established, .synSent, .finWait1, .finWait2, .timeWait, .lastAck, .closing,
      ])
    }
    return states
  }
}
