import Facts
import KernelModel

/// A number that is predicted, or two where the release's text leaves open which it is.
struct Expected: Equatable {
  var low: Int64
  var high: Int64

  /// One number.
  init(_ number: Int64) {
    self.init(number, or: number)
  }

  /// Two numbers, the lower first.
  init(_ low: Int64, or high: Int64) {
    self.low = low
    self.high = high
  }

  /// Requests that a listener keeps.
  init(_ queue: SynQueue) {
    self.init(queue.capacity, or: queue.capacityMax ?? queue.capacity)
  }

  /// The number, or `511 or 512`.
  var value: Proof.Value { low == high ? .count(low) : .text("\(low) or \(high)") }

  /// Whether it is one of them.
  func allows(_ number: Int64) -> Bool { number == low || number == high }
}

/// The two queues of a listener as the model has them.
struct PredictedQueues {
  var accept: AcceptQueue
  var syn: SynQueue

  /// Connections that clients bring into the accept queue.
  ///
  /// Where the SYN queue has no place at all, and no cookie does without one, nobody comes so far:
  /// backlog 0 with cookies off, on releases before 6.13.
  func connections(cookies: Int64) -> Expected {
    guard cookies == 0, syn.capacity == 0 else { return Expected(accept.capacity) }
    return Expected(0, or: syn.capacityMax ?? 0 > 0 ? accept.capacity : 0)
  }
}

extension PredictedQueues {
  /// The queues of a program that calls listen() now.
  init(_ lab: Lab, backlog: Int64) throws(LabFailure) {
    let model = lab.model
    let accept = try lab.predicted(model.acceptQueue(backlog: backlog))
    self.init(accept: accept, syn: try lab.predicted(model.synQueue(accept)))
  }
}

/// What counters grow by while SYNs come that are never completed (net/ipv4/tcp_input.c,
/// tcp_conn_request).
struct SynCounters: Equatable {
  /// The counters' names, in the order of ``values``.
  static let names = [
    "TcpExt.TCPReqQFullDoCookies", "TcpExt.SyncookiesSent", "TcpExt.TCPReqQFullDrop",
    "TcpExt.ListenDrops", "TcpExt.ListenOverflows",
  ]

  /// What each grows by.
  var values: [Int64]

  /// - Parameters:
  ///   - excess: SYNs beyond those that the queue keeps.
  ///   - cookies: net.ipv4.tcp_syncookies.
  ///   - isLastQuarter: whether the quarter kept for proven peers ends the queue.
  ///   - release: until 4.6 a cookie counts as a drop too.
  init(excess: Int64, cookies: Int64, isLastQuarter: Bool, release: KernelRelease) {
    if cookies != 0 {
      values = [excess, excess, 0, release.isAtLeast(4, 7) ? 0 : excess, 0]
    } else {
      // The last quarter of the table refuses without a counter of its own.
      values = [0, 0, isLastQuarter ? 0 : excess, excess, 0]
    }
  }
}

extension [Proof.Step] {
  /// A number that was predicted, or one of two: then what is observed says which it is here.
  mutating func add(_ id: String, _ title: String, _ expected: Expected, _ observed: Int64) {
    let isOpen = expected.low != expected.high
    append(
      Proof.Step(
        id, title + (isOpen ? " (the release leaves open which)" : ""), predicted: expected.value,
        observed: .count(observed),
        agrees: expected.allows(observed)))
  }

  /// A number that was predicted.
  mutating func add(_ id: String, _ title: String, _ expected: Int64, _ observed: Int64) {
    add(id, title, Expected(expected), observed)
  }

  /// What a program sees.
  mutating func add(_ id: String, _ title: String, _ expected: String, _ observed: String) {
    append(
      Proof.Step(
        id, title, predicted: .text(expected), observed: .text(observed),
        agrees: expected == observed))
  }
}
