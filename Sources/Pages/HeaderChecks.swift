import Facts

// What every kind of page keeps in its header. Pages that are built in kept it when the program was
// built; nothing here runs when it starts.
extension Header {
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
      if field.value.isEmpty { note(field, "expected a value for '\(field.name)', found none") }
    }
    for name in required where !seen.contains(name) { miss(name) }
  }

  /// The page's name is the file's: a reader finds one by the other.
  mutating func checkName(_ name: String, fileName: String) {
    guard let field = first(name), field.value != fileName else { return }
    note(field, "expected '\(fileName)', as the file is called, found '\(field.value)'")
  }

  /// A title is one line of a list and of a finding.
  mutating func checkTitle() {
    let longest = 72
    guard let field = first("title") else { return }
    if field.value.count > longest {
      note(field, "expected a title of at most \(longest) characters, found \(field.value.count)")
    }
    if field.value.hasSuffix(".") {
      note(
        field, at: field.value.index(before: field.value.endIndex),
        "expected a title without a full stop, found '.'")
    }
  }

  /// Every source is one that a reader can follow.
  mutating func checkSources() {
    guard let field = first("sources") else { return }
    for source in items("sources") {
      if let problem = Sources.problem(String(source)) {
        note(field, at: source.startIndex, problem)
      }
    }
  }
}
