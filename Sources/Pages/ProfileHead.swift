import Facts

/// The first comment lines of a profile: `# word: text`, and lines that go on with it.
struct ProfileHead {
  /// A word and what it says.
  struct Field {
    /// The part of the text that stands in one line.
    struct Piece {
      /// Where it begins in the text, in bytes.
      var start: Int
      var line: Int
      var column: Int
    }

    var word: String
    var line: Int
    /// Where the word stands in its line.
    var column: Int
    var text = ""
    private var pieces: [Piece] = []

    init(word: String, line: Int, column: Int) {
      self.word = word
      self.line = line
      self.column = column
    }

    mutating func add(_ more: Substring, line: Int, column: Int) {
      guard !more.isEmpty else { return }
      if !text.isEmpty { text += " " }
      pieces.append(Piece(start: text.utf8.count, line: line, column: column))
      text += more
    }

    /// Where a part of the text stands in the file.
    func place(of part: Substring) -> (line: Int, column: Int) {
      let offset = text.utf8.distance(from: text.startIndex, to: part.startIndex)
      guard let piece = pieces.last(where: { $0.start <= offset }) else { return (line, column) }
      let start = text.utf8.index(text.startIndex, offsetBy: piece.start)
      return (piece.line, piece.column + text.distance(from: start, to: part.startIndex))
    }
  }

  private(set) var fields: [Field] = []

  var isEmpty: Bool { fields.isEmpty }

  /// Takes a comment line: its text, and the column at which that begins.
  mutating func read(_ text: String, line: Int, column: Int) {
    let word = text.prefix { ("a"..."z").contains($0) || $0 == "-" }
    let behind = text.dropFirst(word.count)
    // `kernel:net/socket.c` goes on with a list of sources.
    let endsInColon =
      behind.first == ":"
      && (behind.count == 1 || behind.dropFirst().first == " " || behind.dropFirst().first == "\t")
    let isKnown = behind.first == ":" && Profile.Word(rawValue: String(word)) != nil
    if !word.isEmpty, endsInColon || isKnown {
      let rest = text.dropFirst(word.count + 1).drop { $0 == " " || $0 == "\t" }
      var field = Field(word: String(word), line: line, column: column)
      field.add(rest, line: line, column: column + text.count - rest.count)
      fields.append(field)
    } else if let last = fields.indices.last {
      fields[last].add(text[...], line: line, column: column)
    }
  }

  /// What a word says, all of it where it stands several times.
  func texts(_ word: Profile.Word) -> [String] {
    fields.compactMap { $0.word == word.rawValue ? $0.text : nil }
  }

  func text(_ word: Profile.Word) -> String { texts(word).joined(separator: " ") }

  /// More items than anybody writes into a list; what is beyond is told and not read.
  private static let mostItems = 200

  /// The items of a list parted by commas.
  func items(_ word: Profile.Word) -> [(text: Substring, field: Field)] {
    Array(
      fields.lazy.filter { $0.word == word.rawValue }.flatMap { field in
        field.text.split(separator: ",", maxSplits: Self.mostItems).lazy
          .map { ($0.trimmed, field) }.filter { !$0.0.isEmpty }
      }.prefix(Self.mostItems + 1))
  }

  /// All that is wrong with the words.
  func problems(isShipped: Bool, _ note: (_ line: Int, _ column: Int, String) -> Void) {
    var required: [Profile.Word] = [.title, .purpose]
    if isShipped { required += [.notFor, .costs, .sources] }
    for missing in required where texts(missing).isEmpty {
      note(1, 1, "expected '# \(missing.rawValue):' in the first lines, found none")
    }
    var seen: Set<String> = []
    for field in fields {
      guard let word = Profile.Word(rawValue: field.word) else {
        let known = Profile.Word.allCases.map { "'\($0.rawValue):'" }.joined(separator: " ")
        note(field.line, field.column, "expected one of \(known), found '\(field.word):'")
        continue
      }
      if !seen.insert(field.word).inserted, !word.isRepeatable {
        note(field.line, field.column, "expected '# \(field.word):' once, found it again")
      }
      if field.text.isEmpty {
        note(
          field.line, field.column, "expected words behind '# \(field.word):', found none")
      }
    }
    parameterProblems(note)
    for word in [Profile.Word.includes, .sources] {
      let all = items(word)
      guard all.count > Self.mostItems, let last = all.last else { continue }
      let place = last.field.place(of: last.text)
      note(place.line, place.column, "expected at most \(Self.mostItems) items, found more")
    }
    var included: Set<Substring> = []
    for item in items(.includes) where !included.insert(item.text).inserted {
      let place = item.field.place(of: item.text)
      note(place.line, place.column, "expected '\(item.text)' once, found it again")
    }
    guard isShipped else { return }
    for item in items(.sources) {
      let place = item.field.place(of: item.text)
      if let problem = Sources.problem(String(item.text)) {
        note(place.line, place.column, problem)
      }
    }
  }
}

// MARK: Parameters

extension ProfileHead {
  /// The fields with `rtt 100ms` and the like, in their two words.
  private var parameterFields: [(name: Substring, amount: Substring, field: Field)] {
    fields.filter { $0.word == Profile.Word.parameter.rawValue && !$0.text.isEmpty }.map { field in
      let name = field.text.prefix { $0 != " " && $0 != "\t" }
      return (name, field.text.dropFirst(name.count).trimmed, field)
    }
  }

  /// The parameters that can be read, each once.
  var parameters: [SizingParameter.Value] {
    var values: [SizingParameter.Value] = []
    for (name, amount, _) in parameterFields {
      guard let value = SizingParameter(rawValue: String(name))?.value(amount),
        !values.contains(where: { $0.parameter == value.parameter })
      else { continue }
      values.append(value)
    }
    return values
  }

  /// Whether one of them cannot be read, so that formulas have not all that they name.
  var hasOddParameters: Bool {
    parameters.count
      != fields.count { $0.word == Profile.Word.parameter.rawValue }
  }

  /// Where a parameter stands.
  func place(of parameter: SizingParameter) -> (line: Int, column: Int)? {
    parameterFields.first { $0.name == parameter.rawValue }.map { $0.field.place(of: $0.name) }
  }

  private func parameterProblems(_ note: (_ line: Int, _ column: Int, String) -> Void) {
    var seen: Set<SizingParameter> = []
    for (name, amount, field) in parameterFields {
      let place = field.place(of: name)
      guard let parameter = SizingParameter(rawValue: String(name)) else {
        let known = SizingParameter.allCases.map { "'\($0.rawValue)'" }.joined(separator: " or ")
        note(place.line, place.column, "expected the parameter \(known), found '\(name)'")
        continue
      }
      if !seen.insert(parameter).inserted {
        note(place.line, place.column, "expected '\(name)' once, found it again")
      }
      if parameter.value(amount) == nil {
        let place = amount.isEmpty ? place : field.place(of: amount)
        note(place.line, place.column, "expected \(parameter.expected), found '\(amount)'")
      }
    }
  }
}
