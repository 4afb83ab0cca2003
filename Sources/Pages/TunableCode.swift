import Expressions
import Facts

/// What an audit asks of a key's page, in few words: its shape, whether each network namespace has
/// its own, and its default.
///
/// The program that embeds the catalogue writes it beside the page, and an audit reads of it what it
/// needs: most keys are asked for their shape alone.
public struct TunableCode: Sendable {
  /// What stands for a default that no formula tells.
  private static let unknown = "?"

  /// The shape in digits, the defaults that are mere numbers, namespaced, what a remedy asks, and
  /// one line for each case of the default.
  private let lines: [ArraySlice<UInt8>]

  /// The lines of a tunable.
  public static func text(_ tunable: Tunable) -> String {
    let namespaced = tunable.namespaced.cases.map { item in
      (item.since?.description ?? "") + (item.value ? "+" : "-")
    }
    let defaults = tunable.defaultValue.cases.map { item in
      let values = item.value.map { $0.map(ExpressionCode.text) } ?? [unknown]
      return ([item.since?.description ?? ""] + values).joined(separator: "|")
    }
    let head = [
      digits(of: tunable.shape),
      tunable.defaultValue.cases.map { item in
        "\(item.since?.description ?? "")=\(plain(item.value, tunable) ?? unknown)"
      }.joined(separator: "|"),
      namespaced.joined(separator: " "),
      "\(tunable.effect.rawValue) \(tunable.sensible.lowerBound) \(tunable.sensible.upperBound)",
    ]
    return (head + defaults).joined(separator: "\n")
  }

  /// The code of a page that was checked before; nil where it has none.
  init?(_ page: PageFile) {
    lines = Array(page.code.utf8).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count >= 5 else { return nil }
  }

  private static func text(_ word: ArraySlice<UInt8>) -> String {
    String(decoding: word, as: UTF8.self)
  }

  /// The default as the kernel prints it, where it is the same on every machine: numbers that stand
  /// in the page, but for what is counted in pages of memory.
  private static func plain(_ value: [Expression]?, _ tunable: Tunable) -> String? {
    guard tunable.form == .numbers, tunable.unit != .pages, let value else { return nil }
    var words: [String] = []
    for expression in value {
      guard case .literal(.number(let number), _) = expression, let quantity = number.quantity,
        let whole = tunable.unit.own(quantity, pageSize: 1)?.whole
      else { return nil }
      words.append(String(whole))
    }
    return words.joined(separator: " ")
  }

  /// Whether a key's text surely is its default under a release, by the page's code alone.
  static func isPlainDefault(
    _ text: String, _ release: KernelRelease, code: String
  ) -> Bool {
    var rest = code.utf8.dropFirst(shapeLength + 1).prefix { $0 != UInt8(ascii: "\n") }
    while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
      let since = rest[..<equals]
      let end = rest[equals...].firstIndex(of: UInt8(ascii: "|")) ?? rest.endIndex
      if since.isEmpty || KernelRelease(String(Substring(since))).map({ release >= $0 }) == true {
        let standard = rest[rest.index(after: equals)..<end]
        return standard.elementsEqual(
          text.utf8.lazy.map { $0 == UInt8(ascii: "\t") ? UInt8(ascii: " ") : $0 })
      }
      guard end < rest.endIndex else { break }
      rest = rest[rest.index(after: end)...]
    }
    return false
  }

  // MARK: The shape

  /// Most keys are asked for nothing else: it stands at fixed places, two digits for the unit and one
  /// each for form and elements.
  private static let shapeLength = 4

  private static func digits(of shape: TunableShape) -> String {
    let unit = KeyUnit.all.firstIndex(of: shape.unit) ?? 0
    let form = forms.firstIndex(of: shape.form) ?? 0
    let layout = VectorElement.layouts.firstIndex(of: shape.elements).map { $0 + 1 } ?? 0
    return "\(unit < 10 ? "0" : "")\(unit)\(form)\(layout)"
  }

  /// How the key's text becomes numbers, by the page's code alone; nil where it has none.
  static func shape(_ code: String) -> TunableShape? {
    var digits = (0, 0, 0)
    var count = 0
    for byte in code.utf8.prefix(shapeLength) {
      let digit = Int(byte) - Int(UInt8(ascii: "0"))
      guard (0...9).contains(digit) else { return nil }
      switch count {
      case 0, 1: digits.0 = digits.0 * 10 + digit
      case 2: digits.1 = digit
      default: digits.2 = digit
      }
      count += 1
    }
    guard count == shapeLength, digits.0 < KeyUnit.all.count, digits.1 < forms.count,
      digits.2 <= VectorElement.layouts.count
    else { return nil }
    return TunableShape(
      unit: KeyUnit.all[digits.0],
      elements: digits.2 == 0 ? [] : VectorElement.layouts[digits.2 - 1],
      form: forms[digits.1])
  }

  private static let forms = KeyForm.allCases

  /// Whether each network namespace has its own.
  var namespaced: ByRelease<Bool>? {
    ByRelease(
      lines[2].split(separator: UInt8(ascii: " ")).map { word in
        (word.dropLast(), word.last == UInt8(ascii: "+"))
      })
  }

  /// What a remedy asks.
  var bounds: TunableBounds? {
    let words = lines[3].split(separator: UInt8(ascii: " ")).map(Self.text)
    guard words.count == 3, let effect = Effect(rawValue: words[0]), let low = Int64(words[1]),
      let high = Int64(words[2]), low <= high, let unit = Self.shape(Self.text(lines[0]))?.unit
    else { return nil }
    return TunableBounds(unit: unit, sensible: low...high, effect: effect)
  }

  /// One expression for each number, nil where no formula tells it.
  var defaultValue: ByRelease<[Expression]?>? {
    var cases: [(ArraySlice<UInt8>, [Expression]?)] = []
    for line in lines.dropFirst(4) {
      let words = line.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
      guard words.count > 1 else { return nil }
      if words[1].elementsEqual(Self.unknown.utf8) {
        cases.append((words[0], nil))
        continue
      }
      let values = words.dropFirst().compactMap { ExpressionCode.expression($0) }
      guard values.count == words.count - 1 else { return nil }
      cases.append((words[0], values))
    }
    return ByRelease(cases)
  }
}

extension ByRelease {
  /// Cases whose releases were checked before; nil where one is none.
  fileprivate init?(_ coded: [(since: ArraySlice<UInt8>, value: Value)]) {
    cases = []
    for (since, value) in coded {
      let release = since.isEmpty ? nil : KernelRelease(String(decoding: since, as: UTF8.self))
      guard release != nil || since.isEmpty else { return nil }
      cases.append(Case(since: release, value: value))
    }
  }
}
