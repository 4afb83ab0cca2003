import Expressions
import Facts
import Testing

struct TruthCase: Sendable, CustomTestStringConvertible {
  var condition: String
  var truth: Truth
  var testDescription: String { condition }

  init(_ condition: String, _ truth: Truth) {
    self.condition = condition
    self.truth = truth
  }
}

/// Numbers are exact: no third and no tenth is rounded.
@Test(arguments: [
  TruthCase("1 / 3 + 1 / 3 + 1 / 3 == 1", .yes), TruthCase("0.1 + 0.2 == 0.3", .yes),
  TruthCase("7 / 2 == 3", .no), TruthCase("7 / 2 == 3.5", .yes),
  TruthCase("9223372036854775807 / 2 * 2 == 9223372036854775807", .yes),
  TruthCase("9223372036854775806 < 9223372036854775807", .yes),
  TruthCase("1 / 9223372036854775807 > 0", .yes), TruthCase("80% == 0.8", .yes),
  TruthCase("60s == 1min", .yes), TruthCase("1500ms > 1s", .yes), TruthCase("1KiB == 1024B", .yes),
  TruthCase("10 / 4s == 2.5/s", .yes), TruthCase("10MiB / 5s == 2MiB/s", .yes),
  TruthCase("5/s * 1min == 300", .yes), TruthCase("10KiB/s * 2s == 20KiB", .yes),
  TruthCase("60s / 1min == 1", .yes), TruthCase("8 - 4 - 2 == 2", .yes),
  TruthCase("8 / 4 / 2 == 1", .yes), TruthCase("2 + 3 * 4 == 14", .yes),
  TruthCase("-2 - -3 == 1", .yes), TruthCase("-0 == 0", .yes), TruthCase("0 + 60s == 1min", .yes),
  TruthCase("60s > 0", .yes), TruthCase("0 > 5/s", .no), TruthCase("0 - 60s < 0", .yes),
  TruthCase("2 < 1", .no), TruthCase("1 <= 1", .yes), TruthCase("1 >= 1", .yes),
  TruthCase("1 < 1", .no), TruthCase("1 > 1", .no), TruthCase("1 != 1", .no),
])
func arithmetic(_ c: TruthCase) throws {
  let found = try truth(c.condition)
  #expect(found == c.truth)
}

@Test(arguments: [
  TruthCase("min(3, 1, 2) == 1", .yes), TruthCase("max(3, 1, 2) == 3", .yes),
  TruthCase("min(5) == max(5)", .yes), TruthCase("max(0, 60s) == 1min", .yes),
  TruthCase("max(60s, 0) / 1s == 60", .yes), TruthCase("min(0, 60s) == 0s", .yes),
  TruthCase("next-power-of-two(0) == 1", .yes), TruthCase("next-power-of-two(-3) == 1", .yes),
  TruthCase("next-power-of-two(1) == 1", .yes), TruthCase("next-power-of-two(0.5) == 1", .yes),
  TruthCase("next-power-of-two(2) == 2", .yes), TruthCase("next-power-of-two(2.5) == 4", .yes),
  TruthCase("next-power-of-two(4096) == 4096", .yes),
  TruthCase("next-power-of-two(4097) == 8192", .yes),
  TruthCase("next-power-of-two(3KiB) == 4KiB", .yes),
  TruthCase("next-power-of-two(4611686018427387904) == 4611686018427387904", .yes),
  TruthCase("next-power-of-two(4611686018427387905) > 0", .unknown),
])
func functions(_ c: TruthCase) throws {
  let found = try truth(c.condition)
  #expect(found == c.truth)
}

/// What leaves 64 bits, or divides by zero, is unknown; it is named, and it decides nothing.
@Test(arguments: [
  ("9223372036854775807 + 1", "the result does not fit 64 bits"),
  ("9223372036854775807 * 2", "the result does not fit 64 bits"),
  ("-9223372036854775807 - 2", "the result does not fit 64 bits"),
  ("1 / 9223372036854775807 / 3", "the result does not fit 64 bits"),
  ("next-power-of-two(4611686018427387905)", "the result does not fit 64 bits"),
  ("5 / 0", "division by zero"), ("0 / 0", "division by zero"), ("60s / 0s", "division by zero"),
  ("5 / (3 - 3)", "division by zero"),
])
func numbersThatAreNone(_ text: String, _ reason: String) throws {
  let absence = Absence(.unreadable, reason)
  #expect(try value(text) == .missing(absence))
  var evaluator = Evaluator(TableOfFacts())
  let judgement = evaluator.judge(try Expression(parsing: "\(text) > 1"))
  #expect(judgement.truth == .unknown)
  #expect(judgement.missing == [NotChecked.Missing(fact: text, absence: absence)])
  #expect(try truth("\(text) > 1 or true") == .yes)
}

// MARK: Releases, texts, booleans

/// Opposite a release a number is a release: 5.10 is later than 5.4.
@Test(arguments: [
  TruthCase("host.release >= 6.1", .yes), TruthCase("host.release < 6.1", .no),
  TruthCase("host.release > 6.1", .yes), TruthCase("host.release > 5.4", .yes),
  TruthCase("host.release < 6.10", .yes), TruthCase("host.release >= 6", .yes),
  TruthCase("host.release < 7", .yes), TruthCase("host.release == 6.1.170", .yes),
  TruthCase("host.release >= 6.1.125", .yes), TruthCase("host.release < 6.1.125", .no),
  TruthCase("6.1.171 > host.release", .yes), TruthCase("5.10 < host.release", .yes),
  TruthCase("host.release in {5.4, 6.1.170}", .yes), TruthCase("host.release in {5.4, 6.2}", .no),
  TruthCase("host.release != 6.1.170", .no), TruthCase("entry.removed_in <= host.release", .yes),
  TruthCase("entry.removed_in == 4.12", .yes), TruthCase("not host.release >= 6.1.125", .no),
])
func releases(_ c: TruthCase) throws {
  let row: TableOfFacts.Row = [
    "host.release": .kernel("6.1.170"), "entry.removed_in": .kernel("4.12"),
  ]
  let found = try truth(c.condition, row)
  #expect(found == c.truth)
}

@Test func betweenNumbersADotIsDecimal() throws {
  #expect(try truth("5.10 < 5.4") == .yes)
  #expect(try truth("5.10 == 5.1") == .yes)
}

@Test(arguments: [
  TruthCase("listener.unit == \"nginx.service\"", .yes),
  TruthCase("listener.unit == \"nginx\"", .no),
  TruthCase("listener.unit != \"nginx\"", .yes),
  TruthCase("listener.unit contains \"nginx\"", .yes),
  TruthCase("listener.unit contains \"\"", .yes),
  TruthCase("listener.unit contains \"Nginx\"", .no),
  TruthCase("\"队列\" contains \"列\"", .yes),
  TruthCase("listener.unit in {\"a\", \"nginx.service\"}", .yes),
  TruthCase("listener.certain == true", .yes), TruthCase("listener.certain != true", .no),
  TruthCase("listener.certain == listener.above_cap", .no), TruthCase("true", .yes),
  TruthCase("false or listener.certain", .yes), TruthCase("(1 > 2) == false", .yes),
])
func textsAndBooleans(_ c: TruthCase) throws {
  let row: TableOfFacts.Row = [
    "listener.unit": .words("nginx.service"), "listener.certain": .flag(true),
    "listener.above_cap": .flag(false),
  ]
  let found = try truth(c.condition, row)
  #expect(found == c.truth)
}

// MARK: ascending, default, rate

@Test(
  arguments: [
    (Reading<Value>.numbers(1, 2, 3), .yes), (.numbers(1, 1, 1), .yes), (.numbers(1, 3, 2), .no),
    (.numbers(2, 1, 3), .no), (.numbers(7), .yes), (.number(7), .unknown),
    (.lacking(.absent), .unknown),
  ] as [(Reading<Value>, Truth)])
func ascending(_ reading: Reading<Value>, _ expected: Truth) throws {
  #expect(try truth("ascending(net.ipv4.tcp_mem)", ["net.ipv4.tcp_mem": reading]) == expected)
}

/// A fact, its rate and its default are three questions.
@Test func rateAndDefaultAreQuestionsOfTheirOwn() throws {
  let row: TableOfFacts.Row = [
    "TcpExt.ListenDrops": .number(100), "rate(TcpExt.ListenDrops)": .perSecond(3),
    "net.core.somaxconn": .number(128), "default(net.core.somaxconn)": .number(4096),
  ]
  #expect(try truth("TcpExt.ListenDrops == 100 and rate(TcpExt.ListenDrops) == 3/s", row) == .yes)
  #expect(try truth("net.core.somaxconn < default(net.core.somaxconn)", row) == .yes)
  #expect(try value("rate(TcpExt.ListenDrops) * 2s", row) == .number(6))
}

/// What is computed equals what Swift computes, for random whole numbers.
@Test func randomSumsAgreeWithIntegers() throws {
  var generator = SystemRandomNumberGenerator()
  func term(_ depth: Int) -> (text: String, value: Int64) {
    guard depth > 0 else {
      let number = Int64.random(in: 0...99, using: &generator)
      return ("\(number)", number)
    }
    let (a, b) = (term(depth - 1), term(depth - 1))
    switch Int.random(in: 0...4, using: &generator) {
    case 0: return ("(\(a.text) + \(b.text))", a.value + b.value)
    case 1: return ("(\(a.text) - \(b.text))", a.value - b.value)
    case 2: return ("\(a.text) * (\(b.text))", a.value * b.value)
    case 3: return ("-(\(a.text))", -a.value)
    default: return ("max(\(a.text), \(b.text))", max(a.value, b.value))
    }
  }
  for round in 0..<1000 {
    let (text, number) = term(round % 5)
    #expect(try value(text) == .number(number), "\(text)")
  }
}
