import Facts
import SnapshotFile
import Testing

struct ProblemCase: Sendable, CustomTestStringConvertible {
  var name: String
  /// A member of the snapshot with a window, the last of that name in the object named.
  var member: String
  var parent: String
  var value: String
  /// nil where the value is as good as the one before.
  var message: String?
  var testDescription: String { name }

  init(
    _ member: String, in parent: String, _ value: String, _ message: String?, name: String? = nil
  ) {
    self.member = member
    self.parent = parent
    self.value = value
    self.message = message
    self.name = name ?? "\(member): \(value)"
  }
}

private let root = "the snapshot"
private let listener = "an item of 'listeners'"
private let count = "a whole number from 0 to 4294967295"
private let most = "a whole number from 0 to 9223372036854775807"
private let any = "a whole number from -9223372036854775808 to 9223372036854775807"
private let kinds = "one of absent, unreadable, not-gathered, no-window"

@Test(arguments: [
  // The format
  ProblemCase("format_version", in: root, "\"1.7\"", nil),
  ProblemCase("format_version", in: root, "\"1\"", nil),
  ProblemCase(
    "format_version", in: root, "\"2.0\"",
    "expected snapshot format 1.x, which this program reads for 'format_version', found \"2.0\""),
  ProblemCase(
    "format_version", in: root, "\"10.0\"",
    "expected snapshot format 1.x, which this program reads for 'format_version', found \"10.0\""),
  ProblemCase(
    "format_version", in: root, "\"\"",
    "expected snapshot format 1.x, which this program reads for 'format_version', found \"\""),
  ProblemCase(
    "format_version", in: root, "1.0", "expected a string for 'format_version', found 1.0"),
  // Numbers
  ProblemCase("port", in: listener, "65535", nil),
  ProblemCase(
    "port", in: listener, "65536", "expected a whole number from 0 to 65535 for 'port', found 65536"
  ),
  ProblemCase(
    "port", in: listener, "-1", "expected a whole number from 0 to 65535 for 'port', found -1"),
  ProblemCase(
    "port", in: listener, "80.0", "expected a whole number from 0 to 65535 for 'port', found 80.0"),
  ProblemCase(
    "port", in: listener, "8e1", "expected a whole number from 0 to 65535 for 'port', found 8e1"),
  ProblemCase("length", in: listener, "4294967295", nil),
  ProblemCase(
    "length", in: listener, "4294967296", "expected \(count) for 'length', found 4294967296"),
  ProblemCase("limit", in: listener, "-1", "expected \(count) for 'limit', found -1"),
  ProblemCase("drops", in: listener, "-1", "expected \(count) for 'drops', found -1"),
  ProblemCase(
    "inode", in: listener, "4294967296", "expected \(count) for 'inode', found 4294967296"),
  ProblemCase("uid", in: listener, "4294967296", "expected \(count) for 'uid', found 4294967296"),
  ProblemCase("syn_recv", in: "'attached'", "-1", "expected \(count) for 'syn_recv', found -1"),
  ProblemCase("syn_recv", in: "'walk'", "-1", "expected \(count) for 'syn_recv', found -1"),
  ProblemCase("peak", in: "'sampling'", "-1", "expected \(count) for 'peak', found -1"),
  ProblemCase("samples", in: "'sampling'", "-1", "expected \(most) for 'samples', found -1"),
  ProblemCase(
    "memory_bytes", in: "'host'", "9223372036854775808",
    "expected \(most) for 'memory_bytes', found 9223372036854775808"),
  ProblemCase(
    "cpus", in: "'host'", "0", "expected a whole number from 1 to 1048576 for 'cpus', found 0"),
  ProblemCase(
    "page_size", in: "'host'", "0",
    "expected a whole number from 1 to 1073741824 for 'page_size', found 0"),
  ProblemCase(
    "pid", in: "'owner'", "0", "expected a whole number from 1 to 2147483647 for 'pid', found 0"),
  ProblemCase(
    "pid", in: "'owner'", "2147483648",
    "expected a whole number from 1 to 2147483647 for 'pid', found 2147483648"),
  ProblemCase(
    "Tcp.MaxConn", in: "'values'", "9223372036854775808",
    "expected \(any) for 'Tcp.MaxConn', found 9223372036854775808"),
  ProblemCase(
    "Tcp.MaxConn", in: "'values'", "null", "expected \(any) for 'Tcp.MaxConn', found null"),
  // Numbers in quotes
  ProblemCase("cookie", in: listener, "\"18446744073709551615\"", nil),
  ProblemCase(
    "cookie", in: listener, "\"18446744073709551616\"",
    "expected a whole number in quotes for 'cookie', found \"18446744073709551616\""),
  ProblemCase(
    "cookie", in: listener, "\"-1\"",
    "expected a whole number in quotes for 'cookie', found \"-1\""),
  ProblemCase(
    "cookie", in: listener, "7", "expected a whole number in quotes for 'cookie', found 7"),
  ProblemCase(
    "cgroup_id", in: listener, "7", "expected a whole number in quotes for 'cgroup_id', found 7"),
  // Times
  ProblemCase("uptime_seconds", in: "'host'", "0", nil),
  ProblemCase(
    "uptime_seconds", in: "'host'", "1e3",
    "expected a decimal number for 'uptime_seconds', found 1e3"),
  ProblemCase(
    "uptime_seconds", in: "'host'", "-0.5",
    "expected a time of 0 or more for 'uptime_seconds', found -0.5"),
  ProblemCase("seconds", in: "'window'", "0", "expected a time above 0 for 'seconds', found 0"),
  ProblemCase(
    "seconds", in: "'window'", "-1.5", "expected a time above 0 for 'seconds', found -1.5"),
  ProblemCase(
    "seconds", in: "'window'", "null", "expected a decimal number for 'seconds', found null"),
  ProblemCase("kind", in: "'window'", "\"since-boot\"", nil),
  ProblemCase(
    "kind", in: "'window'", "\"ever\"",
    "expected \"since-boot\" or \"interval\" for 'kind', found \"ever\""),
  // Words
  ProblemCase(
    "family", in: listener, "\"ipx\"",
    "expected \"ipv4\" or \"ipv6\" for 'family', found \"ipx\""),
  ProblemCase(
    "kernel", in: "'host'", "\"six\"", "expected a kernel release for 'kernel', found \"six\""),
  ProblemCase(
    "key", in: "an item of 'tunables'", "\"somaxconn\"",
    "expected a sysctl key for 'key', found \"somaxconn\""),
  ProblemCase(
    "initial_namespace", in: "'host'", "1",
    "expected true or false for 'initial_namespace', found 1"),
  ProblemCase(
    "unit", in: listener, "\"\(String(repeating: "x", count: 50))\\u0000\"", nil,
    name: "a long text"),
  ProblemCase(
    "family", in: listener, "\"\(String(repeating: "x", count: 50))\"",
    "expected \"ipv4\" or \"ipv6\" for 'family', found \"\(String(repeating: "x", count: 40))\"",
    name: "a long text is cut in the message"),
  // Lists
  ProblemCase("tunables", in: root, "{}", "expected an array for 'tunables', found an object"),
  ProblemCase(
    "listeners", in: root, "[5]", "expected an object for an item of 'listeners', found 5"),
  ProblemCase("gaps", in: root, "[[]]", "expected an object for an item of 'gaps', found an array"),
])
func oddValues(_ c: ProblemCase) throws {
  let document = Document(Snapshots.window)
  let member = try #require(
    document.members.last { $0.name == c.member && $0.parent == c.parent })
  let found = problem(document.replacing(member, with: c.value))
  #expect(found?.message == c.message)
  guard c.message != nil else { return }
  // An item of a list begins behind the list's bracket.
  let isItem = c.message?.contains(" an item of ") == true
  let column = member.head.count + (isItem ? 2 : 1)
  #expect(found?.place == "\(member.lines.lowerBound + 1):\(column)")
}

/// A time that has not begun is no time since boot.
@Test func anUptimeBelowZero() throws {
  let document = Document(Snapshots.whole)
  let member = try #require(document.members.first { $0.name == "uptime_seconds" })
  #expect(problem(document.replacing(member, with: "-1.5"))?.place == document.place(of: member))
}

struct AbsenceCase: Sendable, CustomTestStringConvertible {
  var absence: String
  /// The reading, or the message and how many characters behind the value's beginning it points.
  var reading: Reading<Int64>?
  var message: String?
  var offset = 0
  var testDescription: String { absence }
}

@Test(arguments: [
  AbsenceCase(
    absence: "{\"missing\": \"not-gathered\", \"reason\": \"too dear\"}",
    reading: .notGathered("too dear")),
  AbsenceCase(
    absence: "{\"missing\": \"absent\", \"reason\": \"\", \"more\": []}", reading: .absent("")),
  AbsenceCase(
    absence: "{\"missing\": \"gone\", \"reason\": \"x\"}",
    message: "expected \(kinds) for 'missing', found \"gone\"", offset: 12),
  AbsenceCase(
    absence: "{\"missing\": 5, \"reason\": \"x\"}",
    message: "expected a string for 'missing', found 5", offset: 12),
  AbsenceCase(
    absence: "{\"missing\": \"absent\"}", message: "expected 'reason' in 'cpus', found none"),
  AbsenceCase(
    absence: "{\"missing\": \"absent\", \"reason\": null}",
    message: "expected a string for 'reason', found null", offset: 32),
  AbsenceCase(
    absence: "{\"reason\": \"x\"}",
    message: "expected a whole number from 1 to 1048576 for 'cpus', found an object"),
])
func absences(_ c: AbsenceCase) throws {
  let document = Document(Snapshots.whole)
  let member = try #require(document.members.first { $0.name == "cpus" })
  let text = document.replacing(member, with: c.absence)
  if let reading = c.reading {
    #expect(try read(text).host.cpus == reading)
  } else {
    #expect(problem(text)?.message == c.message)
    let column = member.head.count + 1 + c.offset
    #expect(problem(text)?.place == "\(member.lines.lowerBound + 1):\(column)")
  }
}
