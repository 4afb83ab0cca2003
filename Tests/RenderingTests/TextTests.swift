import Facts
import Testing

@testable import Rendering

struct AmountCase: Sendable, CustomTestStringConvertible {
  var value: Value
  var text: String
  var testDescription: String { text }
}

private func fraction(_ above: Int64, _ below: Int64, _ dimension: Dimension) -> Value {
  .quantity(Quantity(Fraction(above, below) ?? Fraction(0), dimension))
}

@Test(arguments: [
  AmountCase(value: .count(129), text: "129"),
  AmountCase(value: .count(7875, .seconds), text: "7875 s"),
  AmountCase(value: fraction(9246, 10, .seconds), text: "924.6 s"),
  AmountCase(value: .count(4_194_304, .bytes), text: "4 MiB"),
  AmountCase(value: .count(87_380, .bytes), text: "85.3 KiB"),
  AmountCase(value: .count(512, .bytes), text: "512 B"),
  AmountCase(value: fraction(1, 3, .perSecond), text: "0.33/s"),
  AmountCase(value: fraction(1, 7000, .perSecond), text: "0.00014/s"),
  AmountCase(value: .count(0, .perSecond), text: "0/s"),
  AmountCase(value: .text(""), text: "(empty)"),
  AmountCase(value: .boolean(true), text: "true"),
  AmountCase(
    value: .vector([Quantity(4096, .bytes), Quantity(131_072, .bytes)]), text: "4 KiB 128 KiB"),
])
func amounts(_ c: AmountCase) {
  #expect(Units.text(c.value) == c.text)
}

@Test(
  arguments: [
    (7875, "2 h 11 min 15 s"), (119, nil), (120, "2 min"), (90_061, "1 d 1 h 1 min"),
  ] as [(Int64, String?)])
func spans(_ seconds: Int64, _ text: String?) {
  #expect(Units.span(Fraction(seconds)) == text)
}

/// Names come from others; they must not reach the terminal as commands.
@Test func controlCharactersAreMadeVisible() {
  #expect("ng\u{1b}[2Jinx\n".printable == "ng\\u{1b}[2Jinx\\u{a}")
  #expect("a\u{202e}b\u{9b}c".printable == "a\\u{202e}b\\u{9b}c")
  #expect("nginx: 队列".printable == "nginx: 队列")
}

@Test func wordsAreBrokenAtTheWidth() {
  var page = TextPage(TextStyle(width: 30, isColored: false))
  page.wrapped("one two three four five six seven eight", first: "- ", rest: 2)
  #expect(page.text == "- one two three four five six\n  seven eight\n")
  var pipe = TextPage(TextStyle(width: nil, isColored: false))
  pipe.wrapped("one two three four five six seven eight", first: "- ", rest: 2)
  #expect(pipe.text == "- one two three four five six seven eight\n")
}

@Test func tablesAreAlignedAndGiveWay() {
  var table = Table(["name", "n"], [.left, .right], flexible: 0)
  table.add(["short", "1"])
  table.add(["a name that is far too long", "12345"])
  let wide = table.lines(TextStyle(width: nil, isColored: false), indent: 0)
  #expect(wide[1] == "short                            1")
  let narrow = table.lines(TextStyle(width: 20, isColored: false), indent: 0)
  #expect(narrow.allSatisfy { $0.count <= 20 })
  #expect(narrow[2] == "a name that …  12345")
}

@Test func colourOnlyWhereItIsAskedFor() {
  let plain = TextStyle(width: 80, isColored: false)
  #expect(plain.paint("error", .error) == "error")
  let coloured = TextStyle(width: 80, isColored: true)
  #expect(coloured.paint("error", .error) == "\u{1b}[1;31merror\u{1b}[0m")
  #expect(coloured.paint("", .error).isEmpty)
}

// MARK: Whole reports

private let socketsUnread: SocketCounts = {
  let none = Absence(.unreadable, "not in this test")
  return SocketCounts(
    establishedOrCloseWait: .missing(none), timeWait: .missing(none),
    openingOrClosing: .missing(none), walk: .missing(none), states: .missing(none),
    connections: .missing(none), destinations: .missing(none), portsPerDestination: .missing(none))
}()

private func report(_ listeners: [ListenerQueues], _ findings: [Finding]) throws -> Report {
  var host = Host(unread: Absence(.unreadable, "not in this test"))
  host.name = .known("web\u{1b}1")
  host.release = .known(try #require(KernelRelease("6.18.44")))
  return Report(
    host: host, window: .sinceBoot, assumed: [:], tunables: [], listeners: .known(listeners),
    sockets: socketsUnread, counts: [:], limits: [], findings: findings, notChecked: [],
    rulesApplied: 12, gaps: [])
}

private func queues(_ port: Int64, program: String) -> ListenerQueues {
  var listener = Listener(
    address: "0.0.0.0", port: port, family: .ipv4, length: 129, limit: 128, drops: .known(3),
    cookie: 1, inode: 1, uid: 0, cgroup: .absent("none"))
  listener.owner = .known(
    Listener.Owner(pid: 1, name: .known(program), nofile: .known(1024)))
  return ListenerQueues(
    listener: listener,
    acceptQueue: AcceptQueue(limit: 128, capacity: 129, binding: .somaxconn, certain: false),
    synQueue: .known(
      SynQueue(capacity: 128, capacityMax: 129, binding: .somaxconn, formula: "f", note: "open")),
    synLength: .absent("none"))
}

/// At no width is a line longer than the terminal, but for commands that are to be copied.
@Test(arguments: [72, 80, 120, 200])
func reportsFitTheTerminal(_ width: Int) throws {
  let all = (0..<30).map { queues(Int64(8000 + $0), program: "a-very-long-program-name-\($0)") }
  let finding = Finding(
    rule: "accept-queue-capped-by-somaxconn", severity: .error, confidence: .high,
    title: "a listener overflows and net.core.somaxconn caps its accept queue",
    subjects: all.map(\.listener.name),
    evidence: [
      Evidence(
        fact: "listener.peak", value: .count(129), source: "sock_diag", subject: "0.0.0.0:8000")
    ],
    changes: [
      ProposedChange(
        key: SysctlKey(literal: "net.core.somaxconn"), element: nil, operator: .atLeast,
        value: 256, current: 128, effect: .nextListen,
        restart: ["nginx.service", "haproxy.service"])
    ])
  let text = AuditText.render(
    try report(all, [finding]), style: TextStyle(width: width, isColored: false))
  for line in text.split(separator: "\n") where !line.contains("tcptune diff | sudo") {
    #expect(line.count <= width, "\(line)")
  }
  #expect(text.contains("and 22 more"))
  #expect(text.contains("the 10 that matter most of 30"))
  #expect(!text.contains("\u{1b}"))
}

@Test func whatIsBelowTheMinimumIsCountedOnly() throws {
  let note = Finding(
    rule: "limit-above-cap", severity: .note, confidence: .high, title: "a note", subjects: [],
    evidence: [])
  let text = AuditText.render(
    try report([], [note]), minimum: .warning, style: TextStyle(width: nil, isColored: false))
  #expect(text.contains("nothing is wrong on web\\u{1b}1: 11 rules hold, 1 note"))
  #expect(!text.contains("note[limit-above-cap]"))
  #expect(text.contains("\n1 finding below warning not shown\n"))
}

/// Where every rule lacks its facts, nothing is known to be right, and no number is negative.
@Test func whatCannotBeCheckedIsNotWell() throws {
  var report = try report([], [])
  report.rulesApplied = 2
  report.notChecked = ["a", "b"].map { rule in
    NotChecked(
      rule: rule,
      missing: [NotChecked.Missing(fact: "host.release", absence: Absence(.absent, "gone"))],
      subjects: [])
  }
  let text = AuditText.render(report, style: TextStyle(width: nil, isColored: false))
  #expect(text.hasPrefix("nothing could be checked on web\\u{1b}1: 0 rules hold, 2 not checked\n"))
}

/// A painted word takes no more columns than a plain one.
@Test func colourDoesNotChangeWhereLinesBreak() throws {
  func lines(_ isColored: Bool) throws -> [Int] {
    let text = AuditText.render(
      try report([queues(80, program: "nginx")], []),
      style: TextStyle(width: 80, isColored: isColored))
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      TextStyle.columns(of: line)
    }
  }
  #expect(try lines(true) == lines(false))
}

@Test func aRangeIsShownWithItsReason() throws {
  let text = QueuesText.render(
    .known([queues(80, program: "nginx")]), style: TextStyle(width: nil, isColored: false))
  #expect(text.contains("128-129"))
  #expect(text.contains("SYNs fit: open"))
  #expect(text.contains("somaxconn?"))
}
