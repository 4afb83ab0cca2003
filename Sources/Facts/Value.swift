/// The type of a fact or of an expression.
public enum FactType: Hashable, Sendable {
  /// A number with its unit.
  case quantity(Dimension)
  /// true or false.
  case boolean
  /// Characters.
  case text
  /// A kernel release.
  case release
  /// Several numbers of one unit in one file (tcp_rmem, tcp_mem).
  case vector(Dimension)

  /// The type in words, for messages of the type checker.
  public var words: String {
    switch self {
    case .quantity(let dimension): dimension.words
    case .boolean: "true or false"
    case .text: "a text"
    case .release: "a kernel release"
    case .vector: "a vector"
    }
  }
}

/// The value of a fact or of an expression.
public enum Value: Hashable, Sendable {
  /// A number with its unit.
  case quantity(Quantity)
  /// true or false.
  case boolean(Bool)
  /// Characters.
  case text(String)
  /// A kernel release.
  case release(KernelRelease)
  /// The elements of a vector, in the order of the file.
  case vector([Quantity])

  /// A whole number of something.
  public static func count(_ number: Int64, _ dimension: Dimension = .pure) -> Value {
    .quantity(Quantity(number, dimension))
  }

  /// The type of the value.
  public var type: FactType {
    switch self {
    case .quantity(let quantity): .quantity(quantity.dimension)
    case .boolean: .boolean
    case .text: .text
    case .release: .release
    case .vector(let elements): .vector(elements.first?.dimension ?? .pure)
    }
  }
}
