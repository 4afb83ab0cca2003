import Expressions
import Testing

@Test func aThousandCharactersAreEnough() throws {
  let long = "1 + " + String(repeating: "1", count: 991) + " > 0"
  #expect(long.count == 999)
  _ = try Expression(parsing: long + " ")
  #expect(
    parserProblems(long + "  ") == [
      Shown(column: 1001, message: "expected at most 1000 characters, found 1001")
    ])
}

/// Characters are counted, not bytes: an alias in Chinese must not shorten a condition.
@Test func charactersOfSeveralBytesCountOnce() {
  let text = "listener.unit == \"\(String(repeating: "队", count: 900))\""
  #expect(parserProblems(text) == [])
  #expect(
    parserProblems(text + String(repeating: " ", count: 1001 - text.count)) == [
      Shown(column: 1001, message: "expected at most 1000 characters, found 1001")
    ])
}

/// The condition itself is the first level.
@Test(arguments: [
  ("parentheses", "(", ")"),
  ("min", "min(", ")"),
  ("max of a sum", "1 + max(", ")"),
  ("next-power-of-two", "next-power-of-two(", ")"),
])
func nestingEndsAtLevel64(_ name: String, _ opening: String, _ closing: String) {
  func nested(_ levels: Int) -> [Shown] {
    let text =
      String(repeating: opening, count: levels) + "1" + String(repeating: closing, count: levels)
    return parserProblems(text)
  }
  // Where 64 levels would be longer than a condition may be, there is nothing to refuse.
  guard (opening.count + closing.count) * 65 < 1000 else {
    #expect(nested(50) == [], "\(name)")
    return
  }
  #expect(nested(63) == [], "\(name)")
  #expect(
    nested(64).map(\.message) == ["expected at most 64 nested levels, found one more"], "\(name)")
}

@Test func aggregatesNest() {
  let open = String(repeating: "any(entry where ", count: 40)
  let text = open + "true" + String(repeating: ")", count: 40)
  #expect(parserProblems(text) == [])
}

@Test func theTooDeepLevelIsNamed() {
  #expect(
    parserProblems(String(repeating: "(", count: 70) + "1") == [
      Shown(column: 65, message: "expected at most 64 nested levels, found one more")
    ])
}

/// Whatever the text, parsing ends with an expression or with problems inside the text.
@Test func noTextCrashesTheParser() {
  var generator = SystemRandomNumberGenerator()
  let words = [
    "listener.peak", "rate", "(", ")", "{", "}", ",", "where", "listener", "max", "count", "5.4",
    "60s", "\"a\"", "\"", "-", "/", "*", "+", "and", "or", "not", "in", "contains", "==", "<", ".",
    "!", "队", "0", "true", "default", "host.release", "net.ipv4.tcp_mem", "\u{0}", "5.",
  ]
  for _ in 0..<5000 {
    let text = (0..<Int.random(in: 0...12, using: &generator))
      .map { _ in pick(words, &generator) }
      .joined(separator: Bool.random(using: &generator) ? " " : "")
    for problem in parserProblems(text) {
      #expect(problem.column >= 1 && problem.column <= text.count + 1, "\(text)")
      #expect(problem.message.hasPrefix("expected "), "\(text)")
    }
  }
}
