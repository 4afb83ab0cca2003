import Expressions
import Facts

/// Which listeners are alike in all their numbers, and in why numbers are missing: a condition about
/// numbers is decided alike for all of them.
///
/// A host has hundreds of idle listeners, and a screen judges them every second.
struct ListenerLikeness {
  /// More kinds than these are not told apart: each further listener is one of its own.
  private static let mostKinds = 16

  private struct Numbers: Equatable {
    var length: Int64
    var limit: Int64
    var peak: Int64
    var samples: Int64?
    var fullSamples: Int64?
    var drops: Number
    var dropsBefore: Number
    var synLength: Number
    var closeWaitUnaccepted: Number
    var closeWaitHeld: Number
    var groupSize: Int64
    var groupFull: Int64
  }

  /// A number, or why there is none; a form that is compared without asking what it is of.
  private struct Number: Equatable {
    var value: Int64 = 0
    var absence: Absence?

    init() {}

    init(_ reading: Reading<Int64>) {
      switch reading {
      case .known(let number): value = number
      case .missing(let absence): self.absence = absence
      }
    }

    init(_ reading: Reading<Listener.Attached>, _ field: Int) {
      switch reading {
      case .known(let attached):
        value = field == 0 ? attached.closeWaitUnaccepted : attached.closeWaitHeld
      case .missing(let absence): self.absence = absence
      }
    }
  }

  /// The first listener of each kind, and how many there are of it; one of its own is a kind too.
  let groups: [(first: Int, count: Int64)]
  /// The kind of each listener, nil for one of its own.
  private let kinds: [Int?]
  /// For which kinds the condition does not hold, or is unknown.
  private var decided = [Truth?](repeating: nil, count: mostKinds)

  init(_ listeners: [ListenerQueues]) {
    var known: [Numbers] = []
    // As many as there are kinds that are told apart, then the others.
    var firsts: [(first: Int, count: Int64)] = []
    var alone: [(first: Int, count: Int64)] = []
    kinds = listeners.indices.map { index in
      let queues = listeners[index]
      let listener = queues.listener
      let numbers = Numbers(
        length: listener.length, limit: listener.limit, peak: listener.peak,
        samples: listener.sampling?.samples, fullSamples: listener.sampling?.fullSamples,
        drops: Number(listener.drops),
        dropsBefore: listener.sampling.map { Number($0.dropsBefore) } ?? Number(),
        synLength: Number(queues.synLength), closeWaitUnaccepted: Number(listener.attached, 0),
        closeWaitHeld: Number(listener.attached, 1), groupSize: queues.groupSize,
        groupFull: queues.groupFull)
      if let kind = known.firstIndex(of: numbers) {
        firsts[kind].count += 1
        return kind
      }
      guard known.count < Self.mostKinds else {
        alone.append((index, 1))
        return nil
      }
      known.append(numbers)
      firsts.append((index, 1))
      return known.count - 1
    }
    groups = firsts + alone
  }

  /// What is known of the condition for a listener because of one that is like it: that it does not
  /// hold, or is unknown.
  func known(_ index: Int) -> Truth? {
    guard index < kinds.count, let kind = kinds[index] else { return nil }
    return decided[kind]
  }

  /// Remembers what became of the condition for a listener; one that fires is judged for itself.
  mutating func remember(_ truth: Truth, of index: Int) {
    if truth != .yes, index < kinds.count, let kind = kinds[index] { decided[kind] = truth }
  }
}

/// How many listeners stand at one address and port (SO_REUSEPORT), and how many of them are full.
struct ListenerGroup {
  var size: Int64 = 0
  var full: Int64 = 0

  /// The group of each listener, found by sorting: most stand alone.
  static func groups(of listeners: [Listener]) -> [ListenerGroup] {
    let order = listeners.indices.sorted { a, b in
      let ports = (listeners[a].port, listeners[b].port)
      return ports.0 != ports.1
        ? ports.0 < ports.1 : listeners[a].address < listeners[b].address
    }
    var groups = [ListenerGroup](repeating: ListenerGroup(), count: listeners.count)
    var start = 0
    while start < order.count {
      let first = listeners[order[start]]
      var group = ListenerGroup()
      var end = start
      while end < order.count, listeners[order[end]].port == first.port,
        listeners[order[end]].address == first.address
      {
        group.size += 1
        group.full += listeners[order[end]].isFull ? 1 : 0
        end += 1
      }
      for index in start..<end { groups[order[index]] = group }
      start = end
    }
    return groups
  }
}
