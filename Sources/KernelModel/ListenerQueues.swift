public import Facts

extension FullQueueRule {
  /// What the release does with a SYN while the accept queue is full (tcp_conn_request).
  public init(_ release: KernelRelease) {
    self = release.isAtLeast(4, 10) ? .dropsEverySYN : .dropsWithYoungRequests
  }
}

extension FastOpenQueue {
  /// The server's bit of tcp_fastopen.
  private static let server: Int64 = 0x2
  /// The bit by which every listener gets Fast Open without asking.
  private static let everyListener: Int64 = 0x400

  /// The queue after listen(2) with this backlog (fastopen_queue_tune).
  ///
  /// - Parameters:
  ///   - backlog: what the program passes; a negative number stands for the cap.
  ///   - somaxconn: net.core.somaxconn.
  ///   - fastOpen: the bits of net.ipv4.tcp_fastopen.
  public init(backlog: Int64, somaxconn: Int64, fastOpen: Int64) {
    let cap = max(0, somaxconn)
    if fastOpen & Self.server == 0 {
      self.init(capacity: 0, source: .off)
    } else if fastOpen & Self.everyListener != 0 {
      self.init(capacity: backlog < 0 ? cap : min(backlog, cap), source: .backlog)
    } else {
      self.init(capacity: cap, source: .program)
    }
  }
}

extension KernelModel {
  /// What the release does with a SYN while the accept queue is full.
  public var fullQueueRule: Reading<FullQueueRule> { release.map { FullQueueRule($0) } }

  /// The queues of a program that calls listen() now, each member of a group having its own.
  ///
  /// - Parameters:
  ///   - backlog: what it passes.
  ///   - members: how many sockets of a SO_REUSEPORT group do so.
  /// - Returns: the queues of one member.
  public func queues(backlog: Int64, members: Int64 = 1) -> BacklogQueues {
    let accept = acceptQueue(backlog: backlog)
    return BacklogQueues(
      backlog: backlog, members: members, acceptQueue: accept,
      synQueue: accept.flatMap { synQueue($0) },
      fastOpen: both(cap, number(.fastOpen)).map {
        FastOpenQueue(backlog: backlog, somaxconn: $0, fastOpen: $1)
      },
      whenFull: fullQueueRule)
  }
}
