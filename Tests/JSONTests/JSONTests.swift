import JSON
import Support
import Testing

struct ProblemCase: Sendable, CustomTestStringConvertible {
  var text: String
  var place: String
  var message: String
  var testDescription: String { text }
}

@Test(arguments: [
  ProblemCase(text: "", place: "1:1", message: "expected a value, found the end of the text"),
  ProblemCase(
    text: "{", place: "1:2", message: "expected a name in quotes, found the end of the text"),
  ProblemCase(
    text: "{\n  \"a\": 1,\n  \"b\": [1, 2", place: "3:13",
    message: "expected ',' or ']', found the end of the text"),
  ProblemCase(text: "{\"a\" 1}", place: "1:6", message: "expected ':' after \"a\", found '1'"),
  ProblemCase(text: "[1,]", place: "1:4", message: "expected a value, found ']'"),
  ProblemCase(
    text: "{\"a\":1,\"a\":2}", place: "1:8", message: "expected \"a\" once, found it again"),
  ProblemCase(text: "nul", place: "1:1", message: "expected a value, found 'n'"),
  ProblemCase(text: "1 2", place: "1:3", message: "expected the end of the document, found '2'"),
  ProblemCase(
    text: "\"a\nb\"", place: "1:3", message: "expected '\"' at the end of the string, found byte 10"
  ),
  ProblemCase(
    text: "\"\\x\"", place: "1:3",
    message: "expected one of \" \\ / b f n r t u after '\\', found 'x'"),
  ProblemCase(
    text: "\"\\u12\"", place: "1:4", message: "expected four hexadecimal digits, found '1'"),
  ProblemCase(
    text: "\"\\ud800\"", place: "1:3",
    message: "expected a character, found half of a surrogate pair"),
  ProblemCase(text: "-", place: "1:1", message: "expected a value, found '-'"),
  ProblemCase(text: "1.", place: "1:3", message: "expected a digit, found the end of the text"),
  ProblemCase(text: "hello", place: "1:1", message: "expected a value, found 'h'"),
])
func problems(_ c: ProblemCase) {
  let bytes = Array(c.text.utf8)
  #expect {
    _ = try JSONNode(parsing: bytes)
  } throws: { error in
    let problem = error as? JSONProblem
    return problem?.place(in: bytes) == c.place && problem?.message == c.message
  }
}

@Test func deepNestingIsRefused() {
  let text = String(repeating: "[", count: 100_000)
  #expect(throws: JSONProblem.self) { try JSONNode(parsing: Array(text.utf8)) }
}

@Test func bytesThatAreNotUTF8AreRefused() {
  #expect(throws: JSONProblem.self) {
    try JSONNode(parsing: [0x22, 0xff, 0xfe, 0x22])
  }
}

@Test func charactersSurvive() throws {
  let text = "quote \" slash \\ tab \t newline \n escape \u{1b} delete \u{7f} 队列 😀"
  let written = JSONValue.string(text).text
  #expect(!written.contains("\u{1b}"))
  let node = try JSONNode(parsing: Array(written.utf8))
  guard case .string(let read) = node.content else {
    Issue.record("expected a string")
    return
  }
  #expect(read == text)
  let escaped = try JSONNode(parsing: Array("\"\\ud83d\\ude00\\u0041\\/\"".utf8))
  guard case .string(let other) = escaped.content else {
    Issue.record("expected a string")
    return
  }
  #expect(other == "😀A/")
}

@Test func documentsAreSortedAndIndented() {
  let value = JSONValue.object([
    "b": .array([.integer(1), .integer(2)]), "a": .object([:]), "c": .array([]),
    "d": .array([.object(["x": .null])]), "e": .number("0.5"), "f": .boolean(true),
  ])
  #expect(
    value.text == """
      {
        "a": {},
        "b": [1, 2],
        "c": [],
        "d": [
          {
            "x": null
          }
        ],
        "e": 0.5,
        "f": true
      }

      """)
}

/// What was written reads back, for random documents.
@Test func randomDocumentsReadBack() throws {
  var generator = SystemRandomNumberGenerator()
  for _ in 0..<Iterations.count(500) {
    let value = randomValue(depth: 0, &generator)
    let node = try JSONNode(parsing: Array(value.text.utf8))
    #expect(JSONValue(node) == value)
  }
}

private func randomValue(depth: Int, _ generator: inout SystemRandomNumberGenerator) -> JSONValue {
  switch Int.random(in: 0..<(depth > 4 ? 4 : 6), using: &generator) {
  case 0: return .null
  case 1: return .boolean(Bool.random(using: &generator))
  case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
  case 3:
    let scalars = (0..<Int.random(in: 0...8, using: &generator)).compactMap { _ in
      Unicode.Scalar(UInt32.random(in: 0...0xd7ff, using: &generator))
    }
    return .string(String(String.UnicodeScalarView(scalars)))
  case 4:
    return .array(
      (0..<Int.random(in: 0...4, using: &generator)).map { _ in
        randomValue(depth: depth + 1, &generator)
      })
  default:
    return .object(
      Dictionary(
        (0..<Int.random(in: 0...4, using: &generator)).map {
          ("k\($0)", randomValue(depth: depth + 1, &generator))
        }
      ) { first, _ in first })
  }
}

extension JSONValue {
  fileprivate init(_ node: JSONNode) {
    switch node.content {
    case .null: self = .null
    case .boolean(let value): self = .boolean(value)
    case .number(let text): self = .number(text)
    case .string(let text): self = .string(text)
    case .array(let items): self = .array(items.map { JSONValue($0) })
    case .object(let members): self = .object(members.mapValues { JSONValue($0) })
    }
  }
}
