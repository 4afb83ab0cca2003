import Expressions
import Facts
import KernelModel
import Pages

/// A snapshot as a source of facts for conditions.
struct SnapshotFacts: FactSource {
  let snapshot: Snapshot
  let tunables: TunableTable
  let model: KernelModel
  /// The listeners with their queues, in the snapshot's order.
  let queues: Reading<[ListenerQueues]>
  /// Whether a rate without a window is the total divided by the time since boot; without that it
  /// is unknown.
  var ratesSinceBoot: Bool

  /// The lines of sysctl files, by key and place.
  let entries: Reading<[FileEntry]>
  /// Which listeners are alike; nil where there are none to compare.
  let likeness: ListenerLikeness?

  private let limits: LimitMemory
  private let keys: KeyMemory
  /// What later samples with the same keys need not look at again; nil for the first one.
  let screened: ScreenMemory?

  /// So many limits are remembered with what they make of a queue.
  private static let mostLimits = 16

  /// The facts of a snapshot; without queues where only the host and destinations are asked about.
  init(
    _ snapshot: Snapshot, tunables: TunableTable, ratesSinceBoot: Bool = true,
    hasQueues: Bool = true, after earlier: SnapshotFacts? = nil
  ) {
    self.snapshot = snapshot
    self.tunables = tunables
    self.ratesSinceBoot = ratesSinceBoot
    let model = KernelModel(snapshot)
    self.model = model
    entries = snapshot.files.map(FileEntry.all)
    let hasSameKeys = earlier.map { $0.hasKeys(of: snapshot) } ?? false
    limits = hasSameKeys ? earlier?.limits ?? LimitMemory() : LimitMemory()
    keys = hasSameKeys ? earlier?.keys ?? KeyMemory() : KeyMemory()
    screened = earlier.map { hasSameKeys ? $0.screened ?? ScreenMemory() : ScreenMemory() }
    guard hasQueues else {
      queues = .notGathered("no rule about listeners is judged")
      likeness = nil
      return
    }
    if hasSameKeys, let earlier, earlier.snapshot.listeners == snapshot.listeners {
      queues = earlier.queues
      likeness = earlier.likeness
      return
    }
    // What a queue can hold depends on its limit alone, and most listeners have the same.
    var known: [QueuePair] = []
    let queues = snapshot.listeners.map { listeners in
      let groups = ListenerGroup.groups(of: listeners)
      return listeners.indices.map { index in
        let limit = listeners[index].limit
        if let pair = known.firstIndex(where: { $0.acceptQueue.limit == limit }) {
          return ListenerQueues(listeners[index], known[pair], in: groups[index])
        }
        let pair = QueuePair(limit: limit, model)
        if known.count < Self.mostLimits { known.append(pair) }
        return ListenerQueues(listeners[index], pair, in: groups[index])
      }
    }
    self.queues = queues
    likeness = queues.value.map { ListenerLikeness($0) }
  }

  /// Whether a later snapshot has the same keys, of the same kernel.
  ///
  /// Where nothing has moved they are the same in memory, and need no look inside.
  private func hasKeys(of later: Snapshot) -> Bool {
    later.tunables == snapshot.tunables && later.host.isSameMachine(as: snapshot.host)
  }

  /// What several tunables add up to.
  func limit(_ id: LimitID) -> EffectiveLimit { limits.limit(id, model) }

  func stated(_ aggregate: Aggregate) -> Reading<Value>? { nil }

  func count(of subject: Subject) -> Reading<Int> {
    switch subject {
    case .host: .known(1)
    case .listener: snapshot.listeners.map { $0.count }
    case .destination: snapshot.destinations.map { $0.count }
    case .entry: entries.map { $0.count }
    }
  }

  func name(of subject: Subject, _ index: Int) -> String? {
    switch subject {
    case .listener: queues.value?[index].listener.name
    case .destination: snapshot.destinations.value?[index].name
    case .entry: entries.value?[index].name
    case .host: nil
    }
  }

  func reading(_ query: Query, of members: Members) -> Reading<Value> {
    switch query {
    case .value(let fact): value(of: fact, members)
    case .rate(let fact): rate(of: fact, members)
    case .defaultValue(.key(let key)): defaultValue(of: key)
    case .defaultValue(.element(let key, let element)):
      defaultValue(of: key).flatMap { Self.element(element, of: key, in: $0, tunables) }
    case .defaultValue: .absent("only keys have defaults")
    }
  }

  // MARK: Reasons

  private static let noMember = Absence(.absent, "no such member")

  // MARK: Values

  private func value(of fact: FactName, _ members: Members) -> Reading<Value> {
    switch fact {
    case .key(let key): return keys.value(of: key) { value(of: key) }
    case .element(let key, let element):
      return keys.value(of: key) { value(of: key) }.flatMap {
        Self.element(element, of: key, in: $0, tunables)
      }
    case .counter(let name): return snapshot.counters.reading(name).map { .count($0) }
    case .host(let fact): return value(of: fact)
    case .sockets(let fact): return value(of: fact)
    case .listener(let fact):
      guard let index = members.listener, let queues = queues.value, queues.indices ~= index else {
        return .missing(snapshot.listeners.absence ?? Self.noMember)
      }
      return value(of: fact, queues, index)
    case .limit(let id): return limit(id).value.map(Value.quantity)
    case .destination(let fact):
      return snapshot.destinations.flatMap { destinations in
        guard let index = members.destination, destinations.indices ~= index else {
          return .missing(Self.noMember)
        }
        return .known(Self.value(of: fact, destinations[index]))
      }
    case .connections(let fact): return value(of: fact)
    case .entry(let fact):
      guard let index = members.entry, let entries = entries.value, entries.indices ~= index else {
        return .missing(snapshot.files.absence ?? Self.noMember)
      }
      return value(of: fact, entries[index])
    case .files(let fact): return value(of: fact)
    }
  }

  private func value(of fact: HostFact) -> Reading<Value> {
    let host = snapshot.host
    return switch fact {
    case .release: host.release.map(Value.release)
    case .memory: host.memory.map { .count($0, .bytes) }
    case .cpus: host.cpus.map { .count($0) }
    case .uptime: host.uptime.map { .quantity(Quantity($0, .seconds)) }
    case .pageSize: .known(.count(host.pageSize, .bytes))
    case .ehash: host.ehash.map { .count($0) }
    case .initialNamespace: host.initialNamespace.map(Value.boolean)
    case .vendorKernel: host.release.map { .boolean($0.isVendorKernel) }
    }
  }

  private func value(of fact: SocketsFact) -> Reading<Value> {
    let counters = snapshot.counters
    switch fact {
    case .establishedOrCloseWait: return counters.reading("Tcp.CurrEstab").map { .count($0) }
    case .timeWait: return counters.reading("sockstat.TCP.tw").map { .count($0) }
    case .orphans: return counters.reading("sockstat.TCP.orphan").map { .count($0) }
    case .allocated: return counters.reading("sockstat.TCP.alloc").map { .count($0) }
    case .listeners: return snapshot.listeners.map { .count(Int64($0.count)) }
    case .memory:
      return counters.reading("sockstat.TCP.mem").flatMap { pages in
        guard let bytes = KeyUnit.pages.quantity(pages, pageSize: snapshot.host.pageSize) else {
          return .unreadable("\(pages) pages do not fit 64 bits as bytes")
        }
        return .known(.quantity(bytes))
      }
    case .openingOrClosing: return openingOrClosing().map { .count($0) }
    case .synRecv: return snapshot.walk.map { .count($0.synRecv) }
    case .closeWait:
      return snapshot.walk.map { .count($0.closeWaitUnaccepted &+ $0.closeWaitHeld) }
    case .closeWaitOutgoing: return closeWaitOutgoing().map { .count($0) }
    case .established: return count(in: .established)
    case .synSent: return count(in: .synSent)
    case .finWait1: return count(in: .finWait1)
    case .finWait2: return count(in: .finWait2)
    case .lastAck: return count(in: .lastAck)
    case .closing: return count(in: .closing)
    }
  }

  /// CLOSE_WAIT that programs hold, less what came in by a listener; the members of a group have the
  /// sum of their address each.
  private func closeWaitOutgoing() -> Reading<Int64> {
    snapshot.walk.flatMap { walk in
      snapshot.listeners.flatMap { listeners in
        var addresses: Set<String> = []
        var incoming: Int64 = 0
        for listener in listeners
        where addresses.insert("\(listener.address) \(listener.port)").inserted {
          switch listener.attached {
          case .known(let attached): incoming += attached.closeWaitHeld
          case .missing(let absence): return .missing(absence)
          }
        }
        return .known(max(0, walk.closeWaitHeld - incoming))
      }
    }
  }

  private func count(in state: TCPState) -> Reading<Value> {
    snapshot.states.flatMap { $0[state].map { .count($0) } }
  }

  private func value(of fact: ConnectionsFact) -> Reading<Value> {
    snapshot.connections.flatMap { counts in
      switch fact {
      case .unread: counts.unread.map { .count($0) }
      case .unacknowledged: counts.unacknowledged.map { .count($0) }
      case .synSentRetrying: .known(.count(counts.synSentRetrying))
      case .keepalive: counts.keepaliveShare.map { .quantity(Quantity($0)) }
      }
    }
  }

  private static func value(of fact: DestinationFact, _ destination: Destination) -> Value {
    switch fact {
    case .address: .text(destination.address)
    case .port: .count(destination.port)
    case .localPorts: .count(destination.localPorts)
    case .timeWait: .count(destination.timeWait)
    }
  }

  /// What is left of all full sockets when listeners and connections are taken away.
  ///
  /// These are SYN_SENT, FIN_WAIT1, FIN_WAIT2, CLOSING and LAST_ACK. The files are read one after the
  /// other, so a busy host may show a small negative number: that is 0.
  func openingOrClosing() -> Reading<Int64> {
    let counters = snapshot.counters
    return counters.reading("sockstat.TCP.inuse").flatMap { inUse in
      // A kernel without IPv6 has no such sockets.
      let inUse6 = counters.reading("sockstat6.TCP6.inuse")
      let all = inUse &+ (inUse6.value ?? 0)
      if let absence = inUse6.absence, absence.kind != .absent { return .missing(absence) }
      return snapshot.listeners.flatMap { listeners in
        counters.reading("Tcp.CurrEstab").map { max(0, all &- Int64(listeners.count) &- $0) }
      }
    }
  }

  /// A listener with all that is known of it is large: only what is asked for is taken out.
  private func value(
    of fact: ListenerFact, _ all: [ListenerQueues], _ index: Int
  ) -> Reading<Value> {
    switch fact {
    case .address: return .known(.text(all[index].listener.address))
    case .family: return .known(.text(all[index].listener.family.rawValue))
    case .port: return .known(.count(all[index].listener.port))
    case .length: return .known(.count(all[index].listener.length))
    case .limit: return .known(.count(all[index].acceptQueue.limit))
    case .capacity: return .known(.count(all[index].acceptQueue.capacity))
    case .peak: return .known(.count(all[index].listener.peak))
    case .full: return .known(.quantity(Quantity(all[index].listener.fullShare)))
    case .drops: return all[index].listener.drops.map { .count($0) }
    case .aboveCap:
      return model.cap.map { .boolean(all[index].acceptQueue.limit > $0) }
    case .certain: return model.cap.map { _ in .boolean(all[index].acceptQueue.certain) }
    case .unit: return all[index].listener.unit.map(Value.text)
    case .owner: return all[index].listener.owner.flatMap { $0.name.map(Value.text) }
    case .nofile: return all[index].listener.owner.flatMap { $0.nofile.map { .count($0) } }
    case .groupSize: return .known(.count(all[index].groupSize))
    case .groupFull: return .known(.count(all[index].groupFull))
    case .synCapacity: return all[index].synQueue.map { .count($0.capacity) }
    case .synRecv: return all[index].synLength.map { .count($0) }
    case .closeWaitUnaccepted:
      return all[index].listener.attached.map { .count($0.closeWaitUnaccepted) }
    case .closeWaitHeld: return all[index].listener.attached.map { .count($0.closeWaitHeld) }
    }
  }

  // MARK: Rates

  private func rate(of fact: FactName, _ members: Members) -> Reading<Value> {
    switch fact {
    case .counter(let name): return rate(ofCounter: name)
    case .listener(.drops):
      guard let index = members.listener, let queues = queues.value, queues.indices ~= index else {
        return .missing(snapshot.listeners.absence ?? Self.noMember)
      }
      let listener = queues[index].listener
      guard let seconds = snapshot.window.seconds, let sampling = listener.sampling else {
        return .noWindow("a listener's drops say nothing without two readings")
      }
      return listener.drops.flatMap { now in
        sampling.dropsBefore.flatMap { Self.rate(from: $0, to: now, seconds) }
      }
    default: return .absent("only counters have rates")
    }
  }

  private func rate(ofCounter name: String) -> Reading<Value> {
    if let seconds = snapshot.window.seconds, let before = snapshot.countersBefore {
      if let pair = snapshot.counters.numbers(name, before: before) {
        return Self.rate(from: pair.before, to: pair.now, seconds)
      }
      return snapshot.counters.reading(name).flatMap { now in
        before.reading(name).flatMap { Self.rate(from: $0, to: now, seconds) }
      }
    }
    let now = snapshot.counters.reading(name)
    guard ratesSinceBoot else { return .noWindow("only the total since boot is known") }
    return now.flatMap { total in
      // Nothing ever counted is no rate, however long the host has been up.
      if total == 0 { return .known(.count(0, .perSecond)) }
      return snapshot.host.uptime.flatMap { Self.rate(from: 0, to: total, $0) }
    }
  }

  private static func rate(
    from before: Int64, to now: Int64, _ seconds: Fraction
  ) -> Reading<Value> {
    guard now >= before else {
      return .noWindow("the counter is smaller than before: it was reset")
    }
    let (difference, overflow) = now.subtractingReportingOverflow(before)
    guard !overflow, let rate = Fraction(difference).divided(by: seconds) else {
      return .noWindow("no time has passed")
    }
    return .known(.quantity(Quantity(rate, .perSecond)))
  }
}

/// What the queues of a limit can hold by the kernel's rules.
private struct QueuePair {
  var acceptQueue: AcceptQueue
  var synQueue: Reading<SynQueue>

  init(limit: Int64, _ model: KernelModel) {
    acceptQueue = model.acceptQueue(observed: limit)
    synQueue = model.synQueue(acceptQueue)
  }
}

extension ListenerQueues {
  fileprivate init(_ listener: Listener, _ pair: QueuePair, in group: ListenerGroup) {
    self.init(
      listener: listener, acceptQueue: pair.acceptQueue, synQueue: pair.synQueue,
      synLength: listener.attached.flatMap { attached in
        group.size <= 1 || attached.synRecv == 0
          ? .known(attached.synRecv)
          : .absent("members of a SO_REUSEPORT group cannot be told apart")
      },
      groupSize: max(1, group.size), groupFull: group.full)
  }
}

extension Listener {
  /// Whether a look showed more connections than the limit: the queue takes no further one.
  var isFull: Bool { peak > limit }

  /// The share of looks that showed it full.
  var fullShare: Fraction {
    guard let sampling, sampling.samples > 0,
      let share = Fraction(sampling.fullSamples, sampling.samples)
    else { return Fraction(isFull ? 1 : 0) }
    return share
  }
}

extension Host {
  /// Whether all is the same that rules ask of a machine, but for the time since boot.
  fileprivate func isSameMachine(as other: Host) -> Bool {
    release == other.release && pageSize == other.pageSize && memory == other.memory
      && cpus == other.cpus && ehash == other.ehash && initialNamespace == other.initialNamespace
  }
}
