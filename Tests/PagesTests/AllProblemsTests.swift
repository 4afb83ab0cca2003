import Facts
import Pages
import Testing

private func bent(_ bends: [(String, String)]) throws -> String {
  try bends.reduce(PageTexts.rule) { try $0.bent($1.0, $1.1) }
}

private let wrongOutcome = (
  "```quiet\nnet.core.somaxconn = 1024", "```quiet\nnet.core.somaxconn = 1023"
)

/// Header, condition, change, sections and examples: nothing that is wrong hides another thing.
@Test(
  arguments: [
    (
      [("risk: low", "risk: none"), wrongOutcome],
      [
        "1:1: expected an example in which 'net.core.somaxconn < 1024' does not hold, found none",
        "9:7: expected low, medium, high, found 'none'",
        "34:1: expected the outcome 'quiet', found 'fires'",
      ]
    ),
    (
      [("severity: warning\n", ""), ("< 1024", "< 60s"), ("at-least 1024", "at-least 5B")],
      [
        "1:1: expected the key 'severity' in the header, found none",
        "5:26: expected the same unit on both sides of '<', found a number and seconds",
        "6:34: expected a number for 'net.core.somaxconn', found bytes",
      ]
    ),
    (
      [("< 1024", "<"), ("at-least 1024", "at-least 60s"), ("= 1024", "= 60s")],
      [
        "6:27: expected a fact, a number or '(', found the end",
        "7:34: expected a number for 'net.core.somaxconn', found seconds",
        "34:22: expected a number or absent, unreadable, not-gathered, no-window, found '60s'",
      ]
    ),
    (
      [
        ("at-least 1024", "at-least"), ("somaxconn < 1024", "somaxconn"),
        ("## Why\n\n", "## Why\n"),
      ],
      [
        "6:7: expected a condition, found a number",
        "7:6: expected 'KEY OPERATOR VALUE' with the operator exactly, at-least, at-most, found"
          + " 'net.core.somaxconn at-least'",
      ]
    ),
    (
      [("Because.\n", ""), wrongOutcome],
      [
        "1:1: expected an example in which 'net.core.somaxconn < 1024' does not hold, found none",
        "15:1: expected text under 'Why', found none",
        "33:1: expected the outcome 'quiet', found 'fires'",
      ]
    ),
    // One example that cannot be read says nothing of the others.
    (
      [("= 128", "= 60s"), wrongOutcome],
      [
        "30:22: expected a number or absent, unreadable, not-gathered, no-window, found '60s'",
        "34:1: expected the outcome 'quiet', found 'fires'",
      ]
    ),
    // Without its subject a rule's facts cannot be judged.
    (
      [
        ("risk: low", "risk: low\nfor: socket"), ("somaxconn < 1024", "somaxconn < listener.limit"),
      ],
      ["10:6: expected host, listener, destination, entry, found 'socket'"]
    ),
  ] as [([(String, String)], [String])])
func nothingHidesAnother(_ bends: [(String, String)], _ problems: [String]) throws {
  let found = try PageTexts.problems(bent(bends), name: "cap-too-low")
  #expect(found == problems.map { "cap-too-low.md:\($0)" })
}

/// A page whose name is another's is checked all the same.
@Test func aSecondPageOfANameIsChecked() throws {
  let found = try PageTexts.problems(
    PageTexts.rule, PageTexts.rule.bent("kernel:net/socket.c", "kernel:socket.c"))
  #expect(found.map { $0.split(separator: ":")[1] } == ["1", "11"])
}

// MARK: Keys whose pages are wrong

/// Rules of this kind know the key by its condition, its change and its examples.
private let finTimeout = [
  ("net.core.somaxconn < 1024", "net.ipv4.tcp_fin_timeout < 30s"),
  ("net.core.somaxconn at-least 1024", "net.ipv4.tcp_fin_timeout at-least 30s"),
  ("net.core.somaxconn = 128", "net.ipv4.tcp_fin_timeout = 29s"),
  ("net.core.somaxconn = 1024", "net.ipv4.tcp_fin_timeout = 30s"),
]

/// What is wrong with a tunable's header is no reason to blame the rules that set the key.
@Test(arguments: [
  ("type", "text"), ("unit", "jiffies"), ("range", "0"), ("sensible", "many"), ("default", "60"),
  ("effect", "now"), ("capacity", "true"), ("namespaced", "perhaps"), ("sources", "Q9.9"),
  ("title", "it."), ("since", "ever"), ("key", "net.ipv4.tcp_fin"), ("key", "tcp_fin_timeout"),
])
func rulesOfAKeyWhosePageIsWrong(_ field: String, _ value: String) throws {
  let key = "net.ipv4.tcp_fin_timeout"
  let right = try PageTexts.tunable(
    key, [("unit", "s"), ("range", "0..8589934"), ("sensible", "5..600"), ("default", "60s")])
  let line = try #require(
    right.header.split(separator: "\n").first { $0.hasPrefix("\(field): ") })
  let wrong = PageFile(
    path: right.path, header: try right.header.bent(String(line), "\(field): \(value)"),
    body: right.body)
  let rule = try PageFile(path: "cap-too-low.md", text: bent(finTimeout))
  var set = PageSet()
  #expect(set.add([right, rule]) == [])
  set = PageSet()
  let found = set.add([wrong, rule])
  #expect(!found.isEmpty)
  #expect(found.allSatisfy { $0.file == right.path }, "\(found)")
}

/// But what is wrong with such a rule is said as far as it can be known.
@Test func rulesOfAKeyWhosePageIsWrongAreChecked() throws {
  let key = "net.ipv4.tcp_fin_timeout"
  func problems(_ field: String, _ value: String) throws -> [String] {
    var fields = [("unit", "s"), ("range", "0..9"), ("sensible", "5..9"), ("default", "60s")]
    fields.removeAll { $0.0 == field }
    let page = try PageTexts.tunable(key, fields + [(field, value)])
    let rule = try PageFile(
      path: "cap-too-low.md",
      text: bent(finTimeout).bent("at-least 30s", "at-least 5B").bent("Q1.1", "Q9.9"))
    var set = PageSet()
    return set.add([page, rule]).filter { $0.file == "cap-too-low.md" }.map { "\($0.line)" }
  }
  #expect(try problems("effect", "now") == ["7", "11"])
  #expect(try problems("unit", "jiffies") == ["11"])
}

/// Pages that are wrong in other ways are still there to be named.
@Test func namesOfPagesThatAreWrong() throws {
  let wrong = try PageTexts.tunable("net.ipv4.tcp_fin_timeout", [("effect", "now")])
  let other = try PageTexts.tunable(
    "net.core.somaxconn", [("related", "net.ipv4.tcp_fin_timeout")])
  var set = PageSet()
  #expect(set.add([wrong, other]).map(\.file) == [wrong.path])
}
