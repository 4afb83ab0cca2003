import Catalogue
import Facts
import Foundation
import Pages
import Support
import Testing

/// Rules/README.md as the pages have it: rules by topic, then keys.
private func index() throws -> String {
  let set = try ShippedPages.pageSet()
  var text = """
    # Rules

    One page for each rule and each tunable; `tcptune explain NAME` prints them. Written from the
    pages' headers by `RECORD_GOLDEN=1 Tests/run`; a test fails when it is not what they say.

    \(set.rules.count) rules, \(set.tunables.keys.count) tunables.

    """
  let topics = Dictionary(grouping: set.rules) { rule in
    String(rule.file.split(separator: "/")[1])
  }
  for (topic, rules) in topics.sorted(by: { $0.key < $1.key }) {
    text += "\n## \(topic)\n\n| rule | severity | says | acts |\n|---|---|---|---|\n"
    for rule in rules.sorted(by: { $0.id < $1.id }) {
      let acts = rule.act?.rawValue ?? (rule.changes.isEmpty ? "a line goes" : keys(of: rule))
      text +=
        "| [\(rule.id)](\(topic)/\(rule.id).md) | \(rule.severity.rawValue)"
        + " | \(rule.title.replacing("|", with: "\\|")) | \(acts) |\n"
    }
  }
  text += "\n## tunables\n\n| key | is |\n|---|---|\n"
  for tunable in set.tunables.all.sorted(by: { $0.key < $1.key }) {
    text += "| [\(tunable.key)](tunables/\(tunable.key.name).md) | \(tunable.title) |\n"
  }
  return text
}

private func keys(of rule: Rule) -> String {
  var keys: [String] = []
  for change in rule.changes where !keys.contains(change.key.name) { keys.append(change.key.name) }
  return keys.joined(separator: ", ")
}

@Test func theIndexIsWhatThePagesSay() throws {
  let text = try index()
  let file = Fixtures.package.appending(path: "Rules/README.md")
  if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
    try text.write(to: file, atomically: true, encoding: .utf8)
    Issue.record("Rules/README.md was written; look at it, then run without RECORD_GOLDEN")
    return
  }
  let found = try? String(contentsOf: file, encoding: .utf8)
  #expect(found == text, "RECORD_GOLDEN=1 Tests/run writes Rules/README.md anew")
}

/// Rules are many and complete: at least sixty, each with the experiment's name spelled as it is.
@Test func rulesAreManyAndNameRealExperiments() throws {
  let set = try ShippedPages.pageSet()
  #expect(set.rules.count >= 60)
  let known: Set<String> = [
    "accept-queue", "listen-clamp", "abort-on-overflow", "syn-queue", "syn-timeline",
    "syn-linear-timeline", "syn-ack-timeline", "fin-timeline", "time-wait", "fin-wait-2",
    "keepalive", "tw-reuse", "killed-process", "close-unread", "send-buffer",
  ]
  var named: Set<String> = []
  for (path, text) in try ShippedPages.files("Rules", "md") {
    for match in text.matches(of: /tcptune prove ([a-z][a-z0-9-]*)/) {
      named.insert(String(match.output.1))
      #expect(known.contains(String(match.output.1)), "\(path)")
    }
  }
  #expect(named.count >= 10)
  // Profiles name them in sentences that go over lines.
  var ofProfiles: Set<String> = []
  for (path, text) in try ShippedPages.files("Profiles", "conf") {
    let sentences = text.replacingOccurrences(of: "\n# ", with: " ")
    for match in sentences.matches(of: /tcptune prove ([a-z][a-z0-9-]*)/) {
      ofProfiles.insert(String(match.output.1))
      #expect(known.contains(String(match.output.1)), "\(path)")
    }
  }
  #expect(ofProfiles.count >= 6)
}

/// Every claim of the documents stands in the sources of a page.
@Test func claimsAreCited() throws {
  let counts = ["Q0": 7, "Q1": 10, "Q2": 11, "Q3": 14, "Q4": 20]
  let all = Set(counts.flatMap { name, count in (1...count).map { "\(name).\($0)" } })
  let set = try ShippedPages.pageSet()
  let cited = Set(set.rules.flatMap(\.sources) + set.tunables.all.flatMap(\.sources))
  let open = all.subtracting(cited).sorted()
  #expect(open == [])
}
