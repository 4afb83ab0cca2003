import Foundation
import Support
import Testing

/// Words that are refused: one clear line, the right status, nothing on standard output.
struct RefusalCase: Sendable, CustomTestStringConvertible {
  var arguments: [String]
  var status: Int32 = 2
  var line: String
  var testDescription: String { arguments.joined(separator: " ") }
}

@Test(arguments: [
  RefusalCase(
    arguments: ["audti"],
    line: "tcptune: expected a command, found 'audti'; did you mean 'audit'?"),
  RefusalCase(arguments: ["xyzzy"], line: "tcptune: expected a command, found 'xyzzy'"),
  RefusalCase(
    arguments: ["audit", "--widow", "3"],
    line: "tcptune audit: expected an option, found '--widow'; did you mean '--window'?"),
  RefusalCase(
    arguments: ["audit", "somaxconn"],
    line: "tcptune audit: expected an option, found 'somaxconn'"),
  RefusalCase(
    arguments: ["audit", "--window"],
    line: "tcptune audit: expected D after '--window', found the end"),
  RefusalCase(
    arguments: ["audit", "--no-owners=yes"],
    line: "tcptune audit: expected '--no-owners' without a value, found '--no-owners=yes'"),
  RefusalCase(
    arguments: ["audit", "--format", "json", "--format", "text"],
    line: "tcptune audit: expected '--format' once, found it again"),
  RefusalCase(
    arguments: ["audit", "--format", "yaml"],
    line: "tcptune: --format: expected text, json, found 'yaml'"),
  RefusalCase(
    arguments: ["audit", "--window", "10"],
    line: "tcptune: --window: expected a time from 100ms to 1h as in '10s', found '10'"),
  RefusalCase(
    arguments: ["audit", "--window", "1d"],
    line: "tcptune: --window: expected a time from 100ms to 1h as in '10s', found '1d'"),
  RefusalCase(
    arguments: ["audit", "--fail-on", "warn"],
    line: "tcptune: --fail-on: expected note, warning, error, never, found 'warn'"
      + "; did you mean 'warning'?"),
  RefusalCase(
    arguments: ["explain", "somaxconn", "--no-live", "--root", "/"],
    line: "tcptune explain: expected --no-live or --root, found both"),
  RefusalCase(
    arguments: ["explain", "--search", "xyzzy"],
    line: "tcptune explain: expected words that some page has, found 'xyzzy'"),
  RefusalCase(
    arguments: ["explain", "somaxcon"],
    line: "tcptune explain: expected the name of a page, found 'somaxcon'"
      + "; did you mean 'somaxconn'?"),
  RefusalCase(
    arguments: ["limits", "--backlog", "many"],
    line: "tcptune: --backlog: expected a whole number from -2147483648 to 2147483647,"
      + " found 'many'"),
  RefusalCase(
    arguments: ["limits", "--rtt", "80"],
    line: "tcptune: --rtt: expected a time up to 1h as in '80ms', found '80'"),
  RefusalCase(
    arguments: ["limits", "--rtt", "0ms"],
    line: "tcptune: --rtt: expected a time up to 1h as in '80ms', found '0ms'"),
  RefusalCase(
    arguments: ["limits", "--members", "4"],
    line: "tcptune: --members: expected --backlog beside it, found none"),
  RefusalCase(
    arguments: ["limits", "--backlog", "5", "--members", "0"],
    line: "tcptune: --members: expected a whole number from 1 to 65535, found '0'"),
  RefusalCase(
    arguments: ["limits", "--kernel", "latest"],
    line: "tcptune: --kernel: expected a release since 3.10 as in '5.10' or '6.1.170',"
      + " found 'latest'"),
  RefusalCase(
    arguments: ["diff", "--rule", "syncookies-of"],
    line: "tcptune: --rule: expected the id of a rule, found 'syncookies-of'"
      + "; did you mean 'syncookies-off'?"),
  RefusalCase(
    arguments: ["apply", "--profile", "high-con", "--dry-run"],
    line: "tcptune: expected a profile (bulk-throughput, container-host, database, edge-proxy,"
      + " high-conn, kernel-defaults, long-lived, low-latency, syn-flood) or the path of one,"
      + " found 'high-con'; did you mean 'high-conn'?"),
  RefusalCase(
    arguments: ["apply", "--dry-run"],
    line: "tcptune apply: expected --profile NAME or --findings, found neither"),
  RefusalCase(
    arguments: ["apply", "--dry-run", "--findings", "--profile", "high-conn"],
    line: "tcptune apply: expected --profile or --findings, found both"),
  RefusalCase(
    arguments: ["diff", "--profile", "high-conn", "--profile", "high-conn"],
    line: "tcptune: --profile: expected 'high-conn' once, found it again"),
  RefusalCase(
    arguments: ["diff", "--profile", "high-conn", "--rule", "syncookies-off"],
    line: "tcptune: --rule: expected for findings, found --profile beside it"),
  RefusalCase(
    arguments: ["diff", "--skip-missing"],
    line: "tcptune: --skip-missing: expected --profile beside it, found none"),
  RefusalCase(
    arguments: ["audit", "--profile", "nosuch"],
    line: "tcptune: expected a profile (bulk-throughput, container-host, database, edge-proxy,"
      + " high-conn, kernel-defaults, long-lived, low-latency, syn-flood) or the path of one,"
      + " found 'nosuch'"),
  RefusalCase(
    arguments: ["profiles"],
    line: "tcptune profiles: expected 'list' or 'show', found the end"),
  RefusalCase(
    arguments: ["profiles", "show"],
    line: "tcptune profiles show: expected one name, found 0"),
  RefusalCase(
    arguments: ["profiles", "list", "--root", "/"],
    line: "tcptune profiles list: expected no host, found --root"),
  RefusalCase(
    arguments: ["apply", "--profile", "high-conn"],
    line: "tcptune apply: without a terminal, expected 'tcptune apply --profile high-conn --trial"
      + " 120s' (then 'tcptune confirm') or 'tcptune apply --profile high-conn --no-trial'"),
  RefusalCase(
    arguments: ["apply", "--profile", "high-conn", "--no-trial", "--trial", "5s"],
    line: "tcptune apply: expected --trial or --no-trial, found both"),
  RefusalCase(
    arguments: ["apply", "--profile", "high-conn", "--trial", "16min"],
    line: "tcptune: --trial: expected a time from 1s to 15min as in '10s', found '16min'"),
  RefusalCase(
    arguments: ["apply", "--profile", "high-conn", "--trial", "3"],
    line: "tcptune: --trial: expected a time from 1s to 15min as in '10s', found '3'"),
  RefusalCase(
    arguments: ["apply", "--profile", "high-conn", "--no-trial", "--file", "../x.conf"],
    line: "tcptune: --file: expected a name like 60-web.conf, found '../x.conf'"),
  RefusalCase(
    arguments: ["apply", "--profile", "high-conn", "--no-trial", "--set", "somaxconn=1"], status: 3,
    line: "tcptune: apply: the values of --set are assumed: apply needs those that the host has"
      + " (--dry-run shows the plan)"),
  RefusalCase(
    arguments: ["confirm", "x"],
    line: "tcptune confirm: expected the id of a change as in '3f2a9c1e', found 'x'"),
  RefusalCase(
    arguments: ["rollback", "--settle", "00000000"],
    line: "tcptune rollback: expected --settle or an id, found both ('00000000')"),
  RefusalCase(
    arguments: ["apply", "--profile", "/nonexistent/x.conf", "--dry-run"],
    line: "tcptune: /nonexistent/x.conf: No such file or directory"),
  RefusalCase(
    arguments: ["audit", "--snapshot", "/nonexistent.json"],
    line: "tcptune: /nonexistent.json: No such file or directory"),
  RefusalCase(
    arguments: ["audit", "--snapshot", "/"],
    line: "tcptune: /: Is a directory"),
  RefusalCase(
    arguments: ["audit", "--root", "/nonexistent"],
    line: "tcptune: --root: expected a folder with proc/ in it, found '/nonexistent'"),
  RefusalCase(
    arguments: ["audit", "--root", "/x", "--snapshot", "y"],
    line: "tcptune: expected --snapshot or --root, found both"),
  RefusalCase(
    arguments: ["audit", "--rules", "/nonexistent"],
    line: "tcptune: /nonexistent: No such file or directory"),
  RefusalCase(
    arguments: ["rules"],
    line: "tcptune rules: expected 'list', 'check' or 'new', found the end"),
])
func refusals(_ c: RefusalCase) throws {
  let result = try BuiltProgram.run(c.arguments)
  #expect(result.status == c.status)
  #expect(result.errors == c.line + "\n")
  if !c.arguments.contains("json") { #expect(result.output.isEmpty) }
  // Under JSON the same failure is one document.
  guard !c.arguments.contains("--format"), !["rules"].contains(c.arguments[0]) else { return }
  let document = try BuiltProgram.run(c.arguments + ["--format", "json"])
  let json = try JSONSerialization.jsonObject(with: Data(document.output.utf8))
  let error = (json as? [String: Any])?["error"] as? [String: Any]
  #expect(error?["status"] as? Int == Int(c.status))
  #expect((json as? [String: Any])?["format_version"] as? String == "1.0")
}

@Test func everyWrongAssumptionIsToldAtOnce() throws {
  let result = try BuiltProgram.run(
    ["audit", "--set", "foo=1", "--set", "somaxconn=x", "--set", "somaxconn=-5"])
  #expect(result.status == 2)
  #expect(result.errors.split(separator: "\n").count == 3)
}

// MARK: Snapshots

@Test(arguments: [
  ("", "1:1: expected a value, found the end of the text"),
  ("{}", "1:1: expected 'format_version' in the snapshot, found none"),
  ("hello", "1:1: expected a value, found 'h'"),
  (
    "{\"format_version\": \"2.0\"}",
    "1:20: expected snapshot format 1.x, which this program reads for 'format_version',"
      + " found \"2.0\""
  ),
])
func badSnapshots(_ text: String, _ message: String) throws {
  let result = try BuiltProgram.run(["audit", "--snapshot", "-"], input: text)
  #expect(result.status == 2)
  #expect(result.errors == "tcptune: standard input:\(message)\n")
  #expect(result.output.isEmpty)
}

/// A snapshot cut anywhere is refused with its place; never a crash, never half a report.
@Test func aCutSnapshotIsRefused() throws {
  let folder = try RecordedHost.all[0].unpacked()
  let whole = try BuiltProgram.run(["snapshot", "--root", folder.path]).output
  let bytes = Array(whole.utf8)
  for part in stride(from: 0, to: bytes.count - 2, by: max(1, bytes.count / 40)) {
    let path = try folder.write(Data(bytes[..<part]), to: "cut.json")
    let result = try BuiltProgram.run(["audit", "--snapshot", path])
    #expect(result.status == 2, "cut at \(part)")
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("tcptune: \(path):"))
    #expect(result.errors.hasSuffix("found the end of the text\n"), "\(result.errors)")
  }
}

// MARK: Kernel files

@Test func kernelFilesThatAreOdd() throws {
  let folder = try RecordedHost.all[0].unpacked()
  try folder.write(text: "", to: "proc/net/netstat")
  try folder.write(text: "Tcp: A B\nTcp: 1 x\nwhat is this\n", to: "proc/net/snmp")
  try FileManager.default.removeItem(atPath: folder.path + "/proc/meminfo")
  try folder.write(text: "abc\n", to: "proc/sys/net/core/somaxconn")
  let result = try BuiltProgram.run(["audit", "--root", folder.path])
  #expect(result.status == 0, "\(result.errors)")
  for line in [
    "/proc/net/netstat: expected counters, found an empty file",
    "/proc/net/snmp: line 2: expected a number for 'B', found 'x'",
    "/proc/net/snmp: line 3: expected a name with a colon, found 'what is this'",
    "/proc/meminfo: No such file or directory",
  ] {
    #expect(result.output.contains(folder.path + line), "\(line)")
  }
}

@Test func aTreeWithoutFilesIsAllUnknown() throws {
  let folder = try TestFolder()
  try folder.write(text: "", to: "proc/empty")
  let result = try BuiltProgram.run(["audit", "--root", folder.path, "--format", "json"])
  #expect(result.status == 0)
  let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
  let summary = json?["summary"] as? [String: Any]
  #expect(summary?["error"] as? Int == 0)
  #expect((summary?["not_checked"] as? Int ?? 0) >= 10)
}

// MARK: Pages and profiles of users

@Test func allProblemsOfPagesAtOnce() throws {
  let folder = try TestFolder()
  let page = """
    ---
    id: other-name
    title: a title
    severity: bad
    confidence: high
    when: listener.peek > 5 and net.core.somaxconn < 10s
    set: net.core.somaxconn at-least 1
    risk: low
    kernel: any
    sources: Q9.9
    ---
    Text.
    """
  try folder.write(text: page, to: "rules/my-rule.md")
  try folder.write(text: "no header\n", to: "rules/other.md")
  let result = try BuiltProgram.run(["audit", "--rules", folder.path + "/rules"])
  #expect(result.status == 2)
  #expect(result.output.isEmpty)
  #expect(result.errors.contains("rules/other.md:1:1: expected '---' before the header"))
  try FileManager.default.removeItem(atPath: folder.path + "/rules/other.md")
  let more = try BuiltProgram.run(["rules", "check", folder.path + "/rules"])
  #expect(more.status == 2)
  let lines = more.errors.split(separator: "\n")
  #expect(
    lines.contains { $0.hasSuffix("my-rule.md:4:11: expected note, warning, error, found 'bad'") })
  #expect(
    lines.contains {
      $0.hasSuffix(
        "my-rule.md:6:7: expected a fact, found 'listener.peek'; did you mean 'listener.peak'?")
    })
  #expect(
    lines.contains { $0.hasSuffix("my-rule.md:7:1: expected 'effect' beside 'set', found none") })
}

@Test func aPageOfTheUserTakesPart() throws {
  let folder = try TestFolder()
  let page = """
    ---
    id: many-retries
    title: a half-open connection stands for more than a minute
    severity: warning
    confidence: high
    when: limits.half_open_lifetime > 60s
    set: net.ipv4.tcp_synack_retries at-most 4
    effect: at-once
    risk: low
    kernel: any
    sources: Q2.5
    ---
    Requests stand long in the SYN queue.

    ## Why
    They do.

    ## What the change does
    They stand shorter.

    ## When to leave it alone
    Never.

    ## Examples
    ```fires
    limits.half_open_lifetime = 63s
    net.ipv4.tcp_synack_retries = 5
    ```
    ```quiet
    limits.half_open_lifetime = 31s
    ```
    """
  try folder.write(text: page, to: "many-retries.md")
  let check = try BuiltProgram.run(["rules", "check", folder.path])
  // The change moves the tunable, and the example's limit does not follow it.
  #expect(check.status == 2)
  #expect(check.errors.contains("expected the change to make the example quiet"))
  let mended = page.replacing(
    "limits.half_open_lifetime > 60s", with: "net.ipv4.tcp_synack_retries > 4"
  )
  .replacing("limits.half_open_lifetime = 63s\n", with: "")
  .replacing("limits.half_open_lifetime = 31s", with: "net.ipv4.tcp_synack_retries = 4")
  try folder.write(text: mended, to: "many-retries.md")
  #expect(try BuiltProgram.run(["rules", "check", folder.path]).errors.isEmpty)
  let host = try RecordedHost.all[0].unpacked()
  let audit = try BuiltProgram.run(["audit", "--rules", folder.path, "--root", host.path])
  #expect(audit.status == 1)
  #expect(audit.output.contains("warning[many-retries]"))
}

@Test func allProblemsOfAProfileAtOnce() throws {
  let folder = try TestFolder()
  let path = try folder.write(
    text: """
      # title: mine

      net.core.somaxconn = 1024
      # why
      # tcptune: perhaps
      net.ipv4.tcp_syncokies = 1
      # why
      net.ipv4.tcp_rmem = 1 2
      what
      """, to: "mine.conf")
  let result = try BuiltProgram.run(["apply", "--profile", path, "--dry-run"])
  #expect(result.status == 2)
  #expect(
    result.errors.split(separator: "\n").map { $0.dropFirst(path.count) } == [
      ":1:1: expected '# for:' in the first lines, found none",
      ":3:1: expected a reason in comment lines above 'net.core.somaxconn', found none",
      ":5:12: expected 'tcptune: at-least', 'at-most', 'default' or 'if-available', found 'perhaps'",
      ":6:1: expected a key that a page describes, found 'net.ipv4.tcp_syncokies'"
        + "; did you mean 'net.ipv4.tcp_syncookies'?",
      ":8:21: expected 3 numbers for 'net.ipv4.tcp_rmem', found '1 2'",
      ":9:1: expected 'key = value' or a comment, found 'what'",
    ])
}

// MARK: Output that cannot be written

@Test(arguments: [["audit"], ["audit", "--format", "json"], ["explain", "somaxconn"], ["help"]])
func outputThatCannotBeWritten(_ arguments: [String]) throws {
  let full = try BuiltProgram.run(arguments, output: .file("/dev/full"))
  #expect(full.status == 2)
  #expect(full.errors == "tcptune: standard output: No space left on device\n")
  let closed = try BuiltProgram.run(arguments, output: .closed)
  #expect(closed.status == 2)
  #expect(closed.errors == "tcptune: standard output: Bad file descriptor\n")
  let broken = try BuiltProgram.run(arguments, output: .brokenPipe)
  #expect(broken.status == 128 + SIGPIPE)
  #expect(broken.errors.isEmpty)
}
