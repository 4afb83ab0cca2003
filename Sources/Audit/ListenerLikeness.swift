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
    var drops: Reading<Int64>
    var dropsBefore: Reading<Int64>?
    var attached: Reading<Listener.Attached>
    var synLength: Reading<Int64>
    var groupSize: Int64
    var groupFull: Int64
  }

  /// The kind of each listener, nil for one of its own.
  private let kinds: [Int?]
  /// For which kinds the condition does not hold, or is unknown.
  private var decided: [Int: Truth] = [:]

  init(_ listeners: [ListenerQueues]) {
    var known: [Numbers] = []
    kinds = listeners.map { queues in
      let listener = queues.listener
      let numbers = Numbers(
        length: listener.length, limit: listener.limit, peak: listener.peak,
        samples: listener.sampling?.samples, fullSamples: listener.sampling?.fullSamples,
        drops: listener.drops, dropsBefore: listener.sampling?.dropsBefore,
        attached: listener.attached, synLength: queues.synLength, groupSize: queues.groupSize,
        groupFull: queues.groupFull)
      if let kind = known.firstIndex(of: numbers) { return kind }
      guard known.count < Self.mostKinds else { return nil }
      known.append(numbers)
      return known.count - 1
    }
  }

  /// What is known of the condition for a listener because of one that is like it: that it does not
  /// hold, or is unknown.
  func known(_ index: Int) -> Truth? { kinds[index].flatMap { decided[$0] } }

  /// Remembers what became of the condition for a listener; one that fires is judged for itself.
  mutating func remember(_ truth: Truth, of index: Int) {
    if truth != .yes, let kind = kinds[index] { decided[kind] = truth }
  }
}

/// The listeners at one address and port (SO_REUSEPORT).
struct ListenerGroup: Hashable {
  /// How many there are, and how many of them are full.
  struct Count {
    var size: Int64 = 0
    var full: Int64 = 0
  }

  private var address: String
  private var port: Int64

  init(_ listener: Listener) {
    address = listener.address
    port = listener.port
  }
}

extension Expression {
  /// Whether the condition asks a listener for nothing but its numbers.
  var asksListenersForNumbersOnly: Bool {
    var onlyNumbers = true
    visit { expression in
      let fact: FactName? =
        switch expression {
        case .query(let query, _): query.fact
        case .present(let fact, _), .ascending(let fact, _): fact
        default: nil
        }
      guard case .listener(let asked)? = fact else { return }
      switch asked {
      case .address, .family, .port, .unit, .owner, .nofile: onlyNumbers = false
      case .length, .limit, .capacity, .peak, .full, .drops, .aboveCap, .certain, .groupSize,
        .groupFull, .synCapacity, .synRecv, .closeWaitUnaccepted, .closeWaitHeld:
        break
      }
    }
    return onlyNumbers
  }
}
