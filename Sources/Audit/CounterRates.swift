import Facts

/// How the counters of TCP moved between two readings.
struct CounterRates {
  /// Groups of counters that are about TCP.
  private static let groups = ["TcpExt.", "Tcp.", "MPTcpExt."]
  /// Numbers in those groups that do not only grow: constants and present amounts.
  static let gauges: Set<String> = [
    "Tcp.RtoAlgorithm", "Tcp.RtoMin", "Tcp.RtoMax", "Tcp.MaxConn", "Tcp.CurrEstab",
    "MPTcpExt.MPCurrEstab",
  ]
  /// What counts something lost or refused, or near it; named first.
  private static let losses = [
    "TcpExt.ListenOverflows", "TcpExt.ListenDrops", "TcpExt.TCPReqQFullDrop",
    "TcpExt.TCPReqQFullDoCookies", "TcpExt.SyncookiesFailed", "TcpExt.SyncookiesSent",
    "TcpExt.TCPAbortOnOverflow", "TcpExt.TCPAbortOnMemory", "TcpExt.TCPMemoryPressures",
    "TcpExt.TCPTimeWaitOverflow", "TcpExt.TCPBacklogDrop", "TcpExt.PruneCalled",
    "TcpExt.RcvPruned", "TcpExt.TCPRcvQDrop", "TcpExt.TCPAbortOnTimeout", "TcpExt.TCPTimeouts",
    "Tcp.AttemptFails", "Tcp.EstabResets", "Tcp.RetransSegs", "Tcp.InErrs",
  ]
  private static let ranks = Dictionary(
    uniqueKeysWithValues: losses.enumerated().map { ($1, $0) })

  /// Those that grew, losses first, then the fastest first.
  private(set) var moved: [MovedCounter] = []
  /// Whether one is smaller than before; then no rate is formed from it.
  private(set) var wereReset = false

  private let snapshot: Snapshot

  init(_ snapshot: Snapshot) {
    self.snapshot = snapshot
    guard let before = snapshot.countersBefore, let seconds = snapshot.window.seconds else {
      return
    }
    var moved: [MovedCounter] = []
    var wereReset = false
    snapshot.counters.forEachChange(since: before) { name, old, now in
      // Most counters are those of IP, ICMP and UDP.
      guard Self.groups.contains(where: { name.hasPrefix($0) }), !Self.gauges.contains(name) else {
        return
      }
      guard now > old, case let (growth, overflow) = now.subtractingReportingOverflow(old),
        !overflow, let rate = Fraction(growth).divided(by: seconds)
      else {
        wereReset = true
        return
      }
      moved.append(MovedCounter(name: name, growth: growth, rate: rate))
    }
    self.wereReset = wereReset
    let ranked = moved.map { (rank: Self.ranks[$0.name] ?? .max, counter: $0) }.sorted { a, b in
      if a.rank != b.rank { return a.rank < b.rank }
      return a.counter.growth != b.counter.growth
        ? a.counter.growth > b.counter.growth : a.counter.name < b.counter.name
    }
    self.moved = ranked.map(\.counter)
  }

  /// How fast a counter grew, also when it did not.
  func rate(_ name: String) -> Reading<Fraction> {
    guard let before = snapshot.countersBefore, let seconds = snapshot.window.seconds else {
      return .noWindow("one sample makes no rate")
    }
    if let pair = snapshot.counters.numbers(name, before: before) {
      return Self.rate(pair.before, pair.now, seconds)
    }
    return snapshot.counters.reading(name).flatMap { now in
      before.reading(name).flatMap { Self.rate($0, now, seconds) }
    }
  }

  private static func rate(
    _ before: Int64, _ now: Int64, _ seconds: Fraction
  ) -> Reading<Fraction> {
    guard now >= before, let rate = Fraction(now &- before).divided(by: seconds) else {
      return .noWindow("the counter is smaller than before: it was reset")
    }
    return .known(rate)
  }
}

extension Watched.Gauges {
  /// What a snapshot shows.
  init(_ snapshot: Snapshot, _ rates: CounterRates) {
    self.init()
    established = snapshot.counters.reading("Tcp.CurrEstab")
    timeWait = snapshot.counters.reading("sockstat.TCP.tw")
    halfOpen = snapshot.walk.map(\.synRecv)
    opened = rates.rate("Tcp.PassiveOpens")
    dropped = rates.rate("TcpExt.ListenDrops")
    cookies = rates.rate("TcpExt.SyncookiesSent")
    retransmitted = rates.rate("Tcp.RetransSegs")
  }
}
