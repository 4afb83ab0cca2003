import Expressions
import Facts
import Testing

@testable import Pages

// Keys whose value is no number: names, lists of ports, and what nobody may write or read.

private let name = "net.ipv4.tcp_congestion_control"

private func text(_ fields: [(String, String)] = []) throws -> PageFile {
  let changed = fields.map(\.0)
  let standard = [
    ("type", "text"), ("unit", "none"), ("range", "any"), ("sensible", "any"),
    ("default", "unknown"), ("capacity", "no"),
  ].filter { !changed.contains($0.0) }
  return try PageTexts.tunable(name, standard + fields)
}

private func ports(_ fields: [(String, String)] = []) throws -> PageFile {
  let changed = fields.map(\.0)
  let standard = [
    ("type", "ports"), ("unit", "ports"), ("range", "0..65535"), ("sensible", "0..65535"),
    ("default", "\"\""), ("capacity", "no"),
  ].filter { !changed.contains($0.0) }
  return try PageTexts.tunable("net.ipv4.ip_local_reserved_ports", standard + fields)
}

private func tunable(_ page: PageFile) throws -> Tunable {
  let read = Tunable.read(page)
  #expect(read.problems == [])
  return try #require(read.tunable)
}

@Test func formsOfKeys() throws {
  let names = try tunable(text())
  #expect(names.form == .text && names.type == .text && names.access == .readWrite)
  #expect(names.shape == TunableShape(unit: .nothing, elements: [], form: .text))
  let list = try tunable(ports([("default", "3.14: \"\"; unknown")]))
  #expect(list.form == .ports && list.type == .text)
  #expect(list.defaultValue.cases.map { $0.value?.map(\.description) } == [["\"\""], nil])
  for (word, access) in [
    ("read-only", KeyAccess.readOnly), ("secret", .secret), ("read-write", .readWrite),
  ] {
    #expect(try tunable(text([("type", "text\naccess: \(word)")])).access == access)
  }
}

/// What is told of a checked header without reading all of it.
@Test func shapesOfKeysThatAreNoNumbers() throws {
  let pages = [try text(), try ports()].sorted { $0.name < $1.name }
  let set = PageSet(checkedRules: [], tunables: pages)
  #expect(set.tunables.keys.count == 2)
  for key in set.tunables.keys {
    #expect(set.tunables.shape(of: key) == set.tunables[key]?.shape, "\(key)")
    #expect(set.tunables.shape(of: key)?.type == .text, "\(key)")
  }
}

@Test func unsignedBoundsAreCut() throws {
  let page = try PageTexts.tunable(
    "net.ipv4.tcp_comp_sack_delay_ns",
    [
      ("unit", "ns"), ("range", "0..18446744073709551615"), ("sensible", "0..10000000"),
      ("default", "1ms"),
    ])
  let delay = try tunable(page)
  #expect(delay.range.cases[0].value == 0...Int64.max)
  #expect(delay.unit.quantity(1_000_000, pageSize: 4096) == Quantity(.thousandth, .seconds))
  var set = PageSet()
  #expect(set.add([page]) == [])
}

/// A share is a share: 120 percent of the kernel's is 1.2 in a condition.
@Test func percentages() throws {
  let unit = try #require(KeyUnit("percent"))
  let quantity = try #require(unit.quantity(120, pageSize: 4096))
  #expect(quantity.dimension == .pure && quantity.amount == Fraction(6, 5))
  #expect(unit.own(quantity, pageSize: 4096) == Fraction(120))
}

struct BentHeader: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var fields: [(String, String)]
  var problems: [String]

  init(_ name: String, _ fields: [(String, String)], _ problems: String...) {
    testDescription = name
    self.fields = fields
    self.problems = problems
  }
}

@Test(arguments: [
  BentHeader(
    "names have no unit", [("unit", "connections")],
    "5:7: expected the unit 'none' of a text, found 'connections'"),
  BentHeader(
    "names have no range", [("range", "0..255"), ("sensible", "0..1")],
    "6:8: expected 'any' for a text, found '0..255'",
    "7:11: expected 'any' for a text, found '0..1'"),
  BentHeader(
    "a number as the default of a text", [("default", "0")],
    "8:10: expected a text in the default '0', found a number"),
  BentHeader(
    "an unknown access", [("type", "text\naccess: private")],
    "5:9: expected read-write, read-only, secret, found 'private'"),
])
func headersOfTexts(_ bent: BentHeader) throws {
  var set = PageSet()
  let found = set.add([try text(bent.fields)]).map(\.description)
  #expect(found == bent.problems.map { "Rules/tunables/\(name).md:\($0)" })
}

@Test func headersOfOtherForms() throws {
  #expect(
    Tunable.read(try ports([("unit", "packets")])).problems.map(\.message)
      == ["expected the unit 'ports' of a list of ports, found 'packets'"])
  #expect(
    Tunable.read(try PageTexts.tunable("net.core.somaxconn", [("unit", "none")])).problems
      .map(\.message) == ["expected a unit of numbers, found 'none'"])
  #expect(
    Tunable.read(try PageTexts.tunable("net.core.somaxconn", [("range", "any")])).problems
      .map(\.message) == ["expected a range as in '0..255', found 'any'"])
}

// MARK: Rules and profiles

private func set() throws -> PageSet {
  var set = try PageTexts.set()
  let others = [
    try text(), try ports(),
    try PageTexts.tunable(
      "net.ipv4.tcp_ehash_entries", [("type", "integer\naccess: read-only")]),
    try PageTexts.tunable(
      "net.ipv4.tcp_fastopen_key",
      [
        ("type", "text\naccess: secret"), ("unit", "none"), ("range", "any"),
        ("sensible", "any"), ("default", "unknown"),
      ]),
  ]
  #expect(set.add(others) == [])
  return set
}

/// Conditions may compare names; no rule chooses one.
@Test func rulesAboutNames() throws {
  let named = try PageTexts.rule
    .bent("net.core.somaxconn < 1024\n", "\(name) == \"bbr\" and net.core.somaxconn < 1024\n")
    .bent("```fires\n", "```fires\n\(name) = \"bbr\"\n")
    .bent("```quiet\n", "```quiet\n\(name) = \"cubic\"\n")
  var pages = try set()
  #expect(pages.add([try PageFile(path: "cap-too-low.md", text: named)]) == [])
  for (key, value) in [(name, "\"bbr\""), ("net.ipv4.tcp_ehash_entries", "1024")] {
    let setting = try PageTexts.rule.bent(
      "set: net.core.somaxconn at-least 1024", "set: \(key) exactly \(value)")
    var pages = try set()
    let found = pages.add([try PageFile(path: "cap-too-low.md", text: setting)])
    #expect(
      found.map(\.message)
        .contains("expected a key with numbers that can be written, found '\(key)'"))
  }
}

private func read(_ lines: String) throws -> (profile: Profile?, problems: [String]) {
  let text = "# title: t\n# for: f\n\n" + lines
  let read = Profile.read(
    name: "test", origin: "t.conf", bytes: Array(text.utf8), tunables: try set().tunables,
    isShipped: false)
  return (read.profile, read.problems.sorted().map(\.description))
}

@Test func profilesWithNamesAndPorts() throws {
  let found = try read(
    "# why\n\(name)=  bbr \n# why\nnet.ipv4.ip_local_reserved_ports = 9000-9010,8080,9005\n")
  #expect(found.problems == [])
  #expect(
    found.profile?.entries.map(\.content) == [.text("bbr"), .text("8080,9000-9010")])
  #expect(found.profile?.entries.map(\.operator) == [.value(.exactly), .value(.exactly)])
}

@Test(arguments: [
  BentHeader(
    "an operator above a name", [("# why\n# tcptune: at-least\n\(name) = bbr\n", "")],
    "5:3: expected no operator above '\(name)', whose value is text, found 'tcptune: at-least'"),
  BentHeader(
    "the default of a name", [("# why\n# tcptune: default\n\(name) = bbr\n", "")],
    "5:3: expected no operator above '\(name)', whose value is text, found 'tcptune: default'"),
  BentHeader(
    "no name", [("# why\n\(name) = bbr;cubic\n", "")],
    "5:35: expected names for '\(name)', found 'bbr;cubic'"),
  BentHeader(
    "ports downwards", [("# why\nnet.ipv4.ip_local_reserved_ports = 9010-9000\n", "")],
    "5:36: expected ports as in '8080,9000-9010' for 'net.ipv4.ip_local_reserved_ports', found"
      + " '9010-9000'"),
  BentHeader(
    "a key that only the kernel writes", [("# why\nnet.ipv4.tcp_ehash_entries = 1024\n", "")],
    "5:1: expected a key that can be written, found 'net.ipv4.tcp_ehash_entries', read-only"),
  BentHeader(
    "a secret", [("# why\nnet.ipv4.tcp_fastopen_key = 1-2-3-4\n", "")],
    "5:1: expected a key that can be written, found 'net.ipv4.tcp_fastopen_key', whose value is"
      + " nobody's business"),
])
func profilesThatHoldOtherThings(_ bent: BentHeader) throws {
  let found = try read(bent.fields[0].0 + "\n# why\nnet.core.somaxconn = 4096\n")
  #expect(found.problems == bent.problems.map { "t.conf:\($0)" })
  #expect(found.profile == nil)
}
