public import Facts
import SysctlConf

/// A set of keys for a purpose: a valid sysctl.d file with a reason above each key.
public struct Profile: Sendable {
  /// One key of a profile.
  public struct Entry: Sendable {
    /// How the value stands to the present one.
    public enum Operator: Equatable, Sendable {
      /// The value in the file.
      case value(ChangeOperator)
      /// The page's default for the host at hand; the number in the file is the newest release's.
      case defaultValue
    }

    /// The key.
    public var key: SysctlKey
    /// The numbers in the file, in the kernel's own unit.
    public var numbers: [Int64]
    /// How they stand to the present ones.
    public var `operator`: Operator
    /// Why, in sentences.
    public var reason: String
    /// The line in the file.
    public var line: Int
  }

  /// The name by which it is asked for: the file's without `.conf`.
  public var name: String
  /// Where it was found: a path, or `built in`.
  public var origin: String
  /// One line about it.
  public var title: String
  /// Which hosts it is for.
  public var purpose: String
  /// Which hosts it is not for; empty where it does not say.
  public var notFor: String
  /// What it leaves to others, one sentence each.
  public var leaves: [String]
  /// Claim ids and kernel files.
  public var sources: [String]
  /// The keys, in the order of the file.
  public var entries: [Entry]

  private enum Word: String, CaseIterable {
    case title
    case purpose = "for"
    case notFor = "not-for"
    case leaves, sources, includes
  }

  /// Reads a profile and checks it against the tunables' pages.
  ///
  /// - Parameters:
  ///   - name: the name by which it is asked for.
  ///   - origin: where it was found, as problems print it.
  ///   - bytes: the file's content.
  ///   - tunables: the pages of the keys.
  ///   - isShipped: whether to ask of it what shipped profiles promise: `not-for` and sources.
  /// - Returns: the profile, nil when something is wrong, and all that is wrong.
  public static func read(
    name: String, origin: String, bytes: [UInt8], tunables: TunableTable,
    isShipped: Bool
  ) -> (profile: Profile?, problems: [PageProblem]) {
    var reader = ProfileReader(origin: origin, tunables: tunables)
    reader.read(ConfFile(parsing: bytes))
    func texts(_ word: Word) -> [String] {
      reader.head.compactMap { $0.word == word.rawValue ? $0.text : nil }
    }
    func word(_ word: Word) -> String { texts(word).joined(separator: " ") }
    var required: [Word] = [.title, .purpose]
    if isShipped { required += [.notFor, .sources] }
    for missing in required where texts(missing).isEmpty {
      reader.note(1, "expected '# \(missing.rawValue):' in the first lines, found none")
    }
    for remark in reader.head {
      if Word(rawValue: remark.word) == nil {
        let known = Word.allCases.map { "'\($0.rawValue):'" }.joined(separator: " ")
        reader.note(remark.line, "expected one of \(known), found '\(remark.word):'")
      } else if remark.text.isEmpty, remark.word != Word.includes.rawValue {
        reader.note(remark.line, "expected words behind '# \(remark.word):', found none")
      }
    }
    if let includes = texts(.includes).first {
      reader.note(
        1, "expected no '# includes:', which this version does not know, found '\(includes)'")
    }
    if isShipped {
      for source in Self.list(word(.sources)) {
        if let problem = Sources.problem(source) { reader.note(1, problem) }
      }
    }
    let profile = Profile(
      name: name, origin: origin, title: word(.title), purpose: word(.purpose),
      notFor: word(.notFor), leaves: texts(.leaves),
      sources: Self.list(word(.sources)), entries: reader.entries)
    return (reader.problems.isEmpty ? profile : nil, reader.problems)
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0.drop { $0 == " " }) }
  }
}

/// Reads the lines of a profile: head, then for each key its reason, its operator and its value.
private struct ProfileReader {
  let origin: String
  let tunables: TunableTable
  /// What the first lines say, `# word: text`, in their order.
  var head: [(word: String, text: String, line: Int)] = []
  var entries: [Profile.Entry] = []
  var problems: [PageProblem] = []
  private var reason: [String] = []
  private var `operator`: Profile.Entry.Operator?

  init(origin: String, tunables: TunableTable) {
    self.origin = origin
    self.tunables = tunables
  }

  mutating func note(_ line: Int, _ message: String) {
    problems.append(PageProblem(file: origin, line: line, message: message))
  }

  mutating func read(_ file: ConfFile) {
    var inHead = true
    for (index, line) in file.lines.enumerated() {
      let number = index + 1
      switch line.content {
      case .blank:
        inHead = inHead && head.isEmpty
        reason = []
        `operator` = nil
      case .comment(let text) where inHead: readHead(text, number)
      case .comment(let text) where text.hasPrefix("tcptune:"): readOperator(text, number)
      case .comment(let text): if !text.isEmpty { reason.append(text) }
      case .assignment(let key, let value):
        inHead = false
        readEntry(key, value, number)
        reason = []
        `operator` = nil
      case .other(let text): note(number, "expected 'key = value' or a comment, found '\(text)'")
      }
    }
    if entries.isEmpty { note(max(1, file.lines.count), "expected a key, found none") }
  }

  /// `# word: text`, and lines that go on with it.
  private mutating func readHead(_ text: String, _ number: Int) {
    let word = text.prefix { ("a"..."z").contains($0) || $0 == "-" }
    if !word.isEmpty, text.dropFirst(word.count).first == ":" {
      let rest = text.dropFirst(word.count + 1).drop { $0 == " " }
      head.append((String(word), String(rest), number))
    } else if let last = head.indices.last, !text.isEmpty {
      head[last].text += head[last].text.isEmpty ? text : " \(text)"
    }
  }

  private mutating func readOperator(_ text: String, _ number: Int) {
    let word = text.dropFirst("tcptune:".count).drop { $0 == " " }
    if word == "default" {
      `operator` = .defaultValue
    } else if let known = ChangeOperator(rawValue: String(word)), known != .exactly {
      `operator` = .value(known)
    } else {
      note(number, "expected 'tcptune: at-least', 'at-most' or 'default', found '\(word)'")
    }
  }

  private mutating func readEntry(_ text: String, _ value: String, _ number: Int) {
    guard let key = SysctlKey(text), let tunable = tunables[key] else {
      let near = Spelling.nearest(to: text, among: tunables.keys.map(\.name))
      let hint = near.map { "; did you mean '\($0)'?" } ?? ""
      note(number, "expected a key that a page describes, found '\(text)'\(hint)")
      return
    }
    guard let numbers = Snapshot.numbers(in: value), numbers.count == tunable.count else {
      let expected = tunable.count == 1 ? "a number" : "\(tunable.count) numbers"
      note(number, "expected \(expected) for '\(key)', found '\(value)'")
      return
    }
    if reason.isEmpty {
      note(number, "expected a reason in comment lines above '\(key)', found none")
    }
    if entries.contains(where: { $0.key == key }) {
      note(number, "expected '\(key)' once, found it again")
    }
    let range = tunable.range.cases[0].value
    for outside in numbers where !range.contains(outside) {
      note(
        number,
        "expected \(range.lowerBound) to \(range.upperBound) for '\(key)', found \(outside)")
    }
    entries.append(
      Profile.Entry(
        key: key, numbers: numbers, operator: `operator` ?? .value(.exactly),
        reason: reason.joined(separator: " "), line: number))
  }
}
