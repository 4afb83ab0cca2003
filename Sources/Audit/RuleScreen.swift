import Expressions
import Facts

/// A first look at coded conditions over one snapshot: which of them surely do not hold.
///
/// It says less than ``Evaluator``, and never anything else: what it does not refute is evaluated.
struct RuleScreen {
  private typealias Known = ScreenedFact

  private let code: ScreenCode
  private let facts: SnapshotFacts
  private let groups: [(first: Int, count: Int64)]?
  /// What earlier samples have left; nil where this is no sample of several.
  private var memory: ScreenMemory.Known?
  /// What the host's facts are, as far as they were asked for.
  private var known: [Known]
  /// The aggregates that were computed, by where their conditions begin.
  private var aggregates: [Aggregated] = []
  /// Where in the code the look is.
  private var at = 0
  private var members = Members.host
  /// Whether what listeners do not have in common counts as not known.
  private var asksNumbersOnly = false
  /// The facts that were asked for since the last rule began, if there is a memory for them.
  private var asked: [UInt16] = []
  /// Whether a fact is not taken down, as only a key can change it; empty where there is no memory.
  private var isSteady: [Bool] = []
  /// Whether both sides are asked, also where one decides.
  private var asksAll = false
  /// Whether something was met that is not looked at here.
  private var metOpen = false

  private struct Aggregated {
    var start: Int
    var value: Known
    var asked: [UInt16]
  }

  init(_ code: ScreenCode, _ facts: SnapshotFacts, rules: Int = 0, mostUndecided: Int = .max) {
    self.code = code
    self.facts = facts
    groups = facts.likeness?.groups
    known = [Known](repeating: .unasked, count: code.queries.count)
    guard let screened = facts.screened else { return }
    let scene = ScreenMemory.Scene(
      mostUndecided: mostUndecided,
      hasWindow: facts.snapshot.window.seconds != nil && facts.snapshot.countersBefore != nil,
      noEntries: facts.entries.absence, noDestinations: facts.snapshot.destinations.absence)
    var memory = screened.taken() ?? ScreenMemory.Known(code, rules: rules, scene)
    memory.begin(scene, facts.queues)
    isSteady = memory.isSteady
    self.memory = memory
  }

  /// Whether the condition that begins there surely does not hold for the members at hand.
  mutating func refutes(_ start: Int, for members: Members) -> Bool {
    at = start
    self.members = members
    return truth() == .no
  }

  /// Whether the condition surely holds for no listener, by what those that are alike have in common;
  /// where listeners are not known nothing is sure.
  mutating func refutesForAllListeners(_ start: Int) -> Bool {
    guard let groups else { return false }
    ask(ScreenMemory.Known.listeners)
    asksNumbersOnly = true
    defer { asksNumbersOnly = false }
    for group in groups where !refutes(start, for: Members(.listener, group.first)) {
      return false
    }
    return true
  }

  // MARK: Samples

  /// What became of a rule in an earlier sample, where all is the same of which that was made.
  mutating func outcome(of rule: Int) -> ScreenMemory.Outcome? {
    guard let outcome = memory?[rule] else { return nil }
    for place in outcome.asked {
      if place != ScreenMemory.Known.listeners, case .unasked = known[Int(place)] {
        look(Int(place))
      }
      guard let since = memory?.since(place), since <= outcome.sample else { return nil }
    }
    return outcome
  }

  /// Begins with a rule: what is asked from now on decides what becomes of it.
  mutating func begin() { asked.removeAll(keepingCapacity: true) }

  /// Leaves it to later samples that what was asked has refuted the rule, or that it is for other
  /// kernels.
  mutating func keepRefuted(_ rule: Int, applies: Bool = true) {
    keep(rule, nil, applies: applies)
  }

  /// Leaves to later samples what was told of a rule, if all that its condition asks can be looked at
  /// here.
  mutating func keep(_ rule: Int, _ subject: Subject, _ start: Int, _ told: ScreenMemory.Told) {
    guard memory != nil else { return }
    begin()
    // There are none, so that nothing was asked.
    if subject == .entry {
      keep(rule, told, applies: true)
      return
    }
    asksAll = true
    metOpen = false
    at = start
    members = .host
    if subject == .listener {
      ask(ScreenMemory.Known.listeners)
      if let first = groups?.first { members = Members(.listener, first.first) }
    }
    _ = truth()
    asksAll = false
    if !metOpen { keep(rule, told, applies: true) }
  }

  private mutating func keep(_ rule: Int, _ told: ScreenMemory.Told?, applies: Bool) {
    guard let sample = memory?.sample else { return }
    memory?[rule] = ScreenMemory.Outcome(
      sample: sample, asked: asked, told: told, applies: applies)
  }

  /// Leaves what is known to those who look at later samples.
  mutating func leaveMemory() {
    if let memory = memory.take() { facts.screened?.leave(memory) }
  }

  private mutating func ask(_ place: UInt16) {
    if !isSteady.isEmpty { asked.append(place) }
  }

  // MARK: Conditions

  private mutating func next() -> Int {
    defer { at += 1 }
    return Int(code.words[at])
  }

  private mutating func word() -> ScreenCode.Word? {
    defer { at += 1 }
    return ScreenCode.Word(rawValue: code.words[at])
  }

  private mutating func truth() -> Truth {
    let word = word()
    switch word {
    case .no: return .no
    case .yes: return .yes
    case .and: return joined(decisive: .no)
    case .or: return joined(decisive: .yes)
    case .not: return truth().negated
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual: return compared(word)
    case .present:
      switch fact(next()) {
      case .absent: return .no
      case .nothing, .unasked: return .unknown
      default: return .yes
      }
    case .ascending:
      guard case .vector(let isAscending) = fact(next()) else { return .unknown }
      return Truth(isAscending)
    default:
      guard case .boolean(let boolean) = value(word) else { return .unknown }
      return Truth(boolean)
    }
  }

  private mutating func joined(decisive: Truth) -> Truth {
    let length = next()
    let left = truth()
    if left == decisive, !asksAll {
      at += length
      return left
    }
    let right = truth()
    if left == decisive || right == decisive { return decisive }
    return left == .unknown || right == .unknown ? .unknown : left
  }

  private mutating func compared(_ word: ScreenCode.Word?) -> Truth {
    let left = value()
    let right = value()
    switch (left, right) {
    case (.number(let a), .number(let b)):
      return switch word {
      case .equal: Truth(a == b)
      case .unequal: Truth(a != b)
      case .less: Truth(a < b)
      case .lessOrEqual: Truth(a <= b)
      case .greater: Truth(a > b)
      case .greaterOrEqual: Truth(a >= b)
      default: .unknown
      }
    case (.boolean(let a), .boolean(let b)):
      return Truth(word == .unequal ? a != b : a == b)
    default: return .unknown
    }
  }

  // MARK: Values

  private mutating func value() -> Known { value(word()) }

  private mutating func value(_ word: ScreenCode.Word?) -> Known {
    switch word {
    case .no: return .boolean(false)
    case .yes: return .boolean(true)
    case .fact: return fact(next())
    case .number: return .number(code.numbers[next()])
    case .negative:
      guard case .number(let number) = value() else { return .nothing }
      return number.negated.map(Known.number) ?? .nothing
    case .plus, .minus, .times, .over: return computed(word)
    case .min, .max: return extreme(word)
    case .countOfListeners, .anyListener: return overListeners(word)
    default:
      metOpen = true
      return .nothing
    }
  }

  private mutating func computed(_ word: ScreenCode.Word?) -> Known {
    let left = value()
    let right = value()
    guard case .number(let a) = left, case .number(let b) = right else { return .nothing }
    let result: Fraction? =
      switch word {
      case .plus: a.adding(b)
      case .minus: a.subtracting(b)
      case .times: a.multiplied(by: b)
      default: a.divided(by: b)
      }
    return result.map(Known.number) ?? .nothing
  }

  private mutating func extreme(_ word: ScreenCode.Word?) -> Known {
    var result: Fraction?
    var isWhole = true
    for _ in 0..<next() {
      guard case .number(let number) = value() else {
        isWhole = false
        continue
      }
      result = result.map { word == .min ? Swift.min($0, number) : Swift.max($0, number) } ?? number
    }
    return isWhole ? result.map(Known.number) ?? .nothing : .nothing
  }

  /// Conditions about listeners are decided alike for those that are alike.
  private mutating func overListeners(_ word: ScreenCode.Word?) -> Known {
    let length = next()
    let start = at
    defer { at = start + length }
    if !asksAll, let earlier = aggregates.first(where: { $0.start == start }) {
      asked += earlier.asked
      return earlier.value
    }
    let before = asked.count
    ask(ScreenMemory.Known.listeners)
    guard let groups else { return .nothing }
    let outside = members
    var count: Int64 = 0
    var isDecided = true
    for group in groups {
      at = start
      members = Members(.listener, group.first)
      switch truth() {
      case .yes: count += group.count
      case .no: break
      case .unknown: isDecided = false
      }
    }
    members = outside
    let value: Known =
      if word == .anyListener {
        count > 0 ? .boolean(true) : isDecided ? .boolean(false) : .nothing
      } else {
        isDecided ? .number(Fraction(count)) : .nothing
      }
    aggregates.append(
      Aggregated(start: start, value: value, asked: Array(asked[before...])))
    return value
  }

  private mutating func fact(_ place: Int) -> Known {
    guard let query = code.queries[place] else {
      metOpen = true
      return .nothing
    }
    if let subject = query.fact.subject {
      if subject == .listener { ask(ScreenMemory.Known.listeners) }
      if case .listener(let fact) = query.fact, asksNumbersOnly, !fact.isNumber { return .nothing }
      return Known(facts.reading(query, of: members))
    }
    if !isSteady.isEmpty, !isSteady[place] { asked.append(UInt16(place)) }
    if case .unasked = known[place] { look(place) }
    return known[place]
  }

  private mutating func look(_ place: Int) {
    guard let query = code.queries[place] else { return }
    let reading = facts.reading(query, of: .host)
    known[place] = Known(reading)
    if memory != nil { memory?.note(place, known[place], reading.absence) }
  }
}
