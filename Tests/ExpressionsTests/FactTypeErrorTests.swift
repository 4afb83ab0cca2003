import Expressions
import Facts
import Testing

/// Facts where they have no place: of another subject, without a page, or in the wrong function.
@Test(arguments: [
  TypeErrorCase(
    "net.ipv4.tcp_foo > 0", 1, "expected a key that a page describes, found 'net.ipv4.tcp_foo'"),
  TypeErrorCase(
    "net.core.somaxconn/2 > 0", 1,
    "expected a key that a page describes, found 'net.core.somaxconn/2'"),
  TypeErrorCase(
    "0 < default(net.ipv4.tcp_foo)", 5,
    "expected a key that a page describes, found 'net.ipv4.tcp_foo'"),
  TypeErrorCase(
    "present(net.ipv4.tcp_foo)", 1,
    "expected a key that a page describes, found 'net.ipv4.tcp_foo'"),
  TypeErrorCase(
    "net.ipv4.tcp_rmem.high > 0", 1,
    "expected an element of a vector, found 'net.ipv4.tcp_rmem.high'; 'net.ipv4.tcp_rmem' has"
      + " min, default, max"),
  TypeErrorCase(
    "net.core.somaxconn.max > 0", 1,
    "expected an element of a vector, found 'net.core.somaxconn.max'"),
  TypeErrorCase(
    "rate(net.core.somaxconn) > 0", 1,
    "expected a counter in 'rate(…)', found 'net.core.somaxconn'"),
  TypeErrorCase(
    "rate(sockets.orphans) > 0", 1, "expected a counter in 'rate(…)', found 'sockets.orphans'"),
  TypeErrorCase(
    "rate(listener.length) > 0", 1, "expected a counter in 'rate(…)', found 'listener.length'",
    for: .listener),
  TypeErrorCase(
    "default(TcpExt.ListenDrops) > 0", 1,
    "expected a key in 'default(…)', found 'TcpExt.ListenDrops'"),
  TypeErrorCase(
    "default(listener.limit) > 0", 1, "expected a key in 'default(…)', found 'listener.limit'",
    for: .listener),
  TypeErrorCase(
    "ascending(net.core.somaxconn)", 1,
    "expected a vector in 'ascending(…)', found 'net.core.somaxconn', a number"),
  TypeErrorCase(
    "ascending(net.ipv4.tcp_rmem.max)", 1,
    "expected a vector in 'ascending(…)', found 'net.ipv4.tcp_rmem.max', bytes"),
])
func factsInTheWrongPlace(_ c: TypeErrorCase) throws {
  let found = try c.shown
  #expect(found == [Shown(column: c.column, message: c.message)])
}

private func foreign(_ fact: String, _ subject: String) -> String {
  "expected a fact of the host, found '\(fact)'; such a fact needs 'for: \(subject)' or an aggregate"
}

@Test(arguments: [
  TypeErrorCase("listener.peak > 0", 1, foreign("listener.peak", "listener")),
  TypeErrorCase("0 < rate(listener.drops)", 5, foreign("listener.drops", "listener")),
  TypeErrorCase("present(entry.file)", 1, foreign("entry.file", "entry"), for: .listener),
  TypeErrorCase(
    "listener.certain", 1, foreign("listener.certain", "listener"), for: .destination),
  TypeErrorCase(
    "destination.port == 80", 1, foreign("destination.port", "destination"), for: .listener),
  // Inside an aggregate only its own members are at hand.
  TypeErrorCase(
    "any(listener where destination.port == 80)", 20, foreign("destination.port", "destination")),
  TypeErrorCase(
    "any(listener where true) and listener.certain", 30, foreign("listener.certain", "listener")),
])
func factsOfOthers(_ c: TypeErrorCase) throws {
  let found = try c.shown
  #expect(found == [Shown(column: c.column, message: c.message)])
}

/// Inside an aggregate stands the member that is counted, beside the one that the rule is about.
@Test func aggregatesSeeBothMembers() throws {
  let text = "any(destination where destination.port == listener.port)"
  let expression = try Expression(parsing: text)
  #expect(checker(for: .listener).problems(ofCondition: expression) == [])
  #expect(checker(for: .host).problems(ofCondition: expression).count == 1)
}

@Test(arguments: [
  TypeErrorCase(
    "count(listener.drops where true) > 0", 1,
    "expected 'count(listener where …)' without a field, found 'listener.drops'"),
  TypeErrorCase(
    "any(entry.repeated where true)", 1,
    "expected 'any(entry where …)' without a field, found 'entry.repeated'"),
  TypeErrorCase(
    "sum(listener where true) > 0", 1,
    "expected a field in 'sum(…)', as in 'sum(listener.length where …)', found none"),
  TypeErrorCase(
    "0 < max(listener where true)", 5,
    "expected a field in 'max(…)', as in 'max(listener.length where …)', found none"),
  TypeErrorCase(
    "max(listener.unit where true) > 0", 1, "expected a number in 'max(…)', found a text"),
  TypeErrorCase(
    "sum(entry.removed_in where true) > 0", 1,
    "expected a number in 'sum(…)', found a kernel release"),
  TypeErrorCase(
    "count(listener where listener.port) > 0", 22,
    "expected true or false after 'where', found a number"),
])
func aggregatesThatAreNone(_ c: TypeErrorCase) throws {
  let found = try c.shown
  #expect(found == [Shown(column: c.column, message: c.message)])
}

/// A hint that names a fact names one that there is.
@Test(arguments: [Subject.listener, .destination, .entry])
func hintsNameFacts(_ subject: Subject) throws {
  let c = TypeErrorCase("sum(\(subject.rawValue) where true) > 0", 1, "", for: subject)
  let message = try #require(try c.shown.first?.message)
  let hint = try #require(
    message.split(separator: "'").last { $0.hasPrefix("sum(") && $0.contains(".") })
  let name = hint.dropFirst("sum(".count).prefix { $0 != " " }
  #expect(FactName(String(name)) != nil, "\(message)")
}
