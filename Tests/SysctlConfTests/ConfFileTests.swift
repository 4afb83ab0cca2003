import Facts
import SysctlConf
import Testing

struct LineCase: Sendable, CustomTestStringConvertible {
  var name: String
  var line: String
  var content: ConfFile.Content
  var testDescription: String { name }
}

@Test(arguments: [
  LineCase(name: "nothing", line: "", content: .blank),
  LineCase(name: "blanks", line: " \t ", content: .blank),
  LineCase(name: "a carriage return alone", line: "\r", content: .blank),
  LineCase(name: "a comment", line: "# why  it is so ", content: .comment("why  it is so")),
  LineCase(name: "a comment with a semicolon", line: ";why", content: .comment("why")),
  LineCase(name: "a comment behind blanks", line: "\t# why", content: .comment("why")),
  LineCase(name: "an empty comment", line: "#", content: .comment("")),
  LineCase(name: "a heading of comments", line: "### a", content: .comment("## a")),
  LineCase(
    name: "a commented assignment", line: "#net.core.somaxconn = 1",
    content: .comment("net.core.somaxconn = 1")),
  LineCase(
    name: "an assignment", line: "net.core.somaxconn = 4096",
    content: .assignment(key: "net.core.somaxconn", value: "4096")),
  LineCase(
    name: "without blanks", line: "net.core.somaxconn=4096",
    content: .assignment(key: "net.core.somaxconn", value: "4096")),
  LineCase(
    name: "with blanks everywhere", line: " net.core.somaxconn\t=\t4096 ",
    content: .assignment(key: "net.core.somaxconn", value: "4096")),
  LineCase(
    name: "with slashes", line: "net/core/somaxconn = 4096",
    content: .assignment(key: "net/core/somaxconn", value: "4096")),
  LineCase(
    name: "a vector keeps its blanks", line: "net.ipv4.tcp_rmem = 4096\t131072  6291456",
    content: .assignment(key: "net.ipv4.tcp_rmem", value: "4096\t131072  6291456")),
  LineCase(
    name: "a dash belongs to the key as it is written", line: "-net.core.somaxconn = 4096",
    content: .assignment(key: "-net.core.somaxconn", value: "4096")),
  LineCase(
    name: "no value", line: "net.core.somaxconn =",
    content: .assignment(key: "net.core.somaxconn", value: "")),
  LineCase(
    name: "the first sign parts", line: "kernel.core_pattern = |/bin/x a=b",
    content: .assignment(key: "kernel.core_pattern", value: "|/bin/x a=b")),
  LineCase(
    name: "no loader knows a comment behind a value", line: "net.core.somaxconn = 1 # why",
    content: .assignment(key: "net.core.somaxconn", value: "1 # why")),
  LineCase(
    name: "a line of another system", line: "net.core.somaxconn = 4096\r",
    content: .assignment(key: "net.core.somaxconn", value: "4096")),
  LineCase(name: "no sign", line: " net.core.somaxconn ", content: .other("net.core.somaxconn")),
  LineCase(name: "no key", line: " = 5", content: .other("= 5")),
  LineCase(name: "a word", line: "[Unit]", content: .other("[Unit]")),
])
func contentOfALine(_ c: LineCase) {
  let file = ConfFile(parsing: Array(c.line.utf8) + [UInt8(ascii: "\n")])
  #expect(file.lines.map(\.bytes) == [Array(c.line.utf8)])
  #expect(file.lines.map(\.content) == [c.content])
}

struct EndCase: Sendable, CustomTestStringConvertible {
  var text: String
  var lines: [String]
  var endsInNewline: Bool
  var testDescription: String { text.debugDescription }
}

@Test(arguments: [
  EndCase(text: "", lines: [], endsInNewline: true),
  EndCase(text: "\n", lines: [""], endsInNewline: true),
  EndCase(text: "a", lines: ["a"], endsInNewline: false),
  EndCase(text: "a\n", lines: ["a"], endsInNewline: true),
  EndCase(text: "a\n\n", lines: ["a", ""], endsInNewline: true),
  EndCase(text: "\na\nb", lines: ["", "a", "b"], endsInNewline: false),
  EndCase(text: "a\r\nb\r\n", lines: ["a\r", "b\r"], endsInNewline: true),
])
func endOfAFile(_ c: EndCase) {
  let file = ConfFile(parsing: Array(c.text.utf8))
  #expect(file.lines.map { String(decoding: $0.bytes, as: UTF8.self) } == c.lines)
  #expect(file.endsInNewline == c.endsInNewline)
}

@Test func bytesThatAreNoTextAreKept() {
  let bytes: [UInt8] = Array("net.core.somaxconn = ".utf8) + [0xff, 0x00, 0x0a]
  let file = ConfFile(parsing: bytes)
  #expect(file.bytes == bytes)
  #expect(file.lines[0].content == .assignment(key: "net.core.somaxconn", value: "\u{fffd}\0"))
}

/// Parsing a file and printing it gives every byte back, for bytes without sense and with.
@Test func parsingAndPrintingIsIdentity() {
  var generator = SystemRandomNumberGenerator()
  for _ in 0..<2000 {
    let file = RandomConf.file(&generator)
    for bytes in [
      RandomConf.bytes(&generator), file, RandomConf.mutated(file, &generator),
    ] {
      #expect(ConfFile(parsing: bytes).bytes == bytes, "\(bytes.shown)")
    }
  }
}

struct LastCase: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var index: Int?
  var testDescription: String { name }
}

@Test(arguments: [
  LastCase(name: "none", text: "vm.swappiness = 1\n", index: nil),
  LastCase(name: "one", text: "# a\nnet.core.somaxconn = 1\n", index: 1),
  LastCase(
    name: "the later of two", text: "net.core.somaxconn = 1\nnet.core.somaxconn = 2\n", index: 1),
  LastCase(
    name: "in another spelling",
    text: "net.core.somaxconn = 1\nnet/core/somaxconn = 2\n", index: 1),
  LastCase(
    name: "a comment is none",
    text: "net.core.somaxconn = 1\n# net.core.somaxconn = 2\n", index: 0),
  LastCase(name: "a longer key is another", text: "net.core.somaxconn2 = 1\n", index: nil),
  // Debian's own 50-default.conf has such lines: the dash only says that a failure is no error.
  LastCase(
    name: "with a dash before it", text: "net.core.somaxconn = 1\n-net.core.somaxconn = 2\n",
    index: 1),
  LastCase(
    name: "with a dash and slashes", text: "-net/core/somaxconn=1\n", index: 0),
  LastCase(
    name: "two dashes are another key",
    text: "net.core.somaxconn = 1\n--net.core.somaxconn = 2\n", index: 0),
  LastCase(
    name: "a dash alone assigns nothing", text: "net.core.somaxconn = 1\n-net.core.somaxconn\n",
    index: 0),
])
func lastAssignment(_ c: LastCase) throws {
  let key = try #require(SysctlKey("net.core.somaxconn"))
  #expect(ConfFile(parsing: Array(c.text.utf8)).lastAssignment(of: key) == c.index)
}
