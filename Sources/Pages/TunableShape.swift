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
