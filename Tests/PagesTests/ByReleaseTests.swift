import Expressions
import Facts
import Pages
import Testing

struct ByReleaseCase: Sendable, CustomTestStringConvertible {
  var release: String
  var value: String
  var since: String?
  var testDescription: String { release }
}

/// `5.10: 4096; 4.1.20: 1024; 128` from either side of each release.
@Test(arguments: [
  ByReleaseCase(release: "7.3.4", value: "4096", since: "5.10"),
  ByReleaseCase(release: "5.10", value: "4096", since: "5.10"),
  ByReleaseCase(release: "5.10.218", value: "4096", since: "5.10"),
  ByReleaseCase(release: "5.9.16", value: "1024", since: "4.1.20"),
  ByReleaseCase(release: "5.4", value: "1024", since: "4.1.20"),
  ByReleaseCase(release: "4.1.20", value: "1024", since: "4.1.20"),
  ByReleaseCase(release: "4.1.19", value: "128"),
  ByReleaseCase(release: "4.1", value: "128"),
  ByReleaseCase(release: "3.10.4", value: "128"),
])
func valueOfARelease(_ c: ByReleaseCase) throws {
  let read = Tunable.read(
    try PageTexts.tunable(
      "net.core.somaxconn", [("default", "5.10: 4096; 4.1.20: 1024; 128")]))
  let defaults = try #require(read.tunable).defaultValue
  let release = try #require(KernelRelease(c.release))
  #expect(defaults.value(for: release)??.map(\.description) == [c.value])
  #expect(defaults.since(for: release)?.description == c.since)
}

@Test func oneValueIsThatOfEveryRelease() throws {
  let read = Tunable.read(try PageTexts.tunable("net.core.somaxconn", [("range", "0..255")]))
  let range = try #require(read.tunable).range
  #expect(range.value(for: try #require(KernelRelease("3.10"))) == 0...255)
  #expect(range.since(for: try #require(KernelRelease("7.3"))) == nil)
}

private func problems(_ value: String) throws -> [String] {
  let page = try PageTexts.tunable("net.core.somaxconn", [("range", value)])
  return Tunable.read(page).problems.map { "\($0.line):\($0.column): \($0.message)" }
}

@Test(arguments: [
  ("4.1: 0..9", "6:13: expected the value before 4.1 after ';', found the end"),
  ("0..9; 0..5", "6:8: expected a release and ':', found '0..9'"),
  ("4: 0..9; 0..5", "6:8: expected a release before ':', found '4'"),
  ("4.1: 0..9; 5.4: 0..7; 0..5", "6:19: expected the newest release first, found '5.4'"),
  ("5.4: 0..9; 5.4: 0..7; 0..5", "6:19: expected the newest release first, found '5.4'"),
  ("5.4: 0..9;", "6:18: expected a range as in '0..255', found ''"),
  ("5.4: 0..9; 4.1: x; 0..5", "6:24: expected a range as in '0..255', found 'x'"),
])
func valuesByReleaseThatAreNone(_ value: String, _ problem: String) throws {
  let found = try problems(value)
  #expect(found == [problem])
}

// MARK: kernel:

struct RangeCase: Sendable, CustomTestStringConvertible {
  var range: String
  var inside: [String]
  var outside: [String]
  var testDescription: String { range }
}

@Test(arguments: [
  RangeCase(range: "any", inside: ["3.10", "7.3.4"], outside: []),
  RangeCase(range: ">= 4.10", inside: ["4.10", "4.10.1", "5.4"], outside: ["4.9.337", "3.10"]),
  RangeCase(range: "> 5.4", inside: ["5.4.1", "5.10"], outside: ["5.4", "4.10"]),
  RangeCase(range: "< 6.1.125", inside: ["6.1.124", "6.1"], outside: ["6.1.125", "6.2"]),
  RangeCase(range: "<= 6.1.125", inside: ["6.1.125"], outside: ["6.1.126"]),
  RangeCase(range: "== 5.10", inside: ["5.10"], outside: ["5.10.1", "5.1"]),
  RangeCase(
    range: ">= 4.10, < 6.5", inside: ["4.10", "6.4.16"], outside: ["4.9", "6.5", "6.5.1"]),
])
func kernelRanges(_ c: RangeCase) throws {
  let text = try PageTexts.rule.bent("kernel: any", "kernel: \(c.range)")
  let kernel = try #require(Rule.read(try PageFile(path: "cap-too-low.md", text: text)).rule).kernel
  #expect(kernel.isAny == (c.range == "any"))
  for release in c.inside {
    #expect(kernel.contains(try #require(KernelRelease(release))), "\(release)")
  }
  for release in c.outside {
    #expect(!kernel.contains(try #require(KernelRelease(release))), "\(release)")
  }
}
