import CLinux
public import Facts
import Glibc

/// Asks the kernel for sockets, over any transport.
public struct SocketDump<Transport: NetlinkTransport & ~Copyable>: ~Copyable {
  private var transport: Transport
  private var sequence: UInt32 = 0
  private var memory = ListenerMemory()

  /// Dumps over a transport.
  public init(over transport: consuming Transport) {
    self.transport = transport
  }

  /// All listening TCP sockets of both families.
  ///
  /// - Returns: the listeners, each once, and what was odd about the answer.
  /// - Throws: ``NetlinkFailure`` when the kernel refuses both forms of the request or answers
  ///   nonsense.
  public mutating func listeners() throws(NetlinkFailure) -> (listeners: [Listener], gaps: [Gap]) {
    var empty: [InetDiagMessage] = []
    empty.reserveCapacity(128)
    let found = try dump(.listen, with: INET_DIAG_SKMEMINFO, into: empty) { $0.append($1) }
    return (memory.listeners(in: found.result), found.gaps)
  }

  /// One walk of the table of connections.
  ///
  /// Its cost grows with all sockets of the machine, so it is predicted before it is made.
  ///
  /// - Parameter question: what it is to tell.
  /// - Returns: what it told, and what was odd about the answer.
  /// - Throws: as ``listeners()``.
  public mutating func walk(
    _ question: WalkQuestion = WalkQuestion()
  ) throws(NetlinkFailure) -> (walk: ConnectionWalk, gaps: [Gap]) {
    let information = question.wantsConnections ? INET_DIAG_INFO : nil
    let found = try dump(
      SocketStates(question.wanted), with: information, into: ConnectionWalk(question)
    ) { $0.count($1) }
    return (found.result, found.gaps)
  }

  /// All TCP sockets of both families in these states.
  ///
  /// - Throws: as ``listeners()``.
  public mutating func connections(
    in states: Set<TCPState>
  ) throws(NetlinkFailure) -> [Connection] {
    try dump(SocketStates(states), with: nil, into: [Connection]()) { found, message in
      if let connection = Connection(message) { found.append(connection) }
    }.result
  }

  /// Takes together all sockets of both families in these states.
  ///
  /// One dump of the old form answers for both; where the kernel refuses it, one dump for each
  /// family does.
  private mutating func dump<Result>(
    _ states: SocketStates, with attribute: Int?, into empty: Result,
    _ each: (inout Result, InetDiagMessage) -> Void
  ) throws(NetlinkFailure) -> (result: Result, gaps: [Gap]) {
    var result = empty
    var isWhole: Bool
    do {
      isWhole = try ask(.allFamilies, states, attribute, &result, each)
    } catch {
      guard case .refused = error else { throw error }
      result = empty
      isWhole = try ask(.family(UInt8(AddressText.ipv4)), states, attribute, &result, each)
      do {
        isWhole =
          try ask(.family(UInt8(AddressText.ipv6)), states, attribute, &result, each) && isWhole
      } catch {
        // A kernel without IPv6 has no such sockets.
        guard case .refused(ENOENT) = error else { throw error }
      }
    }
    return (
      result,
      isWhole
        ? [] : [Gap("sock_diag", "the dump was interrupted twice: some sockets may be missing")]
    )
  }

  /// One dump, and once more from the beginning when the kernel says that its tables changed under
  /// it; returns whether they kept still in the end.
  private mutating func ask<Result>(
    _ request: InetDiagRequest, _ states: SocketStates, _ attribute: Int?, _ result: inout Result,
    _ each: (inout Result, InetDiagMessage) -> Void
  ) throws(NetlinkFailure) -> Bool {
    let before = result
    if try askOnce(request, states, attribute, &result, each) { return true }
    result = before
    return try askOnce(request, states, attribute, &result, each)
  }

  /// Sends a request and hands over every socket of the answer, until the kernel says that it is
  /// done; returns whether the answer is of one piece.
  private mutating func askOnce<Result>(
    _ request: InetDiagRequest, _ states: SocketStates, _ attribute: Int?, _ result: inout Result,
    _ each: (inout Result, InetDiagMessage) -> Void
  ) throws(NetlinkFailure) -> Bool {
    sequence += 1
    var isWhole = true
    try transport.send(
      request.datagram(states: states, with: attribute, sequence: sequence))
    let expected = sequence
    var isDone = false
    while !isDone {
      try NetlinkMessage.forEach(in: transport.receive()) { (message) throws(NetlinkFailure) in
        guard !isDone, message.sequence == expected else { return }
        isWhole = isWhole && message.flags & UInt16(NLM_F_DUMP_INTR) == 0
        switch CInt(message.type) {
        case CInt(NLMSG_NOOP): return
        case CInt(NLMSG_DONE), CInt(NLMSG_ERROR):
          // Both begin with a negative error number, or 0; an old kernel's DONE may be empty.
          let number: Int32 = message.payload.integer(at: 0) ?? 0
          guard number == 0 else { throw .refused(errno: number == .min ? EIO : abs(number)) }
          isDone = CInt(message.type) == CInt(NLMSG_DONE)
        default: each(&result, try InetDiagMessage(message.payload))
        }
      }
    }
    return isWhole
  }
}

extension Listener {
  private static let listenState: UInt8 = 10
  /// The place of the drop counter among the words of SKMEMINFO (SK_MEMINFO_DROPS).
  private static let dropsWord = 8

  /// The listener that a message of a dump describes, nil for a socket in another state.
  init?(_ message: InetDiagMessage) {
    guard message.state == Self.listenState else { return nil }
    let memory = message.attributes[INET_DIAG_SKMEMINFO]
    let drops: UInt32? = memory?.integer(at: Self.dropsWord * 4)
    let cgroup: UInt64? = message.attributes[Int(TCPTUNE_INET_DIAG_CGROUP_ID)]?.integer(at: 0)
    self.init(
      address: AddressText.text(message.localAddress, interface: message.interface),
      port: Int64(message.localPort),
      family: CInt(message.family) == AddressText.ipv6 ? .ipv6 : .ipv4,
      length: Int64(message.receiveQueue), limit: Int64(message.sendQueue),
      drops: drops.map { .known(Int64($0)) }
        ?? .absent("kernels before 4.7 do not count a listener's drops"),
      cookie: message.cookie, inode: message.inode, uid: message.uid,
      cgroup: cgroup.map(Reading.known) ?? .absent("kernels before 5.7 do not name the cgroup"))
  }
}
