import Facts
import Pages
import Testing

/// A rule that pulls the cap one way when a count is above 0.
private func rule(_ id: String, when fact: String, set: String) throws -> PageFile {
  let text = try PageTexts.rule.bent("id: cap-too-low", "id: \(id)")
    .bent("when: net.core.somaxconn < 1024", "when: rate(\(fact)) > 0")
    .bent("net.core.somaxconn at-least 1024", set)
    .bent("net.core.somaxconn = 128", "rate(\(fact)) = 1/s\nnet.core.somaxconn = 4096")
    .bent("net.core.somaxconn = 1024", "rate(\(fact)) = 0")
  return try PageFile(path: "\(id).md", text: text)
}

private func problems(of files: PageFile...) throws -> [String] {
  var set = try PageTexts.set()
  return set.add(files).map(\.description)
}

struct ContradictionCase: Sendable, CustomTestStringConvertible {
  var a: String
  var b: String
  var contradict: Bool
  var testDescription: String { "\(a) and \(b)" }

  init(_ a: String, _ b: String, contradict: Bool) {
    self.a = a
    self.b = b
    self.contradict = contradict
  }
}

/// Two rules that fire together must not pull one key in opposite directions.
@Test(arguments: [
  ContradictionCase("at-least 5000", "at-most 4999", contradict: true),
  ContradictionCase("at-least 5000", "at-most 5000", contradict: false),
  ContradictionCase("at-least 5000", "at-least 9000", contradict: false),
  ContradictionCase("at-most 500", "at-most 900", contradict: false),
  ContradictionCase("exactly 500", "exactly 501", contradict: true),
  ContradictionCase("exactly 500", "exactly 500", contradict: false),
  ContradictionCase("exactly 500", "at-least 501", contradict: true),
  ContradictionCase("exactly 500", "at-least 499", contradict: false),
  ContradictionCase("at-most 500", "exactly 501", contradict: true),
  ContradictionCase("at-most net.core.somaxconn / 2", "at-least 3000", contradict: true),
])
func contradictions(_ c: ContradictionCase) throws {
  let key = "net.core.somaxconn"
  let drops = "TcpExt.ListenDrops"
  let one = try rule("one", when: drops, set: "\(key) \(c.a)")
  let other = try rule("other", when: drops, set: "\(key) \(c.b)")
  let words = "expected no rule to pull '\(key)' the other way here, found"
  #expect(
    try problems(of: one, other)
      == (c.contradict ? ["one.md:30:1: \(words) 'other'", "other.md:30:1: \(words) 'one'"] : []))
}

@Test func rulesThatDoNotMeetMayDiffer() throws {
  let key = "net.core.somaxconn"
  #expect(
    try problems(
      of: rule("one", when: "TcpExt.ListenDrops", set: "\(key) at-least 5000"),
      rule("other", when: "TcpExt.ListenOverflows", set: "\(key) at-most 400")) == [])
}

/// Rules for different kernels never fire together.
@Test(
  arguments: [
    ("< 5.4", ">= 5.4", false), ("<= 5.4", ">= 5.4", true), ("< 5.4", "> 5.4", false),
    ("any", "< 5.4", true), (">= 4.10, < 6.5", "== 6.4.16", true),
    (">= 4.10, < 6.5", "== 6.5", false), ("> 5.4, < 5.10", ">= 5.9", true),
  ] as [(String, String, Bool)])
func rulesForDifferentKernelsMayDiffer(_ one: String, _ other: String, _ meet: Bool) throws {
  func page(_ id: String, _ kernel: String, _ set: String) throws -> PageFile {
    let file = try rule(id, when: "TcpExt.ListenDrops", set: "net.core.somaxconn \(set)")
    return PageFile(
      path: file.path, header: try file.header.bent("kernel: any", "kernel: \(kernel)"),
      body: file.body)
  }
  let found = try problems(
    of: page("one", one, "at-least 5000"), page("other", other, "at-most 400"))
  #expect(found.count == (meet ? 2 : 0))
}

@Test func otherElementsAreOtherThings() throws {
  let key = "net.ipv4.tcp_rmem"
  let drops = "TcpExt.ListenDrops"
  func vector(_ id: String, _ set: String) throws -> PageFile {
    let file = try rule(id, when: drops, set: "\(key).\(set)")
    return PageFile(
      path: file.path, header: file.header,
      body: try file.body.bent("\nnet.core.somaxconn = 4096", ""))
  }
  #expect(
    try problems(of: vector("one", "min at-most 4KiB"), vector("two", "max at-least 9KiB")) == [])
  #expect(
    try problems(of: vector("one", "max at-most 4KiB"), vector("two", "max at-least 9KiB")).count
      == 2)
}

/// Two rules that meet only on a third one's example contradict each other there.
@Test func rulesThatMeetOnAThirdOnesExample() throws {
  let key = "net.core.somaxconn"
  let up = try rule("up", when: "TcpExt.ListenDrops", set: "\(key) at-least 5000")
  let down = try rule("down", when: "TcpExt.ListenOverflows", set: "\(key) at-most 400")
  let both = try PageTexts.rule.bent("id: cap-too-low", "id: both")
    .bent(
      "when: net.core.somaxconn < 1024",
      "when: rate(TcpExt.ListenDrops) > 0 and rate(TcpExt.ListenOverflows) > 0"
    )
    .bent(
      "set: net.core.somaxconn at-least 1024\neffect: next-listen", "act: nobody\nremedy: wait"
    )
    .bent(
      "net.core.somaxconn = 128",
      "rate(TcpExt.ListenDrops) = 1/s\nrate(TcpExt.ListenOverflows) = 1/s"
    )
    .bent(
      "net.core.somaxconn = 1024",
      "rate(TcpExt.ListenDrops) = 0\nrate(TcpExt.ListenOverflows) = 0")
  let third = try PageFile(path: "both.md", text: both)
  #expect(try problems(of: third) == [])
  let contradiction =
    "both.md:30:1: expected no two rules to pull '\(key)' in opposite directions here, found 'down'"
    + " and 'up'"
  #expect(try problems(of: third, up, down) == [contradiction])
  // Also where the third rule itself is quiet.
  let quiet = try both.bent("> 0\n", "> 0 and host.cpus > 1\n")
    .bent(
      "rate(TcpExt.ListenOverflows) = 1/s\n", "rate(TcpExt.ListenOverflows) = 1/s\nhost.cpus = 2\n"
    )
    .bent(
      "= 0\nrate(TcpExt.ListenOverflows) = 0",
      "= 1/s\nrate(TcpExt.ListenOverflows) = 1/s\nhost.cpus = 1")
  #expect(
    try problems(of: PageFile(path: "both.md", text: quiet), up, down).filter {
      $0.has("in opposite directions")
    }.count == 2)
  // Rules that were there before are taken as right; one that comes is held against them.
  var set = try PageTexts.set()
  #expect(set.add([up, down]) == [])
  #expect(set.add([third]) == [])
  set = try PageTexts.set()
  #expect(set.add([up, third]) == [])
  let again = try PageFile(path: "both-again.md", text: both.bent("id: both", "id: both-again"))
  #expect(set.add([down, again]).map(\.file) == ["both-again.md"])
}

// MARK: Names

@Test func everyNameIsThereOnce() throws {
  let a = try PageFile(path: "a/cap-too-low.md", text: PageTexts.rule)
  let b = try PageFile(path: "b/cap-too-low.md", text: PageTexts.rule)
  #expect(
    try problems(of: a, b) == [
      "b/cap-too-low.md:1:1: expected a name of its own, found 'cap-too-low', the name of"
        + " a/cap-too-low.md"
    ])
  var set = try PageTexts.set()
  #expect(set.add([a]) == [])
  #expect(set.add([b]).count == 1)
  #expect(
    try problems(of: PageTexts.tunable("net.core.somaxconn", [])) == [
      "Rules/tunables/net.core.somaxconn.md:1:1: expected a name of its own, found"
        + " 'net.core.somaxconn', the name of Rules/tunables/net.core.somaxconn.md"
    ])
}

@Test func nothingIsAddedIfAnythingIsWrong() throws {
  var set = try PageTexts.set()
  let right = try PageFile(path: "cap-too-low.md", text: PageTexts.rule)
  let wrong = try PageFile(
    path: "b.md", text: PageTexts.rule.bent("risk: low\n", "").bent("id: cap-too-low", "id: b"))
  #expect(set.add([right, wrong]).map(\.file) == ["b.md"])
  #expect(set.rules.isEmpty)
  #expect(set.files["cap-too-low"] == nil)
  #expect(set.add([right]) == [])
  #expect(set.rules.map(\.id) == ["cap-too-low"])
}

/// Problems of several files come file by file, line by line.
@Test func problemsAreSorted() throws {
  let wrong = try PageTexts.rule.bent("risk: low", "risk: none")
  let b = try PageFile(
    path: "b.md",
    text: wrong.bent("id: cap-too-low", "id: b").bent("severity: warning", "severity: x"))
  let a = try PageFile(path: "a.md", text: wrong.bent("id: cap-too-low", "id: a"))
  var set = try PageTexts.set()
  #expect(set.add([b, a]).map { "\($0.file):\($0.line)" } == ["a.md:9", "b.md:4", "b.md:9"])
}

@Test func rulesComeInTheOrderOfTheirIds() throws {
  var set = try PageTexts.set()
  let files = try ["c", "a", "b"].map { id in
    try PageFile(
      path: "\(id).md", text: PageTexts.rule.bent("id: cap-too-low", "id: \(id)"))
  }
  #expect(set.add(files) == [])
  #expect(set.rules.map(\.id) == ["a", "b", "c"])
}

/// A rule's page may come before that of its key.
@Test func theOrderOfFilesDoesNotMatter() throws {
  var set = PageSet()
  let rule = try PageFile(path: "cap-too-low.md", text: PageTexts.rule)
  #expect(set.add([rule] + (try PageTexts.tunables())) == [])
}
