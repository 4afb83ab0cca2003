import Expressions
import Facts
import Testing

struct TypeErrorCase: Sendable, CustomTestStringConvertible {
  var text: String
  var column: Int
  var message: String
  var subject: Subject
  var testDescription: String { text }

  init(_ text: String, _ column: Int, _ message: String, for subject: Subject = .host) {
    self.text = text
    self.column = column
    self.message = message
    self.subject = subject
  }

  var shown: [Shown] {
    get throws {
      let expression = try Expression(parsing: text)
      return checker(for: subject).problems(ofCondition: expression).map {
        Shown(column: $0.column(in: text), message: $0.message)
      }
    }
  }
}

private func unlike(_ symbol: String, _ a: String, _ b: String) -> String {
  "expected the same unit on both sides of '\(symbol)', found \(a) and \(b)"
}

@Test(arguments: [
  TypeErrorCase("net.ipv4.tcp_fin_timeout > 60", 26, unlike(">", "seconds", "a number")),
  TypeErrorCase("60 < net.ipv4.tcp_fin_timeout", 4, unlike("<", "a number", "seconds")),
  TypeErrorCase("host.memory == 5s", 13, unlike("==", "bytes", "seconds")),
  TypeErrorCase("rate(TcpExt.ListenDrops) >= 5", 26, unlike(">=", "a rate", "a number")),
  TypeErrorCase("10MiB / 5s > 5/s", 12, unlike(">", "bytes per second", "a rate")),
  TypeErrorCase("host.uptime > 0%", 13, unlike(">", "seconds", "a number")),
  TypeErrorCase("host.cpus in {1, 2s}", 11, unlike("in", "a number", "seconds")),
  TypeErrorCase(
    "listener.port in {80, \"http\"}", 15, unlike("in", "a number", "a text"), for: .listener),
  TypeErrorCase("listener.unit == 5", 15, unlike("==", "a text", "a number"), for: .listener),
  TypeErrorCase(
    "listener.unit == listener.certain", 15, unlike("==", "a text", "true or false"),
    for: .listener),
  TypeErrorCase("host.release >= 5s", 14, unlike(">=", "a kernel release", "seconds")),
  TypeErrorCase("host.release > -5.4", 14, unlike(">", "a kernel release", "a number")),
  TypeErrorCase("host.release == \"5.4\"", 14, unlike("==", "a kernel release", "a text")),
])
func comparisonsOfUnlikeThings(_ c: TypeErrorCase) throws {
  let found = try c.shown
  #expect(found == [Shown(column: c.column, message: c.message)])
}

@Test(arguments: [
  TypeErrorCase("\"a\" < \"b\"", 5, "expected one of == != contains for a text, found '<'"),
  TypeErrorCase("true >= false", 6, "expected one of == != for true or false, found '>='"),
  TypeErrorCase(
    "true contains false", 6, "expected one of == != for true or false, found 'contains'"),
  TypeErrorCase(
    "5 contains 3", 3, "expected one of == != < <= > >= for a number, found 'contains'"),
  TypeErrorCase(
    "host.release contains 5.4", 14,
    "expected one of == != < <= > >= for a kernel release, found 'contains'"),
  TypeErrorCase(
    "net.ipv4.tcp_rmem in {5B, 6B}", 19,
    "expected a number beside 'in', found a vector; name one of its elements"),
  TypeErrorCase(
    "net.ipv4.tcp_rmem > 5B", 19,
    "expected a number beside '>', found a vector; name one of its elements"),
  TypeErrorCase(
    "default(net.ipv4.tcp_rmem) == net.ipv4.tcp_rmem", 28,
    "expected a number beside '==', found a vector; name one of its elements"),
])
func comparisonsThatAreNone(_ c: TypeErrorCase) throws {
  let found = try c.shown
  #expect(found == [Shown(column: c.column, message: c.message)])
}

private func unjoined(_ symbol: String, _ a: String, _ b: String) -> String {
  "expected units that '\(symbol)' can join, found \(a) and \(b)"
}

@Test(arguments: [
  TypeErrorCase("60s + 5 > 0", 5, unjoined("+", "seconds", "a number")),
  TypeErrorCase("1KiB - 5s > 0", 6, unjoined("-", "bytes", "seconds")),
  TypeErrorCase("60s * 60s > 0", 5, unjoined("*", "seconds", "seconds")),
  TypeErrorCase("1B * 5/s > 0", 4, unjoined("*", "bytes", "a rate")),
  TypeErrorCase("10 / 5B > 0", 4, unjoined("/", "a number", "bytes")),
  TypeErrorCase("5/s / 60s > 0", 5, unjoined("/", "a rate", "seconds")),
  TypeErrorCase(
    "true + 1 > 0", 6, "expected numbers beside '+', found true or false and a number"),
  TypeErrorCase(
    "host.release + 1 > 5", 14,
    "expected numbers beside '+', found a kernel release and a number"),
  TypeErrorCase(
    "2 * net.ipv4.tcp_rmem > 5B", 3, "expected numbers beside '*', found a number and a vector"),
  TypeErrorCase("-true == false", 1, "expected a number after '-', found true or false"),
  TypeErrorCase("-net.ipv4.tcp_mem > 0", 1, "expected a number after '-', found a vector"),
  TypeErrorCase("max(60s, 5) > 0", 10, "expected seconds in 'max(…)', found a number"),
  TypeErrorCase("max(0, 60s, 5B) > 0", 13, "expected seconds in 'max(…)', found bytes"),
  TypeErrorCase("max(0, 5, 60s) > 0", 11, "expected a number in 'max(…)', found seconds"),
  TypeErrorCase("min(5, 0, 60s) > 0", 11, "expected a number in 'min(…)', found seconds"),
  TypeErrorCase("min(\"a\", 1) > 0", 5, "expected a number in 'min(…)', found a text"),
  TypeErrorCase(
    "max(net.ipv4.tcp_rmem, 1B) > 0", 5, "expected a number in 'max(…)', found a vector"),
  TypeErrorCase(
    "next-power-of-two(host.release) > 0", 19,
    "expected a number in 'next-power-of-two(…)', found a kernel release"),
])
func arithmeticThatIsNone(_ c: TypeErrorCase) throws {
  let found = try c.shown
  #expect(found == [Shown(column: c.column, message: c.message)])
}

@Test(arguments: [
  TypeErrorCase("5", 1, "expected a condition, found a number"),
  TypeErrorCase("60s + 1s", 5, "expected a condition, found seconds"),
  TypeErrorCase("host.release", 1, "expected a condition, found a kernel release"),
  TypeErrorCase("net.ipv4.tcp_rmem", 1, "expected a condition, found a vector"),
  TypeErrorCase("not host.cpus", 5, "expected true or false after 'not', found a number"),
  TypeErrorCase(
    "host.cpus and true", 1, "expected true or false before 'and', found a number"),
  TypeErrorCase("true or \"a\"", 9, "expected true or false after 'or', found a text"),
  TypeErrorCase(
    "9223372036854775808 > 0", 1, "expected a number of 64 bits, found '9223372036854775808'"),
  TypeErrorCase("0 < 9000000000GiB", 5, "expected a number of 64 bits, found '9000000000'"),
  TypeErrorCase("host.cpus == 6.1.125", 14, "expected a number of 64 bits, found '6.1.125'"),
])
func conditionsThatAreNone(_ c: TypeErrorCase) throws {
  let found = try c.shown
  #expect(found == [Shown(column: c.column, message: c.message)])
}

@Test func everyProblemIsReported() throws {
  let c = TypeErrorCase("(60s > 5 or host.cpus + 1B > 0) and not (\"a\" < \"b\")", 0, "")
  #expect(
    try c.shown == [
      Shown(column: 6, message: unlike(">", "seconds", "a number")),
      Shown(column: 23, message: unjoined("+", "a number", "bytes")),
      Shown(column: 46, message: "expected one of == != contains for a text, found '<'"),
    ])
}

/// What is wrong left of a set is wrong once, however many items the set has.
@Test func aSetSaysAProblemOnce() throws {
  let c = TypeErrorCase("net.ipv4.tcp_foo in {1, 2}", 1, "")
  #expect(
    try c.shown == [
      Shown(column: 1, message: "expected a key that a page describes, found 'net.ipv4.tcp_foo'")
    ])
  #expect(
    try TypeErrorCase("host.cpus in {1s, 2s}", 1, "").shown == [
      Shown(column: 11, message: unlike("in", "a number", "seconds"))
    ])
}

/// Zeros alone are a number.
@Test func zerosAreANumber() throws {
  #expect(checker().check(try Expression(parsing: "max(0, 0)")).type == .quantity(.pure))
  #expect(try TypeErrorCase("host.memory > max(0, 0)", 0, "").shown.count == 1)
}

/// A key whose page cannot be read has no type, which is the page's problem and not the rule's.
@Test func keysThatAreUnreadHaveNoProblems() throws {
  let checker = TypeChecker(
    subject: .host, keyType: { _ in nil }, elements: { _ in [] }, isUnread: { _ in true })
  for text in ["net.core.somaxconn > 60s", "net.ipv4.tcp_rmem.max > 5 and host.cpus > 1"] {
    let (type, problems) = checker.check(try Expression(parsing: text))
    #expect(type == nil)
    #expect(problems == [])
  }
}

/// Every message of a condition says what was expected and what was found there.
@Test(arguments: [
  "host.cpus and true", "5. > 1", "1 -1 > 0", "\"a\" < \"b\"", "sum(listener where true) > 0",
  "max(host.release) > 0", "default(host.cpus) > 0", "rate(1) > 0", "1 in {2s}", "60s + 1 > 0",
  "host.cpu > 1", "5x > 1", "(1 > 2", "1 = 2", "listener.peak > 1", "net.ipv4.tcp_foo > 1",
  String(repeating: "(", count: 70), String(repeating: "1", count: 1001), "ascending(host.cpus)",
])
func messagesSayWhatWasFound(_ text: String) throws {
  var found = parserProblems(text)
  if found.isEmpty { found = try TypeErrorCase(text, 0, "").shown }
  #expect(!found.isEmpty)
  for problem in found {
    #expect(problem.message.hasPrefix("expected "), "\(problem.message)")
    #expect(problem.message.has(", found "), "\(problem.message)")
  }
}
