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

  /// Reads the field's cases; `parse` gives the value of one, or a message.
  init?(
    _ field: Header.Field, _ header: inout Header,
    _ parse: (_ text: Substring, _ offset: Int, _ header: inout Header) -> Value?
  ) {
    var cases: [Case] = []
    var offset = 0
    let pieces = field.value.split(separator: ";", omittingEmptySubsequences: false)
    for (index, piece) in pieces.enumerated() {
      defer { offset += piece.count + 1 }
      let blanks = piece.prefix { $0 == " " }.count
      var text = piece.dropFirst(blanks)
      var start = offset + blanks
      var since: KernelRelease?
      let digits = text.prefix { $0.isNumber || $0 == "." }
      if text.dropFirst(digits.count).first == ":" {
        since = KernelRelease(digits)
        if since == nil {
          header.note(field, at: start, "expected a release before ':', found '\(digits)'")
        }
        let rest = text.dropFirst(digits.count + 1)
        let skipped = rest.prefix { $0 == " " }.count
        start += digits.count + 1 + skipped
        text = rest.dropFirst(skipped)
      }
      let isLast = index == pieces.count - 1
      if isLast, since != nil {
        header.note(
          field, at: start, "expected the value before \(digits) after ';', found the end")
      }
      if !isLast, since == nil {
        header.note(field, at: start, "expected a release and ':', found '\(text)'")
      }
      if let since, let last = cases.last?.since, since >= last {
        header.note(field, at: start, "expected the newest release first, found '\(digits)'")
      }
      if let value = parse(text, start, &header) { cases.append(Case(since: since, value: value)) }
    }
    guard cases.count == pieces.count else { return nil }
    self.cases = cases
  }
}

/// For which releases a rule holds: `any`, or comparisons joined by commas (`>= 4.10, < 6.5`).
public struct ReleaseRange: Sendable {
  private struct Bound: Sendable {
    var comparison: String
    var release: KernelRelease
  }

  private var bounds: [Bound] = []

  init(_ field: Header.Field, _ header: inout Header) {
    guard field.value != "any" else { return }
    var offset = 0
    for piece in field.value.split(separator: ",", omittingEmptySubsequences: false) {
      defer { offset += piece.count + 1 }
      let words = piece.split(separator: " ")
      guard
        words.count == 2, ["<", "<=", ">", ">=", "=="].contains(words[0]),
        let release = KernelRelease(words[1])
      else {
        header.note(
          field, at: offset, "expected 'any' or a comparison as in '>= 4.10', found '\(piece)'")
        continue
      }
      bounds.append(Bound(comparison: String(words[0]), release: release))
    }
  }

  /// Whether the release is in the range.
  public func contains(_ release: KernelRelease) -> Bool {
    bounds.allSatisfy { bound in
      switch bound.comparison {
      case "<": release < bound.release
      case "<=": release <= bound.release
      case ">": release > bound.release
      case ">=": release >= bound.release
      default: release == bound.release
      }
    }
  }

  /// Whether every release is in the range.
  public var isAny: Bool { bounds.isEmpty }
}
