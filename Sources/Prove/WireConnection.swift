import Glibc

/// A socket of the kernel's, connected to a peer that we play.
struct WireConnection: ~Copyable {
  let socket: Socket
  var peer: WirePeer
  /// The socket's first wait before it sends again, in seconds: 0.2 and the round-trip time.
  let firstWait: Double

  /// The wait that the kernel's own reckoning begins with (TCP_RTO_MIN), in seconds.
  static let modelWait = 0.2
  /// How much above that a first wait may be, in seconds.
  private static let slack = 0.005
  private static let port: UInt16 = 80

  /// How a time is compared with a prediction for the model's first wait.
  var tolerance: TimerTolerance { TimerTolerance(stretch: firstWait / Self.modelWait) }

  /// A new connection to the peer at an address of nobody: `172.16.0.1`.
  ///
  /// What a busy machine needed for the handshake would be multiplied in every later wait. So a
  /// connection with a long first wait is thrown away, with a RST, and another one made.
  ///
  /// - Throws: ``LabFailure`` where no connection came about.
  init(_ wire: borrowing Wire, to address: String, _ lab: Lab) throws(LabFailure) {
    guard let address = IPv4Address(address) else { throw .failed("\(address) is no address") }
    let own = Endpoint(address: address, port: Self.port)
    for _ in 0..<9 {
      let socket = try Socket()
      let peer = try wire.peer(accepting: socket, at: own, lab)
      let wait = Double(socket.info?.tcpi_rto ?? 0) / 1e6
      if wait <= Self.modelWait + Self.slack {
        self.init(socket: socket, peer: peer, firstWait: wait)
        return
      }
      try socket.linger(0)
    }
    let socket = try Socket()
    let peer = try wire.peer(accepting: socket, at: own, lab)
    let wait = Double(socket.info?.tcpi_rto ?? 0) / 1e6
    self.init(socket: socket, peer: peer, firstWait: wait)
  }

  private init(socket: consuming Socket, peer: WirePeer, firstWait: Double) {
    self.socket = socket
    self.peer = peer
    self.firstWait = firstWait
  }
}
