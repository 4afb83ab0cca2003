import Catalogue
import Expressions
import Facts
import Foundation
import Pages
import Support
import Testing

/// The counters that a recorded host has: a line of names, then one of numbers.
private func counters(of host: RecordedHost) throws -> Set<String> {
  let folder = try host.unpacked()
  var names: Set<String> = []
  for file in ["proc/net/snmp", "proc/net/netstat"] {
    let text = try String(contentsOf: folder.url.appending(path: file), encoding: .utf8)
    let lines = text.split(separator: "\n")
    for (index, line) in lines.enumerated() where index % 2 == 0 {
      let words = line.split(separator: " ")
      guard let group = words.first?.dropLast() else { continue }
      names.formUnion(words.dropFirst().map { "\(group).\($0)" })
    }
  }
  return names
}

/// Whether a page says of a counter that it came with a later kernel than the newest recorded one.
private func cameLater(_ counter: Substring, in text: String, newest: KernelRelease) -> Bool {
  let since = text.matches(of: /since (?:Linux )?(\d+\.\d+)/)
  return since.contains { match in
    guard let release = KernelRelease(match.output.1), release > newest else { return false }
    // In the same sentence.
    let before = text[..<match.range.lowerBound].split(separator: ". ").last ?? ""
    return before.contains(counter)
  }
}

/// Every counter that a shipped page names in its header, its examples or its prose is one that
/// some recorded kernel has.
@Test func everyCounterOfAPageExists() throws {
  let hosts = RecordedHost.all
  #expect(hosts.count > 10)
  let known = try hosts.reduce(into: Set<String>()) { $0.formUnion(try counters(of: $1)) }
  #expect(known.contains("TcpExt.ListenOverflows"))
  let newest = try #require(hosts.last.flatMap { KernelRelease($0.name) })
  var named = 0
  for (path, text) in try ShippedPages.files("Rules", "md") {
    for match in text.matches(of: /\b(?:MPTcpExt|TcpExt|Tcp)\.[A-Z][A-Za-z0-9]*/) {
      named += 1
      if known.contains(String(match.output)) { continue }
      #expect(
        cameLater(match.output, in: text, newest: newest),
        "\(path) names \(match.output), which no recorded kernel has")
    }
  }
  #expect(named > 50)
}

/// Every key that a rule sets has a page, and every page lies where its key says.
@Test func everyKeyHasItsPage() throws {
  let pages = try ShippedPages.pageSet()
  for rule in pages.rules {
    for change in rule.changes {
      #expect(pages.tunables[change.key] != nil, "\(rule.id) sets \(change.key)")
    }
  }
  for tunable in pages.tunables.all {
    #expect(tunable.file == "Rules/tunables/\(tunable.key.name).md")
  }
}

/// A default of a page is within the range of its release, wherever it can be computed without a
/// host.
@Test func defaultsAreWithinTheirRanges() throws {
  for tunable in try ShippedPages.pageSet().tunables.all where tunable.form == .numbers {
    for (since, values) in tunable.defaultValue.cases.map({ ($0.since, $0.value) }) {
      let release = try #require(since ?? tunable.since ?? KernelRelease("3.10"))
      let range = try #require(tunable.range.value(for: release))
      for expression in values ?? [] where expression.asked.isEmpty {
        var evaluator = Evaluator(NoFacts())
        guard case .known(.quantity(let quantity)) = evaluator.value(of: expression),
          let number = tunable.unit.own(quantity, pageSize: 4096)?.whole
        else {
          Issue.record("\(tunable.key): expected a number, found \(expression)")
          continue
        }
        #expect(range.contains(number), "\(tunable.key): \(expression) since \(release)")
      }
    }
  }
}

private struct NoFacts: FactSource {
  func reading(_ query: Query, of members: Members) -> Reading<Value> { .absent("no host") }
  func stated(_ aggregate: Aggregate) -> Reading<Value>? { nil }
  func count(of subject: Subject) -> Reading<Int> { .absent("no host") }
  func name(of subject: Subject, _ index: Int) -> String? { nil }
}
