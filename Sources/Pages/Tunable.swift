public import Expressions
public import Facts

/// A key as its page describes it: the only home of its type, range and default.
public struct Tunable: Sendable {
  /// The key.
  public var key: SysctlKey
  /// What it is, one line.
  public var title: String
  /// The names of a vector's elements; empty for a single number.
  public var elements: [VectorElement]
  /// The kernel's own unit.
  public var unit: KeyUnit
  /// What the kernel accepts for each number, in its own unit.
  public var range: ByRelease<ClosedRange<Int64>>
  /// What we accept without a warning.
  public var sensible: ClosedRange<Int64>
  /// One expression for each number; nil where the kernel chooses in a way that the language cannot
  /// say.
  public var defaultValue: ByRelease<[Expression]?>
  /// Where the default stands.
  let defaultField: Header.Field
  /// Whether each network namespace has its own.
  public var namespaced: ByRelease<Bool>
  /// The first release that has it, nil for older than 3.10.
  public var since: KernelRelease?
  /// The first release that lacks it, nil for none.
  public var removed: KernelRelease?
  /// Whether higher is roomier.
  public var capacity: Bool
  /// When a change begins to matter.
  public var effect: Effect
  /// Counters that show it at work.
  public var counters: [String]
  /// Keys and rules to read next.
  public var related: [String]
  /// Further names of the page.
  public var aliases: [String]
  /// Claim ids and kernel files.
  public var sources: [String]
  /// The page's file.
  public var file: String

  /// The type of the key as a fact.
  public var type: FactType {
    elements.isEmpty ? .quantity(unit.dimension) : .vector(unit.dimension)
  }

  /// How many numbers its file has.
  public var count: Int { max(1, elements.count) }

  private static let required = [
    "key", "title", "type", "unit", "range", "sensible", "default", "namespaced", "since",
    "removed", "capacity", "effect", "counters", "related", "sources",
  ]

  /// Reads a tunable's header.
  ///
  /// - Returns: the tunable, nil when the header is not complete, and all that is wrong with it;
  ///   types of the default's expressions are not looked at.
  public static func read(_ page: PageFile) -> (tunable: Tunable?, problems: [PageProblem]) {
    var header = Header(page)
    header.check(required: required, optional: ["aliases"])
    header.checkName("key", fileName: page.name)
    header.checkTitle()
    header.checkSources()
    let tunable = Tunable(&header)
    return (header.problems.isEmpty ? tunable : nil, header.problems)
  }

  private init?(_ header: inout Header) {
    let key = Self.key(&header)
    let elements = Self.elements(&header)
    let unit = Self.unit(&header)
    let effect = header.word("effect", Effect.self)
    let capacity = Self.yesOrNo("capacity", &header)
    let range = header.first("range").flatMap { field in
      ByRelease(field, &header) { Self.range(field, $0, $1, &$2) }
    }
    let sensible = header.first("sensible").flatMap { field in
      Self.range(field, field.value[...], 0, &header)
    }
    let namespaced = header.first("namespaced").flatMap { field in
      ByRelease(field, &header) { Self.yesOrNo(field, $0, $1, &$2) }
    }
    let defaultField = header.first("default")
    let defaults = defaultField.flatMap { field in
      ByRelease(field, &header) {
        Self.defaults(field, $0, $1, count: max(1, elements?.count ?? 1), &$2)
      }
    }
    let since = Self.release("since", orWord: "always", &header)
    let removed = Self.release("removed", orWord: "never", &header)
    guard
      let key, let title = header.first("title")?.value, let elements, let unit, let effect,
      let capacity, let range, let sensible, let namespaced, let defaults, let defaultField
    else { return nil }
    self.key = key
    self.title = title
    self.elements = elements
    self.unit = unit
    self.range = range
    self.sensible = sensible
    self.defaultValue = defaults
    self.defaultField = defaultField
    self.namespaced = namespaced
    self.since = since
    self.removed = removed
    self.capacity = capacity
    self.effect = effect
    counters = header.list("counters")
    related = header.list("related")
    aliases = header.list("aliases")
    sources = header.list("sources")
    file = header.file
  }
}

// MARK: Fields

extension Tunable {
  private static func key(_ header: inout Header) -> SysctlKey? {
    guard let field = header.first("key"), !field.value.isEmpty else { return nil }
    if let key = SysctlKey(field.value), key.name.hasPrefix("net.") { return key }
    header.note(field, "expected a key below net, found '\(field.value)'")
    return nil
  }

  /// `integer`, or `vector` with the names of its elements.
  private static func elements(_ header: inout Header) -> [VectorElement]? {
    guard let field = header.first("type"), !field.value.isEmpty else { return nil }
    if field.value == "integer" { return [] }
    let words = field.value.split(separator: " ")
    let names = words.dropFirst().map { String($0) }
    if words.first == "vector",
      let layout = VectorElement.layouts.first(where: { $0.map(\.rawValue) == names })
    {
      return layout
    }
    let known = VectorElement.layouts.map {
      "'vector \($0.map(\.rawValue).joined(separator: " "))'"
    }
    header.note(
      field, "expected 'integer' or \(known.joined(separator: ", ")), found '\(field.value)'")
    return nil
  }

  private static func unit(_ header: inout Header) -> KeyUnit? {
    guard let field = header.first("unit"), !field.value.isEmpty else { return nil }
    if let unit = KeyUnit(field.value) { return unit }
    let known = (["bytes", "pages", "s", "ms", "us"] + KeyUnit.counted).joined(separator: " ")
    header.note(field, "expected one of the units \(known), found '\(field.value)'")
    return nil
  }

  private static func range(
    _ field: Header.Field, _ text: Substring, _ offset: Int, _ header: inout Header
  ) -> ClosedRange<Int64>? {
    if let dots = text.place(of: ".."), let low = Int64(text[..<dots.lowerBound]),
      let high = Int64(text[dots.upperBound...]), low <= high
    {
      return low...high
    }
    header.note(field, at: offset, "expected a range as in '0..255', found '\(text)'")
    return nil
  }

  private static func yesOrNo(_ name: String, _ header: inout Header) -> Bool? {
    header.first(name).flatMap { yesOrNo($0, $0.value[...], 0, &header) }
  }

  private static func yesOrNo(
    _ field: Header.Field, _ text: Substring, _ offset: Int, _ header: inout Header
  ) -> Bool? {
    if text == "yes" || text == "no" { return text == "yes" }
    header.note(field, at: offset, "expected 'yes' or 'no', found '\(text)'")
    return nil
  }

  private static func release(
    _ name: String, orWord word: String, _ header: inout Header
  ) -> KernelRelease? {
    guard let field = header.first(name), field.value != word else { return nil }
    if let release = KernelRelease(field.value) { return release }
    header.note(field, "expected a release or '\(word)', found '\(field.value)'")
    return nil
  }

  /// One expression for each number, parted by commas outside of parentheses; or `unknown`.
  private static func defaults(
    _ field: Header.Field, _ text: Substring, _ offset: Int, count: Int, _ header: inout Header
  ) -> [Expression]?? {
    if text == "unknown" { return .some(nil) }
    let pieces = outerPieces(of: text)
    guard pieces.count == count else {
      header.note(
        field, at: offset,
        "expected \(count) default values parted by commas, found \(pieces.count)")
      return nil
    }
    let expressions = pieces.compactMap { piece in
      Rule.expression(
        field, String(piece), offset + text.distance(from: text.startIndex, to: piece.startIndex),
        &header)
    }
    return expressions.count == count ? .some(expressions) : nil
  }

  private static func outerPieces(of text: Substring) -> [Substring] {
    var pieces: [Substring] = []
    var start = text.startIndex
    var depth = 0
    for index in text.indices {
      switch text[index] {
      case "(", "{": depth += 1
      case ")", "}": depth -= 1
      case "," where depth == 0:
        pieces.append(text[start..<index].drop { $0 == " " })
        start = text.index(after: index)
      default: break
      }
    }
    pieces.append(text[start...].drop { $0 == " " })
    return pieces
  }
}
