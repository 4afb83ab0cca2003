import CLinux
import Facts

/// A socket as sock_diag describes it: the fields of `struct inet_diag_msg` that we use
/// (include/uapi/linux/inet_diag.h), by offset, for kernels differ in what follows.
///
/// A walk sees every socket of the machine, so each field is looked up only when it is asked for.
struct InetDiagMessage {
  private static let length = 72

  let state: UInt8
  let payload: Bytes

  init(_ payload: Bytes) throws(NetlinkFailure) {
    guard payload.count >= Self.length, let state: UInt8 = payload.integer(at: 1) else {
      throw .malformed("expected \(Self.length) bytes about a socket, found \(payload.count)")
    }
    self.state = state
    self.payload = payload
  }

  // The fixed part is there: an offset inside it always has a value.

  var family: UInt8 { payload.integer(at: 0) ?? 0 }
  /// Which timer runs: 0 none, 1 retransmission, 2 keepalive, 3 TIME_WAIT, 4 zero-window probes.
  var timer: UInt8 { payload.integer(at: 2) ?? 0 }
  /// How often that timer has fired.
  var retransmissions: UInt8 { payload.integer(at: 3) ?? 0 }
  var localPort: UInt16 { payload.port(at: 4) ?? 0 }
  var peerPort: UInt16 { payload.port(at: 6) ?? 0 }
  var localAddress: RawAddress { RawAddress(payload, at: 8, isIPv6: isIPv6) }
  var peerAddress: RawAddress { RawAddress(payload, at: 24, isIPv6: isIPv6) }
  /// The interface that the socket is bound to, 0 for none.
  var interface: UInt32 { payload.integer(at: 40) ?? 0 }
  var cookie: UInt64 { UInt64(word(48)) << 32 | UInt64(word(44)) }
  /// Milliseconds until the timer fires.
  var expires: UInt32 { word(52) }
  /// Of a listener: connections that wait for accept(); else bytes that wait for read().
  var receiveQueue: UInt32 { word(56) }
  /// Of a listener: the limit of that queue; else bytes that are not acknowledged.
  var sendQueue: UInt32 { word(60) }
  var uid: UInt32 { word(64) }
  var inode: UInt32 { word(68) }
  var attributes: NetlinkAttributes { NetlinkAttributes(payload.dropFirst(Self.length)) }

  private var isIPv6: Bool { CInt(family) == AddressText.ipv6 }

  private func word(_ offset: Int) -> UInt32 { payload.integer(at: offset) ?? 0 }
}

/// The state masks of sock_diag: bit 1 << state.
struct SocketStates: Equatable {
  var mask: UInt32

  /// State 10.
  ///
  /// Alone it is looked up in the small table of listeners; any other bit makes the kernel walk the
  /// table of all connections.
  static let listen = SocketStates(mask: 1 << 10)

  /// Some states; the kernel adds requests (state 12) to SYN_RECV.
  init(_ states: some Sequence<TCPState>) {
    mask = states.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
  }

  init(mask: UInt32) {
    self.mask = mask
  }
}

/// The two forms in which sock_diag is asked for a dump.
enum InetDiagRequest {
  /// `struct inet_diag_req`, the old form: answers for every family at once.
  case allFamilies
  /// `struct inet_diag_req_v2`, for one family.
  case family(UInt8)

  private static let socketIDLength = 48

  /// The datagram that asks for all sockets in these states, with one attribute more for each
  /// (`INET_DIAG_…`), or none.
  func datagram(states: SocketStates, with attribute: Int?, sequence: UInt32) -> [UInt8] {
    let extensions = attribute.map { UInt8(1) << UInt8($0 - 1) } ?? 0
    let anySocket = [UInt8](repeating: 0, count: Self.socketIDLength)
    var body: [UInt8] = []
    let type: UInt16
    switch self {
    case .allFamilies:
      type = UInt16(TCPDIAG_GETSOCK)
      body += [UInt8(AddressText.ipv4), 0, 0, extensions]
      body += anySocket
      body.append(integer: states.mask)
      body.append(integer: UInt32(0))
    case .family(let family):
      type = UInt16(SOCK_DIAG_BY_FAMILY)
      body += [family, UInt8(AddressText.tcp), extensions, 0]
      body.append(integer: states.mask)
      body += anySocket
    }
    return NetlinkMessage.bytes(
      type: type, flags: UInt16(NLM_F_REQUEST | NLM_F_DUMP), sequence: sequence, payload: body)
  }
}
