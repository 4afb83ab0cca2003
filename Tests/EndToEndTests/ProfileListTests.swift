import Foundation
import Support
import Testing

private struct AuditDocument: Decodable {
  struct Profile: Decodable {
    var name: String
    var differs: Bool
    var changes: [ProfileDesk.Change]
    var profiles: [ProfileDesk.Member]
  }
  struct Finding: Decodable { var rule: String }
  var profile: Profile?
  var findings: [Finding]
}

/// A difference from a profile is no finding.
@Test func anAuditNamesDifferences() throws {
  let desk = try ProfileDesk()
  let path = try desk.profile("mine", ProfileDesk.cap + "9000\n\n" + ProfileDesk.fin + "60\n")
  let text = try desk.run("audit", "--profile", path)
  #expect(text.status == 0)
  #expect(text.output.contains("\nProfile mine (\(path)): 1 key would change, 1 holds\n"))
  #expect(text.output.contains("\n  net.core.somaxconn  4096  at-least 9000  takes effect when"))
  let document: AuditDocument = try desk.json(
    try desk.run("audit", "--profile", path, "--format", "json"))
  let profile = try #require(document.profile)
  #expect(profile.name == "mine" && profile.differs)
  #expect(profile.changes.map(\.outcome) == ["change", "holds"])
  #expect(profile.profiles.map(\.origin) == [path])
  #expect(document.findings.isEmpty)
  let without: AuditDocument = try desk.json(try desk.run("audit", "--format", "json"))
  #expect(without.profile == nil)
}

private struct ListDocument: Decodable {
  struct Profile: Decodable {
    var name: String
    var origin: String
    var `for`: String
    var not_for: String?
    var costs: [String]
    var key_count: Int
  }
  var profiles: [Profile]
  var problems: [String]
}

@Test func profilesAreListed() throws {
  let result = try BuiltProgram.run(["profiles", "list", "--format", "json"])
  #expect(result.status == 0)
  let document = try JSONDecoder().decode(ListDocument.self, from: Data(result.output.utf8))
  let builtIn = document.profiles.filter { $0.origin == "built in" }
  #expect(builtIn.map(\.name).joined(separator: ", ") == ProfileDesk.shipped)
  for profile in builtIn {
    #expect(!profile.for.isEmpty && profile.not_for != nil && !profile.costs.isEmpty)
    #expect(profile.key_count >= 8)
  }
  let text = try BuiltProgram.run(["profiles", "list"]).output
  #expect(
    text.contains("high-conn        a server that takes very many client connections (built in)"))
}

private struct ShowDocument: Decodable {
  var name: String
  var origin: String
  var keys: [ProfileDesk.Change]
}

@Test func aProfileIsShown() throws {
  let desk = try ProfileDesk()
  let path = try desk.profile(
    "mine", ProfileDesk.cap + "9000\n\n# so\n# tcptune: default\nnet.ipv4.tcp_retries2 = 9\n")
  let text = try desk.run("profiles", "show", path, "--set", "tcp_retries2=8")
  #expect(text.status == 0)
  #expect(
    text.output == """
      mine (\(path)): mine

      for       a test

      net.core.somaxconn  at-least 9000
        why: why
        here: 4096 -> 9000, when the program calls listen() again
        from: \(path):6

      net.ipv4.tcp_retries2  default 15
        why: so
        here: 8 -> 15, at once
        from: \(path):10

      2 keys would change, 0 hold

      """)
  let document: ShowDocument = try desk.json(
    try desk.run("profiles", "show", path, "--format", "json"))
  #expect(document.origin == path)
  #expect(document.keys.map(\.operator) == ["at-least", "default"])
  #expect(document.keys.map(\.outcome) == ["change", "holds"])
}

private struct RulesDocument: Decodable {
  struct Rule: Decodable {
    var id: String
    var severity: String
    var set: [String]
    var when: String
  }
  var rules: [Rule]
}

@Test func rulesAreListed() throws {
  let result = try BuiltProgram.run(["rules", "list", "--format", "json"])
  let document = try JSONDecoder().decode(RulesDocument.self, from: Data(result.output.utf8))
  let lines = try BuiltProgram.run(["rules", "list"]).output.split(separator: "\n")
  #expect(lines.map { String($0.prefix { $0 != " " }) } == document.rules.map(\.id))
  let rule = try #require(document.rules.first { $0.id == "syncookies-off" })
  #expect(rule.set == ["net.ipv4.tcp_syncookies exactly 1"])
  #expect(!rule.when.isEmpty)
}
