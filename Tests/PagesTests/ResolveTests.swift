import Expressions
import Facts
import Testing

@testable import Pages

struct ResolveCase: Sendable, CustomTestStringConvertible {
  var unit: String
  var change: String
  var value: Int64
  var cutFrom: Int64?
  var testDescription: String { "\(unit): \(change)" }
}

/// Rounded up for at-least and down otherwise, in the key's unit, and cut to 10...1000.
@Test(arguments: [
  ResolveCase(unit: "connections", change: "at-least 20", value: 20),
  ResolveCase(unit: "connections", change: "at-least 41 / 2", value: 21),
  ResolveCase(unit: "connections", change: "at-most 41 / 2", value: 20),
  ResolveCase(unit: "connections", change: "exactly 41 / 2", value: 20),
  ResolveCase(unit: "connections", change: "at-least 1001", value: 1000, cutFrom: 1001),
  ResolveCase(unit: "connections", change: "at-least 1000", value: 1000),
  ResolveCase(unit: "connections", change: "at-most 9", value: 10, cutFrom: 9),
  ResolveCase(unit: "connections", change: "exactly 0 - 5", value: 10, cutFrom: -5),
  ResolveCase(unit: "s", change: "at-least 1min", value: 60),
  ResolveCase(unit: "s", change: "at-least 60001ms", value: 61),
  ResolveCase(unit: "s", change: "at-most 60999ms", value: 60),
  ResolveCase(unit: "ms", change: "exactly 0.5s", value: 500),
  ResolveCase(unit: "us", change: "at-least 0.05ms", value: 50),
  ResolveCase(unit: "bytes", change: "at-least 0.5KiB", value: 512),
  ResolveCase(unit: "pages", change: "at-least 40KiB", value: 10),
  ResolveCase(unit: "pages", change: "at-least 1B + 40KiB", value: 11),
  ResolveCase(unit: "pages", change: "at-most 48KiB - 1B", value: 11),
])
func resolvedChanges(_ c: ResolveCase) throws {
  let page = try PageTexts.tunable(
    "net.ipv4.tcp_test",
    [("unit", c.unit), ("range", "0..100000"), ("sensible", "10..1000"), ("default", "unknown")])
  let (tunable, problems) = Tunable.read(page)
  #expect(problems == [])
  let text = try PageTexts.rule.bent(
    "net.core.somaxconn at-least 1024", "net.ipv4.tcp_test \(c.change)")
  let rule = try #require(Rule.read(try PageFile(path: "cap-too-low.md", text: text)).rule)
  let change = try #require(rule.changes.first)
  var evaluator = Evaluator(ExampleFacts(readings: [:]))
  let resolved = change.resolve(
    with: &evaluator, for: .host, bounds: try #require(tunable).bounds, pageSize: 4096)
  #expect(resolved == .known(ResolvedChange(value: c.value, cutFrom: c.cutFrom)))
}

@Test func aValueThatIsMissingIsNotResolved() throws {
  let (tunable, _) = Tunable.read(try PageTexts.tunable("net.core.somaxconn", []))
  let text = try PageTexts.rule.bent("at-least 1024", "at-least 2 * host.ehash")
  let rule = try #require(Rule.read(try PageFile(path: "cap-too-low.md", text: text)).rule)
  let change = try #require(rule.changes.first)
  var evaluator = Evaluator(ExampleFacts(readings: ["host.ehash": .unreadable("no file")]))
  let resolved = change.resolve(
    with: &evaluator, for: .host, bounds: try #require(tunable).bounds, pageSize: 4096)
  #expect(resolved == .unreadable("no file"))
}

@Test func whatSatisfiesAChange() {
  #expect(
    [9, 10, 11].map { ChangeOperator.atLeast.isSatisfied(by: $0, wanting: 10) }
      == [false, true, true])
  #expect(
    [9, 10, 11].map { ChangeOperator.atMost.isSatisfied(by: $0, wanting: 10) }
      == [true, true, false])
  #expect(
    [9, 10, 11].map { ChangeOperator.exactly.isSatisfied(by: $0, wanting: 10) }
      == [false, true, false])
}
