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
  TypeErrorCase("\"a\" < \"b\"", 5, "expected another comparison of a text than '<'"),
  TypeErrorCase("true >= false", 6, "expected another comparison of true or false than '>='"),
  TypeErrorCase(
    "true contains false", 6, "expected another comparison of true or false than 'contains'"),
  TypeErrorCase("5 contains 3", 3, "expected another comparison of a number than 'contains'"),
  TypeErrorCase(
    "host.release contains 5.4", 14,
    "expected another comparison of a kernel release than 'contains'"),
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
    "host.cpus and true", 1, "expected true or false after the left of 'and', found a number"),
  TypeErrorCase(
    "true or \"a\"", 9, "expected true or false after the right of 'or', found a text"),
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
      Shown(column: 46, message: "expected another comparison of a text than '<'"),
    ])
}
