import Expressions
import Facts

/// A first look at coded conditions over one snapshot: which of them surely do not hold.
///
/// It says less than ``Evaluator``, and never anything else: what it does not refute is evaluated.
struct RuleScreen {
  /// What is known here of a fact or a value.
  private enum Known {
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
  }

  private let code: ScreenCode
  private let facts: SnapshotFacts
  private var memory: ScreenMemory.Known
  private var hasLearned = false
  private let groups: [(first: Int, count: Int64)]?
  /// What the host's facts are, as far as they were asked for.
  private var known: [Known]
  /// The aggregates that were computed, by where their conditions begin.
  private var aggregates: [(start: Int, value: Known)] = []
  /// Where in the code the look is.
  private var at = 0
  private var members = Members.host
  /// Whether the last look has asked for all that the condition asks and met nothing but what stays
  /// as it is while no key changes.
  private(set) var askedSteadyOnly = true
  /// Whether what listeners do not have in common counts as not known.
  private var asksNumbersOnly = false

  init(_ code: ScreenCode, _ facts: SnapshotFacts) {
    self.code = code
    self.facts = facts
    groups = facts.likeness?.groups
    memory = facts.screened.recalled(code.words.count)
    known = [Known](repeating: .unasked, count: code.queries.count)
  }

  /// Whether the condition that begins there surely does not hold for the members at hand.
  mutating func refutes(_ start: Int, for members: Members) -> Bool {
    if memory.isRefuted[start] { return true }
    at = start
    self.members = members
    askedSteadyOnly = true
    guard truth() == .no else { return false }
    if askedSteadyOnly {
      memory.isRefuted[start] = true
      hasLearned = true
    }
    return true
  }

  /// What a condition's rule found on keys and the machine alone, nil where it did not.
  func finding(_ start: Int) -> Finding? {
    memory.findings.isEmpty ? nil : memory.findings[start]
  }

  /// Remembers that it did.
  mutating func remember(_ finding: Finding, _ start: Int) {
    memory.findings[start] = finding
    hasLearned = true
  }

  /// Leaves what keys and the machine decide to those who look at later snapshots.
  func leaveMemory() {
    if hasLearned { facts.screened.leave(memory) }
  }

  /// Whether the condition surely holds for no listener, by what those that are alike have in common;
  /// where listeners are not known nothing is sure.
  mutating func refutesForAllListeners(_ start: Int) -> Bool {
    guard let groups else { return false }
    asksNumbersOnly = true
    defer { asksNumbersOnly = false }
    for group in groups where !refutes(start, for: Members(.listener, group.first)) {
      return false
    }
    return true
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
    if left == decisive {
      at += length
      return left
    }
    let right = truth()
    if right == decisive { return right }
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
      askedSteadyOnly = false
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
    askedSteadyOnly = false
    if let earlier = aggregates.first(where: { $0.start == start }) { return earlier.value }
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
    aggregates.append((start, value))
    return value
  }

  private mutating func fact(_ place: Int) -> Known {
    guard let query = code.queries[place] else { return .nothing }
    if !query.fact.isSteady { askedSteadyOnly = false }
    if case .listener(let fact) = query.fact, asksNumbersOnly, !fact.isNumber { return .nothing }
    if query.fact.subject != nil { return Known(facts.reading(query, of: members)) }
    if case .unasked = known[place] {
      known[place] = Known(facts.reading(query, of: .host))
    }
    return known[place]
  }
}
