import Facts
import Foundation
import Support
import SysctlConf
import Testing

@testable import CommandLine

private let somaxconn = SysctlKey(literal: "net.core.somaxconn")
private let recycle = SysctlKey(literal: "net.ipv4.tcp_tw_recycle")
private let owned = "etc/sysctl.d/99-tcptune.conf"
private let old = "etc/sysctl.d/50-old.conf"

private func change(_ target: String) -> PlannedChange {
  PlannedChange(
    key: somaxconn, current: .known("128"), target: target, operator: .atLeast, outcome: .change,
    reason: "it overflows", effect: .nextListen, restart: ["nginx.service"], source: "a-rule")
}

private func removal(_ file: String, _ line: Int, _ key: SysctlKey = recycle) -> Removal {
  Removal(file: "/\(file)", line: line, key: key, reason: "it is gone", source: "removed-key")
}

private func plan(_ changes: [PlannedChange], _ removals: [Removal]) -> Plan {
  Plan(name: "findings", title: "t", changes: changes, removals: removals)
}

/// A recorded host's folder with these files, and the patch of a plan for it.
private func patch(
  _ plan: Plan, _ files: [String: String], against path: String? = nil
) throws -> (patch: PlanPatch, folder: TestFolder) {
  let folder = try TestFolder()
  for (path, text) in files { try folder.write(text: text, to: path) }
  try folder.write(text: "", to: "proc/keep")
  let source = Source.recorded(root: folder.path)
  return (try PlanPatch(plan, try SysctlFile(path, of: source), source), folder)
}

private func text(_ patch: PlanPatch) -> String { String(decoding: patch.bytes, as: UTF8.self) }

/// Another file's line is a difference of that file, behind the one that is ours to make.
@Test func aRemovalIsADifferenceOfItsFile() throws {
  let (patch, _) = try patch(
    plan([change("4096")], [removal(old, 2)]),
    [old: "# theirs\nnet.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_sack = 1\n"])
  let body = """
    # net.core.somaxconn: it overflows (tcptune explain a-rule)
    # takes effect when the program calls listen() again: restart nginx.service
    net.core.somaxconn = 4096

    """
  // Apply knows the file again by the lines above it.
  let whole = OwnedText.stamped(transaction: OwnedText.patch, body: Array(body.utf8))
  let added = String(decoding: whole, as: UTF8.self).split(separator: "\n").map { "+\($0)" }
  #expect(
    text(patch) == """
      --- /dev/null
      +++ b/etc/sysctl.d/99-tcptune.conf
      @@ -0,0 +1,5 @@
      \(added.joined(separator: "\n"))
      --- a/etc/sysctl.d/50-old.conf
      +++ b/etc/sysctl.d/50-old.conf
      @@ -1,3 +1,2 @@
       # theirs
      -net.ipv4.tcp_tw_recycle = 1
       net.ipv4.tcp_sack = 1

      """)
  let remarks = patch.remarks(isElsewhere: false)
  #expect(
    remarks.contains(
      "/etc/sysctl.d/50-old.conf:2: net.ipv4.tcp_tw_recycle: it is gone (removed-key): for whoever"
        + " keeps the file; apply never takes lines out"))
}

@Test func aRemovalAloneIsADifference() throws {
  let (patch, _) = try patch(plan([], [removal(old, 1)]), [old: "net.ipv4.tcp_tw_recycle = 1\n"])
  #expect(!patch.isEmpty)
  #expect(text(patch).hasPrefix("--- a/\(old)\n+++ b/\(old)\n"))
}

/// A line that has changed since, or a file that has gone, is told and not guessed at.
@Test func aLineThatIsNoLongerThere() throws {
  let (patch, _) = try patch(
    plan([], [removal(old, 1), removal("etc/gone.conf", 4)]), [old: "net.ipv4.tcp_sack = 1\n"])
  #expect(patch.isEmpty)
  let remarks = patch.remarks(isElsewhere: false)
  #expect(remarks.count { $0.contains("not shown") } == 2)
}

/// In one file both are one section, and the key's own line is replaced rather than taken out.
@Test func ourFileHasOneSection() throws {
  let text0 = "net.ipv4.tcp_tw_recycle = 1\nnet.core.somaxconn = 128\n"
  let (patch, _) = try patch(
    plan([change("4096")], [removal(owned, 1), removal(owned, 2, somaxconn)]), [owned: text0])
  #expect(text(patch).components(separatedBy: "--- ").count == 2)
  #expect(text(patch).contains("-net.ipv4.tcp_tw_recycle = 1\n-net.core.somaxconn = 128\n+#"))
  #expect(text(patch).hasSuffix("+net.core.somaxconn = 4096\n"))
}

/// patch changes no file through a link: the difference names what it leads to.
@Test func aLinkIsFollowedWithinTheRoot() throws {
  let folder = try TestFolder()
  try folder.write(text: "net.ipv4.tcp_tw_recycle = 1\n", to: "etc/sysctl.conf")
  try folder.write(text: "", to: "etc/sysctl.d/keep")
  let files = FileManager.default
  let sysctl = folder.path + "/etc/sysctl.d"
  try files.createSymbolicLink(
    atPath: "\(sysctl)/99-sysctl.conf", withDestinationPath: "../sysctl.conf")
  try files.createSymbolicLink(
    atPath: "\(sysctl)/50-out.conf", withDestinationPath: "/etc/hostname")
  let source = Source.recorded(root: folder.path)
  func patch(_ file: String) throws -> PlanPatch {
    try PlanPatch(
      plan([], [removal("etc/sysctl.d/\(file)", 1)]), try SysctlFile(nil, of: source), source)
  }
  #expect(text(try patch("99-sysctl.conf")).hasPrefix("--- a/etc/sysctl.conf\n"))
  #expect(throws: Failure.self) { try patch("50-out.conf") }
}

/// A saved host has no files; what is there now is another host's.
@Test func aSavedHostHasNoFiles() throws {
  let source = Source.saved(path: "x.json")
  let patch = try PlanPatch(
    plan([change("4096")], [removal(old, 1)]), try SysctlFile(nil, of: source), source)
  #expect(text(patch).hasPrefix("--- /dev/null\n+++ b/\(owned)\n"))
  let remarks = patch.remarks(isElsewhere: false)
  #expect(remarks.contains { $0.hasPrefix("a saved host's files are not known") })
  #expect(remarks.contains { $0.contains("50-old.conf:1: not shown") })
}

/// The real patch takes several sections at once.
@Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/patch"), "needs patch"))
func patchTakesAllSections() throws {
  let files = [
    owned: "# net.core.somaxconn: old\nnet.core.somaxconn = 128",
    old: "net.ipv4.tcp_tw_recycle = 1\n# theirs\nnet.ipv4.tcp_tw_recycle = 0\n",
    "etc/sysctl.d/60 b.conf": "\r\nnet.ipv4.tcp_tw_recycle = 1\r\nnet.ipv4.tcp_sack = 1\r\n",
    "etc/sysctl.d/70-empty.conf": "net.ipv4.tcp_tw_recycle = 1\n",
  ]
  let wanted = plan(
    [change("4096")],
    [
      removal(old, 1), removal(old, 3), removal("etc/sysctl.d/60 b.conf", 2),
      removal("etc/sysctl.d/70-empty.conf", 1),
    ])
  let (patch, folder) = try patch(wanted, files)
  let result = try BuiltProgram.run(
    ["-p1", "--binary", "--no-backup-if-mismatch", "-d", folder.path], input: text(patch),
    program: "/usr/bin/patch")
  #expect(result.status == 0, "\(result.output)\(result.errors)")
  func content(_ path: String) throws -> String {
    try String(contentsOfFile: "\(folder.path)/\(path)", encoding: .utf8)
  }
  #expect(try content(owned).hasSuffix("\nnet.core.somaxconn = 4096\n"))
  #expect(try content(old) == "# theirs\n")
  #expect(try content("etc/sysctl.d/60 b.conf") == "\r\nnet.ipv4.tcp_sack = 1\r\n")
  // Afterwards nothing of our own file is left to change.
  let source = Source.recorded(root: folder.path)
  let again = try PlanPatch(
    plan([change("4096")], []), try SysctlFile(nil, of: source), source)
  #expect(again.isEmpty)
}
