import CLinux
public import Facts
import Glibc

/// Asks the kernel for sockets, over any transport.
public struct SocketDump<Transport: NetlinkTransport & ~Copyable>: ~Copyable {
  private var transport: Transport
  private var sequence: UInt32 = 0

  /// Dumps over a transport.
  public init(over transport: consuming Transport) {
    self.transport = transport
  }

  /// All listening TCP sockets of both families.
  ///
  /// One dump of the old form answers for both; where the kernel refuses it, one dump for each
  /// family does.
  ///
  /// - Returns: the listeners, each once, and what was odd about the answer.
  /// - Throws: ``NetlinkFailure`` when the kernel refuses both forms or answers nonsense.
  public mutating func listeners() throws(NetlinkFailure) -> (listeners: [Listener], gaps: [Gap]) {
    var found = Found()
    do {
      try dump(.allFamilies, into: &found)
    } catch {
      guard case .refused = error else { throw error }
      found = Found()
      try dump(.family(UInt8(AddressText.ipv4)), into: &found)
      do {
        try dump(.family(UInt8(AddressText.ipv6)), into: &found)
      } catch {
        // A kernel without IPv6 has no such sockets.
        guard case .refused(ENOENT) = error else { throw error }
      }
    }
    return (
      found.listeners,
      found.interrupted
        ? [Gap("sock_diag", "the dump of listeners was interrupted twice: some may be missing")]
        : []
    )
  }

  private struct Found {
    var listeners: [Listener] = []
    var cookies: Set<UInt64> = []
    var interrupted = false
  }

  /// One dump, and once more when the kernel says that its tables changed under it.
  private mutating func dump(
    _ request: InetDiagRequest, into found: inout Found
  ) throws(NetlinkFailure) {
    for attempt in 1...2 {
      var interrupted = false
      try ask(request) { (message, flags) throws(NetlinkFailure) in
        interrupted = interrupted || flags & UInt16(NLM_F_DUMP_INTR) != 0
        guard let listener = Listener(message), found.cookies.insert(listener.cookie).inserted
        else { return }
        found.listeners.append(listener)
      }
      if !interrupted { return }
      if attempt == 2 { found.interrupted = true }
    }
  }

  /// Sends a request and hands over every socket of the answer, until the kernel says that it is
  /// done.
  private mutating func ask(
    _ request: InetDiagRequest,
    _ each: (InetDiagMessage, UInt16) throws(NetlinkFailure) -> Void
  ) throws(NetlinkFailure) {
    sequence += 1
    try transport.send(request.datagram(states: .listen, sequence: sequence))
    while true {
      for message in try NetlinkMessage.all(in: transport.receive()) {
        // An answer to a question that we gave up is not ours any more.
        guard message.sequence == sequence else { continue }
        switch CInt(message.type) {
        case CInt(NLMSG_NOOP): continue
        case CInt(NLMSG_DONE), CInt(NLMSG_ERROR):
          // Both begin with a negative error number, or 0; an old kernel's DONE may be empty.
          let number: Int32 = message.payload.integer(at: 0) ?? 0
          guard number == 0 else { throw .refused(errno: number == .min ? EIO : abs(number)) }
          if CInt(message.type) == CInt(NLMSG_DONE) { return }
        default: try each(InetDiagMessage(message.payload), message.flags)
        }
      }
    }
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
