import Audit
import Facts
import Testing

private let today = CalendarDate(secondsSince1970: 1_800_000_000)

/// Two full listeners and a wrong key.
private func report() throws -> Report {
  let snapshot = try stockSnapshot([
    listener(80, length: 129, limit: 128, program: "nginx"),
    listener(81, length: 130, limit: 128, program: "haproxy"),
  ]).with("net.core.somaxconn", "128").with("net.ipv4.tcp_abort_on_overflow", "1")
  return Audit(of: snapshot, with: catalogue).report()
}

private func waiver(_ rule: String, _ subject: String? = nil, _ until: String? = nil) -> Waiver {
  Waiver(
    rule: rule, subject: subject, reason: "known", until: until.flatMap { CalendarDate($0) },
    source: "allow:1")
}

private let capped = "accept-queue-capped-by-somaxconn"

@Test func aWaivedRuleIsNoFinding() throws {
  var report = try report()
  #expect(report.findings.map(\.rule) == [capped, "abort-on-overflow"])
  report.allow([waiver("abort-on-overflow")], on: today)
  #expect(report.findings.map(\.rule) == [capped])
  #expect(report.waived.map(\.finding.rule) == ["abort-on-overflow"])
  #expect(report.waivers.map(\.state) == [.used])
  report.allow([waiver(capped)], on: today)
  #expect(report.findings == [] && report.worst == nil)
}

/// One subject is allowed, the other is still found, with its own evidence.
@Test func aWaivedSubjectLeavesTheOthers() throws {
  var report = try report()
  report.allow([waiver(capped, "0.0.0.0:80")], on: today)
  let left = try #require(report.findings.first { $0.rule == capped })
  #expect(left.subjects == ["0.0.0.0:81"])
  #expect(left.evidence.compactMap(\.subject).allSatisfy { $0 == "0.0.0.0:81" })
  #expect(left.evidence.contains { $0.fact == "net.core.somaxconn" })
  #expect(report.waived.map(\.finding.subjects) == [["0.0.0.0:80"]])
  #expect(report.worst == .error)
}

@Test func everySubjectWaivedIsNoFinding() throws {
  var report = try report()
  report.allow([waiver(capped, "0.0.0.0:80"), waiver(capped, "0.0.0.0:81")], on: today)
  #expect(report.findings.map(\.rule) == ["abort-on-overflow"])
  #expect(report.waivers.map(\.state) == [.used, .used])
}

@Test func waiversEnd() throws {
  for (until, state) in [("2027-01-14", WaiverUse.State.expired), ("2027-01-15", .used)] {
    var report = try report()
    #expect(today.description == "2027-01-15")
    report.allow([waiver("abort-on-overflow", nil, until)], on: today)
    #expect(report.waivers.map(\.state) == [state])
    #expect(report.findings.contains { $0.rule == "abort-on-overflow" } == (state == .expired))
  }
}

@Test func waiversThatNothingNeeds() throws {
  var report = try report()
  let before = report.findings
  report.allow(
    [waiver("syncookies-off"), waiver(capped, "0.0.0.0:8"), waiver(capped, "0.0.0.0:801")],
    on: today)
  #expect(report.findings == before)
  #expect(report.waivers.map(\.state) == [.unused, .unused, .unused])
}

/// A line of a file is known by its file, for lines move.
@Test func aFileStandsForItsLines() throws {
  var report = try report()
  func finding(_ file: String, _ line: Int) -> Finding {
    let name = "\(file):\(line)"
    var finding = Finding(
      rule: "stale-pin", severity: .warning, confidence: .medium, title: "t", subjects: [name],
      evidence: [])
    finding.removals = [
      Removal(
        file: file, line: line, key: SysctlKey(literal: "net.core.somaxconn"), reason: "t",
        source: "stale-pin")
    ]
    return finding
  }
  report.findings = [
    finding("/etc/a.conf", 3), finding("/etc/a.conf", 7), finding("/etc/b.conf", 3),
  ]
  report.allow([waiver("stale-pin", "/etc/a.conf")], on: today)
  #expect(report.findings.map(\.subjects) == [["/etc/b.conf:3"]])
  #expect(report.waived.count == 2)
  #expect(report.waivers.map(\.state) == [.used])
}
