public import Facts

/// Takes successive snapshots with their reports together into what a screen shows.
///
/// It is pure: time comes with the samples.
public struct Watching: Sendable {
  /// How many lengths of each listener are kept.
  public static let historyLength = 240
  /// For how many samples a finding that went is still shown.
  public static let remembrance = 10

  /// What was seen so far.
  public private(set) var watched: Watched
  /// The listeners of the last report, in its order.
  private var last: [ListenerQueues] = []

  /// Nothing seen yet of a host.
  public init(host: Host) {
    watched = Watched(host: host)
  }

  /// Adds a sample.
  ///
  /// - Parameters:
  ///   - snapshot: the host now; its window is the time since the sample before, if there was one.
  ///   - report: what an audit made of it. Findings that rest on totals since boot are left out: a
  ///     screen shows what happens now.
  ///   - moment: the sample's time in milliseconds since 1970.
  public mutating func add(_ snapshot: Snapshot, _ report: Report, at moment: Int64) {
    watched.host = snapshot.host
    watched.moment = moment
    watched.samples += 1
    watched.interval = snapshot.window.seconds
    watched.events.removeAll(keepingCapacity: true)
    watched.undecided = report.notChecked.count
    watched.gaps = report.gaps
    let rates = CounterRates(snapshot)
    watched.counters = rates.moved
    if rates.wereReset { watched.events.append(.countersReset) }
    watched.gauges = Watched.Gauges(snapshot, rates)
    addFindings(report.findings.filter { !$0.sinceBoot }, at: moment)
    addListeners(report.listeners, seconds: watched.interval)
  }

  // MARK: Listeners

  private mutating func addListeners(_ listeners: Reading<[ListenerQueues]>, seconds: Fraction?) {
    guard case .known(let now) = listeners else {
      watched.listeners = listeners.map { _ in [] }
      return
    }
    // Taken out, so that the lengths are not copied when one is added.
    var before = watched.listeners.value ?? []
    let isFirst = watched.listeners.value == nil
    watched.listeners = .known([])
    // Where nothing has moved these are the same in memory, and need no look inside.
    if !isFirst, now.count == before.count, now == last {
      for index in before.indices { before[index].stay(seconds) }
      watched.listeners = .known(before)
      return
    }
    last = now
    var places: [UInt64: Int] = [:]
    places.reserveCapacity(before.count)
    for (index, item) in before.enumerated() { places[item.queues.listener.cookie] = index }
    var all: [WatchedListener] = []
    all.reserveCapacity(now.count)
    for queues in now {
      let listener = queues.listener
      var item = WatchedListener(
        queues: queues, lengths: [], peak: listener.length,
        dropRate: .noWindow("it was seen once"))
      if let place = places.removeValue(forKey: listener.cookie) {
        let wasFull = before[place].isFull
        swap(&item.lengths, &before[place].lengths)
        item.peak = max(listener.length, before[place].peak)
        item.dropRate = Self.rate(of: listener, since: before[place].queues.listener, seconds)
        if item.isFull != wasFull {
          watched.events.append(item.isFull ? .overflowBegan(item) : .overflowEnded(item))
        }
      } else {
        if !isFirst { watched.events.append(.listenerCame(listener)) }
        if item.isFull { watched.events.append(.overflowBegan(item)) }
      }
      item.remember(listener.length)
      all.append(item)
    }
    for place in places.values.sorted() {
      watched.events.append(.listenerWent(before[place].queues.listener))
    }
    watched.listeners = .known(all)
  }

  private static func rate(
    of now: Listener, since before: Listener, _ seconds: Fraction?
  ) -> Reading<Fraction> {
    guard let seconds else { return .noWindow("it was seen once") }
    return now.drops.flatMap { now in
      before.drops.flatMap { before in
        guard now >= before, let rate = Fraction(now &- before).divided(by: seconds) else {
          return .noWindow("the counter is smaller than before: it was reset")
        }
        return .known(rate)
      }
    }
  }

  // MARK: Findings

  /// One for each rule: what a rule says of several listeners stands in its subjects.
  private mutating func addFindings(_ findings: [Finding], at moment: Int64) {
    var present: [WatchedFinding] = []
    for finding in findings {
      if let index = present.firstIndex(where: { $0.finding.rule == finding.rule }) {
        for subject in finding.subjects
        where !present[index].finding.subjects.contains(subject) {
          present[index].finding.subjects.append(subject)
        }
        continue
      }
      let before = watched.findings.first { $0.finding.rule == finding.rule && $0.goneFor == nil }
      var item = WatchedFinding(finding, since: before?.since ?? moment)
      item.lastSeen = moment
      present.append(item)
      if before == nil { watched.events.append(.findingAppeared(finding)) }
    }
    var gone: [WatchedFinding] = []
    for var item in watched.findings
    where !present.contains(where: { $0.finding.rule == item.finding.rule }) {
      if item.goneFor == nil {
        watched.events.append(.findingWent(item.finding, after: moment - item.since))
      }
      item.goneFor = (item.goneFor ?? 0) + 1
      if item.goneFor ?? 0 <= Self.remembrance { gone.append(item) }
    }
    watched.findings = present + gone
  }
}

extension WatchedListener {
  fileprivate mutating func remember(_ length: Int64) {
    if lengths.count == Watching.historyLength { lengths.removeFirst() }
    lengths.append(length)
  }

  /// A sample showed what the one before did.
  fileprivate mutating func stay(_ seconds: Fraction?) {
    remember(queues.listener.length)
    if seconds == nil {
      dropRate = .noWindow("it was seen once")
    } else {
      dropRate = queues.listener.drops.map { _ in Fraction(0) }
    }
  }
}
