import Expressions
import Facts
import Synchronization

/// What the looks at earlier samples leave to later ones: what became of each rule, and which facts it
/// was made of.
///
/// It stays so until one of those facts is another one, and on a busy host, too, most are the same from
/// sample to sample. What only a key can change is not looked at again at all: where one has changed
/// there is a new memory.
final class ScreenMemory: Sendable {
  private let known = Mutex<Known?>(nil)

  /// What was left here; nobody else has it until it is left again.
  func taken() -> Known? {
    known.withLock { known in
      defer { known = nil }
      return known
    }
  }

  /// Leaves it to the next.
  func leave(_ known: Known) { self.known.withLock { $0 = known } }
}

extension ScreenMemory {
  /// What is told of rules, where facts are the same, depends on these as well.
  struct Scene: Equatable {
    /// So many of the listeners for which a rule is undecided are named.
    var mostUndecided: Int
    /// Whether rates are those of a window.
    var hasWindow: Bool
    /// Why there are no lines of files, or no destinations.
    var noEntries: Absence?
    var noDestinations: Absence?
  }

  /// What became of a rule.
  struct Outcome: Sendable {
    /// The sample in which it was decided.
    var sample: Int
    /// By which facts, those aside that only a key can change.
    var asked: [UInt16]
    /// What was told of it, nil where it was refuted.
    var told: Told?
    /// Whether the rule is for this kernel at all.
    var applies = true
  }

  /// What was told of a rule that was not refuted.
  final class Told: Sendable {
    let findings: [Finding]
    let open: NotChecked?

    init(_ findings: [Finding], _ open: NotChecked?) {
      self.findings = findings
      self.open = open
    }
  }

  /// What facts were when they were last looked at, and what became of rules.
  struct Known: Sendable {
    /// The place that stands for all facts of listeners.
    static let listeners = UInt16.max

    private struct Held {
      var fact: ScreenedFact = .unasked
      var absence: Absence?
      /// The first sample that showed it.
      var since = 0
    }

    private var scene: Scene
    /// The samples that were looked at.
    private(set) var sample = 0
    private var outcomes: [Outcome?]
    private var held: [Held]
    private var queues: Reading<[ListenerQueues]>
    private var queuesSince = 0
    /// Whether a fact stays as it is while no key changes.
    let isSteady: [Bool]

    /// Nothing known yet of so many rules.
    init(_ code: ScreenCode, rules: Int, _ scene: Scene) {
      self.scene = scene
      outcomes = [Outcome?](repeating: nil, count: rules)
      held = [Held](repeating: Held(), count: code.queries.count)
      queues = .notGathered("no sample was taken")
      isSteady = code.queries.map { $0?.fact.isSteady ?? true }
    }

    /// Begins with a sample.
    mutating func begin(_ scene: Scene, _ queues: Reading<[ListenerQueues]>) {
      sample += 1
      if scene != self.scene {
        self.scene = scene
        for index in outcomes.indices { outcomes[index] = nil }
      }
      // Where nothing has moved these are the same in memory, and need no look inside.
      if queues != self.queues {
        self.queues = queues
        queuesSince = sample
      }
    }

    /// Takes down what a fact is now.
    mutating func note(_ place: Int, _ fact: ScreenedFact, _ absence: Absence?) {
      // What a text or a vector says is not held, so it counts as another one each time.
      if fact.isComparable, fact == held[place].fact, absence == held[place].absence { return }
      held[place] = Held(fact: fact, absence: absence, since: sample)
    }

    /// The sample since which a fact is as it is.
    func since(_ place: UInt16) -> Int {
      place == Self.listeners ? queuesSince : held[Int(place)].since
    }

    /// What became of a rule.
    subscript(rule: Int) -> Outcome? {
      get { outcomes[rule] }
      set { outcomes[rule] = newValue }
    }
  }
}

/// What a first look knows of a fact or a value.
enum ScreenedFact: Equatable {
  /// Nobody has asked yet.
  case unasked
  /// Not read, or nothing that is compared here.
  case nothing
  /// This kernel has no such thing.
  case absent
  case number(Fraction)
  case boolean(Bool)
  /// Several numbers, and whether each is at least the one before.
  case vector(isAscending: Bool)
  /// A text or a release.
  case words

  init(_ reading: Reading<Value>) {
    switch reading {
    case .known(.quantity(let quantity)): self = .number(quantity.amount)
    case .known(.boolean(let boolean)): self = .boolean(boolean)
    case .known(.vector(let numbers)):
      self = .vector(
        isAscending: zip(numbers, numbers.dropFirst()).allSatisfy { $0.amount <= $1.amount })
    case .known(.text), .known(.release): self = .words
    case .missing(let absence): self = absence.kind == .absent ? .absent : .nothing
    }
  }

  /// Whether two of the same form are of the same content.
  fileprivate var isComparable: Bool {
    switch self {
    case .vector, .words: false
    default: true
    }
  }
}

extension FactName {
  /// Whether it stays as it is while no key changes.
  var isSteady: Bool {
    switch self {
    case .key, .element, .limit: true
    case .host(let fact): fact != .uptime
    case .counter, .sockets, .listener, .destination, .connections, .entry, .files: false
    }
  }
}
