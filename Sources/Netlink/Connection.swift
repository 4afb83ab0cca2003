public import Facts

/// A TCP socket as a dump of sock_diag or a line of /proc/net/tcp shows it.
public struct Connection: Equatable, Sendable {
  /// What a socket waits for.
  public enum Timer: UInt8, Sendable {
    case none, retransmission, keepalive, timeWait, zeroWindowProbe
  }

  /// Its state; a request that no client has completed is in ``TCPState/synRecv``.
  public var state: TCPState
  /// The local address as text.
  public var localAddress: String
  /// The local port.
  public var localPort: UInt16
  /// The peer's address as text.
  public var peerAddress: String
  /// The peer's port.
  public var peerPort: UInt16
  /// Which timer runs.
  public var timer: Timer
  /// Milliseconds until that timer fires.
  public var expires: Int64
  /// How often it has fired.
  public var retransmissions: Int64
  /// Of a listener: connections that wait for accept(); else bytes that wait for read().
  public var receiveQueue: Int64
  /// Of a listener: the limit of that queue, nil where only /proc/net/tcp tells; else bytes that are
  /// not acknowledged.
  public var sendQueue: Int64?
  /// The socket's inode, 0 for one that no program holds.
  public var inode: UInt64

  /// What a message of a dump describes, nil for a state without a name.
  init?(_ message: InetDiagMessage) {
    // Newer kernels know requests as state 12 inside, but show them as 3.
    guard let state = TCPState(rawValue: message.state) else { return nil }
    self.state = state
    localAddress = AddressText.text(message.localAddress)
    localPort = message.localPort
    peerAddress = AddressText.text(message.peerAddress)
    peerPort = message.peerPort
    timer = Timer(rawValue: message.timer) ?? .none
    expires = Int64(message.expires)
    retransmissions = Int64(message.retransmissions)
    receiveQueue = Int64(message.receiveQueue)
    sendQueue = Int64(message.sendQueue)
    inode = UInt64(message.inode)
  }

  /// What a line of /proc/net/tcp describes, nil for the line of titles.
  ///
  /// Such a line has no limit of a listener, and its times are hundredths of a second.
  public init?(line: Substring) {
    let words = line.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count >= 10, let local = Self.place(words[1]), let peer = Self.place(words[2]),
      let number = UInt8(words[3], radix: 16), let state = TCPState(rawValue: number),
      let queues = Self.pair(words[4]), let timer = Self.pair(words[5]),
      let retransmissions = Int64(words[6], radix: 16), let inode = UInt64(words[9])
    else { return nil }
    self.state = state
    (localAddress, localPort) = local
    (peerAddress, peerPort) = peer
    self.timer = Timer(rawValue: UInt8(clamping: timer.0)) ?? .none
    expires = timer.1 * 10
    self.retransmissions = retransmissions
    receiveQueue = queues.1
    sendQueue = state == .listen ? nil : queues.0
    self.inode = inode
  }

  /// `0100007F:1F90`: the address as words in this machine's order, the port as a number.
  private static func place(_ text: Substring) -> (String, UInt16)? {
    let parts = text.split(separator: ":")
    guard parts.count == 2, parts[0].utf8.count == 8 || parts[0].utf8.count == 32,
      let port = UInt16(parts[1], radix: 16)
    else { return nil }
    var bytes: [UInt8] = []
    var digits = parts[0]
    while !digits.isEmpty {
      guard let word = UInt32(digits.prefix(8), radix: 16) else { return nil }
      bytes.append(integer: word)
      digits = digits.dropFirst(8)
    }
    return (AddressText.text(RawAddress(bytes)), port)
  }

  /// `00000000:00000003`.
  private static func pair(_ text: Substring) -> (Int64, Int64)? {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let first = Int64(parts[0], radix: 16),
      let second = Int64(parts[1], radix: 16)
    else { return nil }
    return (first, second)
  }
}
