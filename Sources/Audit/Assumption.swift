public import Catalogue
public import Facts
import KernelModel
import Pages

/// A `KEY=VALUE` that a user lays over the host, checked against the key's page.
public struct Assumption: Equatable, Sendable {
  /// What is wrong with the text: what was expected and what was found.
  public struct Failure: Error, Equatable, Sendable {
    /// Lower case, no full stop.
    public var message: String
  }

  /// The key.
  public var key: SysctlKey
  /// The value as sysctl would print it.
  public var value: String
}

extension Catalogue {
  /// Reads `KEY=VALUE`; the key may be short (`somaxconn`), the value is in the kernel's own unit.
  ///
  /// - Parameters:
  ///   - text: what the user typed.
  ///   - release: the release whose range holds; nil for the newest one.
  /// - Returns: the key and its value as sysctl would print it.
  /// - Throws: ``Assumption/Failure`` when the form is another, no page describes the key, or the
  ///   kernel would not accept the value.
  public func assumption(
    _ text: String, for release: KernelRelease?
  ) throws(Assumption.Failure) -> Assumption {
    guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
      throw Assumption.Failure(message: "expected KEY=VALUE, found '\(text)'")
    }
    let name = String(text[..<sign])
    let value = String(text[text.index(after: sign)...])
    let tunable = try tunable(named: name)
    guard tunable.access == .readWrite else {
      throw Assumption.Failure(
        message: "expected a key that can be written, found '\(tunable.key)',"
          + (tunable.access == .secret ? " whose value is nobody's business" : " read-only"))
    }
    guard tunable.form == .numbers else { return try Self.assumption(of: value, for: tunable) }
    let words = value.split { $0 == " " || $0 == "\t" || $0 == "," }
    let numbers = words.compactMap { Int64($0) }
    guard numbers.count == words.count, numbers.count == tunable.count else {
      let expected =
        tunable.count == 1
        ? "a number"
        : "\(tunable.count) numbers (\(tunable.elements.map(\.rawValue).joined(separator: " ")))"
      throw Assumption.Failure(
        message: "expected \(expected) for '\(tunable.key)', found '\(value)'")
    }
    let range = release.flatMap { tunable.range.value(for: $0) } ?? tunable.range.cases[0].value
    for number in numbers where !range.contains(number) {
      throw Assumption.Failure(
        message: "expected \(range.lowerBound) to \(range.upperBound) for '\(tunable.key)',"
          + " found \(number)")
    }
    // The kernel checks the order of a range of ports, and of no other vector.
    if tunable.elements == [.first, .last], numbers[0] > numbers[1] {
      throw Assumption.Failure(
        message: "expected the first port of '\(tunable.key)' before the last, found '\(value)'")
    }
    return Assumption(
      key: tunable.key, value: numbers.map(String.init).joined(separator: " "))
  }

  /// The same for names and for a list of ports.
  private static func assumption(
    of value: String, for tunable: Tunable
  ) throws(Assumption.Failure) -> Assumption {
    if tunable.form == .ports, !KernelModel.isListOfPorts(value) {
      throw Assumption.Failure(
        message: "expected ports as in '8080,9000-9010' for '\(tunable.key)', found '\(value)'")
    }
    let words = FilesReport.Key.words(value)
    guard !words.isEmpty || tunable.form == .ports else {
      throw Assumption.Failure(message: "expected a name for '\(tunable.key)', found none")
    }
    return Assumption(key: tunable.key, value: words.joined(separator: " "))
  }

  private func tunable(named name: String) throws(Assumption.Failure) -> Tunable {
    if let key = SysctlKey(name), let tunable = tunable(key) { return tunable }
    let matches = pages.tunables.keys.filter { KeyName.isShort(name, for: $0) }
    if matches.count == 1, let tunable = tunable(matches[0]) { return tunable }
    let known = pages.tunables.keys.flatMap { [$0.name, String($0.lastComponent)] }
    let hint =
      Spelling.nearest(to: name, among: known.sorted()).map { "; did you mean '\($0)'?" } ?? ""
    throw Assumption.Failure(
      message: "expected a key that a page describes, found '\(name)'\(hint)")
  }
}
