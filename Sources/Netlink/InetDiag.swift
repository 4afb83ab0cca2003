import CLinux

/// A socket as sock_diag describes it: the fields of `struct inet_diag_msg` that we use
/// (include/uapi/linux/inet_diag.h), by offset, for kernels differ in what follows.
struct InetDiagMessage {
  private static let length = 72

  var family: UInt8
  var state: UInt8
  var localPort: UInt16
  /// The interface that the socket is bound to, 0 for none.
  var interface: UInt32
  var cookie: UInt64
  /// Of a listener: connections that wait for accept().
  var receiveQueue: UInt32
  /// Of a listener: the limit of that queue.
  var sendQueue: UInt32
  var uid: UInt32
  var inode: UInt32
  var attributes: NetlinkAttributes
  /// The local address and the peer's, in 16 bytes each.
  private var addresses: ArraySlice<UInt8>
  private let payload: Bytes

  init(_ payload: Bytes) throws(NetlinkFailure) {
    guard
      let family: UInt8 = payload.integer(at: 0), let state: UInt8 = payload.integer(at: 1),
      let localPort = payload.port(at: 4),
      let addresses = payload.piece(at: 8, count: 32),
      let interface: UInt32 = payload.integer(at: 40),
      let cookieLow: UInt32 = payload.integer(at: 44),
      let cookieHigh: UInt32 = payload.integer(at: 48),
      let receiveQueue: UInt32 = payload.integer(at: 56),
      let sendQueue: UInt32 = payload.integer(at: 60),
      let uid: UInt32 = payload.integer(at: 64), let inode: UInt32 = payload.integer(at: 68)
    else {
      throw .malformed("expected \(Self.length) bytes about a socket, found \(payload.count)")
    }
    self.family = family
    self.state = state
    self.localPort = localPort
    self.addresses = addresses
    self.interface = interface
    cookie = UInt64(cookieHigh) << 32 | UInt64(cookieLow)
    self.receiveQueue = receiveQueue
    self.sendQueue = sendQueue
    self.uid = uid
    self.inode = inode
    attributes = NetlinkAttributes(payload.dropFirst(Self.length))
    self.payload = payload
  }

  // What only few ask for is looked up when they do: a walk sees every socket of the machine.

  /// Which timer runs: 0 none, 1 retransmission, 2 keepalive, 3 TIME_WAIT, 4 zero-window probes.
  var timer: UInt8 { payload.integer(at: 2) ?? 0 }
  /// How often that timer has fired.
  var retransmissions: UInt8 { payload.integer(at: 3) ?? 0 }
  /// Milliseconds until it fires.
  var expires: UInt32 { payload.integer(at: 52) ?? 0 }
  var peerPort: UInt16 { payload.port(at: 6) ?? 0 }
  /// 4 or 16 bytes in network order.
  var peerAddress: ArraySlice<UInt8> { addresses.dropFirst(16).prefix(isIPv6 ? 16 : 4) }

  private var isIPv6: Bool { CInt(family) == AddressText.ipv6 }

  /// 4 or 16 bytes in network order.
  var localAddress: ArraySlice<UInt8> { addresses.prefix(isIPv6 ? 16 : 4) }

  /// Whether the peer's address is one of fe80::/10, which means something on one link only.
  var hasLinkLocalPeer: Bool {
    let peer = addresses.suffix(16)
    return isIPv6 && peer[peer.startIndex] == 0xfe && peer[peer.startIndex + 1] & 0xc0 == 0x80
  }
}

/// The state masks of sock_diag: bit 1 << state.
struct SocketStates: Equatable {
  var mask: UInt32

  /// State 10.
  ///
  /// Alone it is looked up in the small table of listeners; any other bit makes the kernel walk the
  /// table of all connections.
  static let listen = SocketStates(mask: 1 << 10)

  /// States 3 and 8: what a walk looks for.
  ///
  /// The kernel adds requests (state 12) to the first.
  static let synRecvAndCloseWait = SocketStates(mask: 1 << 3 | 1 << 8)
}

/// The two forms in which sock_diag is asked for a dump.
enum InetDiagRequest {
  /// `struct inet_diag_req`, the old form: answers for every family at once.
  case allFamilies
  /// `struct inet_diag_req_v2`, for one family.
  case family(UInt8)

  private static let socketIDLength = 48

  /// The datagram that asks for all sockets in these states; for listeners with their memory
  /// information, in which the drop counter is.
  func datagram(states: SocketStates, sequence: UInt32) -> [UInt8] {
    let wantsMemory = states == .listen
    let extensions = wantsMemory ? UInt8(1) << UInt8(INET_DIAG_SKMEMINFO - 1) : 0
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
