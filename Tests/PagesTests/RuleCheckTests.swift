import Pages
import Testing

private func problems(_ bent: BentPage) throws -> [String] {
  let text = try PageTexts.rule.bent(bent.part, bent.other)
  return try PageTexts.problems(text, name: "cap-too-low")
}

private let longest = String(repeating: "a", count: 72)

@Test(arguments: [
  BentPage(
    "another id than the file", "id: cap-too-low", "id: cap-low",
    "2:5: expected 'cap-too-low', as the file is called, found 'cap-low'"),
  BentPage(
    "a title of 73 characters", "the cap is lower than it need be", "\(longest)b",
    "3:8: expected a title of at most 72 characters, found 73"),
  BentPage(
    "a full stop behind the title", "it need be", "it need be.",
    "3:40: expected a title without a full stop, found '.'"),
])
func namesAndTitles(_ bent: BentPage) throws {
  let found = try problems(bent)
  #expect(found == bent.problems.map { "cap-too-low.md:\($0)" })
}

@Test func aTitleMayHave72Characters() throws {
  let text = try PageTexts.rule.bent("the cap is lower than it need be", longest)
  let found = try PageTexts.problems(text)
  #expect(found == [])
}

@Test(arguments: ["Cap-Low", "cap_low", "cap--low", "-cap", "cap-", "cäp"])
func idsAreLowerCaseWords(_ id: String) throws {
  let text = try PageTexts.rule.bent("id: cap-too-low", "id: \(id)")
  #expect(
    try PageTexts.problems(text) == [
      "\(id).md:2:5: expected lower-case words with hyphens, found '\(id)'"
    ])
}

private let set = "at-least 1024"

@Test(arguments: [
  BentPage(
    "a unit that does not fit", "somaxconn < 1024", "somaxconn < 60s",
    "6:26: expected the same unit on both sides of '<', found a number and seconds"),
  BentPage(
    "no condition at all", "when: net.core.somaxconn < 1024", "when: net.core.somaxconn",
    "6:7: expected a condition, found a number"),
  BentPage(
    "a fact of a listener", "somaxconn < 1024", "somaxconn < listener.limit",
    "6:28: expected a fact of the host, found 'listener.limit'; such a fact needs 'for: listener'"
      + " or an aggregate"),
  BentPage(
    "a key without a page", "set: net.core.somaxconn", "set: net.core.nothing",
    "7:6: expected a key that a page describes, found 'net.core.nothing'"),
  BentPage(
    "the whole of a vector", "set: net.core.somaxconn at-least 1024",
    "set: net.ipv4.tcp_rmem at-least 5B",
    "7:6: expected an element of 'net.ipv4.tcp_rmem', found the whole vector"),
  BentPage(
    "a part that the vector has not", "set: net.core.somaxconn at-least 1024",
    "set: net.ipv4.tcp_rmem.high at-least 5B",
    "7:6: expected an element of a vector, found 'net.ipv4.tcp_rmem.high'; 'net.ipv4.tcp_rmem'"
      + " has min, default, max"),
  BentPage(
    "a value with another unit", set, "at-least 60s",
    "7:34: expected a number for 'net.core.somaxconn', found seconds"),
  BentPage(
    "a value that is a text", set, "at-least \"many\"",
    "7:34: expected a number for 'net.core.somaxconn', found a text"),
  BentPage(
    "a value without a type", set, "at-least 1 + 60s",
    "7:36: expected units that '+' can join, found a number and seconds"),
  BentPage(
    "a value below what is sensible", set, "at-least 127",
    "7:34: expected 128 to 65536, as the page of 'net.core.somaxconn' has it, found 127"),
  BentPage(
    "a value above what is sensible", set, "at-least max(5, 2 * 32769)",
    "7:34: expected 128 to 65536, as the page of 'net.core.somaxconn' has it, found 65538"),
])
func typesOfARule(_ bent: BentPage) throws {
  let found = try problems(bent)
  #expect(found == bent.problems.map { "cap-too-low.md:\($0)" })
}

// MARK: Sources

@Test(arguments: [
  "Q0.7", "Q1.10", "Q2.11", "Q3.14", "Q4.20", "kernel:net/socket.c",
  "kernel:Documentation/networking/ip-sysctl.rst", "man:listen(2)", "man:sysctl.d(5)",
  "measured:6.18", "measured:6.18.44",
])
func sourcesThatResolve(_ source: String) throws {
  let text = try PageTexts.rule.bent("kernel:net/socket.c", source)
  let found = try PageTexts.problems(text)
  #expect(found == [])
}

private let claim =
  "expected a claim as in 'Q1.1', 'kernel:PATH', 'man:PAGE(N)' or 'measured:RELEASE', found"
private let path = "expected a path in the kernel's tree as in 'kernel:net/socket.c', found"
private let page = "expected a manual page as in 'man:listen(2)', found"
private let release = "expected a release as in 'measured:6.18', found"

@Test(arguments: [
  ("Q0.8", claim), ("Q1.11", claim), ("Q2.12", claim), ("Q3.15", claim), ("Q4.21", claim),
  ("Q1.0", claim), ("Q5.1", claim), ("Q1", claim), ("Q1.1.1", claim), ("q1.1", claim),
  ("https://docs.kernel.org", claim), ("kernel:socket.c", path), ("kernel:/net/socket.c", path),
  ("kernel:net/../socket.c", path), ("man:listen", page), ("man:listen (2)", page),
  ("measured:6", release), ("measured:6.18-rc1", release),
])
func sourcesThatDoNot(_ source: String, _ expected: String) throws {
  let text = try PageTexts.rule.bent("kernel:net/socket.c", source)
  let found = try PageTexts.problems(text)
  #expect(found == ["cap-too-low.md:11:16: \(expected) '\(source)'"])
}

// MARK: Sections

private let headings = "Why, What the change does, When to leave it alone, Examples"

@Test(arguments: [
  BentPage(
    "one is missing", "## Why\n\nBecause.\n\n", "",
    "15:1: expected the headings \(headings), in this order,"
      + " found What the change does, When to leave it alone, Examples"),
  BentPage(
    "two have changed places",
    "## Why\n\nBecause.\n\n## What the change does\n\nIt raises the cap.",
    "## What the change does\n\nBecause.\n\n## Why\n\nIt raises the cap.",
    "15:1: expected the headings \(headings), in this order,"
      + " found What the change does, Why, When to leave it alone, Examples"),
  BentPage(
    "one too many", "## Examples", "## More\n\nText.\n\n## Examples",
    "27:1: expected the headings \(headings), in this order,"
      + " found Why, What the change does, When to leave it alone, More, Examples"),
  BentPage(
    "one at the end", "1024\n```\n", "1024\n```\n\n## More\n\nText.\n",
    "37:1: expected the headings \(headings), in this order,"
      + " found Why, What the change does, When to leave it alone, Examples, More"),
  BentPage(
    "another spelling", "## Why", "## why",
    "15:1: expected the headings \(headings), in this order,"
      + " found why, What the change does, When to leave it alone, Examples"),
  BentPage("an empty one", "Because.\n\n", "", "15:1: expected text under 'Why', found none"),
  BentPage(
    "nothing before the first", "What happens.\n\n", "",
    "13:1: expected a paragraph before the first heading, found none"),
])
func sectionsOfARule(_ bent: BentPage) throws {
  let found = try problems(bent)
  #expect(found == bent.problems.map { "cap-too-low.md:\($0)" })
}

@Test func aHeadingHasTwoSigns() throws {
  let bent = BentPage("", "## Why\n", "# Why\n")
  #expect(
    try problems(bent).first
      == "cap-too-low.md:15:1: expected '## ' before a heading, found '# Why'")
}

@Test func aFenceIsClosed() throws {
  let bent = BentPage("", "1024\n```\n", "1024\n")
  #expect(
    try problems(bent) == ["cap-too-low.md:33:1: expected a closing '```', found the end"])
}
