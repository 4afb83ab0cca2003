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

  /// Unit and form, elements, namespaced, then one line for each case of the default.
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
      ([tunable.unit.word] + (tunable.form == .numbers ? [] : [tunable.form.rawValue]))
        .joined(separator: " "),
      tunable.elements.map(\.rawValue).joined(separator: " "),
      namespaced.joined(separator: " "),
    ]
    return (head + defaults).joined(separator: "\n")
  }

  /// The code of a page that was checked before; nil where it has none.
  init?(_ page: PageFile) {
    lines = Array(page.code.utf8).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count >= 4 else { return nil }
  }

  private static func text(_ word: ArraySlice<UInt8>) -> String {
    String(decoding: word, as: UTF8.self)
  }

  /// How the key's text becomes numbers.
  var shape: TunableShape? {
    let words = lines[0].split(separator: UInt8(ascii: " "))
    guard let word = words.first, let unit = KeyUnit(Self.text(word)) else { return nil }
    let form = words.count > 1 ? KeyForm(rawValue: Self.text(words[1])) : .numbers
    guard let form else { return nil }
    let names = lines[1].split(separator: UInt8(ascii: " "))
    let elements = names.compactMap { VectorElement(rawValue: Self.text($0)) }
    return elements.count == names.count
      ? TunableShape(unit: unit, elements: elements, form: form) : nil
  }

  /// Whether each network namespace has its own.
  var namespaced: ByRelease<Bool>? {
    ByRelease(
      lines[2].split(separator: UInt8(ascii: " ")).map { word in
        (word.dropLast(), word.last == UInt8(ascii: "+"))
      })
  }

  /// One expression for each number, nil where no formula tells it.
  var defaultValue: ByRelease<[Expression]?>? {
    var cases: [(ArraySlice<UInt8>, [Expression]?)] = []
    for line in lines.dropFirst(3) {
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
