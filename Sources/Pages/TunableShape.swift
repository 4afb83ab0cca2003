public import Facts

/// How the text of a key becomes numbers: all that a condition asks of its page.
public struct TunableShape: Equatable, Sendable {
  /// What the kernel's own numbers count.
  public var unit: KeyUnit
  /// The names of a vector's numbers, empty for a single one.
  public var elements: [VectorElement]

  /// Whether it is numbers at all.
  public var form: KeyForm

  /// How many numbers its file has.
  public var count: Int { max(1, elements.count) }

  /// The type of the key as a fact.
  public var type: FactType {
    switch form {
    case .numbers: elements.isEmpty ? .quantity(unit.dimension) : .vector(unit.dimension)
    case .text, .ports: .text
    }
  }
}

extension Tunable {
  /// How the key's text becomes numbers.
  public var shape: TunableShape {
    TunableShape(unit: unit, elements: elements, form: form)
  }
}

/// What a remedy asks of a key's page.
public struct TunableBounds: Equatable, Sendable {
  /// What the kernel's own numbers count.
  public var unit: KeyUnit
  /// The values that a remedy may set, in the kernel's own unit.
  public var sensible: ClosedRange<Int64>
  /// When a change begins to matter.
  public var effect: Effect
}

extension Tunable {
  /// What a remedy asks of the page.
  public var bounds: TunableBounds {
    TunableBounds(unit: unit, sensible: sensible, effect: effect)
  }
}
