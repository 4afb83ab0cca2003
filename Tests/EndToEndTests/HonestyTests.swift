import Foundation
import Support
import Testing

// What a report must not say: more than was looked at, another host's business, another source.

private func audit(_ arguments: [String]) throws -> BuiltProgram.Result {
  try BuiltProgram.run(["audit", "--color", "never"] + arguments)
}

@Test func aTreeWithoutAnythingIsNotWell() throws {
  let folder = try TestFolder()
  try FileManager.default.createDirectory(
    atPath: folder.path + "/proc", withIntermediateDirectories: true)
  let result = try audit(["--root", folder.path])
  #expect(result.output.hasPrefix("nothing could be checked on this host: 0 rules hold, "))
}

/// The remedies of a recorded host are never offered to the machine that reads the recording.
@Test func anotherHostIsNotPatchedHere() throws {
  let host = try #require(RecordedHost.all.last)
  let folder = try host.unpacked()
  let result = try audit(["--root", folder.path, "--set", "tcp_fin_timeout=90"])
  #expect(result.status == 1)
  #expect(result.output.contains("tcptune diff --root \(folder.path)"))
  #expect(!result.output.contains("patch -p1"))
  #expect(!result.output.contains("sysctl -p"))
}

/// A command that is to be copied is one for a shell, whatever the file is called.
@Test func pathsInCommandsAreQuoted() throws {
  let folder = try TestFolder()
  let snapshot = try BuiltProgram.run(["snapshot"])
  let path = try folder.write(text: snapshot.output, to: "a b'c.json")
  let result = try audit(["--snapshot", path, "--set", "tcp_fin_timeout=90"])
  #expect(result.output.contains("--snapshot '\(folder.path)/a b'\\''c.json'"))
}

@Test func assumedValuesAreNotSaidToBeRead() throws {
  let result = try audit(["--set", "tcp_fin_timeout=90"])
  #expect(result.output.contains("   |  net.ipv4.tcp_fin_timeout  90 s  --set\n"))
  #expect(!result.output.contains("90 s  /proc"))
}

/// Pages with a wrong beginning do not hide what is wrong with the others, nor does a file that
/// cannot be read.
@Test func everyPageIsLookedAt() throws {
  let folder = try TestFolder()
  try folder.write(text: "no fence\n", to: "first.md")
  try folder.write(text: "---\nid: second\nseverity: bad\n---\n", to: "second.md")
  try FileManager.default.createSymbolicLink(
    atPath: folder.path + "/third.md", withDestinationPath: folder.path + "/gone")
  let result = try BuiltProgram.run(["rules", "check", folder.path])
  #expect(result.status == 2)
  #expect(
    result.errors.contains("first.md:1:1: expected '---' before the header, found 'no fence'"))
  #expect(result.errors.contains("second.md:3:11: expected note, warning, error, found 'bad'"))
  #expect(result.errors.contains("third.md: No such file or directory"))
}

/// A contributor checks the folder that the program is built from.
@Test func theShippedPagesAreChecked() throws {
  let path = Fixtures.package.appending(path: "Rules").path(percentEncoded: false)
  let result = try BuiltProgram.run(["rules", "check", path])
  #expect(result.status == 0)
  #expect(result.output.hasSuffix("pages, no problem\n"))
}

@Test func whatUsersTypeDoesNotReachTheTerminalAsCommands() throws {
  let result = try BuiltProgram.run(["explain", "a\u{1b}[31mb"])
  #expect(result.status == 2)
  #expect(!result.errors.contains("\u{1b}"))
  #expect(result.errors.contains("'a\\u{1b}[31mb'"))
}

@Test func anAliasIsSaidToBeOne() throws {
  let result = try BuiltProgram.run(["explain", "TIME_WAIT reuse"])
  #expect(result.output.contains("'TIME_WAIT reuse' is explained on this page\n"))
}

@Test func aRangeOfPortsBackwardsIsRefused() throws {
  let result = try audit(["--set", "ip_local_port_range=60000 50000"])
  #expect(result.status == 2)
  #expect(
    result.errors.contains(
      "expected the first port of 'net.ipv4.ip_local_port_range' before the last,"
        + " found '60000 50000'"))
}
