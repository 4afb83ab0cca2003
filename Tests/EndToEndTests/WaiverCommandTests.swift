import Foundation
import Support
import Testing

/// A recorded host with a wrong key and a wrong line in a file.
private func host() throws -> TestFolder {
  let folder = try RecordedHost(name: "6.12.117+deb13-cloud-amd64").unpacked()
  try folder.write(text: "1\n", to: "proc/sys/net/ipv4/tcp_abort_on_overflow")
  try folder.write(
    text: "net.ipv4.tcp_abort_on_overflow = 1\nnet.ipv4.tcp_tw_recycle = 1\n",
    to: "etc/sysctl.d/50-old.conf")
  return folder
}

private func rules(_ result: BuiltProgram.Result, _ member: String) throws -> [String] {
  let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
  let all = json?[member] as? [[String: Any]] ?? []
  return all.compactMap { ($0["finding"] as? [String: Any] ?? $0)["rule"] as? String }
}

@Test func whatIsAllowedDoesNotFail() throws {
  let folder = try host()
  let allow = try folder.write(
    text: """
      # of the house
      abort-on-overflow: the balancer tries another server
      tw-recycle-written /etc/sysctl.d/50-old.conf until 2999-12-31: goes with the next image
      syncookies-off: long ago
      sack-off until 2020-01-01: for a week

      """, to: "allow")
  let before = try BuiltProgram.run(["audit", "--root", folder.path, "--format", "json"])
  #expect(before.status == 1)
  #expect(try rules(before, "findings").contains("abort-on-overflow"))
  #expect(try rules(before, "waivers") == [])
  let after = try BuiltProgram.run(
    ["audit", "--root", folder.path, "--allow-file", allow, "--format", "json"])
  #expect(after.status == 0, "\(after.output)")
  #expect(
    try rules(after, "waivers")
      == ["abort-on-overflow", "tw-recycle-written", "syncookies-off", "sack-off"])
  #expect(try Set(rules(after, "waived")) == ["abort-on-overflow", "tw-recycle-written"])
  #expect(try !rules(after, "findings").contains("abort-on-overflow"))
  for state in ["\"used\"", "\"unused\"", "\"expired\""] {
    #expect(after.output.contains(state))
  }
  let text = try BuiltProgram.run(["audit", "--root", folder.path, "--allow-file", allow])
  #expect(text.status == 0)
  let waived = text.output.components(separatedBy: "\nWaived\n").last?
    .components(separatedBy: "\n\n").first
  #expect(
    waived?.replacing(folder.path, with: "") == """
        abort-on-overflow: the balancer tries another server (/allow:2)
        tw-recycle-written /etc/sysctl.d/50-old.conf: goes with the next image, until 2999-12-31 (/allow:3)
        syncookies-off: unused, nothing was found that it allows (/allow:4)
        sack-off: expired after 2020-01-01, and allows nothing any more (/allow:5)
      """)
}

@Test func whatTheCommandLineAllows() throws {
  let folder = try host()
  let options = ["--allow", "abort-on-overflow", "--allow", "tw-recycle-written: known"]
  let result = try BuiltProgram.run(["audit", "--root", folder.path] + options)
  #expect(result.status == 0)
  #expect(result.output.contains("  abort-on-overflow (--allow)\n"))
  #expect(result.output.contains("  tw-recycle-written: known (--allow)\n"))
}

@Test func waiversThatAreWrongEndTheAudit() throws {
  let folder = try host()
  let allow = try folder.write(text: "\nabort-on-overflo: x\nsack-off\n", to: "allow")
  let file = try BuiltProgram.run(["audit", "--root", folder.path, "--allow-file", allow])
  #expect(file.status == 2)
  #expect(
    file.errors.replacing(folder.path, with: "") == """
      /allow:2:1: expected a rule, found 'abort-on-overflo'; did you mean 'abort-on-overflow'?
      /allow:3:9: expected ': ' and a reason, found the end

      """)
  let missing = try BuiltProgram.run(["audit", "--root", folder.path, "--allow-file", "/none"])
  #expect(missing.status == 2)
  #expect(missing.errors == "tcptune: --allow-file: /none: No such file or directory\n")
  let option = try BuiltProgram.run(["audit", "--root", folder.path, "--allow", "sack-of"])
  #expect(option.status == 2)
  #expect(
    option.errors
      == "tcptune: --allow: expected a rule, found 'sack-of'; did you mean 'sack-off'?\n")
  let namespaces = try BuiltProgram.run(["audit", "--all-netns", "--allow", "sack-off"])
  #expect(namespaces.errors == "tcptune: --all-netns: expected without --allow, found both\n")
}

// MARK: A page to begin with

@Test func aNewPageIsRight() throws {
  let page = try BuiltProgram.run(["rules", "new", "my-own-rule"])
  #expect(page.status == 0 && page.errors.isEmpty)
  let folder = try TestFolder()
  try folder.write(text: page.output, to: "rules/my-own-rule.md")
  let check = try BuiltProgram.run(["rules", "check", folder.path + "/rules"])
  #expect(check.output == "\(folder.path)/rules: 1 page, no problem\n")
}

@Test(arguments: [
  (["rules", "new"], "tcptune rules new: expected one id, found 0"),
  (["rules", "new", "a", "b"], "tcptune rules new: expected one id, found 2"),
  (
    ["rules", "new", "My_Rule"],
    "tcptune rules new: expected lower-case words with hyphens, found 'My_Rule'"
  ),
  (
    ["rules", "new", "sack-off"],
    "tcptune rules new: expected a name of its own, found 'sack-off', the name of"
      + " Rules/buffers/sack-off.md"
  ),
  (
    ["rules", "new", "x", "--format", "json"],
    "tcptune rules new: expected no JSON: a page is Markdown"
  ),
])
func newPagesThatAreNone(_ words: [String], _ line: String) throws {
  let result = try BuiltProgram.run(words)
  #expect(result.status == 2)
  #expect(result.errors == line + "\n")
}
