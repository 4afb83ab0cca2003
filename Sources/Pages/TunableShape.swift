public import Facts

/// How the text of a key becomes numbers: all that a condition asks of its page.
public struct TunableShape: Equatable, Sendable {
  /// What the kernel's own numbers count.
  public var unit: KeyUnit
  /// The names of a vector's numbers, empty for a single one.
  public var elements: [VectorElement]

  /// How many numbers its file has.
  public var count: Int { max(1, elements.count) }
}

extension Tunable {
  /// How the key's text becomes numbers.
  public var shape: TunableShape { TunableShape(unit: unit, elements: elements) }
}
