import Facts

/// The `key: value` lines at the head of a page.
struct Header {
  struct Field: Sendable {
    var name: String
    var value: String
    /// Where the value stands.
    var line: Int
    var column: Int

    /// The column of a place in the value.
    func column(at place: String.Index) -> Int {
      column + value.distance(from: value.startIndex, to: place)
    }
  }

  let file: String
  private(set) var fields: [Field] = []
  private(set) var problems: [PageProblem] = []
  /// The keys whose values cannot be relied on: those that are missing, and those of which
  /// something was noted.
  private(set) var faulty: Set<String> = []

  init(_ page: PageFile) {
    file = page.path
    var number = 1
    for line in page.header.utf8.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      number += 1
      if line.isEmpty { continue }
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

  /// Notes something wrong with a field's value, at its start or at a place in it.
  mutating func note(_ field: Field, at place: String.Index? = nil, _ message: String) {
    faulty.insert(field.name)
    note(field.line, place.map { field.column(at: $0) } ?? field.column, message)
  }

  /// Notes a key that ought to be there.
  mutating func miss(_ name: String) {
    faulty.insert(name)
    note(1, 1, "expected the key '\(name)' in the header, found none")
  }

  /// The first field of that name with a value; ``check(required:optional:repeatable:)`` tells of
  /// empty ones.
  func first(_ name: String) -> Field? { fields.first { $0.name == name && !$0.value.isEmpty } }

  func all(_ name: String) -> [Field] { fields.filter { $0.name == name && !$0.value.isEmpty } }

  /// The line of the first field of that name, be its value empty or not.
  func line(of name: String) -> Int? { fields.first { $0.name == name }?.line }

  /// The value of a closed set of words; an unknown word is noted.
  mutating func word<Words: RawRepresentable & CaseIterable>(
    _ name: String, _: Words.Type = Words.self
  ) -> Words? where Words.RawValue == String {
    guard let field = first(name) else { return nil }
    if let word = Words(rawValue: field.value) { return word }
    let known = Words.allCases.map(\.rawValue).joined(separator: ", ")
    note(field, "expected \(known), found '\(field.value)'")
    return nil
  }

  /// Items parted by commas, as parts of the field's value; `none` stands for no item.
  func items(_ name: String) -> [Substring] {
    guard let field = first(name), field.value != "none" else { return [] }
    return field.value.utf8.split(separator: UInt8(ascii: ",")).map { Substring($0).trimmed }
  }

  /// Items parted by commas; `none` stands for no item.
  func list(_ name: String) -> [String] { items(name).map { String($0) } }
}

extension Substring {
  /// The text without the blanks around it.
  var trimmed: Substring {
    var bytes = utf8
    while bytes.first == 0x20 { bytes.removeFirst() }
    while bytes.last == 0x20 { bytes.removeLast() }
    return Substring(bytes)
  }
}
