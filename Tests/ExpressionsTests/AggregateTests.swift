import Expressions
import Facts
import Testing

private typealias Row = TableOfFacts.Row

private func listener(
  _ port: Int64, drops: Reading<Value>, certain: Reading<Value> = .flag(true)
) -> Row {
  [
    "listener.port": .number(port), "listener.drops": drops, "rate(listener.drops)": drops,
    "listener.certain": certain,
  ]
}

struct AggregateCase: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var listeners: [TableOfFacts.Row]
  var value: Reading<Value>
  var testDescription: String { "\(name): \(text)" }
}

private let two = [listener(80, drops: .number(3)), listener(443, drops: .number(5))]
private let blind = listener(8080, drops: .lacking(.unreadable))
private let unread = Reading<Value>.lacking(.unreadable)

@Test(arguments: [
  AggregateCase(
    name: "some", text: "count(listener where listener.drops > 4)", listeners: two,
    value: .number(1)),
  AggregateCase(
    name: "none", text: "count(listener where listener.drops > 9)", listeners: two,
    value: .number(0)),
  AggregateCase(
    name: "nobody there", text: "count(listener where true)", listeners: [],
    value: .number(0)),
  AggregateCase(
    name: "one is unknown", text: "count(listener where listener.drops > 4)",
    listeners: two + [blind], value: unread),
  AggregateCase(
    name: "the unknown one is not meant",
    text: "count(listener where listener.port < 1000 and listener.drops > 4)",
    listeners: two + [blind], value: .number(1)),
  AggregateCase(
    name: "one is enough", text: "any(listener where listener.drops > 4)",
    listeners: [blind] + two, value: .flag(true)),
  AggregateCase(
    name: "the unknown one may be", text: "any(listener where listener.drops > 9)",
    listeners: [blind] + two, value: unread),
  AggregateCase(
    name: "none", text: "any(listener where listener.drops > 9)", listeners: two,
    value: .flag(false)),
  AggregateCase(
    name: "nobody there", text: "any(listener where true)", listeners: [], value: .flag(false)),
])
func countAndAny(_ c: AggregateCase) throws {
  var evaluator = Evaluator(TableOfFacts(listeners: .known(c.listeners)))
  #expect(evaluator.value(of: try Expression(parsing: c.text)) == c.value)
}

@Test(arguments: [
  AggregateCase(
    name: "all", text: "sum(listener.drops where true)", listeners: two, value: .number(8)),
  AggregateCase(
    name: "some", text: "sum(listener.drops where listener.port == 80)", listeners: two,
    value: .number(3)),
  AggregateCase(
    name: "none", text: "sum(listener.drops where false)", listeners: two, value: .number(0)),
  AggregateCase(
    name: "one has no value", text: "sum(listener.drops where true)", listeners: two + [blind],
    value: unread),
  AggregateCase(
    name: "one that is not meant has none", text: "sum(listener.drops where listener.port < 1000)",
    listeners: two + [blind], value: .number(8)),
  AggregateCase(
    name: "beyond 64 bits", text: "sum(listener.drops where true)",
    listeners: [listener(1, drops: .number(.max)), listener(2, drops: .number(1))],
    value: .unreadable("the sum does not fit 64 bits")),
  AggregateCase(
    name: "all", text: "max(listener.drops where true)", listeners: two, value: .number(5)),
  AggregateCase(
    name: "some", text: "max(listener.drops where listener.port == 80)", listeners: two,
    value: .number(3)),
  AggregateCase(
    name: "negative", text: "max(listener.drops where true)",
    listeners: [listener(1, drops: .number(-5)), listener(2, drops: .number(-3))],
    value: .number(-3)),
  AggregateCase(
    name: "none", text: "max(listener.drops where false)", listeners: two,
    value: .absent("no listener is chosen")),
  AggregateCase(
    name: "one has no value", text: "max(listener.drops where true)", listeners: [blind] + two,
    value: unread),
])
func sumAndMax(_ c: AggregateCase) throws {
  var evaluator = Evaluator(TableOfFacts(listeners: .known(c.listeners)))
  #expect(evaluator.value(of: try Expression(parsing: c.text)) == c.value)
}

@Test(arguments: [
  "count(listener where true) > 0", "any(listener where true)",
  "sum(listener.drops where true) == 0", "max(listener.drops where true) == 0",
])
func membersThatWereNotRead(_ text: String) throws {
  var evaluator = Evaluator(TableOfFacts(listeners: .notGathered("no dump")))
  let judgement = evaluator.judge(try Expression(parsing: text))
  #expect(judgement.truth == .unknown)
  #expect(judgement.missing.map(\.absence) == [Absence(.notGathered, "no dump")])
}

/// Inside an aggregate a listener's name means the one being counted, outside the one at hand.
@Test func theNameMeansTheMemberAtHand() throws {
  var evaluator = Evaluator(TableOfFacts(listeners: .known(two)))
  let condition = try Expression(
    parsing: "listener.port == 80 and count(listener where listener.port == 443) == 1")
  #expect(evaluator.truth(of: condition, for: Members(.listener, 0)) == .yes)
  #expect(evaluator.truth(of: condition, for: Members(.listener, 1)) == .no)
}

/// An inner aggregate may lean on the outer one's member, so its value is not the same for all.
@Test func innerAggregatesSeeTheOuterMember() throws {
  let source = TableOfFacts(
    listeners: .known(two),
    destinations: .known([["destination.port": .number(443)], ["destination.port": .number(22)]]))
  var evaluator = Evaluator(source)
  let both = try Expression(
    parsing: "count(listener where any(destination where destination.port == listener.port))")
  #expect(evaluator.value(of: both) == .number(1))
  let own = try Expression(
    parsing: "any(destination where destination.port == listener.port)")
  #expect(evaluator.truth(of: own, for: Members(.listener, 0)) == .no)
  #expect(evaluator.truth(of: own, for: Members(.listener, 1)) == .yes)
}

@Test func anAggregateThatIsStatedIsNotComputed() throws {
  let text = "count(listener where listener.drops > 4)"
  var source = TableOfFacts(listeners: .known(two))
  source.stated = [text: .number(7)]
  var evaluator = Evaluator(source)
  #expect(evaluator.value(of: try Expression(parsing: text)) == .number(7))
  source.stated = [text: .lacking(.noWindow)]
  evaluator = Evaluator(source)
  #expect(evaluator.value(of: try Expression(parsing: text)) == .lacking(.noWindow))
}

/// Asked twice, or for one member after the other, an aggregate of the host is the same.
@Test func anAggregateIsTheSameForEveryMember() throws {
  var evaluator = Evaluator(TableOfFacts(listeners: .known(two)))
  let condition = try Expression(parsing: "sum(listener.drops where true) == 8")
  for index in [0, 1, 0] {
    #expect(evaluator.truth(of: condition, for: Members(.listener, index)) == .yes)
  }
  #expect(evaluator.truth(of: condition) == .yes)
}
