import Facts
import Pages
import Testing

private let right = """
  # title: a test
  # for: tests that read it,
  #   from the first line to the last
  # not-for: anybody else
  # leaves: The backlog of programs.
  # leaves: Their descriptors,
  #   which nobody counts.
  # sources: Q1.1, kernel:net/socket.c

  # Long enough for a burst,
  # and not longer.
  # tcptune: at-least
  net.core.somaxconn = 4096

  # Short.
  # tcptune: at-most
  net.ipv4.tcp_fin_timeout = 30

  # What the kernel takes by itself.
  # tcptune: default
  net/ipv4/tcp_rmem = 4096 131072	33554432

  ; Just so.
  net.ipv4.tcp_mem=1 2 3

  """

private func read(_ text: String, isShipped: Bool = true) throws
  -> (profile: Profile?, problems: [String])
{
  let read = Profile.read(
    name: "test", origin: "test.conf", bytes: Array(text.utf8),
    tunables: try PageTexts.set().tunables, isShipped: isShipped)
  return (read.profile, read.problems.sorted().map(\.description))
}

@Test func everyPartOfAProfile() throws {
  let (found, problems) = try read(right)
  #expect(problems == [])
  let profile = try #require(found)
  #expect(profile.name == "test")
  #expect(profile.origin == "test.conf")
  #expect(profile.title == "a test")
  #expect(profile.purpose == "tests that read it, from the first line to the last")
  #expect(profile.notFor == "anybody else")
  #expect(
    profile.leaves == ["The backlog of programs.", "Their descriptors, which nobody counts."])
  #expect(profile.sources == ["Q1.1", "kernel:net/socket.c"])
  #expect(
    profile.entries.map(\.key.name) == [
      "net.core.somaxconn", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_rmem", "net.ipv4.tcp_mem",
    ])
  #expect(
    profile.entries.map(\.operator) == [
      .value(.atLeast), .value(.atMost), .defaultValue, .value(.exactly),
    ])
  #expect(
    profile.entries.map(\.numbers) == [[4096], [30], [4096, 131072, 33_554_432], [1, 2, 3]])
  #expect(
    profile.entries.map(\.reason) == [
      "Long enough for a burst, and not longer.", "Short.", "What the kernel takes by itself.",
      "Just so.",
    ])
  #expect(profile.entries.map(\.line) == [13, 17, 21, 24])
}

/// A user's profile needs neither not-for nor sources.
@Test func whatUsersMayLeaveOut() throws {
  let text = try right.bent("# not-for: anybody else\n", "")
    .bent("# sources: Q1.1, kernel:net/socket.c\n", "")
  #expect(try read(text, isShipped: false).problems == [])
  #expect(
    try read(text).problems == [
      "test.conf:1:1: expected '# not-for:' in the first lines, found none",
      "test.conf:1:1: expected '# sources:' in the first lines, found none",
    ])
}

private let words = "'title:' 'for:' 'not-for:' 'leaves:' 'sources:' 'includes:'"
private let missing = "in the first lines, found none"

@Test(arguments: [
  BentPage("no title", "# title: a test\n", "", "1:1: expected '# title:' \(missing)"),
  BentPage(
    "no purpose", "# for: tests that read it,", "#",
    "1:1: expected '# for:' \(missing)"),
  BentPage(
    "no word for whom not", "# not-for: anybody else\n", "",
    "1:1: expected '# not-for:' \(missing)"),
  BentPage(
    "no source", "# sources: Q1.1, kernel:net/socket.c\n", "",
    "1:1: expected '# sources:' \(missing)"),
  BentPage(
    "an unknown word", "# leaves: The backlog", "# author: Me\n# leaves: The backlog",
    "5:1: expected one of \(words), found 'author:'"),
  BentPage(
    "includes", "# leaves: The backlog", "# includes: other\n# leaves: The backlog",
    "1:1: expected no '# includes:', which this version does not know, found 'other'"),
  BentPage(
    "a source that does not resolve", "kernel:net/socket.c", "Q1.11",
    "1:1: expected a claim as in 'Q1.1', 'kernel:PATH', 'man:PAGE(N)' or 'measured:RELEASE',"
      + " found 'Q1.11'"),
])
func headsOfProfiles(_ bent: BentPage) throws {
  let found = try read(try right.bent(bent.part, bent.other))
  #expect(found.problems == bent.problems.map { "test.conf:\($0)" })
  #expect(found.profile == nil)
}

@Test func emptyWordsHaveTheirPlace() throws {
  #expect(
    try read(try right.bent("# not-for: anybody else", "# not-for:")).problems == [
      "test.conf:4:1: expected words behind '# not-for:', found none"
    ])
  // Words may begin on the next line, and a comment of nothing parts a reason's paragraphs.
  let found = try read(
    try right.bent("# title: a test", "# title:\n#   a test\n#").bent(
      "# Short.", "# Very\n#\n# short."))
  #expect(found.problems == [])
  #expect(found.profile?.title == "a test")
  #expect(found.profile?.entries[1].reason == "Very short.")
}

/// A word without words behind it, or a reason of nothing, says as little as none.
@Test(arguments: [
  ("# title: a test", "# title:"), ("# not-for: anybody else", "# not-for:  "), ("# Short.", "#"),
])
func emptyWordsAreNone(_ part: String, _ empty: String) throws {
  let found = try read(try right.bent(part, empty))
  #expect(found.profile == nil)
  #expect(found.problems.count == 1)
}

@Test(arguments: [
  BentPage(
    "an unknown operator", "tcptune: at-least", "tcptune: above",
    "12:1: expected 'tcptune: at-least', 'at-most' or 'default', found 'above'"),
  BentPage(
    "exactly is no operator here", "tcptune: at-least", "tcptune: exactly",
    "12:1: expected 'tcptune: at-least', 'at-most' or 'default', found 'exactly'"),
  BentPage(
    "an operator of nothing", "tcptune: at-least", "tcptune:",
    "12:1: expected 'tcptune: at-least', 'at-most' or 'default', found ''"),
  BentPage(
    "a misspelled key", "net.core.somaxconn =", "net.core.somaxcon =",
    "13:1: expected a key that a page describes, found 'net.core.somaxcon'; did you mean"
      + " 'net.core.somaxconn'?"),
  BentPage(
    "a key without a page", "net.core.somaxconn =", "vm.swappiness =",
    "13:1: expected a key that a page describes, found 'vm.swappiness'"),
  BentPage(
    "no key", "net.core.somaxconn =", "somaxconn =",
    "13:1: expected a key that a page describes, found 'somaxconn'"),
  BentPage(
    "a text for a number", "= 4096\n", "= many\n",
    "13:1: expected a number for 'net.core.somaxconn', found 'many'"),
  BentPage(
    "nothing for a number", "= 4096\n", "=\n",
    "13:1: expected a number for 'net.core.somaxconn', found ''"),
  BentPage(
    "two numbers for one", "= 4096\n", "= 4096 8192\n",
    "13:1: expected a number for 'net.core.somaxconn', found '4096 8192'"),
  BentPage(
    "two numbers for three", "=1 2 3", "=1 2",
    "24:1: expected 3 numbers for 'net.ipv4.tcp_mem', found '1 2'"),
  BentPage(
    "a number below the range", "= 4096\n", "= -1\n",
    "13:1: expected 0 to 2147483647 for 'net.core.somaxconn', found -1"),
  BentPage(
    "a number above the range", "= 4096\n", "= 2147483648\n",
    "13:1: expected 0 to 2147483647 for 'net.core.somaxconn', found 2147483648"),
  BentPage(
    "two of three beyond the range", "= 4096 131072", "= 0 -5",
    "21:1: expected 1 to 2147483647 for 'net.ipv4.tcp_rmem', found -5",
    "21:1: expected 1 to 2147483647 for 'net.ipv4.tcp_rmem', found 0"),
  BentPage(
    "no reason", "# Short.\n", "",
    "16:1: expected a reason in comment lines above 'net.ipv4.tcp_fin_timeout', found none"),
  BentPage(
    "a reason behind a blank line", "# Short.\n", "# Short.\n\n",
    "18:1: expected a reason in comment lines above 'net.ipv4.tcp_fin_timeout', found none"),
  BentPage(
    "one reason for two keys", "; Just so.\n", "",
    "23:1: expected a reason in comment lines above 'net.ipv4.tcp_mem', found none"),
  BentPage(
    "a key twice", "; Just so.\nnet.ipv4.tcp_mem=1 2 3", "; Again.\nnet/core/somaxconn = 5",
    "24:1: expected 'net.core.somaxconn' once, found it again"),
  BentPage(
    "a line that is none", "; Just so.", "; Just so.\nnet.core.somaxconn",
    "24:1: expected 'key = value' or a comment, found 'net.core.somaxconn'"),
])
func keysOfProfiles(_ bent: BentPage) throws {
  let found = try read(try right.bent(bent.part, bent.other))
  #expect(found.problems == bent.problems.map { "test.conf:\($0)" })
  #expect(found.profile == nil)
}

@Test func aValueThatIsNotSensibleIsForThePlanToSay() throws {
  #expect(try read(try right.bent("= 4096\n", "= 5\n")).problems == [])
}

@Test func aProfileHasAKey() throws {
  #expect(
    try read("# title: a\n# for: b\n\n# Only words.\n", isShipped: false).problems
      == ["test.conf:4:1: expected a key, found none"])
  #expect(
    try read("", isShipped: false).problems == [
      "test.conf:1:1: expected '# for:' in the first lines, found none",
      "test.conf:1:1: expected '# title:' in the first lines, found none",
      "test.conf:1:1: expected a key, found none",
    ])
}

/// Whatever the bytes, reading ends with a profile or with problems in the file's lines.
@Test func noBytesCrashTheReader() throws {
  let tunables = try PageTexts.set().tunables
  var generator = SystemRandomNumberGenerator()
  let original = Array(right.utf8)
  for _ in 0..<500 {
    var bytes = original
    for _ in 0..<Int.random(in: 1...20, using: &generator) {
      let place = Int.random(in: bytes.indices, using: &generator)
      bytes[place] = UInt8.random(in: 0...255, using: &generator)
    }
    let read = Profile.read(
      name: "x", origin: "x", bytes: bytes, tunables: tunables, isShipped: true)
    #expect((read.profile == nil) == !read.problems.isEmpty, "\(bytes)")
    let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).count
    #expect(read.problems.allSatisfy { (1...lines).contains($0.line) }, "\(bytes)")
  }
}
