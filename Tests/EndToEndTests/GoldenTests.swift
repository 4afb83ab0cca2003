import Foundation
import Support
import Testing

/// A command on a recorded host, and the file that holds what it printed.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  var host: String
  var arguments: [String]
  var file: String
  var status: Int32 = 0
  var testDescription: String { file }
}

private let old = "5.10.0-30-cloud-amd64"
private let new = "7.3.4+deb13-cloud-amd64"

@Test(arguments: [
  GoldenCase(host: old, arguments: ["audit"], file: "audit-5.10.txt"),
  GoldenCase(host: new, arguments: ["audit"], file: "audit-7.3.txt"),
  GoldenCase(
    host: new, arguments: ["audit", "--set", "tcp_syncookies=0", "--set", "tcp_fin_timeout=90"],
    file: "audit-7.3-as-if.txt", status: 1),
  GoldenCase(host: new, arguments: ["audit", "--format", "json"], file: "audit-7.3.json"),
  GoldenCase(
    host: old, arguments: ["limits", "--backlog", "511"], file: "limits-5.10.txt"),
  GoldenCase(
    host: new, arguments: ["limits", "--backlog", "511", "--format", "json"],
    file: "limits-7.3.json"),
  GoldenCase(
    host: old,
    arguments: [
      "limits", "--backlog", "128", "--members", "4", "--rtt", "80ms", "--set", "tcp_syncookies=0",
      "--set", "tcp_fastopen=1027", "--set", "tcp_tw_reuse=0",
    ],
    file: "limits-group-5.10.txt"),
  GoldenCase(host: old, arguments: ["explain", "syn_retries"], file: "explain-syn-5.10.txt"),
  GoldenCase(host: new, arguments: ["explain", "retries2"], file: "explain-retries2-7.3.txt"),
  GoldenCase(
    host: new,
    arguments: ["explain", "fin_timeout", "--set", "fin_timeout=90", "--format", "json"],
    file: "explain-fin-timeout-7.3.json"),
  GoldenCase(host: new, arguments: ["explain", "somaxconn"], file: "explain-somaxconn-7.3.txt"),
  GoldenCase(
    host: old, arguments: ["explain", "tcp_max_syn_backlog"], file: "explain-backlog-5.10.txt"),
  GoldenCase(
    host: new, arguments: ["explain", "syncookies-off", "--format", "json"],
    file: "explain-rule-7.3.json"),
  GoldenCase(
    host: new, arguments: ["apply", "--profile", "high-conn", "--dry-run"],
    file: "plan-7.3.txt"),
  GoldenCase(
    host: old, arguments: ["apply", "--profile", "high-conn", "--dry-run", "--format", "json"],
    file: "plan-5.10.json"),
  GoldenCase(
    host: old, arguments: ["profiles", "show", "kernel-defaults"], file: "profile-5.10.txt"),
  GoldenCase(
    host: new, arguments: ["profiles", "show", "high-conn", "--format", "json"],
    file: "profile-7.3.json"),
  GoldenCase(
    host: new,
    arguments: ["diff", "--against", "/nonexistent/x.conf", "--set", "tcp_syncookies=0"],
    file: "diff-7.3.patch", status: 1),
])
func printedAsRecorded(_ c: GoldenCase) throws {
  let folder = try RecordedHost(name: c.host).unpacked()
  // Listeners stand in a saved snapshot beside the tree.
  try folder.write(
    text: try Fixtures.text("Tests/Fixtures/golden/listeners.json"), to: "snapshot.json")
  let result = try BuiltProgram.run(c.arguments + ["--root", folder.path])
  #expect(result.status == c.status, "\(result.errors)")
  let text = result.output.replacing(folder.path, with: "HOST")
  #expect(try Golden.difference(text, from: c.file) == nil)
}

@Test func helpNamesEveryCommandAndOption() throws {
  let result = try BuiltProgram.run(["help"])
  #expect(result.status == 0)
  for command in [
    "audit", "explain", "queues", "limits", "files", "diff", "apply", "snapshot", "rules",
    "profiles",
  ] {
    #expect(result.output.contains("\n  \(command)"), "\(command)")
    let help = try BuiltProgram.run(["help", command])
    #expect(help.status == 0)
    // What does not fit goes on in lines without a name.
    for part in help.output.split(separator: "\n  --").dropFirst() {
      #expect(part.trimmingCharacters(in: .newlines).hasSuffix("."), "\(command): \(part)")
    }
  }
}

/// A terminal has 80 columns at least.
@Test func helpFitsATerminal() throws {
  let all = try BuiltProgram.run(["help"]).output
  let names = all.split(separator: "\n").filter { $0.hasPrefix("  ") }.compactMap {
    $0.split(separator: " ").first.map(String.init)
  }
  #expect(names.contains("audit"))
  for arguments in [[], ["help"]] + names.map({ ["help", $0] }) {
    let text = try BuiltProgram.run(arguments).output
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }
}

@Test func aloneItPrintsSixLines() throws {
  let result = try BuiltProgram.run([])
  #expect(result.status == 0)
  #expect(result.output.split(separator: "\n").count == 6)
  #expect(try BuiltProgram.run(["--version"]).output == "tcptune 0.1.0\n")
}
