public import Facts

/// A value that changed with releases: `5.4: 4096; 128` is 4096 since 5.4 and 128 before.
public struct ByRelease<Value: Sendable>: Sendable {
  /// A value and the release since which it holds.
  public struct Case: Sendable {
    /// Nil for the oldest value.
    public var since: KernelRelease?
    /// The value.
    public var value: Value
  }

  /// Newest first; the last has no release.
  public var cases: [Case]

  /// The value of a release.
  public func value(for release: KernelRelease) -> Value? {
    cases.first { $0.since.map { release >= $0 } ?? true }?.value
  }

  /// The release since which that value holds, nil for the oldest.
  public func since(for release: KernelRelease) -> KernelRelease? {
    cases.first { $0.since.map { release >= $0 } ?? true }?.since
  }

  /// One value for every release.
  init(always value: Value) {
    cases = [Case(since: nil, value: value)]
  }

  /// Reads the field's cases; `parse` gives the value of one, which is a part of the field's, or
  /// notes why it has none.
  init?(
    _ field: Header.Field, _ header: inout Header,
    _ parse: (_ text: Substring, _ header: inout Header) -> Value?
  ) {
    var cases: [Case] = []
    let pieces = field.value.utf8.split(
      separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
    for (index, piece) in pieces.enumerated() {
      let isLast = index == pieces.count - 1
      let whole = Substring(piece).trimmed
      let digits = Substring(whole.utf8.prefix { $0.isPartOfRelease })
      var text = whole
      var since: KernelRelease?
      if whole[digits.endIndex...].utf8.first == UInt8(ascii: ":") {
        text = whole[digits.endIndex...].dropFirst().trimmed
        since = KernelRelease(digits)
        if since == nil {
          header.note(
            field, at: whole.startIndex, "expected a release before ':', found '\(digits)'")
        }
      } else if !isLast {
        header.note(field, at: whole.startIndex, "expected a release and ':', found '\(text)'")
      }
      if isLast, since != nil {
        header.note(
          field, at: text.startIndex,
          "expected the value before \(digits) after ';', found the end")
      }
      if let since, let last = cases.last?.since, since >= last {
        header.note(
          field, at: whole.startIndex, "expected the newest release first, found '\(digits)'")
      }
      if let value = parse(text, &header) { cases.append(Case(since: since, value: value)) }
    }
    guard cases.count == pieces.count else { return nil }
    self.cases = cases
  }
}

/// For which releases a rule holds: `any`, or comparisons joined by commas (`>= 4.10, < 6.5`).
public struct ReleaseRange: Sendable {
  private enum Comparison: String {
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equal = "=="
  }

  private struct Bound: Sendable {
    var comparison: Comparison
    var release: KernelRelease
  }

  private var bounds: [Bound] = []

  /// Every release.
  static let any = ReleaseRange()

  private init() {}

  /// The word for it.
  static let anyWord = "any"

  /// Comparisons that were checked before (`>= 4.10, < 6.5`); by bytes, for rules are read at every
  /// start.
  init(checked text: Substring.UTF8View) {
    self.init()
    var comparison = Comparison.equal
    var numbers = (major: 0, minor: 0, patch: 0)
    var dots = 0
    func bound() -> Bound {
      Bound(
        comparison: comparison,
        release: KernelRelease(
          numbers.major, numbers.minor, patch: dots > 1 ? numbers.patch : nil))
    }
    for byte in text {
      switch byte {
      case UInt8(ascii: "<"): comparison = .less
      case UInt8(ascii: ">"): comparison = .greater
      case UInt8(ascii: "="):
        comparison =
          comparison == .less
          ? .lessOrEqual : comparison == .greater ? .greaterOrEqual : comparison
      case UInt8(ascii: "."): dots += 1
      case UInt8(ascii: ","):
        bounds.append(bound())
        (comparison, numbers, dots) = (.equal, (0, 0, 0), 0)
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let digit = Int(byte - UInt8(ascii: "0"))
        switch dots {
        case 0: numbers.major = numbers.major * 10 + digit
        case 1: numbers.minor = numbers.minor * 10 + digit
        default: numbers.patch = numbers.patch * 10 + digit
        }
      default: break
      }
    }
    bounds.append(bound())
  }

  /// `>= 4.10`, nil for anything else.
  private static func bound(_ text: Substring) -> Bound? {
    let words = text.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
    guard words.count == 2, let comparison = Comparison(rawValue: String(words[0])),
      let release = KernelRelease(numbers: words[1])
    else { return nil }
    return Bound(comparison: comparison, release: release)
  }

  init(_ field: Header.Field, _ header: inout Header) {
    guard field.value != Self.anyWord else { return }
    for piece in field.value.split(separator: ",", omittingEmptySubsequences: false) {
      let text = piece.trimmed
      guard let bound = Self.bound(text) else {
        header.note(
          field, at: text.startIndex,
          "expected 'any' or a comparison as in '>= 4.10', found '\(text)'")
        continue
      }
      bounds.append(bound)
    }
  }

  /// Whether the release is in the range.
  public func contains(_ release: KernelRelease) -> Bool {
    bounds.allSatisfy { bound in
      switch bound.comparison {
      case .less: release < bound.release
      case .lessOrEqual: release <= bound.release
      case .greater: release > bound.release
      case .greaterOrEqual: release >= bound.release
      case .equal: release == bound.release
      }
    }
  }

  /// Whether every release is in the range.
  public var isAny: Bool { bounds.isEmpty }

  /// Whether some release is in both ranges.
  func meets(_ other: ReleaseRange) -> Bool {
    // Between two bounds all releases are alike: these stand for all.
    let bounding = (bounds + other.bounds).map(\.release)
    let following = bounding.map { release in
      var next = release
      next.patch = (release.patch ?? 0) + 1
      return next
    }
    let oldest = KernelRelease("1.0").map { [$0] } ?? []
    return (oldest + bounding + following).contains { contains($0) && other.contains($0) }
  }
}

extension KernelRelease {
  /// A release as pages name it: a mainline or stable number without a distributor's suffix.
  init?(numbers text: some StringProtocol) {
    guard text.utf8.allSatisfy(\.isPartOfRelease) else { return nil }
    self.init(text)
  }
}

extension UInt8 {
  /// A digit or a dot.
  fileprivate var isPartOfRelease: Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || self == UInt8(ascii: ".")
  }
}
