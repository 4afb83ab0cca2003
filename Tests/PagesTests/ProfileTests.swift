import Facts
import Pages
import Testing

private let right = """
  # title: a test
  # for: tests that read it,
  #   from the first line to the last
  # not-for: anybody else
  # costs: Two bytes.
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
  #expect(profile.costs == ["Two bytes."])
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
    profile.entries.map(\.content.numbers) == [
      [4096], [30], [4096, 131072, 33_554_432], [1, 2, 3],
    ])
  #expect(
    profile.entries.map(\.reason) == [
      "Long enough for a burst, and not longer.", "Short.", "What the kernel takes by itself.",
      "Just so.",
    ])
  #expect(profile.entries.map(\.line) == [14, 18, 22, 25])
}

/// A user's profile needs neither not-for nor sources.
@Test func whatUsersMayLeaveOut() throws {
  let text = try right.bent("# not-for: anybody else\n", "")
    .bent("# sources: Q1.1, kernel:net/socket.c\n", "").bent("# costs: Two bytes.\n", "")
  #expect(try read(text, isShipped: false).problems == [])
  #expect(
    try read(text).problems == [
      "test.conf:1:1: expected '# costs:' in the first lines, found none",
      "test.conf:1:1: expected '# not-for:' in the first lines, found none",
      "test.conf:1:1: expected '# sources:' in the first lines, found none",
    ])
}

private let words =
  "'title:' 'for:' 'not-for:' 'costs:' 'leaves:' 'parameter:' 'sources:' 'includes:'"
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
    "6:3: expected one of \(words), found 'author:'"),
  BentPage(
    "a source that does not resolve", "kernel:net/socket.c", "Q1.11",
    "9:18: expected a claim as in 'Q1.1', 'kernel:PATH', 'man:PAGE(N)' or 'measured:RELEASE',"
      + " found 'Q1.11'"),
  BentPage(
    "a source in the next line", ", kernel:net/socket.c", ",\n#   man:tcp(7), Q9.1",
    "10:17: expected a claim as in 'Q1.1', 'kernel:PATH', 'man:PAGE(N)' or 'measured:RELEASE',"
      + " found 'Q9.1'"),
  BentPage(
    "no costs", "# costs: Two bytes.\n", "", "1:1: expected '# costs:' \(missing)"),
  BentPage(
    "two titles", "# costs: Two", "# title: another\n# costs: Two",
    "5:3: expected '# title:' once, found it again"),
  BentPage(
    "one profile included twice", "# costs: Two", "# includes: a, ./b.conf,\n#  a\n# costs: Two",
    "6:4: expected 'a' once, found it again"),
  BentPage(
    "no name to include", "# costs: Two", "# includes:\n# costs: Two",
    "5:3: expected words behind '# includes:', found none"),
])
func headsOfProfiles(_ bent: BentPage) throws {
  let found = try read(try right.bent(bent.part, bent.other))
  #expect(found.problems == bent.problems.map { "test.conf:\($0)" })
  #expect(found.profile == nil)
}

@Test func emptyWordsHaveTheirPlace() throws {
  #expect(
    try read(try right.bent("# not-for: anybody else", "# not-for:")).problems == [
      "test.conf:4:3: expected words behind '# not-for:', found none"
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
    "13:12: expected 'tcptune: at-least', 'at-most', 'default' or 'if-available', found 'above'"),
  BentPage(
    "exactly is no operator here", "tcptune: at-least", "tcptune: exactly",
    "13:12: expected 'tcptune: at-least', 'at-most', 'default' or 'if-available', found 'exactly'"),
  BentPage(
    "an operator of nothing", "tcptune: at-least", "tcptune:",
    "13:11: expected 'tcptune: at-least', 'at-most', 'default' or 'if-available', found ''"),
  BentPage(
    "a misspelled key", "net.core.somaxconn =", "net.core.somaxcon =",
    "14:1: expected a key that a page describes, found 'net.core.somaxcon'; did you mean"
      + " 'net.core.somaxconn'?"),
  BentPage(
    "a key without a page", "net.core.somaxconn =", "vm.swappiness =",
    "14:1: expected a key that a page describes, found 'vm.swappiness'"),
  BentPage(
    "no key", "net.core.somaxconn =", "somaxconn =",
    "14:1: expected a key that a page describes, found 'somaxconn'"),
  BentPage(
    "an operator of no key", "tcptune: at-least\n", "tcptune: at-least\n\n# So.\n",
    "13:3: expected a key below '# tcptune: at-least', found a blank line"),
  BentPage(
    "an operator at the end", "=1 2 3\n", "=1 2 3\n# tcptune:  default\n",
    "26:3: expected a key below '# tcptune:  default', found the end"),
  BentPage(
    "two operators", "tcptune: at-least", "tcptune: at-most\n#  tcptune: at-least",
    "14:4: expected one operator above a key, found 'tcptune: at-least' below 'tcptune: at-most'"),
  BentPage(
    "a number with a sign", "= 4096\n", "= +4096\n",
    "14:22: expected a number for 'net.core.somaxconn', found '+4096'"),
  BentPage(
    "a number that the kernel takes for octal", "= 4096\n", "= 04096\n",
    "14:22: expected a number for 'net.core.somaxconn', found '04096'"),
  BentPage(
    "an indented key", "net.core.somaxconn =", "\t net.core.somaxcon =",
    "14:3: expected a key that a page describes, found 'net.core.somaxcon'; did you mean"
      + " 'net.core.somaxconn'?"),
  BentPage(
    "a text for a number", "= 4096\n", "= many\n",
    "14:22: expected a number for 'net.core.somaxconn', found 'many'"),
  BentPage(
    "nothing for a number", "= 4096\n", "=\n",
    "14:21: expected a number for 'net.core.somaxconn', found ''"),
  BentPage(
    "two numbers for one", "= 4096\n", "= 4096 8192\n",
    "14:22: expected a number for 'net.core.somaxconn', found '4096 8192'"),
  BentPage(
    "two numbers for three", "=1 2 3", "=1 2",
    "25:18: expected 3 numbers for 'net.ipv4.tcp_mem', found '1 2'"),
  BentPage(
    "a number below the range", "= 4096\n", "= -1\n",
    "14:22: expected 0 to 2147483647 for 'net.core.somaxconn', found -1"),
  BentPage(
    "a number above the range", "= 4096\n", "= 2147483648\n",
    "14:22: expected 0 to 2147483647 for 'net.core.somaxconn', found 2147483648"),
  BentPage(
    "two of three beyond the range", "= 4096 131072", "= 0 -5",
    "22:21: expected 1 to 2147483647 for 'net.ipv4.tcp_rmem', found -5",
    "22:21: expected 1 to 2147483647 for 'net.ipv4.tcp_rmem', found 0"),
  BentPage(
    "no reason", "# Short.\n", "",
    "17:1: expected a reason in comment lines above 'net.ipv4.tcp_fin_timeout', found none"),
  BentPage(
    "a reason behind a blank line", "# Short.\n", "# Short.\n\n",
    "19:1: expected a reason in comment lines above 'net.ipv4.tcp_fin_timeout', found none"),
  BentPage(
    "one reason for two keys", "; Just so.\n", "",
    "24:1: expected a reason in comment lines above 'net.ipv4.tcp_mem', found none"),
  BentPage(
    "a key twice", "; Just so.\nnet.ipv4.tcp_mem=1 2 3", "; Again.\nnet/core/somaxconn = 5",
    "25:1: expected 'net.core.somaxconn' once, found it again"),
  BentPage(
    "a line that is none", "; Just so.", "; Just so.\nnet.core.somaxconn",
    "25:1: expected 'key = value' or a comment, found 'net.core.somaxconn'"),
])
func keysOfProfiles(_ bent: BentPage) throws {
  let found = try read(try right.bent(bent.part, bent.other))
  #expect(found.problems == bent.problems.map { "test.conf:\($0)" })
  #expect(found.profile == nil)
}

@Test func aValueThatIsNotSensibleIsForThePlanToSay() throws {
  #expect(try read(try right.bent("= 4096\n", "= 5\n")).problems == [])
}

/// What the kernel of some release would refuse is for the plan of a host to say.
@Test func usersNumbersMayBeOutOfRange() throws {
  let read = try read(try right.bent("= 4096\n", "= -1\n"), isShipped: false)
  #expect(read.problems == [])
  #expect(read.profile?.entries[0].content == .numbers([-1]))
}

@Test func includesHaveTheirPlaces() throws {
  let head = "# title: a\n# for: b\n# includes: one, ./two.conf,\n#   three\n"
  let (found, problems) = try read(head, isShipped: false)
  #expect(problems == [])
  let profile = try #require(found)
  #expect(profile.entries.isEmpty)
  #expect(profile.includes.map(\.name) == ["one", "./two.conf", "three"])
  #expect(profile.includes.map(\.line) == [3, 3, 4])
  #expect(profile.includes.map(\.column) == [13, 18, 5])
}

/// Whoever mends one mistake does not find the next behind it.
@Test func everyMistakeOfOneKeyAtOnce() throws {
  let text = """
    # title: a
    # for: b

    net.core.somaxconn = x

    # A reason.
    net.ipv4.tcp_fin_timeout = 99999999999

    """
  let problems = try read(text, isShipped: false).problems
  let words = ["expected a reason", "expected a number", "expected 0 to"]
  #expect(problems.count == 3, "\(problems)")
  for (problem, words) in zip(problems, words) {
    #expect(problem.contains(words), "\(problem)")
  }
  // Alone it is for the plan to refuse, which knows the release.
  let alone = text.replacing("net.core.somaxconn = x", with: "")
  #expect(try read(alone, isShipped: false).problems == [])
}

/// A file that is no profile is refused in bounded time.
@Test func aProfileOfManyThousandWords() throws {
  let names = (0..<15_000).map { "n\($0)" }
  let head = "# title: a\n# for: b\n# includes: "
  let long = try read(head + names.joined(separator: ",") + "\n", isShipped: false)
  #expect(long.profile == nil)
  #expect(long.problems.count == 1)
  let lines = try read(
    head + names.joined(separator: ",\n#   ") + "\n\n"
      + names.map { "\($0).x = 1\n" }.joined(), isShipped: false)
  #expect(lines.problems.contains("test.conf:203:5: expected at most 200 items, found more"))
  #expect(lines.problems.count == 15_001)
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
