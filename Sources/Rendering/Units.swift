import Facts

/// Numbers and their units as people read them; the only place where they become text.
enum Units {
  /// A value with its unit: `131 s`, `6 MiB`, `0.5/s`, `128`.
  static func text(_ value: Value) -> String {
    switch value {
    case .quantity(let quantity): text(quantity)
    case .boolean(let boolean): boolean ? "true" : "false"
    case .text(let text): text.isEmpty ? "(empty)" : text.printable
    case .release(let release): release.description
    case .vector(let numbers): numbers.map(text).joined(separator: " ")
    }
  }

  /// An amount with its unit.
  static func text(_ quantity: Quantity) -> String {
    switch quantity.dimension {
    case .pure: number(quantity.amount)
    case .seconds: "\(number(quantity.amount)) s"
    case .bytes: bytes(quantity.amount)
    case .perSecond: "\(number(quantity.amount))/s"
    case .bytesPerSecond: "\(bytes(quantity.amount))/s"
    }
  }

  /// A number with as many places as say something: two of them, or two digits below one.
  static func number(_ fraction: Fraction) -> String {
    if let whole = fraction.whole { return String(whole) }
    let value = fraction.double
    var scale = 100.0
    while abs(value) * scale < 10, scale < 1e9 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() && abs(rounded) < 1e15
      ? String(Int64(rounded)) : "\(rounded)"
  }

  /// Bytes in the largest binary unit that leaves a short number.
  static func bytes(_ amount: Fraction) -> String {
    for (unit, shift) in [("GiB", Int64(30)), ("MiB", 20), ("KiB", 10)] {
      let size = Fraction(1 << shift)
      if amount >= size, let scaled = amount.divided(by: size) {
        let exact = scaled.whole != nil
        let text = exact ? number(scaled) : number(tenths(scaled))
        return "\(text) \(unit)"
      }
    }
    return "\(number(amount)) B"
  }

  private static func tenths(_ fraction: Fraction) -> Fraction {
    Fraction(Int64((fraction.double * 10).rounded()), 10) ?? fraction
  }

  /// Seconds as hours, minutes and seconds, from a minute on: `2 h 11 min 15 s`.
  static func span(_ seconds: Fraction) -> String? {
    let whole = seconds.roundedDown
    guard whole >= 120 else { return nil }
    let parts = [
      (whole / 86_400, "d"), (whole % 86_400 / 3600, "h"), (whole % 3600 / 60, "min"),
      (whole % 60, "s"),
    ]
    let words = parts.drop { $0.0 == 0 }.prefix(3).filter { $0.0 != 0 }
    return words.map { "\($0.0) \($0.1)" }.joined(separator: " ")
  }

  /// Kernel numbers with the unit of their key: `60 s`, `4096 131072 6291456 bytes`.
  static func own(_ numbers: [Int64], _ unit: KeyUnit) -> String {
    let text = numbers.map(String.init).joined(separator: " ")
    let word = word(unit)
    return word.isEmpty ? text : "\(text) \(word)"
  }

  /// What a key holds, numbers with their unit.
  static func own(_ content: KeyContent, _ unit: KeyUnit) -> String {
    switch content {
    case .numbers(let numbers): own(numbers, unit)
    case .text(let text): text.isEmpty ? "(empty)" : text.printable
    }
  }

  /// A range of kernel numbers; the last signed number stands for the last unsigned one.
  static func range(_ range: ClosedRange<Int64>) -> String {
    let last = range.upperBound == .max ? String(UInt64.max) : String(range.upperBound)
    return "\(range.lowerBound) to \(last)"
  }

  /// The unit behind a number; modes and bare numbers have none.
  static func word(_ unit: KeyUnit) -> String {
    switch unit {
    case .count(of: "mode"), .count(of: "number"), .nothing: ""
    case .count(let word): word
    case .bytes: "bytes"
    case .pages: "pages"
    case .seconds: "s"
    case .milliseconds: "ms"
    case .microseconds: "us"
    case .nanoseconds: "ns"
    case .percent: "%"
    }
  }
}

extension Effect {
  /// When a change begins to matter, as the end of a sentence.
  var words: String {
    switch self {
    case .atOnce: "at once"
    case .nextConnection: "with the next connection"
    case .nextSocket: "with the next socket; a listener hands its old value on"
    case .nextListen: "when the program calls listen() again"
    case .newNamespaces: "in network namespaces made afterwards"
    case .nextBoot: "at the next boot"
    }
  }
}

extension ChangeOperator {
  /// The operator before a number: `at least 256`.
  var words: String {
    switch self {
    case .exactly: ""
    case .atLeast: "at least "
    case .atMost: "at most "
    }
  }
}

extension FullQueueRule {
  /// What becomes of a SYN, as a sentence.
  var words: String {
    switch self {
    case .dropsEverySYN:
      "while it is full, new SYNs are dropped whatever room the SYN queue has; no cookie, no RST"
    case .dropsWithYoungRequests:
      "while it is full, new SYNs are dropped if more than one request has not been resent yet;"
        + " no cookie, no RST"
    }
  }
}

extension Severity {
  var role: TextStyle.Role {
    switch self {
    case .error: .error
    case .warning: .warning
    case .note: .note
    }
  }
}

extension Int {
  /// `1 error`, `2 errors`.
  func counted(_ word: String) -> String { "\(self) \(word)\(self == 1 ? "" : "s")" }
}
