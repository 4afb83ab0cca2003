import Expressions
import Testing

/// A text that is no condition, with the first place where that shows.
struct ParserErrorCase: Sendable, CustomTestStringConvertible {
  var text: String
  var column: Int
  var message: String
  var testDescription: String { text }

  init(_ text: String, _ column: Int, _ message: String) {
    self.text = text
    self.column = column
    self.message = message
  }
}

/// A problem as it is shown: column and message.
struct Shown: Equatable {
  var column: Int
  var message: String
}

func parserProblems(_ text: String) -> [Shown] {
  do throws(Problems) {
    _ = try Expression(parsing: text)
    return []
  } catch {
    return error.all.map { Shown(column: $0.column(in: text), message: $0.message) }
  }
}

private let units = "s ms min h d B KiB MiB GiB % /s B/s KiB/s MiB/s"
private let noOperand = "expected a fact, a number or '(', found"
private let noEnd = "expected 'and', 'or', an operator or the end, found"
private let noToken = "expected a fact, a number or an operator, found"

@Test(arguments: [
  ParserErrorCase("net.core.somaxconn = 128", 20, "\(noToken) '='; equality is '=='"),
  ParserErrorCase("5 § 3", 3, "\(noToken) '§'"),
  ParserErrorCase("!listener.certain", 1, "\(noToken) '!'"),
  ParserErrorCase("listener.certain && true", 18, "\(noToken) '&'"),
  ParserErrorCase("listener.unit == 'nginx'", 18, "\(noToken) '''"),
  ParserErrorCase("listener.unit == \"队列\" ü", 23, "\(noToken) 'ü'"),
  ParserErrorCase("1 <\n2", 4, "\(noToken) '\n'"),
  ParserErrorCase("5x > 1", 2, "expected a unit (\(units)) after '5', found 'x'"),
  ParserErrorCase("1 < 5kib", 6, "expected a unit (\(units)) after '5', found 'kib'"),
  ParserErrorCase("1 < 5/min", 6, "expected a unit (\(units)) after '5', found '/min'"),
  ParserErrorCase("1 < 5. ", 6, "expected digits after '5.', found ' '"),
  ParserErrorCase("1 < 5.ü", 6, "expected digits after '5.', found 'ü'"),
  ParserErrorCase("1 < 5.", 6, "expected digits after '5.', found the end"),
  ParserErrorCase("listener.unit == \"nginx", 18, "expected a closing '\"', found the end"),
])
func lexerErrors(_ c: ParserErrorCase) {
  #expect(parserProblems(c.text) == [Shown(column: c.column, message: c.message)])
}

private let blanks = "expected a blank on both sides of"

/// A '-' or '/' that a name could swallow must stand between blanks.
@Test(arguments: [
  ParserErrorCase("listener.peak -1 > 0", 15, "\(blanks) '-', found none after it"),
  ParserErrorCase("listener.peak- 1 > 0", 14, "\(blanks) '-', found none before it"),
  ParserErrorCase("(1 + 2)- 1 > 0", 8, "\(blanks) '-', found none before it"),
  ParserErrorCase("80% -1 > 0", 5, "\(blanks) '-', found none after it"),
  ParserErrorCase("listener.peak /2 > 0", 15, "\(blanks) '/', found none after it"),
  ParserErrorCase("listener.peak/ 2 > 0", 14, "\(blanks) '/', found none before it"),
])
func operatorsBetweenBlanks(_ c: ParserErrorCase) {
  #expect(parserProblems(c.text) == [Shown(column: c.column, message: c.message)])
}

@Test(arguments: [
  ParserErrorCase("", 1, "\(noOperand) the end"),
  ParserErrorCase("listener.peak >", 16, "\(noOperand) the end"),
  ParserErrorCase("listener.peak > *", 17, "\(noOperand) '*'"),
  ParserErrorCase("not not listener.certain", 5, "\(noOperand) 'not'"),
  ParserErrorCase("listener.certain and or true", 22, "\(noOperand) 'or'"),
  ParserErrorCase("--1 > 0", 2, "\(noOperand) '-'"),
  ParserErrorCase("listener.peak listener.limit", 15, "\(noEnd) 'listener.limit'"),
  ParserErrorCase("1 < listener.peak < 3", 19, "\(noEnd) '<'"),
  ParserErrorCase("listener.peak > 1)", 18, "\(noEnd) ')'"),
  ParserErrorCase("listener.peak > 1 \"a\"", 19, "\(noEnd) \"a\""),
  ParserErrorCase("listener.peak > 1 60s", 19, "\(noEnd) '60s'"),
  ParserErrorCase(
    "(listener.peak > 1", 19, "expected ')' after the condition in parentheses, found the end"),
  ParserErrorCase("listener.port in (80)", 18, "expected '{' after 'in', found '('"),
  ParserErrorCase("listener.port in {}", 19, "\(noOperand) '}'"),
  ParserErrorCase("listener.port in {80 443}", 22, "expected '}' after the set, found '443'"),
  ParserErrorCase("listener.port in {80,", 22, "\(noOperand) the end"),
])
func grammarErrors(_ c: ParserErrorCase) {
  #expect(parserProblems(c.text) == [Shown(column: c.column, message: c.message)])
}

private let functions =
  "expected a function (rate present default ascending next-power-of-two min max count any sum)"

@Test(arguments: [
  ParserErrorCase("rate(5) > 0", 6, "expected a fact in 'rate(…)', found '5'"),
  ParserErrorCase("present()", 9, "expected a fact in 'present(…)', found ')'"),
  ParserErrorCase("default(\"a\")", 9, "expected a fact in 'default(…)', found \"a\""),
  ParserErrorCase(
    "rate(TcpExt.ListenDrops, 2)", 24, "expected ')' after the arguments of 'rate', found ','"),
  ParserErrorCase("max() > 0", 5, "\(noOperand) ')'"),
  ParserErrorCase(
    "next-power-of-two(1, 2)", 20,
    "expected ')' after the arguments of 'next-power-of-two', found ','"),
  ParserErrorCase("1 < square(3)", 5, "\(functions), found 'square'"),
  ParserErrorCase(
    "count(host where true) > 0", 7,
    "expected listener, destination or entry in 'count(…)', found 'host'"),
  ParserErrorCase(
    "any(5 where true)", 5, "expected listener, destination or entry in 'any(…)', found '5'"),
  ParserErrorCase(
    "max(sockets.orphans where true) > 0", 5,
    "expected listener, destination or entry in 'max(…)', found 'sockets.orphans'"),
  ParserErrorCase("count(listener) > 0", 15, "expected 'where' after 'listener', found ')'"),
  ParserErrorCase(
    "sum(listener.drops, 3) > 0", 19, "expected 'where' after 'listener.drops', found ','"),
  ParserErrorCase(
    "max(listener.drops + 1 where true)", 24,
    "expected ')' after the arguments of 'max', found 'where'"),
  ParserErrorCase(
    "min(listener.drops where true)", 20,
    "expected ')' after the arguments of 'min', found 'where'"),
  ParserErrorCase("count(listener where) > 0", 21, "\(noOperand) ')'"),
])
func callErrors(_ c: ParserErrorCase) {
  #expect(parserProblems(c.text) == [Shown(column: c.column, message: c.message)])
}
