import Catalogue
import Facts
import Glibc
import HostFS
import KernelModel
import Netlink
import Pages

/// Reads this host again and again, with all that can be held open held open.
///
/// Each snapshot has the time since the one before as its window.
struct WatchReader: ~Copyable {
  private let owners: Bool
  private let walks: Bool
  private var files: HeldFiles
  private var dump: SocketDump<NetlinkSocket>?
  private var cgroups = Cgroups()
  /// The machine, without the time since boot of the last sample.
  let host: Host
  private let hostGaps: [Gap]
  /// When the host's facts were read.
  private let begin = Clock.milliseconds()
  private var before: Before?
  private var last: Last?
  private var names: [UInt64: Name] = [:]

  /// What the next window begins with.
  private struct Before {
    var time: Int64
    var counters: CounterTable
    var listeners: [UInt64: Look]
  }

  /// The listeners of the last sample, as they were read and with what looks and names add.
  private struct Last {
    var read: [Listener]
    var whole: [Listener]
    /// Whether the sample before showed the same: then the next that does has the same as a whole.
    var isSteady: Bool
  }

  private struct Look {
    var length: Int64
    var isFull: Bool
    var drops: Reading<Int64>
  }

  /// Who is behind a socket; looked up once in its life.
  private struct Name {
    var unit: Reading<String>
    var owner: Reading<Listener.Owner>
  }

  /// Tunables change seldom: one may be so many milliseconds old, and so many samples at most.
  private static let oldest: Int64 = 5000
  private static let mostTurns: Int64 = 50

  /// A reader of the thread's network namespace.
  ///
  /// - Parameters:
  ///   - catalogue: tells which keys there are.
  ///   - owners: whether to look for the processes behind listeners.
  ///   - walks: whether to count half-open connections at each sample.
  ///   - interval: milliseconds from sample to sample.
  init(_ catalogue: Catalogue, owners: Bool, walks: Bool, interval: Int64) {
    self.owners = owners
    self.walks = walks
    files = HeldFiles(
      expected: catalogue.pages.tunables.keys + KernelModel.furtherKeys,
      turns: Int(min(Self.mostTurns, max(1, Self.oldest / max(1, interval)))))
    (host, hostGaps) = HostFS().host(files.readTunables())
  }

  /// The host now.
  mutating func sample() -> Snapshot {
    var snapshot = Snapshot(host: host)
    let tunables = files.readTunables()
    let counters = files.readCounters()
    let time = Clock.milliseconds()
    let looked = look { (dump) throws(NetlinkFailure) in try dump.listeners() }
    snapshot.tunables = tunables.values
    snapshot.counters = counters.table
    snapshot.host.uptime = host.uptime.flatMap { uptime in
      let now = Fraction(time - begin, 1000).flatMap { uptime.adding($0) }
      return now.map(Reading.known) ?? .unreadable("it does not fit 64 bits")
    }
    snapshot.gaps = tunables.gaps + hostGaps + counters.gaps
    var listeners = looked.map(\.listeners)
    snapshot.gaps += looked.value?.gaps ?? []
    if let before {
      snapshot.countersBefore = before.counters
      snapshot.window = .interval(
        seconds: Fraction(max(1, time - before.time), 1000) ?? Fraction(1))
    }
    if case .known(var known) = listeners {
      let looks = complete(&known)
      self.before = Before(
        time: time, counters: closing(snapshot), listeners: looks)
      if walks { walk(&snapshot, &known) }
      listeners = .known(known)
    } else {
      before = Before(time: time, counters: snapshot.counters, listeners: [:])
    }
    snapshot.listeners = listeners
    if !walks { snapshot.walk = .notGathered("--walk always counts them") }
    return snapshot
  }

  /// Asks the kernel for sockets; after a failure with a new socket at the next sample.
  private mutating func look<Result>(
    _ ask: (inout SocketDump<NetlinkSocket>) throws(NetlinkFailure) -> Result
  ) -> Reading<Result> {
    do throws(NetlinkFailure) {
      var open: SocketDump<NetlinkSocket>
      if let held = dump.take() {
        open = held
      } else {
        open = SocketDump(over: try NetlinkSocket())
      }
      let result = try ask(&open)
      dump = consume open
      return .known(result)
    } catch {
      return .unreadable(error.reason)
    }
  }

  /// The counters with which the next window begins.
  ///
  /// A listener's own drops must be watched for at least as long as the namespace's overflows that
  /// they are to explain, so the counters' window lies within the listeners'. That matters only while
  /// there are overflows, and costs a second reading.
  private mutating func closing(_ snapshot: Snapshot) -> CounterTable {
    let name = "TcpExt.ListenOverflows"
    let overflows = snapshot.counters[name]
    guard overflows != snapshot.countersBefore?[name] else { return snapshot.counters }
    return files.readCounters().table
  }

  /// Gives each listener its name and what this look and the one before showed.
  private mutating func complete(_ listeners: inout [Listener]) -> [UInt64: Look] {
    let read = listeners
    let isSame = last.map { $0.read == read } ?? false
    if isSame, let last, last.isSteady, let before {
      listeners = last.whole
      return before.listeners
    }
    name(&listeners)
    let looks = sampled(&listeners)
    last = Last(read: read, whole: listeners, isSteady: isSame)
    return looks
  }

  /// Gives each listener what this look and the one before showed.
  private func sampled(_ listeners: inout [Listener]) -> [UInt64: Look] {
    var looks: [UInt64: Look] = [:]
    looks.reserveCapacity(listeners.count)
    for index in listeners.indices {
      let listener = listeners[index]
      let look = Look(
        length: listener.length, isFull: listener.length > listener.limit, drops: listener.drops)
      looks[listener.cookie] = look
      guard let before else { continue }
      var sampling = Listener.Sampling(
        peak: look.length, samples: 1, fullSamples: look.isFull ? 1 : 0,
        dropsBefore: .noWindow("it began to listen within the window"))
      if let first = before.listeners[listener.cookie] {
        sampling.peak = max(first.length, look.length)
        sampling.samples = 2
        sampling.fullSamples += first.isFull ? 1 : 0
        sampling.dropsBefore = first.drops
      }
      listeners[index].sampling = sampling
    }
    return looks
  }

  private mutating func name(_ listeners: inout [Listener]) {
    let new = listeners.filter { names[$0.cookie] == nil }
    if !new.isEmpty {
      let found =
        owners ? ListenerOwners(inodes: new.map(\.inode)).owners(of: new, in: &cgroups) : [:]
      for listener in new {
        names[listener.cookie] = Name(
          unit: listener.cgroup.flatMap { cgroups.unit(of: $0) },
          owner: owners
            ? found[listener.inode] ?? .absent("no process can hold it")
            : .notGathered("--no-owners"))
      }
    }
    var kept: [UInt64: Name] = [:]
    if names.count > 2 * listeners.count + 64 { kept.reserveCapacity(listeners.count) }
    for index in listeners.indices {
      guard let name = names[listeners[index].cookie] else { continue }
      listeners[index].unit = name.unit
      listeners[index].owner = name.owner
      if names.count > 2 * listeners.count + 64 { kept[listeners[index].cookie] = name }
    }
    // Sockets that listen no more are forgotten now and then.
    if names.count > 2 * listeners.count + 64 { names = kept }
  }

  private mutating func walk(_ snapshot: inout Snapshot, _ listeners: inout [Listener]) {
    let walked = look { (dump) throws(NetlinkFailure) in try dump.walk() }
    snapshot.walk = walked.map(\.walk.total)
    snapshot.gaps += walked.value?.gaps ?? []
    switch walked {
    case .known(let found):
      for (index, attached) in found.walk.attached(to: listeners).enumerated() {
        listeners[index].attached = attached
      }
    case .missing(let absence):
      for index in listeners.indices { listeners[index].attached = .missing(absence) }
    }
  }
}
