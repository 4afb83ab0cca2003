public import Facts

/// What a walk of the table of connections tells, counted while it goes by.
public struct ConnectionWalk: Sendable {
  private let question: WalkQuestion
  private var queues: QueueCounts
  private var states: [Int64]
  /// FIN_WAIT2 without a socket: the kernel counts these among its TIME_WAIT sockets.
  private var finWait2Remnants: Int64 = 0
  private var look: ConnectionLook
  private var outgoing = DestinationCounts()

  private static let timeWaitTimer: UInt8 = 3
  private static let mostStates = 16

  init(_ question: WalkQuestion) {
    self.question = question
    queues = QueueCounts(ports: question.listenerPorts)
    look = ConnectionLook(after: question.bytesBefore)
    states = [Int64](repeating: 0, count: Self.mostStates)
  }

  mutating func count(_ message: InetDiagMessage) {
    queues.count(message)
    let state = message.state
    if question.wantsStates, state < Self.mostStates {
      states[Int(state)] += 1
      if state == TCPState.finWait2.rawValue, message.timer == Self.timeWaitTimer {
        finWait2Remnants += 1
      }
    }
    if question.wantsConnections { look.count(message) }
    if let ports = question.outgoingPorts, state != TCPState.synRecv.rawValue {
      let port = message.localPort
      if ports.contains(port), question.listenerPorts?.contains(port) != true {
        outgoing.count(message)
      }
    }
  }

  /// Half-open and half-closed connections of the namespace.
  public var total: Listener.Attached { queues.total }

  /// What stands at each listener's address, in the order of the listeners; see the reasons for
  /// what cannot be told.
  public func attached(to listeners: [Listener]) -> [Reading<Listener.Attached>] {
    queues.attached(to: listeners)
  }

  /// How many sockets stand in each state.
  ///
  /// - Parameters:
  ///   - established: ESTABLISHED and CLOSE_WAIT together, as the kernel counts them.
  ///   - timeWait: TIME_WAIT and FIN_WAIT2 without a socket together, as the kernel counts them.
  ///   - listeners: sockets in LISTEN.
  /// - Returns: the counts; a state whose kernel count is missing has none.
  public func states(
    establishedOrCloseWait established: Int64?, timeWait: Int64?, listeners: Int64?
  ) -> StateCounts {
    var counts: [TCPState: Int64] = [:]
    for state in question.wanted { counts[state] = states[Int(state.rawValue)] }
    // The counts are read before the walk: on a busy host they may be a little behind it.
    counts[.established] =
      counts[.established] ?? established.map { max(0, $0 - (counts[.closeWait] ?? 0)) }
    counts[.timeWait] = counts[.timeWait] ?? timeWait.map { max(0, $0 - finWait2Remnants) }
    counts[.listen] = listeners
    return StateCounts(counts)
  }

  /// What the look at all connections shows.
  public var connections: ConnectionCounts { look.counts }

  /// The connections with bytes that wait now, for a second walk at the window's end.
  public var standingBytes: StandingBytes { look.now }

  /// The remote addresses and ports with the local ports in use, those with the most first.
  public var destinations: [Destination] { outgoing.destinations }

  /// By how much the count of a destination may be too low, 0 where there are not too many of them.
  public var destinationShortfall: Int64 { outgoing.shortfall }
}
