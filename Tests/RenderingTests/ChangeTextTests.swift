import Facts
import Foundation
import Testing

@testable import Rendering

private let hostile = "\u{1b}[31m\u{7}\u{9b}2J\u{202e}\r\n"

private func record(
  title: String = "web", ending: ChangeRecord.Ending? = .kept, reason: String? = nil,
  kind: ChangeRecord.Kind = .apply
) -> ChangeRecord {
  var record = ChangeRecord(
    id: "0123abcd", sequence: 1, kind: kind, tool: "0.1", title: title,
    origin: ChangeRecord.Origin(
      boot: "b", kernel: "6.18", memory: 1,
      namespaces: ChangeRecord.Namespaces(network: 1, mounts: 2, processes: 3),
      isInitialNetwork: true),
    caller: ChangeRecord.Caller(
      user: 0, loginUser: nil, loginSession: nil, session: 1, terminal: nil),
    began: 1, deadline: 2, trial: nil, alarm: .watcher,
    keys: [
      ChangeRecord.Key(
        key: SysctlKey(literal: "net.core.somaxconn"), before: "128", after: "4096", source: "web")
    ], file: nil)
  record.ending = ending
  record.reason = reason
  return record
}

private func state(
  _ now: Reading<String>, _ owner: KeyState.Owner, _ file: KeyState.InFile = .none,
  before: String = "128", after: String = "4096"
) -> KeyState {
  KeyState(
    ChangeRecord.Key(
      key: SysctlKey(literal: "net.core.somaxconn"), before: before, after: after, source: "web"),
    of: "0123abcd", now: now, owner: owner, file: file)
}

private let plain = TextStyle(width: nil, isColored: false)

// MARK: Verdicts

struct VerdictOfKey: Sendable, CustomTestStringConvertible {
  var owner: KeyState.Owner
  var file: KeyState.InFile
  var isKept = true
  var text: String
  var isGood: Bool
  var testDescription: String { "\(owner), \(file): \(text)" }
}

@Test(arguments: [
  VerdictOfKey(
    owner: .ours, file: .value("4096"), text: "running and in the file", isGood: true),
  VerdictOfKey(
    owner: .same, file: .value(" 4096"), text: "running and in the file", isGood: true),
  VerdictOfKey(owner: .ours, file: .none, text: "ours, in no file", isGood: true),
  VerdictOfKey(
    owner: .ours, file: .value("128"), text: "ours; the file has another value", isGood: false),
  VerdictOfKey(
    owner: .ours, file: .missing, text: "ours, the file has no line", isGood: false),
  VerdictOfKey(
    owner: .ours, file: .unread("it is\u{1b}gone"), text: "ours; it is\\u{1b}gone", isGood: false),
  VerdictOfKey(
    owner: .before, file: .value("4096"), text: "as before; the file has ours", isGood: false),
  VerdictOfKey(
    owner: .before, file: .value("7"), text: "as before; the file has another value",
    isGood: false),
  VerdictOfKey(owner: .before, file: .missing, text: "as before", isGood: false),
  VerdictOfKey(
    owner: .foreign, file: .value("4096"), text: "changed by somebody else", isGood: false),
  VerdictOfKey(owner: .unknown, file: .none, text: "cannot be read", isGood: false),
  VerdictOfKey(
    owner: .gone, file: .missing, text: "the key is not there any more", isGood: true),
  VerdictOfKey(
    owner: .ours, file: .missing, isKept: false, text: "ours, not kept yet", isGood: true),
  VerdictOfKey(owner: .before, file: .missing, isKept: false, text: "as before", isGood: true),
  VerdictOfKey(
    owner: .foreign, file: .missing, isKept: false, text: "changed by somebody else",
    isGood: false),
])
func eachKeyHasOneVerdict(_ expected: VerdictOfKey) {
  let verdict = ChangeText.verdict(
    state(.known("1"), expected.owner, expected.file), isKept: expected.isKept)
  #expect(verdict.text == expected.text)
  #expect(verdict.isGood == expected.isGood)
}

@Test func statusCountsWhatIsNotAsKept() {
  let good = state(.known("4096"), .ours, .value("4096"))
  let bad = state(.known("64"), .foreign, .value("4096"))
  func first(_ keys: [KeyState]) -> Substring? {
    ChangeText.status(ChangeReport(.kept, record: record(), keys: keys), style: plain)
      .split(separator: "\n").first
  }
  #expect(first([good]) == "as kept: the last change is 0123abcd (web)")
  #expect(first([good, bad]) == "1 key not as kept: the last change is 0123abcd (web)")
  #expect(first([bad, bad]) == "2 keys not as kept: the last change is 0123abcd (web)")
  #expect(
    ChangeText.status(
      ChangeReport(.kept, record: record(), keys: [good]), isFileAsKept: false, style: plain
    )
    .hasPrefix("the file not as kept: "))
  #expect(
    ChangeText.status(
      ChangeReport(.kept, record: record(), keys: [bad]), isFileAsKept: false, style: plain
    )
    .hasPrefix("1 key and the file not as kept: "))
  #expect(
    ChangeText.status(ChangeReport(.nothing), style: plain)
      == "tcptune has changed nothing here, or everything was taken back\n")
}

/// Where a row has no room, each key stands over its values; no line is wider than the terminal.
@Test func vectorsGoIntoANarrowTerminal() {
  let ours = "4096 131072 16777216"
  let keys = [
    state(.known(ours), .ours, .value(ours), before: "4096 131072 6291456", after: ours)
  ]
  let report = ChangeReport(.kept, record: record(), keys: keys)
  let text = ChangeText.status(report, style: TextStyle(width: 80, isColored: false))
  #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
  #expect(text.contains("  net.core.somaxconn: running and in the file\n"), "\(text)")
  #expect(text.contains("    before           4096 131072 6291456\n"), "\(text)")
  #expect(text.contains("    ours, now, file  4096 131072 16777216\n"), "\(text)")
  let wide = ChangeText.status(report, style: TextStyle(width: 160, isColored: false))
  #expect(wide.contains("  key  "), "\(wide)")
}

/// Where the values ran already nothing is said of keys in force.
@Test(arguments: [
  (ChangeReport.Outcome.kept, "no value had to be changed; /etc/sysctl.d/99-tcptune.conf keeps"),
  (.trial, "no value had to be changed; /etc/sysctl.d/99-tcptune.conf is written once"),
  (.reverted, "no value had been changed"),
])
func aChangeOfTheFileAlone(_ outcome: ChangeReport.Outcome, _ words: String) {
  var record = record()
  record.keys = []
  let report = ChangeReport(outcome, record: record, path: "/etc/sysctl.d/99-tcptune.conf")
  let text = ChangeText.render(report, plan: nil, style: plain)
  #expect(text.contains(words), "\(text)")
  #expect(!text.contains("0 keys"), "\(text)")
}

@Test(arguments: ChangeRecord.Phase.allCases)
func whatWasInterruptedSaysHowItIsFinished(_ phase: ChangeRecord.Phase) {
  var record = record(ending: nil)
  record.phase = phase
  let text = ChangeText.status(ChangeReport(.interrupted, record: record), style: plain)
  #expect(text.hasPrefix("interrupted: change 0123abcd (web) was interrupted while "))
  #expect(text.contains("sudo tcptune rollback --settle finishes it"))
}

// MARK: What others wrote

/// Reports in which everything that can come from others is hostile.
private func hostileReports() -> [ChangeReport] {
  let keys = [
    state(
      .known("1\(hostile)"), .foreign, .value("2\(hostile)"), before: "3\(hostile)",
      after: "4\(hostile)"),
    state(.known("1\(hostile)"), .ours, .value("2\(hostile)"), before: "3\(hostile)"),
    state(.known("1\(hostile)"), .before, .none, before: "3\(hostile)"),
    state(.unreadable("why\(hostile)"), .unknown, .unread("why\(hostile)")),
  ]
  let outcomes: [ChangeReport.Outcome] = [
    .trial, .kept, .reverted, .unchanged, .interrupted, .refused, .takenBack, .uncertain, .damaged,
    .busy, .tooLate, .nothing,
  ]
  return outcomes.map { outcome in
    ChangeReport(
      outcome, record: record(title: "web\(hostile)", reason: "why\(hostile)"), keys: keys,
      path: "/etc/sysctl.d/99-tcptune.conf", reasons: ["why\(hostile)"],
      remarks: ["by the way\(hostile)"])
  }
}

private func isClean(_ text: String) -> Bool {
  text.unicodeScalars.allSatisfy { scalar in
    scalar == "\n" || String(scalar).printable == String(scalar)
  }
}

/// No title, value, path or reason reaches the terminal as a command.
@Test(arguments: [nil, 40, 80, 200] as [Int?])
func nothingOfOthersIsPrintedRaw(_ width: Int?) {
  let style = TextStyle(width: width, isColored: false)
  for report in hostileReports() {
    let texts = [
      ChangeText.render(report, plan: nil, style: style), ChangeText.status(report, style: style),
      ChangeText.keys(report, style: style), ChangeText.wayBack(report, style: style),
      HistoryText.render(
        [report.record ?? record()], times: ["2026-01-01 00:00:00"], ends: ["00:00:01"],
        style: style),
    ]
    for (index, text) in texts.enumerated() {
      #expect(isClean(text), "\(report.outcome) \(index): \(text.debugDescription)")
    }
  }
}

@Test func everyReportIsOneDocument() throws {
  for report in hostileReports() + [ChangeReport(.nothing)] {
    let text = ChangeJSON.render(report, plan: nil)
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let document = try #require(value as? [String: Any])
    #expect(document["outcome"] as? String == report.outcome.rawValue)
    #expect(document["format_version"] as? String == "1.0")
    #expect(text.hasSuffix("}\n"))
    #expect(text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0a })
    let changes = try #require(document["changes"] as? [[String: Any]])
    #expect(changes.count == report.keys.count)
    for change in changes {
      for name in ["key", "before", "after", "verified", "source", "owner", "verdict"] {
        #expect(change[name] != nil && !(change[name] is NSNull), "\(name)")
      }
    }
    let transaction = document["transaction"] as? [String: Any]
    #expect(transaction?["id"] as? String == report.record?.id)
  }
}

/// What could not be read is null, not an empty text.
@Test func whatIsNotKnownIsNull() throws {
  let report = ChangeReport(
    .uncertain, record: record(ending: nil),
    keys: [state(.unreadable("no"), .unknown, .unread("no"))])
  let value = try JSONSerialization.jsonObject(
    with: Data(ChangeJSON.render(report, plan: nil).utf8))
  let change = try #require(((value as? [String: Any])?["changes"] as? [[String: Any]])?.first)
  #expect(change["now"] is NSNull)
  #expect(change["file"] is NSNull)
  #expect(change["verified"] as? Bool == false)
}

// MARK: History

@Test func historySaysHowEachChangeEnded() throws {
  let back = record(kind: .rollback(of: "0123abcd"))
  let records = [
    record(), record(ending: .reverted, reason: "nobody confirmed it in time"), back,
  ]
  let text = HistoryText.render(
    records, times: ["2026-01-01 00:00:00", "2026-01-02 00:00:00", "2026-01-03 00:00:00"],
    ends: ["00:00:01", "00:02:00", "00:00:03"], style: plain)
  let lines = text.split(separator: "\n").filter { !$0.hasPrefix("    ") }
  #expect(lines.count == 3)
  #expect(lines[0].hasPrefix("2026-01-01 00:00:00  0123abcd  "))
  #expect(
    lines[1]
      == "2026-01-02 00:00:00  0123abcd  put back at 00:02:00: web, 1 key (nobody confirmed it"
      + " in time)")
  #expect(text.contains("    net.core.somaxconn  128 again; 4096 was tried\n"))
  #expect(lines[2].contains("0123abcd"))
  #expect(text.contains("    net.core.somaxconn  128 -> 4096\n"))
  let value = try JSONSerialization.jsonObject(with: Data(ChangeJSON.history(records).utf8))
  let history = try #require((value as? [String: Any])?["history"] as? [[String: Any]])
  #expect(history.compactMap { $0["phase"] as? String } == ["kept", "reverted", "kept"])
  #expect(history[2]["rollback_of"] as? String == "0123abcd")
  #expect(history[0]["rollback_of"] is NSNull)
  #expect(
    HistoryText.render([], times: [], ends: [], style: plain)
      == "tcptune has changed nothing here\n")
}
