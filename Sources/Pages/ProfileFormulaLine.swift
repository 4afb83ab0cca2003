import Facts

/// A comment line `tcptune: max = EXPRESSION` as it is read, before its key is known.
struct ProfileFormulaLine {
  /// The comment's text.
  let text: String
  let line: Int
  let column: Int
  private let name: Substring
  private let expression: Substring

  /// Nil for a line that is none; `words` is what stands behind `tcptune:`.
  init?(_ words: Substring, text: String, line: Int, column: Int) {
    guard let sign = words.firstIndex(of: "="), words[..<sign].allSatisfy(\.isPartOfTarget) else {
      return nil
    }
    self.text = text
    self.line = line
    self.column = column
    name = words[..<sign].trimmed
    expression = words[words.index(after: sign)...].trimmed
  }

  /// The text with its place, for messages.
  var place: (String, Int, Int) { (text, line, column) }

  /// Counted in characters from 1, for the text ends where the line does.
  private func column(of part: Substring) -> Int {
    column + text.count - text[part.startIndex...].count
  }

  /// The formula of a key: the element is one of the key's, `value` the only number.
  func formula(
    for tunable: Tunable, _ operation: Profile.Entry.Operator, in file: String
  ) throws(PageProblem) -> Profile.Formula {
    func problem(_ part: Substring, _ message: String) -> PageProblem {
      PageProblem(file: file, line: line, column: column(of: part), message: message)
    }
    guard tunable.form == .numbers else {
      throw problem(name, "expected no formula above '\(tunable.key)', whose value is text")
    }
    guard operation != .defaultValue else {
      throw problem(name, "expected no formula beside 'tcptune: default', found '\(name)'")
    }
    guard tunable.unit != .pages else {
      throw problem(
        name, "expected no formula above '\(tunable.key)', whose pages differ from host to host")
    }
    let element = VectorElement(rawValue: String(name))
    let known = tunable.elements
    guard known.isEmpty ? name == "value" : element.map(known.contains) == true else {
      let names = known.isEmpty ? ["value"] : known.map(\.rawValue)
      throw problem(
        name,
        "expected \(names.map { "'\($0)'" }.joined(separator: " or ")) before '=' for"
          + " '\(tunable.key)', found '\(name)'")
    }
    return Profile.Formula(
      element: known.isEmpty ? nil : element, text: String(expression), line: line,
      column: column(of: expression))
  }
}

extension Character {
  /// What the name of an element, or a misspelled one, is made of.
  fileprivate var isPartOfTarget: Bool { ("a"..."z").contains(self) || self == " " }
}
