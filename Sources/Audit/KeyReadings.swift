import Expressions
import Facts
import Pages

// What keys hold here, and what they would hold by default.
extension SnapshotFacts {
  /// A key's numbers in base units.
  func value(of key: SysctlKey) -> Reading<Value> {
    guard let shape = tunables.shape(of: key) else {
      return .absent("no page describes '\(key)'")
    }
    guard shape.form == .numbers else { return text(of: key).map(Value.text) }
    return numbers(of: key, shape).flatMap { inBaseUnits($0, shape) }
  }

  /// What a key holds here.
  func content(of tunable: Tunable) -> Reading<KeyContent> {
    if tunable.access == .secret, text(of: tunable.key).value != nil {
      return .notGathered("present, not recorded: the kernel keeps it from other users")
    }
    return tunable.form == .numbers
      ? numbers(of: tunable).map(KeyContent.numbers)
      : text(of: tunable.key).map(KeyContent.text)
  }

  /// A key's words parted by one blank.
  private func text(of key: SysctlKey) -> Reading<String> {
    here(key, snapshot.text(of: key).map { FilesReport.Key.words($0).joined(separator: " ") })
  }

  /// The reading, with a better reason where it is the namespace that lacks the key.
  private func here<Wrapped>(_ key: SysctlKey, _ reading: Reading<Wrapped>) -> Reading<Wrapped> {
    if reading.absence?.kind == .absent, isHiddenByNamespace(key) {
      return .absent("only the initial network namespace has it")
    }
    return reading
  }

  private func inBaseUnits(_ numbers: [Int64], _ shape: TunableShape) -> Reading<Value> {
    let quantities = numbers.compactMap {
      shape.unit.quantity($0, pageSize: snapshot.host.pageSize)
    }
    guard quantities.count == shape.count else {
      return .unreadable("the value does not fit 64 bits in base units")
    }
    return .known(shape.elements.isEmpty ? .quantity(quantities[0]) : .vector(quantities))
  }

  /// A key's numbers in the kernel's own unit.
  func numbers(of tunable: Tunable) -> Reading<[Int64]> {
    numbers(of: tunable.key, tunable.shape)
  }

  func numbers(of key: SysctlKey, _ shape: TunableShape) -> Reading<[Int64]> {
    let reading = snapshot.numbers(of: key).flatMap { numbers -> Reading<[Int64]> in
      numbers.count == shape.count
        ? .known(numbers)
        : .unreadable("expected \(shape.count) numbers, found \(numbers.count)")
    }
    return here(key, reading)
  }

  /// Whether the key belongs to the whole host and this is another network namespace than the first.
  func isHiddenByNamespace(_ tunable: Tunable) -> Bool { isHiddenByNamespace(tunable.key) }

  private func isHiddenByNamespace(_ key: SysctlKey) -> Bool {
    guard snapshot.host.initialNamespace.value == false, let release = snapshot.host.release.value
    else { return false }
    return tunables.namespaced(key)?.value(for: release) == false
  }

  static func element(
    _ element: VectorElement, of key: SysctlKey, in value: Value, _ tunables: TunableTable
  ) -> Reading<Value> {
    guard
      case .vector(let numbers) = value,
      let index = tunables.shape(of: key)?.elements.firstIndex(of: element), index < numbers.count
    else { return .absent("'\(key)' has no element '\(element.rawValue)'") }
    return .known(.quantity(numbers[index]))
  }

  // MARK: Defaults

  func defaultValue(of key: SysctlKey) -> Reading<Value> {
    guard let shape = tunables.shape(of: key), let formulas = tunables.defaultValue(of: key) else {
      return .absent("no page describes '\(key)'")
    }
    return shape.form == .numbers
      ? defaultNumbers(formulas, shape).flatMap { inBaseUnits($0, shape) }
      : defaultText(formulas).map(Value.text)
  }

  /// The default on this host.
  func defaultContent(of tunable: Tunable) -> Reading<KeyContent> {
    guard tunable.form != .numbers else {
      return defaultNumbers(of: tunable).map(KeyContent.numbers)
    }
    return defaultText(tunable.defaultValue).map(KeyContent.text)
  }

  private func defaultText(_ formulas: ByRelease<[Expression]?>) -> Reading<String> {
    snapshot.host.release.flatMap { release in
      guard let expression = (formulas.value(for: release) ?? nil)?.first else {
        return Self.unsaidDefault()
      }
      var evaluator = Evaluator(self)
      return evaluator.value(of: expression).flatMap { value in
        guard case .text(let text) = value else { return .unreadable("the default is no text") }
        return .known(text)
      }
    }
  }

  private static func unsaidDefault<Wrapped>() -> Reading<Wrapped> {
    .absent("the kernel chooses it in a way that no formula here tells")
  }

  /// The default on this host in the kernel's own unit, rounded down.
  func defaultNumbers(of tunable: Tunable) -> Reading<[Int64]> {
    defaultNumbers(tunable.defaultValue, tunable.shape)
  }

  func defaultNumbers(
    _ formulas: ByRelease<[Expression]?>, _ shape: TunableShape
  ) -> Reading<[Int64]> {
    snapshot.host.release.flatMap { release in
      guard let expressions = formulas.value(for: release) ?? nil else {
        return Self.unsaidDefault()
      }
      return numbers(of: expressions, shape)
    }
  }

  /// What the expressions of a page's default give on this host, in the kernel's own unit.
  func numbers(of expressions: [Expression], _ tunable: Tunable) -> Reading<[Int64]> {
    numbers(of: expressions, tunable.shape)
  }

  private func numbers(of expressions: [Expression], _ shape: TunableShape) -> Reading<[Int64]> {
    var evaluator = Evaluator(self)
    var numbers: [Int64] = []
    for expression in expressions {
      switch evaluator.value(of: expression) {
      case .missing(let absence): return .missing(absence)
      case .known(.quantity(let quantity)):
        let own = shape.unit.own(quantity, pageSize: snapshot.host.pageSize)
        guard let own else { return .unreadable("the default does not fit 64 bits") }
        numbers.append(own.roundedDown)
      case .known: return .unreadable("the default is not a number")
      }
    }
    return .known(numbers)
  }

  /// Whether the default would be another if the machine had a tenth less memory.
  ///
  /// The kernel computes with free buffer memory, which we know only about.
  func isDefaultApproximate(of tunable: Tunable) -> Bool {
    guard case .known(let memory) = snapshot.host.memory,
      case .known(let numbers) = defaultNumbers(of: tunable)
    else { return false }
    var smaller = snapshot
    smaller.host.memory = .known(memory / 10 * 9)
    let other = SnapshotFacts(smaller, tunables: tunables).defaultNumbers(of: tunable)
    return other.value != numbers
  }
}
