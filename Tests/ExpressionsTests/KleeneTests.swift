import Expressions
import Facts
import Testing

/// One fact of each truth.
private let facts: TableOfFacts.Row = [
  "host.vendor_kernel": .flag(true), "host.initial_namespace": .flag(false),
  "listener.certain": .lacking(.unreadable),
]
private let names: [(Truth, String)] = [
  (.yes, "host.vendor_kernel"), (.no, "host.initial_namespace"), (.unknown, "listener.certain"),
]

@Test func and() throws {
  let table: [[Truth]] = [[.yes, .no, .unknown], [.no, .no, .no], [.unknown, .no, .unknown]]
  for (row, left) in names.enumerated() {
    for (column, right) in names.enumerated() {
      let found = try truth("\(left.1) and \(right.1)", facts)
      #expect(found == table[row][column], "\(left.0) and \(right.0)")
    }
  }
}

@Test func or() throws {
  let table: [[Truth]] = [[.yes, .yes, .yes], [.yes, .no, .unknown], [.yes, .unknown, .unknown]]
  for (row, left) in names.enumerated() {
    for (column, right) in names.enumerated() {
      let found = try truth("\(left.1) or \(right.1)", facts)
      #expect(found == table[row][column], "\(left.0) or \(right.0)")
    }
  }
}

@Test func not() throws {
  #expect(try truth("not host.vendor_kernel", facts) == .no)
  #expect(try truth("not host.initial_namespace", facts) == .yes)
  #expect(try truth("not listener.certain", facts) == .unknown)
}

/// `in` is an `or` of equalities.
@Test(
  arguments: [
    ("2 in {1, 2}", .yes), ("3 in {1, 2}", .no), ("host.cpus in {1, 2}", .unknown),
    ("1 in {host.cpus, 1}", .yes), ("1 in {1, host.cpus}", .yes), ("2 in {host.cpus, 1}", .unknown),
    ("true in {false}", .no), ("\"a\" in {\"b\", \"a\"}", .yes), ("60s in {1min}", .yes),
    ("not 2 in {1, 2}", .no),
  ] as [(String, Truth)])
func membership(_ condition: String, _ expected: Truth) throws {
  #expect(try truth(condition, ["host.cpus": .lacking(.notGathered)]) == expected)
}

/// Each of the four ways not to have a value makes a comparison unknown; only `present` tells
/// absence from the rest.
@Test(arguments: Absence.Kind.allCases)
func everyAbsenceIsUnknown(_ kind: Absence.Kind) throws {
  let row: TableOfFacts.Row = [
    "net.ipv4.tcp_mem": .lacking(kind), "host.cpus": .lacking(kind),
    "rate(TcpExt.ListenDrops)": .lacking(kind), "default(net.core.somaxconn)": .lacking(kind),
    "host.release": .lacking(kind), "host.vendor_kernel": .lacking(kind),
  ]
  for condition in [
    "host.cpus > 0", "0 == host.cpus", "host.cpus != host.cpus", "host.cpus in {1}",
    "host.cpus + 1 > 0", "0 * host.cpus == 0", "-host.cpus < 0", "max(1, host.cpus) > 0",
    "next-power-of-two(host.cpus) > 0", "ascending(net.ipv4.tcp_mem)",
    "rate(TcpExt.ListenDrops) > 0", "default(net.core.somaxconn) > 0", "host.release > 5.4",
    "host.vendor_kernel", "not host.vendor_kernel", "host.vendor_kernel == true",
  ] {
    #expect(try truth(condition, row) == .unknown, "\(condition)")
    #expect(try truth("\(condition) and false", row) == .no, "\(condition)")
    #expect(try truth("true or \(condition)", row) == .yes, "\(condition)")
  }
  let presence: Truth = kind == .absent ? .no : .unknown
  #expect(try truth("present(net.ipv4.tcp_mem)", row) == presence)
}

@Test func presentIsTrueWhereSomethingWasRead() throws {
  #expect(try truth("present(net.ipv4.tcp_mem)", ["net.ipv4.tcp_mem": .numbers(1, 2, 3)]) == .yes)
  #expect(try truth("present(host.cpus)", ["host.cpus": .number(0)]) == .yes)
  #expect(try truth("present(entry.known)", ["entry.known": .flag(false)]) == .yes)
}

// MARK: Properties

/// A random condition of six boolean facts, of which some have no value.
private struct RandomConditions {
  static let names = [
    "host.vendor_kernel", "host.initial_namespace", "listener.certain", "listener.above_cap",
    "entry.known", "entry.ascending",
  ]
  var generator = SystemRandomNumberGenerator()

  mutating func condition(depth: Int) -> String {
    guard depth > 0 else { return pick(Self.names, &generator) }
    let (a, b) = (condition(depth: depth - 1), condition(depth: depth - 1))
    switch Int.random(in: 0...5, using: &generator) {
    case 0: return "not (\(a))"
    case 1, 2: return "(\(a)) and (\(b))"
    case 3, 4: return "(\(a)) or (\(b))"
    default: return "(\(a)) in {\(pick(Self.names, &generator)), false}"
    }
  }

  mutating func facts() -> TableOfFacts.Row {
    var row: TableOfFacts.Row = [:]
    for name in Self.names {
      row[name] = pick([.flag(true), .flag(false), .lacking(.unreadable)], &generator)
    }
    return row
  }
}

/// What is decided although facts are missing would be decided so whatever they were; and the facts
/// that a judgement calls missing are enough to decide it.
@Test func unknownFactsAreNeverGuessed() throws {
  var random = RandomConditions()
  for round in 0..<1500 {
    let condition = try Expression(parsing: random.condition(depth: 1 + round % 3))
    let row = random.facts()
    var evaluator = Evaluator(TableOfFacts(facts: row))
    let judgement = evaluator.judge(condition)
    #expect(evaluator.truth(of: condition) == judgement.truth, "\(condition)")
    let missing = Set(judgement.missing.map(\.fact))
    for pattern in 0..<(1 << RandomConditions.names.count) {
      var complete = row
      var partly = row
      for (bit, name) in RandomConditions.names.enumerated() where row[name]?.value == nil {
        complete[name] = .flag(pattern >> bit & 1 == 1)
        if missing.contains(name) { partly[name] = complete[name] }
      }
      var all = Evaluator(TableOfFacts(facts: complete))
      let outcome = all.truth(of: condition)
      #expect(outcome != .unknown, "\(condition) with \(complete)")
      if judgement.truth != .unknown {
        #expect(outcome == judgement.truth, "\(condition) with \(row)")
      } else {
        var some = Evaluator(TableOfFacts(facts: partly))
        #expect(some.truth(of: condition) == outcome, "\(condition) with \(row)")
      }
    }
  }
}
