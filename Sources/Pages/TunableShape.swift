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

extension TunableShape {
  /// The shape that a header tells which was checked before, without reading the rest of it.
  init?(ofChecked page: PageFile) {
    guard let unit = Self.value(of: "unit: ", in: page.header).flatMap({ KeyUnit(String($0)) }),
      let type = Self.value(of: "type: ", in: page.header)
    else { return nil }
    self.unit = unit
    form = .numbers
    elements = []
    switch type {
    case "integer": break
    case "text": form = .text
    case "ports": form = .ports
    default:
      let names = type.split(separator: " ").dropFirst()
      elements = names.compactMap { VectorElement(rawValue: String($0)) }
      guard !elements.isEmpty, elements.count == names.count else { return nil }
    }
  }

  /// The value behind a key at the beginning of a line.
  private static func value(of key: String, in header: String) -> Substring? {
    var rest = header.utf8[...]
    while !rest.isEmpty {
      if rest.starts(with: key.utf8) {
        return Substring(rest.dropFirst(key.utf8.count).prefix { $0 != UInt8(ascii: "\n") }).trimmed
      }
      rest = rest.drop { $0 != UInt8(ascii: "\n") }.dropFirst()
    }
    return nil
  }
}
