import Facts
import Support
import Testing

@testable import Rendering

private let start: Int64 = 1_800_000_000_000

private func listener(_ port: Int64, _ lengths: [Int64], limit: Int64, program: String = "nginx")
  -> WatchedListener
{
  var listener = Listener(
    address: "0.0.0.0", port: port, family: .ipv4, length: lengths.last ?? 0, limit: limit,
    drops: .known(3), cookie: UInt64(port), inode: 1, uid: 0, cgroup: .absent("none"))
  listener.owner = .known(Listener.Owner(pid: 812, name: .known(program), nofile: .known(1024)))
  listener.unit = .absent("none")
  return WatchedListener(
    queues: ListenerQueues(
      listener: listener,
      acceptQueue: AcceptQueue(limit: limit, capacity: limit + 1, binding: .backlog, certain: true),
      synQueue: .absent("not in this test"), synLength: .notGathered("no walk")),
    lengths: lengths, peak: lengths.max() ?? 0,
    dropRate: .known(Fraction(lengths.last ?? 0 > limit ? 12 : 0)))
}

private let overflow = Finding(
  rule: "accept-queue-capped-by-somaxconn", severity: .error, confidence: .high,
  title: "a listener overflows and net.core.somaxconn caps its accept queue",
  subjects: ["0.0.0.0:80"], evidence: [],
  changes: [
    ProposedChange(
      key: SysctlKey(literal: "net.core.somaxconn"), element: nil, operator: .atLeast, value: 256,
      current: 128, effect: .nextListen)
  ])

/// A host on which one of several listeners overflows.
private func busy() throws -> Watched {
  var host = Host(unread: Absence(.unreadable, "not in this test"))
  host.name = .known("web\u{1b}1")
  host.release = .known(try #require(KernelRelease("6.18.44")))
  var watched = Watched(host: host)
  watched.moment = start + 75_000
  watched.samples = 76
  watched.interval = Fraction(1)
  watched.listeners = .known(
    [
      listener(22, [0, 0], limit: 128, program: "sshd"),
      listener(80, [0, 1, 40, 90, 129, 129], limit: 128),
      listener(443, [0, 5, 7], limit: 128, program: "ng\u{1b}[31minx"),
      listener(6379, [0], limit: 511, program: "队列队列队列队列队列"),
    ] + (0..<60).map { listener(8000 + $0, [0], limit: 4096) })
  watched.counters =
    [MovedCounter(name: "TcpExt.ListenDrops", growth: 12, rate: Fraction(12))]
    + (0..<30).map { MovedCounter(name: "TcpExt.Counter\($0)", growth: 1, rate: Fraction(1)) }
  var item = WatchedFinding(overflow, since: start + 60_000)
  item.lastSeen = watched.moment
  var gone = item
  gone.finding.rule = "syncookies-off"
  gone.goneFor = 2
  gone.lastSeen = watched.moment - 2000
  watched.findings = [item, gone]
  watched.gauges.established = .known(2054)
  watched.gauges.timeWait = .known(33)
  watched.gauges.dropped = .known(Fraction(12))
  watched.gauges.opened = .known(Fraction(1, 2) ?? Fraction(0))
  watched.gauges.cookies = .known(Fraction(0))
  watched.gauges.retransmitted = .absent("not in this test")
  return watched
}

private func screen(
  _ watched: Watched, _ columns: Int, _ rows: Int, unicode: Bool = true, colored: Bool = false,
  _ change: (inout WatchView) -> Void = { _ in }
) -> [String] {
  var view = WatchView(
    columns: columns, rows: rows, isUnicode: unicode, interval: Fraction(1), start: start)
  change(&view)
  return WatchScreen.lines(watched, view, style: TextStyle(width: columns, isColored: colored))
}

/// The text without what paints it.
private func plain(_ line: String) -> String {
  var text = ""
  var isCode = false
  for character in line {
    if character == "\u{1B}" { isCode = true }
    if !isCode { text.append(character) }
    if isCode, character == "m" { isCode = false }
  }
  return text
}

struct ScreenCase: Sendable, CustomTestStringConvertible {
  var columns: Int
  var rows: Int
  var testDescription: String { "\(columns)x\(rows)" }
}

@Test(
  arguments: [
    ScreenCase(columns: 80, rows: 24), ScreenCase(columns: 40, rows: 10),
    ScreenCase(columns: 200, rows: 50), ScreenCase(columns: 20, rows: 5),
    ScreenCase(columns: 1, rows: 1), ScreenCase(columns: 7, rows: 3),
    ScreenCase(columns: 132, rows: 2),
    ScreenCase(columns: 72, rows: 17), ScreenCase(columns: 500, rows: 120),
  ])
func screensFit(_ c: ScreenCase) throws {
  for unicode in [true, false] {
    let painted = screen(try busy(), c.columns, c.rows, unicode: unicode, colored: true)
    let lines = painted.map(plain)
    #expect(lines.count == c.rows)
    for line in lines { #expect(line.displayColumns <= c.columns, "\(line)") }
    #expect(lines == screen(try busy(), c.columns, c.rows, unicode: unicode))
    // Names come from others; they must not reach the terminal as commands.
    #expect(!lines.contains { $0.contains("\u{1b}") })
  }
}

@Test(arguments: [(80, 24), (40, 10), (200, 50)])
func screensAreAsTheyWere(_ columns: Int, _ rows: Int) throws {
  let lines = screen(try busy(), columns, rows)
  let text = lines.joined(separator: "\n") + "\n"
  let difference = try Golden.difference(text, from: "watch-\(columns)x\(rows).txt")
  #expect(difference == nil, "\(difference ?? "")")
}

@Test func aPlainTerminalGetsASCIIOnly() throws {
  var watched = try busy()
  watched.listeners = .known([listener(80, [0, 64, 129], limit: 128)])
  let lines = screen(watched, 80, 24, unicode: false)
  #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
  #expect(lines.contains { $0.contains("########") })
}

@Test func theBusiestStandFirst() throws {
  let ports: ([String]) -> [String] = { lines in
    lines.filter { $0.hasPrefix("0.0.0.0:") }.map { String($0.dropFirst(8).prefix { $0 != " " }) }
  }
  #expect(Array(ports(screen(try busy(), 80, 24)).prefix(3)) == ["80", "443", "22"])
  #expect(Array(ports(screen(try busy(), 80, 24) { $0.order = .port }).prefix(2)) == ["22", "80"])
  #expect(ports(screen(try busy(), 80, 24) { $0.order = .drops }).first == "80")
}

/// A queue's curve is as high as it was full, and only what was full looks so.
@Test func curvesAndBars() {
  let glyphs = Glyphs(isUnicode: true)
  #expect([0, 0.001, 0.5, 0.999, 1, 1.2].map(glyphs.height).joined() == "▁▂▅▇██")
  #expect(glyphs.bar(0, 4).filled == "")
  #expect(glyphs.bar(0.01, 4).filled == "█")
  #expect(glyphs.bar(0.99, 4).filled == "███")
  #expect(glyphs.bar(1, 4).filled == "████")
}

@Test func wellAndFirst() throws {
  var watched = try busy()
  watched.findings = []
  #expect(screen(watched, 80, 24)[0] == "nothing is wrong now")
  watched.samples = 1
  #expect(screen(watched, 80, 24)[0].hasPrefix("first look"))
  watched.listeners = .unreadable("the kernel refuses sock_diag: Permission denied")
  #expect(
    screen(watched, 80, 24).contains {
      $0.contains("unreadable: the kernel refuses sock_diag: Permission denied")
    })
}

@Test func theHelpSaysWhatKeysDo() throws {
  #expect(screen(try busy(), 80, 24).last == "q quit  p pause  s sort: busiest")
  #expect(
    screen(try busy(), 80, 24) { $0.isPaused = true }.last?.hasPrefix("paused  q quit") == true)
  #expect(screen(try busy(), 80, 24) { $0.hasKeys = false }.last == "Ctrl-C ends it")
}

@Test func onlyLinesThatDifferAreDrawn() {
  let whole = String(decoding: ScreenCodes.frame(from: [], to: ["a", "b"]), as: UTF8.self)
  #expect(whole.contains("[2J") && whole.contains("[1;1H\u{1b}[Ka") && whole.contains("[2;1H"))
  let second = String(
    decoding: ScreenCodes.frame(from: ["a", "b"], to: ["a", "c"]), as: UTF8.self)
  #expect(!second.contains("[1;1H") && second.contains("[2;1H\u{1b}[Kc"))
  #expect(ScreenCodes.frame(from: ["a"], to: ["a"]).isEmpty)
}

@Test func columnsOfText() {
  #expect("abc".displayColumns == 3)
  #expect("队列".displayColumns == 4)
  #expect("e\u{301}".displayColumns == 1)
  #expect("█▁░".displayColumns == 3)
  #expect("队列".prefix(columns: 3) == "队")
  #expect("aé队".prefix(columns: 2) == "aé")
}

// MARK: Lines

@Test func linesForAPipe() throws {
  var watched = try busy()
  watched.events = [
    .findingAppeared(overflow), .findingWent(overflow, after: 200_000),
    .overflowBegan(listener(80, [129], limit: 128)), .overflowEnded(listener(80, [3], limit: 128)),
    .listenerCame(listener(81, [0], limit: 128).queues.listener),
    .listenerWent(listener(82, [0], limit: 128).queues.listener), .countersReset,
  ]
  let difference = try Golden.difference(
    WatchLines.text(watched) + WatchJSON.line(watched), from: "watch-lines.txt")
  #expect(difference == nil, "\(difference ?? "")")
}

@Test(
  arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
    (951_782_400_000, "2000-02-29T00:00:00Z"), (1_709_251_199_000, "2024-02-29T23:59:59Z"),
    (1_709_251_200_050, "2024-03-01T00:00:00.050Z"), (4_107_542_400_000, "2100-03-01T00:00:00Z"),
    (-1, "1969-12-31T23:59:59.999Z"),
  ] as [(Int64, String)])
func moments(_ milliseconds: Int64, _ text: String) {
  #expect(Moment.text(milliseconds) == text)
}

@Test(
  arguments: [
    ((0, 1), "0"), ((1, 50), "<0.1"), ((1, 2), "0.5"), ((995, 100), "10"), ((12, 1), "12"),
    ((99_999, 1), "99999"), ((100_000, 1), "100k"), ((250_000_000, 1), "250M"),
  ] as [((Int64, Int64), String)])
func rates(_ rate: (Int64, Int64), _ text: String) throws {
  #expect(WatchNumbers.rate(try #require(Fraction(rate.0, rate.1))) == text)
}

/// Members of a group are one row: the fullest, what all drop, how many they are; others with the same
/// name are not joined.
@Test func groupsAreOneRow() throws {
  func member(_ cookie: UInt64, _ lengths: [Int64], limit: Int64 = 10, of size: Int64)
    -> WatchedListener
  {
    var item = listener(80, lengths, limit: limit)
    item.queues.listener.cookie = cookie
    item.queues.groupSize = size
    return item
  }
  let members = [
    member(1, [0, 3, 2], of: 3), member(2, [11, 11], of: 3), member(3, [9, 0, 0], of: 3),
  ]
  let rows = ([listener(22, [0], limit: 128)] + members).grouped
  #expect(rows.count == 2)
  let row = try #require(rows.last)
  #expect(row.queues.listener.cookie == 2)
  #expect(row.lengths == [9, 11, 11])
  #expect(row.peak == 11)
  #expect(row.dropRate.value == Fraction(12))
  #expect(row.isFull)
  // Two that are no group, as in two user namespaces' sockets, stay two.
  #expect([member(1, [0], of: 1), member(2, [0], of: 1)].grouped.count == 2)
  var watched = try busy()
  watched.listeners = .known(members)
  for (isUnicode, text) in [(true, "0.0.0.0:80 ×3"), (false, "0.0.0.0:80 x3")] {
    let lines = screen(watched, 80, 24, unicode: isUnicode).filter { $0.contains("0.0.0.0:80 ") }
    #expect(lines.count { $0.hasPrefix(text) && $0.contains("11/10") } == 1, "\(lines)")
  }
}

/// Advice is wrapped where there are rows for it, and cut to one line where there are not.
@Test func adviceIsWrapped() throws {
  let whole = screen(try busy(), 80, 24)
  #expect(whole.contains("    program calls listen() again"))
  #expect(!whole.contains { $0.hasPrefix("    set ") && $0.hasSuffix("…") })
  let narrow = screen(try busy(), 50, 30)
  #expect(narrow.joined(separator: " ").contains("effect when the program"))
  let low = screen(try busy(), 80, 11)
  #expect(!low.contains("    program calls listen() again"))
}
