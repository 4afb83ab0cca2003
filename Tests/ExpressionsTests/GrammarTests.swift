import Facts
import Testing

@testable import Expressions

/// Two spellings of one condition.
struct SpellingCase: Sendable, CustomTestStringConvertible {
  var short: String
  var full: String
  var testDescription: String { short }
}

@Test(arguments: [
  SpellingCase(
    short: "listener.certain or entry.known and host.vendor_kernel",
    full: "listener.certain or (entry.known and host.vendor_kernel)"),
  SpellingCase(
    short: "listener.certain or entry.known or host.vendor_kernel",
    full: "(listener.certain or entry.known) or host.vendor_kernel"),
  SpellingCase(
    short: "listener.certain and entry.known and host.vendor_kernel",
    full: "(listener.certain and entry.known) and host.vendor_kernel"),
  SpellingCase(
    short: "not listener.certain and entry.known", full: "(not listener.certain) and entry.known"),
  SpellingCase(
    short: "true and not listener.certain or false",
    full: "(true and (not listener.certain)) or false"),
  SpellingCase(short: "not 1 == 2", full: "not (1 == 2)"),
  SpellingCase(short: "not 1 in {2}", full: "not (1 in {2})"),
  SpellingCase(short: "1 + 2 * 3 == 7", full: "(1 + (2 * 3)) == 7"),
  SpellingCase(short: "1 < 2 + 3", full: "1 < (2 + 3)"),
  SpellingCase(short: "8 - 4 - 2 == 2", full: "((8 - 4) - 2) == 2"),
  SpellingCase(short: "8 - 4 + 2 == 6", full: "((8 - 4) + 2) == 6"),
  SpellingCase(short: "8 / 4 / 2 == 1", full: "((8 / 4) / 2) == 1"),
  SpellingCase(short: "8 / 4 * 2 == 4", full: "((8 / 4) * 2) == 4"),
  SpellingCase(short: "-2 * 3 < 0", full: "((-2) * 3) < 0"),
  SpellingCase(short: "1 - -2 == 3", full: "1 - (-2) == 3"),
  SpellingCase(short: "not -5 == 3", full: "not ((-5) == 3)"),
  SpellingCase(short: "listener.port + 1 in {80}", full: "(listener.port + 1) in {(80)}"),
  SpellingCase(
    short: "listener.unit contains \"a\" and true", full: "(listener.unit contains \"a\") and true"),
  SpellingCase(
    short: "count(listener where true or false) > 1",
    full: "(count(listener where (true or false))) > 1"),
  SpellingCase(short: "1+2*3<min(4,5)", full: "1 + 2 * 3 < min(4, 5)"),
  SpellingCase(short: "\t1\t<  2 ", full: "1 < 2"),
  SpellingCase(short: "listener.port in {80,443}", full: "listener.port in { 80 , 443 }"),
  SpellingCase(short: "-1 in {-1}", full: "(-1) in {(-1)}"),
])
func precedence(_ c: SpellingCase) throws {
  let short = try Expression(parsing: c.short).withoutPlaces
  #expect(short == (try Expression(parsing: c.full).withoutPlaces))
}

@Test(arguments: [
  ("8 - (4 - 2) == 2", "8 - 4 - 2 == 2"),
  ("8 / (4 / 2) == 1", "8 / 4 / 2 == 1"),
  ("(1 + 2) * 3 == 7", "1 + 2 * 3 == 7"),
  ("(true or true) and false", "true or true and false"),
  ("not (true and false)", "not true and false"),
])
func parenthesesMatter(_ one: String, _ other: String) throws {
  let first = try Expression(parsing: one).withoutPlaces
  #expect(first != (try Expression(parsing: other).withoutPlaces))
}

struct NamesCase: Sendable, CustomTestStringConvertible {
  var text: String
  var asked: Set<String>
  var testDescription: String { text }

  init(_ text: String, _ asked: Set<String>) {
    self.text = text
    self.asked = asked
  }
}

/// `-` and `/` inside a name belong to it; between blanks they are operators.
@Test(arguments: [
  NamesCase("net.ipv4.conf.br-lan.rp_filter > 0", ["net.ipv4.conf.br-lan.rp_filter"]),
  NamesCase("net.ipv4.conf.eth0/100.rp_filter > 0", ["net.ipv4.conf.eth0/100.rp_filter"]),
  NamesCase("net.core.somaxconn/2 > 0", ["net.core.somaxconn/2"]),
  NamesCase("net.core.somaxconn / 2 > 0", ["net.core.somaxconn"]),
  NamesCase("listener.peak - listener.limit > 0", ["listener.peak", "listener.limit"]),
  NamesCase("net.ipv4.tcp_rmem.max > 0", ["net.ipv4.tcp_rmem.max"]),
  NamesCase("rate(MPTcpExt.MPCapableSYNRX) > 0", ["rate(MPTcpExt.MPCapableSYNRX)"]),
  NamesCase("present(net.ipv4.tcp_mem)", ["net.ipv4.tcp_mem"]),
  NamesCase("ascending(net.ipv4.tcp_mem)", ["net.ipv4.tcp_mem"]),
  NamesCase("default(net.ipv4.tcp_rmem.max) > 0", ["default(net.ipv4.tcp_rmem.max)"]),
  NamesCase(
    "any(listener where listener.peak > 5) and host.cpus > 2",
    ["any(listener where listener.peak > 5)", "host.cpus"]),
  NamesCase("listener.port in {host.cpus, 2}", ["listener.port", "host.cpus"]),
  NamesCase("not (-min(host.cpus, 2) == 1)", ["host.cpus"]),
])
func namesOfAText(_ c: NamesCase) throws {
  #expect(try Expression(parsing: c.text).asked == c.asked)
}

// MARK: max of members and max of numbers

@Test func maxOfMembers() throws {
  let text = "max(listener.peak where listener.certain)"
  let inside = Expression.query(.value(.listener(.certain)), at: 0)
  let members = Aggregate(
    kind: .max, subject: .listener, field: .listener(.peak), condition: inside)
  #expect(try Expression(parsing: text).withoutPlaces == .aggregate(members, at: 0))
}

@Test func maxOfNumbers() throws {
  let peak = Expression.query(.value(.listener(.peak)), at: 0)
  let limit = Expression.query(.value(.listener(.limit)), at: 0)
  #expect(
    try Expression(parsing: "max(listener.peak, listener.limit)").withoutPlaces
      == .call(.max, [peak, limit], at: 0))
  #expect(
    try Expression(parsing: "max(listener.peak)").withoutPlaces == .call(.max, [peak], at: 0))
}

@Test func maxInsideMax() throws {
  let text = "max(max(listener.peak where true), max(1, 2))"
  let expression = try Expression(parsing: text)
  #expect(expression.description == text)
  guard case .call(.max, let arguments, _) = expression, case .aggregate = arguments.first,
    case .call = arguments.last
  else {
    Issue.record("expected max of numbers, found \(expression)")
    return
  }
}

// MARK: Numbers

struct LiteralCase: Sendable, CustomTestStringConvertible {
  var text: String
  var amount: (Int64, Int64)
  var dimension: Dimension
  var testDescription: String { text }

  init(_ text: String, _ above: Int64, _ below: Int64 = 1, _ dimension: Dimension = .pure) {
    self.text = text
    amount = (above, below)
    self.dimension = dimension
  }
}

@Test(arguments: [
  LiteralCase("0", 0), LiteralCase("007", 7), LiteralCase("0.25", 1, 4), LiteralCase("80%", 4, 5),
  LiteralCase("60s", 60, 1, .seconds), LiteralCase("250ms", 1, 4, .seconds),
  LiteralCase("2min", 120, 1, .seconds), LiteralCase("1.5h", 5400, 1, .seconds),
  LiteralCase("1d", 86400, 1, .seconds), LiteralCase("87380B", 87380, 1, .bytes),
  LiteralCase("4KiB", 4096, 1, .bytes), LiteralCase("0.5MiB", 524_288, 1, .bytes),
  LiteralCase("1GiB", 1_073_741_824, 1, .bytes), LiteralCase("5/s", 5, 1, .perSecond),
  LiteralCase("10B/s", 10, 1, .bytesPerSecond), LiteralCase("2KiB/s", 2048, 1, .bytesPerSecond),
  LiteralCase("1MiB/s", 1_048_576, 1, .bytesPerSecond),
  LiteralCase("9223372036854775807", .max),
])
func literals(_ c: LiteralCase) throws {
  let amount = try #require(Fraction(c.amount.0, c.amount.1))
  #expect(try value(c.text) == .known(.quantity(Quantity(amount, c.dimension))))
}
