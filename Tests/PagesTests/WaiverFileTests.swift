import Facts
import Pages
import Testing

private let rules = ["accept-queue-near-cap", "stale-pin", "syncookies-off"]

private func read(_ text: String) -> (waivers: [Waiver], problems: [String]) {
  let (waivers, problems) = WaiverFile.read(Array(text.utf8), file: "allow", rules: rules)
  return (waivers, problems.map(\.description))
}

@Test func linesOfAWaiverFile() throws {
  let (waivers, problems) = read(
    """
    # What this host may do.

    accept-queue-near-cap 127.0.0.1:8080 until 2027-01-31: the batch job is meant to fill it
      stale-pin /etc/sysctl.d/50 old.conf:3:\tolder hosts: they read it too\r
    syncookies-off: a closed network
    accept-queue-near-cap [::]:443: until the new release
    stale-pin until 2028-02-29: a leap day

    """)
  #expect(problems == [])
  #expect(
    waivers == [
      Waiver(
        rule: "accept-queue-near-cap", subject: "127.0.0.1:8080",
        reason: "the batch job is meant to fill it", until: CalendarDate("2027-01-31"),
        source: "allow:3"),
      Waiver(
        rule: "stale-pin", subject: "/etc/sysctl.d/50 old.conf:3",
        reason: "older hosts: they read it too", source: "allow:4"),
      Waiver(rule: "syncookies-off", reason: "a closed network", source: "allow:5"),
      Waiver(
        rule: "accept-queue-near-cap", subject: "[::]:443", reason: "until the new release",
        source: "allow:6"),
      Waiver(
        rule: "stale-pin", reason: "a leap day", until: CalendarDate("2028-02-29"),
        source: "allow:7"),
    ])
}

@Test(arguments: [
  (
    "syncookies-of: why",
    "1:1: expected a rule, found 'syncookies-of'; did you mean 'syncookies-off'?"
  ),
  ("  nonsense: why", "1:3: expected a rule, found 'nonsense'"),
  (": why", "1:1: expected a rule, found ': why'"),
  ("syncookies-off", "1:15: expected ': ' and a reason, found the end"),
  ("syncookies-off:why", "1:1: expected a rule, found 'syncookies-off:why'"),
  ("syncookies-off:", "1:15: expected ': ' and a reason, found none"),
  (
    "syncookies-off until: why", "1:21: expected a day as in '2027-01-31' after 'until', found none"
  ),
  ("syncookies-off until soon: why", "1:22: expected a day as in '2027-01-31', found 'soon'"),
  (
    "syncookies-off until 2027-02-29: why",
    "1:22: expected a day as in '2027-01-31', found '2027-02-29'"
  ),
  (
    "syncookies-off until 2027-13-01: why",
    "1:22: expected a day as in '2027-01-31', found '2027-13-01'"
  ),
  ("stale-pin: a\nstale-pin: b", "2:1: expected a waiver once, found that of allow:1 again"),
])
func linesThatAreNoWaivers(_ text: String, _ problem: String) throws {
  let (waivers, problems) = read(text + "\nsyncookies-off 0.0.0.0:1: fine\n")
  #expect(problems.count == 1)
  let hint = problems.first?.hasPrefix("allow:\(problem)") ?? false
  #expect(hint, "\(problems)")
  // A wrong line hides no right one.
  #expect(waivers.last?.subject == "0.0.0.0:1")
}

@Test func waiversOfTheCommandLine() throws {
  let plain = try WaiverFile.read(option: "stale-pin", rules: rules)
  #expect(plain == Waiver(rule: "stale-pin", source: "--allow"))
  let whole = try WaiverFile.read(
    option: "stale-pin /etc/a.conf until 2027-01-01: known", rules: rules)
  #expect(
    whole
      == Waiver(
        rule: "stale-pin", subject: "/etc/a.conf", reason: "known",
        until: CalendarDate("2027-01-01"), source: "--allow"))
  #expect(throws: WaiverFile.Mistake.self) { try WaiverFile.read(option: "", rules: rules) }
}

/// Any bytes are read without harm, and every line says something or is told of.
@Test func anythingMayStandInAWaiverFile() throws {
  var state: UInt64 = 7
  for _ in 0..<300 {
    var bytes: [UInt8] = []
    for _ in 0..<60 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let pieces = ["stale-pin", " ", ": ", "until", "2027-01-01", "\n", "#", "\r", "\u{fe}", "é"]
      bytes +=
        state >> 60 < 13
        ? Array(pieces[Int(state >> 33) % pieces.count].utf8)
        : [UInt8(truncatingIfNeeded: state >> 40)]
    }
    let (waivers, problems) = WaiverFile.read(bytes, file: "f", rules: rules)
    #expect(waivers.count + problems.count <= bytes.split(separator: 10).count)
  }
}

@Test(arguments: [
  (Int64(0), "1970-01-01"), (86_399, "1970-01-01"), (86_400, "1970-01-02"), (-1, "1969-12-31"),
  (951_782_400, "2000-02-29"), (1_709_164_800, "2024-02-29"), (1_709_251_200, "2024-03-01"),
  (4_107_542_399, "2100-02-28"), (4_107_542_400, "2100-03-01"),
])
func daysOfSeconds(_ seconds: Int64, _ day: String) throws {
  #expect(CalendarDate(secondsSince1970: seconds).description == day)
  #expect(CalendarDate(day) == CalendarDate(secondsSince1970: seconds))
}

@Test func daysThatAreNone() {
  for text in [
    "", "2027", "2027-1-1", "2027-00-01", "2027-04-31", "0000-01-01", "2100-02-29", "+027-01-01",
  ] {
    #expect(CalendarDate(text) == nil, "\(text)")
  }
}
