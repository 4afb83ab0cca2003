import CLinux
import Facts

/// Connections with bytes that wait, by the sockets' cookies.
public struct StandingBytes: Sendable {
  /// So many are remembered, some 6 MiB; on a host with more the counts are lower bounds.
  private static let most = 65_536

  struct Queues: Sendable {
    var receive: UInt32
    var send: UInt32
    /// Bytes that the program has read in all, and that the peer has acknowledged; nil on kernels
    /// before 4.1.
    var read: UInt64?
    var acknowledged: UInt64?

    /// Of the kernel's `struct tcp_info` (include/uapi/linux/tcp.h), by offset.
    private static let bytesAcknowledged = 120
    private static let bytesReceived = 128

    init(_ message: InetDiagMessage) {
      receive = message.receiveQueue
      send = message.sendQueue
      let information = message.attributes[INET_DIAG_INFO]
      let received: UInt64? = information?.integer(at: Self.bytesReceived)
      read = received.map { $0 &- UInt64(receive) }
      acknowledged = information?.integer(at: Self.bytesAcknowledged)
    }

    /// Whether bytes waited before and wait now, and the program has read none meanwhile.
    func isUnread(since before: Queues) -> Bool {
      guard receive > 0, before.receive > 0 else { return false }
      guard let read, let earlier = before.read else { return receive >= before.receive }
      return read == earlier
    }

    /// Whether bytes were under way before and are now, and the peer has acknowledged none meanwhile.
    func isUnacknowledged(since before: Queues) -> Bool {
      guard send > 0, before.send > 0 else { return false }
      guard let acknowledged, let earlier = before.acknowledged else { return send >= before.send }
      return acknowledged == earlier
    }
  }

  private(set) var queues: [UInt64: Queues] = [:]
  /// Whether there were more than are remembered.
  public private(set) var isCut = false

  mutating func note(_ cookie: UInt64, _ connection: Queues) {
    guard queues.count < Self.most else { return isCut = true }
    queues[cookie] = connection
  }
}

/// What a dump shows of connections, one by one and in sum.
struct ConnectionLook: Sendable {
  private enum Timer {
    static let none: UInt8 = 0
    static let retransmission: UInt8 = 1
    static let keepalive: UInt8 = 2
  }

  private let before: StandingBytes?
  private(set) var now = StandingBytes()
  private var established: Int64 = 0
  private var unread: Int64 = 0
  private var unacknowledged: Int64 = 0
  private var synSentRetrying: Int64 = 0
  private var keepalive: Int64 = 0
  private var timerless: Int64 = 0

  init(after before: StandingBytes?) {
    self.before = before
  }

  mutating func count(_ message: InetDiagMessage) {
    switch TCPState(rawValue: message.state) {
    case .established: countEstablished(message)
    case .synSent: synSentRetrying += message.retransmissions > 0 ? 1 : 0
    default: break
    }
  }

  private mutating func countEstablished(_ message: InetDiagMessage) {
    established += 1
    let timer = message.timer
    keepalive += timer == Timer.keepalive ? 1 : 0
    timerless += timer == Timer.none ? 1 : 0
    guard message.receiveQueue > 0 || message.sendQueue > 0 else { return }
    let cookie = message.cookie
    let queues = StandingBytes.Queues(message)
    guard let before else { return now.note(cookie, queues) }
    guard let earlier = before.queues[cookie] else { return }
    if queues.isUnread(since: earlier) { unread += 1 }
    // A busy sender always has bytes under way, and a peer that does not read acknowledges all the
    // same: that nothing comes back shows when the timer has fired.
    let isSentAgain = timer == Timer.retransmission && message.retransmissions > 0
    if isSentAgain, queues.isUnacknowledged(since: earlier) { unacknowledged += 1 }
  }

  var counts: ConnectionCounts {
    let window = before.map { _ in
      (unread: Reading.known(unread), unacknowledged: Reading.known(unacknowledged))
    }
    let none = Reading<Int64>.noWindow("whether bytes stand still needs two looks")
    return ConnectionCounts(
      established: established, unread: window?.unread ?? none,
      unacknowledged: window?.unacknowledged ?? none, synSentRetrying: synSentRetrying,
      keepalive: keepalive, timerless: timerless)
  }
}
