public import Catalogue
import Expressions
public import Facts
import KernelModel
import Pages

/// Holds a snapshot against the catalogue.
///
/// It is pure: the same snapshot gives the same report.
public struct Audit: Sendable {
  /// What is held.
  public let snapshot: Snapshot
  /// Against what.
  public let catalogue: Catalogue
  let assumed: [SysctlKey: String]
  let facts: SnapshotFacts
  private let ranked: Reading<[ListenerQueues]>

  /// An audit of a host, as if the assumed keys had the assumed values.
  ///
  /// - Parameters:
  ///   - snapshot: the host as it was read.
  ///   - catalogue: the rules and tunables.
  ///   - assumed: values to lay over what was read, in the kernel's own unit.
  ///   - earlier: an audit of the same host with the same catalogue, whose work is not done again where nothing has moved.
  public init(
    of snapshot: Snapshot, with catalogue: Catalogue, assuming assumed: [SysctlKey: String] = [:],
    after earlier: Audit? = nil
  ) {
    let snapshot = snapshot.assuming(assumed)
    self.snapshot = snapshot
    self.catalogue = catalogue
    self.assumed = assumed
    facts = SnapshotFacts(
      snapshot, tunables: catalogue.pages.tunables, after: earlier?.facts)
    if let earlier, earlier.facts.queues == facts.queues {
      ranked = earlier.ranked
    } else {
      ranked = facts.queues.map { queues in
        queues.indices.map { Rank(queues[$0], $0) }.sorted().map { queues[$0.index] }
      }
    }
  }

  /// Judges every rule and brings the report together.
  ///
  /// - Parameters:
  ///   - isComplete: whether to list every key with its default and every limit; the text does not,
  ///     and computing the defaults costs more than judging the rules.
  ///   - hasLimits: whether to compute limits and to list counters at all; a screen of samples shows
  ///     none.
  /// - Returns: the whole report.
  public func report(isComplete: Bool = true, hasLimits: Bool = true) -> Report {
    // The text names three listeners and counts the others.
    var judge = RuleJudge(
      facts: facts, rules: catalogue.pages.rules, mostUndecided: isComplete ? .max : 3)
    judge.run()
    let findings = judge.findings.map(withoutFalseSources)
    let shownLimits = hasLimits ? Self.shownLimits : []
    var report = Report(
      host: snapshot.host, window: snapshot.window, assumed: assumed,
      tunables: isComplete ? tunableRows() : [],
      listeners: listeners(), sockets: sockets(),
      counts: hasLimits ? shownCounts() : [:],
      limits: isComplete ? limits() : shownLimits.map { facts.limit($0) },
      findings: findings, notChecked: judge.notChecked, rulesApplied: judge.rulesApplied,
      gaps: snapshot.gaps)
    addFiles(to: &report)
    return report
  }

  /// What the kernel counts about listeners' queues, and about connections that it gave up.
  private static let shownCounters = [
    "TcpExt.ListenOverflows", "TcpExt.ListenDrops", "TcpExt.TCPReqQFullDrop",
    "TcpExt.TCPReqQFullDoCookies", "TcpExt.SyncookiesSent", "TcpExt.SyncookiesRecv",
    "TcpExt.SyncookiesFailed", "TcpExt.TCPAbortOnMemory", "TcpExt.TCPAbortOnTimeout",
    "TcpExt.TCPTimeWaitOverflow", "TcpExt.TCPBacklogDrop", "TcpExt.TCPRcvQDrop",
    "TcpExt.TCPMemoryPressures", "Tcp.AttemptFails", "Tcp.EstabResets", "Tcp.RetransSegs",
    "Tcp.OutSegs",
  ]

  private func shownCounts() -> [String: Reading<Int64>] {
    Dictionary(uniqueKeysWithValues: Self.shownCounters.map { ($0, snapshot.counters.reading($0)) })
  }

  /// The results that the text shows; `limits` and JSON have every one.
  private static let shownLimits: [LimitID] = [
    .connectTimeout, .halfOpenLifetime, .giveUpTime, .deadPeerTime, .ephemeralPorts,
    .connectionRate, .largestWindow,
  ]

  /// A value that the user laid over the host was not read where the host's stands.
  private func withoutFalseSources(_ finding: Finding) -> Finding {
    guard !assumed.isEmpty else { return finding }
    var finding = finding
    for index in finding.evidence.indices {
      switch FactName(finding.evidence[index].fact) {
      case .key(let key), .element(let key, _):
        if assumed[key] != nil { finding.evidence[index].source = "--set" }
      default: break
      }
    }
    return finding
  }

  /// What the tunables add up to.
  public func limits(_ question: LimitQuestion = LimitQuestion()) -> [EffectiveLimit] {
    facts.model.limits(question)
  }

  /// Every listener with its queues, those that matter most first.
  public func listeners() -> Reading<[ListenerQueues]> { ranked }

  /// How many sockets stand where.
  private func sockets() -> SocketCounts {
    SocketCounts(
      establishedOrCloseWait: snapshot.counters.reading("Tcp.CurrEstab"),
      timeWait: snapshot.counters.reading("sockstat.TCP.tw"),
      openingOrClosing: facts.openingOrClosing(), walk: snapshot.walk, states: snapshot.states,
      connections: snapshot.connections, destinations: snapshot.destinations,
      portsPerDestination: facts.limit(.ephemeralPorts).value)
  }

  /// How much a listener matters: full ones first, then by how full, then by drops; the rest in the
  /// order of ports.
  ///
  /// A listener with all that is known of it is large, and sorting moves what it sorts.
  private struct Rank: Comparable {
    var isFull: Bool
    var occupancy: Double
    var drops: Int64
    var port: Int64
    var address: String
    var cookie: UInt64
    var index: Int

    init(_ queues: ListenerQueues, _ index: Int) {
      let listener = queues.listener
      isFull = listener.isFull
      occupancy = Double(listener.peak) / Double(queues.acceptQueue.capacity)
      drops = listener.drops.value ?? 0
      port = listener.port
      address = listener.address
      cookie = listener.cookie
      self.index = index
    }

    static func < (a: Self, b: Self) -> Bool {
      if a.isFull != b.isFull { return a.isFull }
      if a.occupancy != b.occupancy { return a.occupancy > b.occupancy }
      if a.drops != b.drops { return a.drops > b.drops }
      return (a.port, a.address, a.cookie) < (b.port, b.address, b.cookie)
    }
  }

  private func tunableRows() -> [TunableRow] {
    snapshot.tunables.keys.sorted().map { key in
      TunableRow(
        key: key, value: snapshot.text(of: key),
        defaultValue: catalogue.tunable(key).map(defaultText), isHostWide: isHostWide(key))
    }
  }

  /// Whether a key is the whole machine's; nil where no page describes it.
  private func isHostWide(_ key: SysctlKey) -> Bool? {
    guard let tunable = catalogue.tunable(key), let release = snapshot.host.release.value else {
      return nil
    }
    return tunable.namespaced.value(for: release).map { !$0 }
  }

  /// A tunable's default on this host as sysctl prints it.
  func defaultText(of tunable: Tunable) -> Reading<String> {
    facts.defaultContent(of: tunable).map(\.text)
  }
}
