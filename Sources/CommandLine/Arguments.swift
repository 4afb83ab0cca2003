import Facts

/// The words of the command line, sorted into options and operands.
struct Arguments: Sendable {
  private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// Sorts the words after the command's name.
  init(_ words: ArraySlice<String>, of command: Command) throws(Failure) {
    var words = words
    var onlyOperands = false
    while let word = words.popFirst() {
      guard !onlyOperands, word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      if word == "--" {
        onlyOperands = true
        continue
      }
      let sign = word.hasPrefix("--") ? word.firstIndex(of: "=") : nil
      let name = sign.map { String(word[..<$0]) } ?? word
      guard let option = command.options.first(where: { $0.name == name }) else {
        let near = Spelling.nearest(to: name, among: command.options.map(\.name))
        throw .usage(
          "tcptune \(command.name): expected an option, found '\(name)'\(Failure.hint(near))")
      }
      var value = sign.map { String(word[word.index(after: $0)...]) }
      if option.value == nil {
        guard value == nil else {
          throw .usage(
            "tcptune \(command.name): expected '\(name)' without a value, found '\(word)'")
        }
        value = ""
      } else if value == nil {
        value = words.popFirst()
      }
      guard let value else {
        throw .usage(
          "tcptune \(command.name): expected \(option.value ?? "a value") after '\(name)',"
            + " found the end")
      }
      guard values[name] == nil || option.isRepeatable else {
        throw .usage("tcptune \(command.name): expected '\(name)' once, found it again")
      }
      values[name, default: []].append(value)
    }
  }

  /// Whether a flag was given.
  func has(_ option: Option) -> Bool { values[option.name] != nil }

  /// The value of an option, nil where it was not given.
  func value(_ option: Option) -> String? { values[option.name]?.first }

  /// All values of an option.
  func all(_ option: Option) -> [String] { values[option.name] ?? [] }

  /// The value as one of a closed set of words.
  func word<Words: RawRepresentable & CaseIterable>(
    _ option: Option, _: Words.Type = Words.self
  ) throws(Failure) -> Words? where Words.RawValue == String {
    guard let value = value(option) else { return nil }
    if let word = Words(rawValue: value) { return word }
    let known = Words.allCases.map(\.rawValue)
    let near = Spelling.nearest(to: value, among: known)
    throw .usage(
      "\(option.name): expected \(known.joined(separator: ", ")), found '\(value)'"
        + Failure.hint(near))
  }

  /// The value as a whole number in a range.
  func number(_ option: Option, in range: ClosedRange<Int64>) throws(Failure) -> Int64? {
    guard let value = value(option) else { return nil }
    guard let number = Int64(value), range.contains(number) else {
      throw .usage(
        "\(option.name): expected a whole number from \(range.lowerBound) to \(range.upperBound),"
          + " found '\(value)'")
    }
    return number
  }
}
