import Facts
import SysctlConf

/// Reads the lines of a profile: head, then for each key its reason, its operator and its value.
struct ProfileReader {
  private static let mostHints = 50

  private let origin: String
  private let tunables: TunableTable
  private let isShipped: Bool
  private(set) var head = ProfileHead()
  private(set) var entries: [Profile.Entry] = []
  private(set) var problems: [PageProblem] = []
  /// Numbers that the kernel would refuse; of a profile of the user's that is for the plan to say,
  /// unless there will be none.
  private var outside: [PageProblem] = []

  private var reason: [String] = []
  /// `# tcptune: …` above the key that is to come.
  private var mark: (operator: Profile.Entry.Operator, text: String, line: Int, column: Int)?
  /// `# tcptune: if-available` above the key that is to come.
  private var option: (text: String, line: Int, column: Int)?
  /// `# tcptune: max = …` above the key that is to come.
  private var formula: ProfileFormulaLine?
  private var hasWrongFormula = false

  init(origin: String, tunables: TunableTable, isShipped: Bool) {
    self.origin = origin
    self.tunables = tunables
    self.isShipped = isShipped
  }

  private mutating func note(_ line: Int, _ column: Int, _ message: String) {
    problems.append(PageProblem(file: origin, line: line, column: column, message: message))
  }

  mutating func read(_ file: ConfFile) {
    var inHead = true
    for (index, line) in file.lines.enumerated() {
      let number = index + 1
      switch line.content {
      case .blank:
        inHead = inHead && head.isEmpty
        forget(before: "a blank line")
      case .comment(let text) where inHead:
        head.read(text, line: number, column: line.commentColumn)
      case .comment(let text) where text.hasPrefix("tcptune:"):
        readOperator(text, number, line.commentColumn)
      case .comment(let text): if !text.isEmpty { reason.append(text) }
      case .assignment(let key, let value):
        inHead = false
        readEntry(key, value, line, number)
        reason = []
        mark = nil
        option = nil
        formula = nil
      case .other(let text):
        note(number, line.keyColumn, "expected 'key = value' or a comment, found '\(text)'")
      }
    }
    forget(before: "the end")
    if entries.isEmpty, head.items(.includes).isEmpty {
      note(max(1, file.lines.count), 1, "expected a key, found none")
    }
    var found: [(Int, Int, String)] = []
    head.problems(isShipped: isShipped) { found.append(($0, $1, $2)) }
    found += unusedParameters
    for (line, column, message) in found { note(line, column, message) }
    if isShipped || !problems.isEmpty { problems += outside }
  }

  /// A reason that no key follows is a remark; an operator that none follows was meant for one.
  private mutating func forget(before what: String) {
    reason = []
    let marks = [
      mark.map { ($0.text, $0.line, $0.column) }, option, formula.map(\.place),
    ]
    for case (let text, let line, let column)? in marks {
      note(line, column, "expected a key below '# \(text)', found \(what)")
    }
    mark = nil
    option = nil
    formula = nil
  }

  /// A parameter that sizes nothing would take an option and do nothing with it.
  private var unusedParameters: [(Int, Int, String)] {
    let used = entries.flatMap { $0.sizing?.parameters ?? [] }.map(\.parameter)
    // Where a formula is wrong nobody knows what it uses.
    guard !hasWrongFormula else { return [] }
    return head.parameters.map(\.parameter).compactMap { parameter in
      guard !used.contains(parameter), let place = head.place(of: parameter) else { return nil }
      return (
        place.line, place.column, "expected a formula with '\(parameter.rawValue)', found none"
      )
    }
  }

  private mutating func readOperator(_ text: String, _ number: Int, _ column: Int) {
    let word = text.dropFirst("tcptune:".count).drop { $0 == " " || $0 == "\t" }
    let place = column + text.count - word.count
    if let line = ProfileFormulaLine(word, text: text, line: number, column: column) {
      if let formula {
        note(
          number, column,
          "expected one formula above a key, found '\(text)' below '\(formula.text)'")
      }
      formula = line
      return
    }
    if word == "if-available" {
      option = (text, number, column)
      return
    }
    let found: Profile.Entry.Operator
    if word == "default" {
      found = .defaultValue
    } else if let known = ChangeOperator(rawValue: String(word)), known != .exactly {
      found = .value(known)
    } else {
      note(
        number, place,
        "expected 'tcptune: at-least', 'at-most', 'default' or 'if-available', found '\(word)'")
      return
    }
    if let mark {
      note(
        number, column,
        "expected one operator above a key, found '\(text)' below '\(mark.text)'")
    }
    mark = (found, text, number, column)
  }

  private mutating func readEntry(
    _ text: String, _ value: String, _ line: ConfFile.Line, _ number: Int
  ) {
    guard let key = SysctlKey(text), let tunable = tunables[key] else {
      // A file that is no profile at all has thousands of such lines.
      let near =
        problems.count < Self.mostHints
        ? Spelling.nearest(to: text, among: tunables.keys.map(\.name)) : nil
      let hint = near.map { "; did you mean '\($0)'?" } ?? ""
      note(
        number, line.keyColumn, "expected a key that a page describes, found '\(text)'\(hint)")
      return
    }
    if reason.isEmpty {
      note(
        number, line.keyColumn,
        "expected a reason in comment lines above '\(key)', found none")
    }
    if tunable.access != .readWrite {
      let found = tunable.access == .secret ? "whose value is nobody's business" : "read-only"
      note(number, line.keyColumn, "expected a key that can be written, found '\(key)', \(found)")
    }
    if entries.contains(where: { $0.key == key }) {
      note(number, line.keyColumn, "expected '\(key)' once, found it again")
    }
    if tunable.form != .numbers, let mark {
      note(
        mark.line, mark.column,
        "expected no operator above '\(key)', whose value is text, found '\(mark.text)'")
    }
    guard let content = Self.content(of: value, tunable) else {
      let expected = Self.expected(of: tunable)
      note(number, line.valueColumn, "expected \(expected) for '\(key)', found '\(value)'")
      return
    }
    if let option, key != .congestionControl {
      note(
        option.line, option.column,
        "expected '# tcptune: if-available' above '\(SysctlKey.congestionControl)', of whose names"
          + " the kernel has a list, found it above '\(key)'")
    }
    let range = tunable.range.cases[0].value
    let place = number
    for found in content.numbers ?? [] where !range.contains(found) {
      outside.append(
        PageProblem(
          file: origin, line: place, column: line.valueColumn,
          message: "expected \(range.lowerBound) to \(range.upperBound) for '\(key)', found"
            + " \(found)"))
    }
    var entry = Profile.Entry(
      key: key, content: content, operator: mark?.operator ?? .value(.exactly),
      reason: reason.joined(separator: " "), line: number)
    entry.isOptional = option != nil
    if let formula { size(&entry, by: formula, tunable, line, number) }
    entries.append(entry)
  }

  /// The number in the file is what the formula gives with the amounts that the file states, so that
  /// it says the same to whoever reads it.
  private mutating func size(
    _ entry: inout Profile.Entry, by line: ProfileFormulaLine, _ tunable: Tunable,
    _ file: ConfFile.Line, _ number: Int
  ) {
    let formula: Profile.Formula
    do throws(PageProblem) {
      formula = try line.formula(for: tunable, entry.operator, in: origin)
    } catch {
      problems.append(error)
      hasWrongFormula = true
      return
    }
    entry.formula = formula
    do throws(FormulaFailure) {
      let sizing = try formula.sizing(head.parameters, tunable, entry.operator)
      entry.sizing = sizing
      let place = formula.element.flatMap { tunable.elements.firstIndex(of: $0) } ?? 0
      guard let numbers = entry.content.numbers, numbers[place] != sizing.value else { return }
      note(
        number, file.valueColumn,
        "expected \(sizing.value) for '\(tunable.key)', as '\(formula.text)' gives, found"
          + " \(numbers[place])")
    } catch {
      hasWrongFormula = true
      // Where a parameter is wrong already, what comes of it is nothing more.
      guard !head.hasOddParameters else { return }
      problems += formula.problems(error, in: origin)
    }
  }
}

extension ProfileReader {
  private static func expected(of tunable: Tunable) -> String {
    switch tunable.form {
    case .numbers: tunable.count == 1 ? "a number" : "\(tunable.count) numbers"
    case .text: "names"
    case .ports: "ports as in '8080,9000-9010'"
    }
  }

  /// What the text says, nil where the key holds something else.
  private static func content(of value: String, _ tunable: Tunable) -> KeyContent? {
    switch tunable.form {
    case .numbers:
      return numbers(in: value).flatMap { $0.count == tunable.count ? .numbers($0) : nil }
    case .text:
      let words = value.split { $0 == " " || $0 == "\t" }
      let isNamed = !words.isEmpty && words.allSatisfy { $0.utf8.allSatisfy(\.isPartOfName) }
      return isNamed ? .text(words.joined(separator: " ")) : nil
    case .ports:
      let ports = KeyKind.portList.write(Array(value.utf8), over: nil)
      return value.isEmpty || ports.failure != nil ? nil : ports.value.map(KeyContent.text)
    }
  }

  /// Decimal numbers as the kernel reads them too: to it `+5` is nothing and `010` is eight.
  private static func numbers(in value: String) -> [Int64]? {
    let isDecimal = value.split { $0 == " " || $0 == "\t" }.allSatisfy { word in
      let digits = word.hasPrefix("-") ? word.dropFirst() : word
      return digits.first != "+" && (digits.first != "0" || digits.count == 1)
    }
    return isDecimal ? Snapshot.numbers(in: value) : nil
  }
}

extension SysctlKey {
  fileprivate static let congestionControl = SysctlKey(
    literal: "net.ipv4.tcp_congestion_control")
}

// MARK: Columns, counted in characters from 1

extension ConfFile.Line {
  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0d
  }

  private func column(at index: Int) -> Int {
    String(decoding: bytes[..<index], as: UTF8.self).count + 1
  }

  private func afterBlanks(from index: Int) -> Int {
    bytes[index...].firstIndex { !Self.isBlank($0) } ?? index
  }

  /// Where a comment's text begins.
  var commentColumn: Int {
    let mark = afterBlanks(from: 0)
    return column(at: afterBlanks(from: min(mark + 1, bytes.count)))
  }

  /// Where the key begins, or whatever stands first.
  var keyColumn: Int { column(at: afterBlanks(from: 0)) }

  /// Where the value begins, or where it would.
  var valueColumn: Int {
    let sign = bytes[afterBlanks(from: 0)...].firstIndex(of: UInt8(ascii: "="))
    return column(at: afterBlanks(from: sign.map { $0 + 1 } ?? bytes.count))
  }
}

extension UInt8 {
  /// What names of congestion controls and queueing disciplines are made of.
  fileprivate var isPartOfName: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
