import Catalogue
import Facts
import HostFS
import KernelModel
import Netlink
import Pages

/// What a command wants to know beside the cheap facts.
struct Effort {
  /// When the table of connections is walked.
  enum Walk: String, CaseIterable {
    /// Where the prediction is within the budget.
    case auto
    case always, never
  }

  /// Whether processes behind listeners are looked for.
  var owners: Bool
  /// When the table of connections is walked.
  var walk: Walk

  /// Only what is always gathered.
  static let cheap = Effort(owners: false, walk: .never)
}

/// Reads this host: kernel files, one dump of listeners, who holds them, and one walk at most.
struct LiveReader {
  /// How often listeners are looked at within a window, in milliseconds (facts.md 2).
  private static let samplingInterval: Int64 = 100

  let catalogue: Catalogue
  let effort: Effort

  /// What the files of a host tell, without its sockets.
  static func files(_ files: HostFS, _ catalogue: Catalogue) -> Snapshot {
    let tunables = files.tunables(
      expected: catalogue.pages.tunables.keys + KernelModel.furtherKeys)
    let (host, gaps) = files.host(tunables)
    let counters = files.counters()
    var snapshot = Snapshot(host: host)
    snapshot.tunables = tunables.values
    snapshot.counters = counters.table
    snapshot.gaps = tunables.gaps + gaps + counters.gaps
    return snapshot
  }

  /// The host now, or over a window of so many seconds.
  func snapshot(window: Fraction?) -> Snapshot {
    let files = HostFS()
    let first = Self.listeners()
    var snapshot = Self.files(files, catalogue)
    snapshot.gaps += first.gaps
    snapshot.listeners = first.listeners
    if let window {
      watch(&snapshot, files, for: window)
    }
    if case .known(var listeners) = snapshot.listeners {
      name(&listeners)
      walk(&snapshot, &listeners)
      snapshot.listeners = .known(listeners)
    }
    return snapshot
  }

  private static func listeners() -> (listeners: Reading<[Listener]>, gaps: [Gap]) {
    do {
      var dump = SocketDump(over: try NetlinkSocket())
      let (listeners, gaps) = try dump.listeners()
      return (.known(listeners), gaps)
    } catch {
      return (.unreadable(error.reason), [])
    }
  }

  // MARK: Window

  /// Looks at the listeners again and again, and at the counters once more at the end.
  ///
  /// The counters are read inside the first and the last look at the listeners: what they count in
  /// between, a listener's own drop counter has counted too.
  private func watch(_ snapshot: inout Snapshot, _ files: HostFS, for window: Fraction) {
    let begin = Clock.milliseconds()
    let end = begin + (window.multiplied(by: Fraction(1000))?.roundedUp ?? 0)
    snapshot.countersBefore = snapshot.counters
    var samples = Samples(first: snapshot.listeners.value ?? [])
    var next = begin + Self.samplingInterval
    while next < end {
      Clock.sleep(until: next)
      if case .known(let now) = Self.listeners().listeners { samples.add(now) }
      // A look that took longer than the interval is not made up for.
      next = max(next + Self.samplingInterval, Clock.milliseconds())
    }
    Clock.sleep(until: end)
    let counters = files.counters()
    let elapsed = Clock.milliseconds() - begin
    let last = Self.listeners()
    snapshot.counters = counters.table
    snapshot.window = .interval(seconds: Fraction(max(1, elapsed), 1000) ?? window)
    for gap in counters.gaps + last.gaps where !snapshot.gaps.contains(gap) {
      snapshot.gaps.append(gap)
    }
    snapshot.listeners = last.listeners.map { samples.finish(with: $0) }
  }

  // MARK: Names

  /// Units by cgroup, which needs no privilege, and owners by descriptors.
  private func name(_ listeners: inout [Listener]) {
    var cgroups = Cgroups()
    for index in listeners.indices {
      listeners[index].unit = listeners[index].cgroup.flatMap { cgroups.unit(of: $0) }
    }
    guard effort.owners else {
      for index in listeners.indices {
        listeners[index].owner = .notGathered("--no-owners")
      }
      return
    }
    let owners = ListenerOwners(inodes: listeners.map(\.inode))
      .owners(of: listeners, in: &cgroups)
    for index in listeners.indices {
      listeners[index].owner =
        owners[listeners[index].inode] ?? .absent("no process can hold it")
    }
  }
}

// MARK: Walk

extension LiveReader {
  /// Nanoseconds for each bucket of the table and for each socket of the machine: every walk visits
  /// all of them, whatever it looks for (measured; good to about a third).
  private static let perBucket: Int64 = 1
  private static let perSocket: Int64 = 140
  /// What a walk may cost without being asked for, in milliseconds (facts.md 3).
  private static let budget: Int64 = 50
  /// Kernels before 6.1 do not tell the table's size; by default it is not larger than this.
  private static let largestTable: Int64 = 512 << 10

  private func walk(_ snapshot: inout Snapshot, _ listeners: inout [Listener]) {
    let counts: Reading<ConnectionWalk>
    if let absence = whyNot(snapshot) {
      counts = .missing(absence)
    } else {
      do {
        var dump = SocketDump(over: try NetlinkSocket())
        let (walk, gaps) = try dump.walk()
        snapshot.gaps += gaps
        counts = .known(walk)
      } catch {
        counts = .unreadable(error.reason)
      }
    }
    snapshot.walk = counts.map(\.total)
    switch counts {
    case .known(let walk):
      for (index, attached) in walk.attached(to: listeners).enumerated() {
        listeners[index].attached = attached
      }
    case .missing(let absence):
      for index in listeners.indices { listeners[index].attached = .missing(absence) }
    }
  }

  /// Why no walk is made, nil where one is.
  private func whyNot(_ snapshot: Snapshot) -> Absence? {
    switch effort.walk {
    case .always: return nil
    case .never: return Absence(.notGathered, "no walk of the table of connections (--walk never)")
    case .auto:
      guard case .known(let sockets) = snapshot.counters.reading("sockstat.TCP.alloc") else {
        return Absence(.notGathered, "a walk of unknown cost; --walk always makes it")
      }
      let buckets = snapshot.host.ehash.value ?? Self.largestTable
      // Both are the kernel's own numbers: far from what 64 bits hold.
      let cost = (buckets &* Self.perBucket &+ sockets &* Self.perSocket) / 1_000_000
      return cost <= Self.budget
        ? nil
        : Absence(
          .notGathered,
          "a walk of about \(cost) ms, more than \(Self.budget); --walk always makes it")
    }
  }
}

/// The listeners of a window by their cookies.
private struct Samples {
  private var sampled: [UInt64: Listener.Sampling] = [:]
  private var count: Int64 = 0

  init(first: [Listener]) {
    add(first, dropsBefore: \.drops)
  }

  mutating func add(_ listeners: [Listener]) {
    add(listeners) { _ in .noWindow("it began to listen within the window") }
  }

  private mutating func add(
    _ listeners: [Listener], dropsBefore: (Listener) -> Reading<Int64>
  ) {
    for listener in listeners {
      var sampling =
        sampled[listener.cookie]
        ?? Listener.Sampling(
          peak: 0, samples: 0, fullSamples: 0, dropsBefore: dropsBefore(listener))
      sampling.peak = max(sampling.peak, listener.length)
      sampling.samples += 1
      sampling.fullSamples += listener.length > listener.limit ? 1 : 0
      sampled[listener.cookie] = sampling
    }
  }

  /// The last look, each listener with what all looks showed.
  mutating func finish(with last: [Listener]) -> [Listener] {
    add(last)
    return last.map { listener in
      var listener = listener
      listener.sampling = sampled[listener.cookie]
      return listener
    }
  }
}
