import Facts

/// Connections with bytes that wait, by the sockets' cookies.
public struct StandingBytes: Sendable {
  /// So many are remembered, some 3 MiB; on a host with more the counts are lower bounds.
  private static let most = 65_536

  struct Queues: Sendable {
    var receive: UInt32
    var send: UInt32
  }

  private(set) var queues: [UInt64: Queues] = [:]
  /// Whether there were more than are remembered.
  public private(set) var isCut = false

  mutating func note(_ cookie: UInt64, receive: UInt32, send: UInt32) {
    guard queues.count < Self.most else { return isCut = true }
    queues[cookie] = Queues(receive: receive, send: send)
  }
}

/// What a dump shows of connections, one by one and in sum.
struct ConnectionLook: Sendable {
  private enum Timer {
    static let none: UInt8 = 0
    static let retransmission: UInt8 = 1
    static let keepalive: UInt8 = 2
    static let zeroWindowProbe: UInt8 = 4
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
    let receive = message.receiveQueue
    let send = message.sendQueue
    guard receive > 0 || send > 0 else { return }
    let cookie = message.cookie
    guard let before else { return now.note(cookie, receive: receive, send: send) }
    guard let queues = before.queues[cookie] else { return }
    if receive > 0, queues.receive > 0, receive >= queues.receive { unread += 1 }
    // A sender that is busy always has bytes under way: that they do not get through shows when the
    // timer has fired.
    let isSentAgain =
      timer == Timer.retransmission && message.retransmissions > 0
      || timer == Timer.zeroWindowProbe
    if send > 0, queues.send > 0, send >= queues.send, isSentAgain { unacknowledged += 1 }
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
