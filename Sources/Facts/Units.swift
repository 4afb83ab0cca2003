/// What a number measures.
///
/// A number without a unit, a count and a share are all ``pure``.
public enum Dimension: String, Hashable, Sendable {
  /// A count, a share, a flag.
  case pure
  /// Bytes; pages become bytes at the border.
  case bytes
  /// Seconds; jiffies, milliseconds and microseconds become seconds at the border.
  case seconds
  /// A count per second.
  case perSecond
  /// Bytes per second.
  case bytesPerSecond

  /// The dimension in words, for messages of the type checker.
  public var words: String {
    switch self {
    case .pure: "a number"
    case .bytes: "bytes"
    case .seconds: "seconds"
    case .perSecond: "a rate"
    case .bytesPerSecond: "bytes per second"
    }
  }

  /// The short name of the unit in which JSON and text give amounts, nil for pure numbers.
  public var symbol: String? {
    switch self {
    case .pure: nil
    case .bytes: "B"
    case .seconds: "s"
    case .perSecond: "/s"
    case .bytesPerSecond: "B/s"
    }
  }
}

/// An exact amount of something.
public struct Quantity: Hashable, Sendable {
  /// How much, in the base unit of the dimension.
  public var amount: Fraction
  /// Of what.
  public var dimension: Dimension

  /// An exact amount.
  public init(_ amount: Fraction, _ dimension: Dimension = .pure) {
    self.amount = amount
    self.dimension = dimension
  }

  /// A whole amount.
  public init(_ whole: Int64, _ dimension: Dimension = .pure) {
    self.init(Fraction(whole), dimension)
  }
}

/// A unit that may follow a number in a condition (`60s`, `32MiB`, `80%`, `5/s`).
public struct LiteralUnit: Sendable {
  /// The spelling.
  public let symbol: String
  /// What it measures.
  public let dimension: Dimension
  /// How many base units one of it is.
  public let factor: Fraction

  /// Every unit of the language, in the order of the reference (facts.md 4).
  public static let all: [LiteralUnit] = [
    LiteralUnit(symbol: "s", dimension: .seconds, factor: Fraction(1)),
    LiteralUnit(symbol: "ms", dimension: .seconds, factor: Fraction.thousandth),
    LiteralUnit(symbol: "min", dimension: .seconds, factor: Fraction(60)),
    LiteralUnit(symbol: "h", dimension: .seconds, factor: Fraction(3600)),
    LiteralUnit(symbol: "d", dimension: .seconds, factor: Fraction(86400)),
    LiteralUnit(symbol: "B", dimension: .bytes, factor: Fraction(1)),
    LiteralUnit(symbol: "KiB", dimension: .bytes, factor: Fraction(1 << 10)),
    LiteralUnit(symbol: "MiB", dimension: .bytes, factor: Fraction(1 << 20)),
    LiteralUnit(symbol: "GiB", dimension: .bytes, factor: Fraction(1 << 30)),
    LiteralUnit(symbol: "%", dimension: .pure, factor: Fraction.hundredth),
    LiteralUnit(symbol: "/s", dimension: .perSecond, factor: Fraction(1)),
    LiteralUnit(symbol: "B/s", dimension: .bytesPerSecond, factor: Fraction(1)),
    LiteralUnit(symbol: "KiB/s", dimension: .bytesPerSecond, factor: Fraction(1 << 10)),
    LiteralUnit(symbol: "MiB/s", dimension: .bytesPerSecond, factor: Fraction(1 << 20)),
  ]
}

extension Fraction {
  /// 1/1000.
  public static let thousandth = Fraction(unchecked: 1, 1000)
  /// 1/100.
  public static let hundredth = Fraction(unchecked: 1, 100)
  /// 1/1000000.
  public static let millionth = Fraction(unchecked: 1, 1_000_000)
  /// 1/1000000000.
  public static let billionth = Fraction(unchecked: 1, 1_000_000_000)
}

/// The unit in which the kernel keeps the number behind a key.
public enum KeyUnit: Hashable, Sendable {
  /// Things that are counted, with the word for them: `connections`, `retries`, `packets`.
  case count(of: String)
  /// Bytes.
  case bytes
  /// Memory pages of ``Host/pageSize`` bytes.
  case pages
  /// Whole seconds.
  case seconds
  /// Milliseconds.
  case milliseconds
  /// Microseconds.
  case microseconds
  /// Nanoseconds.
  case nanoseconds
  /// Hundredths of something: 80 is the share 0.8.
  case percent
  /// No number at all, but names.
  case nothing

  /// The words after `unit:` in a page that name something counted.
  public static let counted = [
    "connections", "requests", "retries", "probes", "sockets", "packets", "ports", "flows", "mode",
    "segments", "acks", "buckets", "rounds", "number",
  ]
  /// Every word that may stand after `unit:`.
  public static let words = ["bytes", "pages", "s", "ms", "us", "ns", "percent", "none"] + counted

  /// Every unit, in the order of ``words``.
  public static let all = words.compactMap(KeyUnit.init)

  /// The unit that a page's header names, or nil.
  public init?(_ word: String) {
    switch word {
    case "bytes": self = .bytes
    case "pages": self = .pages
    case "s": self = .seconds
    case "ms": self = .milliseconds
    case "us": self = .microseconds
    case "ns": self = .nanoseconds
    case "percent": self = .percent
    case "none": self = .nothing
    case _ where Self.counted.contains(word): self = .count(of: word)
    default: return nil
    }
  }

  /// The word in a page's header.
  public var word: String {
    switch self {
    case .count(let word): word
    case .bytes: "bytes"
    case .pages: "pages"
    case .seconds: "s"
    case .milliseconds: "ms"
    case .microseconds: "us"
    case .nanoseconds: "ns"
    case .percent: "percent"
    case .nothing: "none"
    }
  }

  /// What the key measures.
  public var dimension: Dimension {
    switch self {
    case .count, .percent, .nothing: .pure
    case .bytes, .pages: .bytes
    case .seconds, .milliseconds, .microseconds, .nanoseconds: .seconds
    }
  }

  /// How many base units one unit of the key is.
  public func factor(pageSize: Int64) -> Fraction {
    switch self {
    case .count, .bytes, .seconds, .nothing: Fraction(1)
    case .pages: Fraction(pageSize)
    case .milliseconds: .thousandth
    case .microseconds: .millionth
    case .nanoseconds: .billionth
    case .percent: .hundredth
    }
  }

  /// `number` of the kernel's units in base units, or nil when that does not fit.
  public func quantity(_ number: Int64, pageSize: Int64) -> Quantity? {
    Fraction(number).multiplied(by: factor(pageSize: pageSize)).map { Quantity($0, dimension) }
  }

  /// An amount of base units in the kernel's own unit, not yet rounded.
  public func own(_ quantity: Quantity, pageSize: Int64) -> Fraction? {
    quantity.amount.divided(by: factor(pageSize: pageSize))
  }
}
