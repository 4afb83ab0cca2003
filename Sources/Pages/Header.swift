import Facts

/// The `key: value` lines at the head of a page.
struct Header {
  struct Field: Sendable {
    var name: String
    var value: String
    /// Where the value stands.
    var line: Int
    var column: Int
  }

  let file: String
  private(set) var fields: [Field] = []
  private(set) var problems: [PageProblem] = []

  init(_ page: PageFile) {
    file = page.path
    var number = 1
    for line in page.header.utf8.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      number += 1
      if line.isEmpty, number - 1 > 0 { continue }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
        note(number, 1, "expected 'key: value', found '\(Substring(line))'")
        continue
      }
      let rest = line[line.index(after: colon)...]
      let value = rest.drop { $0 == 0x20 }
      var end = value.endIndex
      while end > value.startIndex, value[value.index(before: end)] <= 0x20 {
        end = value.index(before: end)
      }
      fields.append(
        Field(
          name: String(Substring(line[..<colon])), value: String(Substring(value[..<end])),
          line: number,
          column: line.distance(from: line.startIndex, to: value.startIndex) + 1))
    }
  }

  mutating func note(_ line: Int, _ column: Int, _ message: String) {
    problems.append(PageProblem(file: file, line: line, column: column, message: message))
  }

  /// Notes something wrong with a field's value, so many characters into it.
  mutating func note(_ field: Field, at offset: Int = 0, _ message: String) {
    note(field.line, field.column + offset, message)
  }

  /// Holds the names against what the kind of page knows: each once, none unknown, none missing.
  mutating func check(required: [String], optional: [String], repeatable: Set<String> = []) {
    var seen: Set<String> = []
    for field in fields {
      guard required.contains(field.name) || optional.contains(field.name) else {
        let known = (required + optional).joined(separator: " ")
        note(field.line, 1, "expected one of the keys \(known), found '\(field.name)'")
        continue
      }
      if !seen.insert(field.name).inserted, !repeatable.contains(field.name) {
        note(field.line, 1, "expected '\(field.name)' once, found it again")
      }
      if field.value.isEmpty { note(field, "expected a value for '\(field.name)'") }
    }
    for name in required where !seen.contains(name) {
      note(1, 1, "expected the key '\(name)' in the header")
    }
  }

  func first(_ name: String) -> Field? { fields.first { $0.name == name } }

  func all(_ name: String) -> [Field] { fields.filter { $0.name == name } }

  /// The value of a closed set of words; an unknown word is noted.
  mutating func word<Words: RawRepresentable & CaseIterable>(
    _ name: String, _: Words.Type = Words.self
  ) -> Words? where Words.RawValue == String {
    guard let field = first(name), !field.value.isEmpty else { return nil }
    if let word = Words(rawValue: field.value) { return word }
    let known = Words.allCases.map(\.rawValue).joined(separator: ", ")
    note(field, "expected \(known), found '\(field.value)'")
    return nil
  }

  /// The page's name is the file's: a reader finds one by the other.
  mutating func checkName(_ name: String, fileName: String) {
    guard let field = first(name), !field.value.isEmpty, field.value != fileName else { return }
    note(field, "expected '\(fileName)', as the file is called, found '\(field.value)'")
  }

  /// A title is one line of a list and of a finding.
  mutating func checkTitle() {
    let longest = 72
    guard let field = first("title") else { return }
    if field.value.count > longest || field.value.hasSuffix(".") {
      note(
        field,
        "expected at most \(longest) characters without a full stop, found \(field.value.count)")
    }
  }

  /// Every source is one that a reader can follow.
  mutating func checkSources() {
    guard let field = first("sources") else { return }
    for source in list("sources") {
      guard let problem = Sources.problem(source) else { continue }
      let offset = field.value.place(of: source).map {
        field.value.distance(from: field.value.startIndex, to: $0.lowerBound)
      }
      note(field, at: offset ?? 0, problem)
    }
  }

  /// Items parted by commas; `none` stands for no item.
  func list(_ name: String) -> [String] {
    guard let field = first(name), field.value != "none" else { return [] }
    return field.value.split(separator: ",").map { String($0.drop { $0 == " " }) }.map {
      $0.last == " " ? String($0.reversed().drop { $0 == " " }.reversed()) : $0
    }
  }
}
