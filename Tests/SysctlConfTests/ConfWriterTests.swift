import Facts
import SysctlConf
import Testing

struct SettingCase: Sendable, CustomTestStringConvertible {
  var name: String
  var before: String
  var key = "net.core.somaxconn"
  var value = "4096"
  var comments: [String] = []
  var after: String
  var testDescription: String { name }
}

private let wanted = "net.core.somaxconn = 4096\n"

@Test(arguments: [
  SettingCase(name: "an empty file", before: "", after: wanted),
  SettingCase(
    name: "a new key goes to the end", before: "vm.swappiness = 1\n",
    after: "vm.swappiness = 1\n\n" + wanted),
  SettingCase(
    name: "a blank line is not doubled", before: "vm.swappiness = 1\n\n",
    after: "vm.swappiness = 1\n\n" + wanted),
  SettingCase(
    name: "a missing final newline is added before what is appended", before: "vm.swappiness = 1",
    after: "vm.swappiness = 1\n\n" + wanted),
  SettingCase(
    name: "a line is replaced where it stands",
    before: "# one\nnet.core.somaxconn=128\nvm.swappiness = 1\n",
    after: "# one\n" + wanted + "vm.swappiness = 1\n"),
  SettingCase(
    name: "the last of several is replaced",
    before: "net.core.somaxconn = 1\n#\nnet/core/somaxconn = 2\n",
    after: "net.core.somaxconn = 1\n#\n" + wanted),
  SettingCase(
    name: "a last line that is ours has its newline", before: "#\nnet.core.somaxconn = 1",
    after: "#\n" + wanted),
  SettingCase(
    name: "another last line keeps its missing newline", before: "net.core.somaxconn = 1\n#",
    after: wanted + "#"),
  SettingCase(
    name: "a line that a later one takes back is no line",
    before: "net.core.somaxconn = 4096\n-net.core.somaxconn\n",
    after: "net.core.somaxconn = 4096\n-net.core.somaxconn\n\n" + wanted),
  SettingCase(
    name: "a line that busybox goes on with is ended", before: "# one \\\nnet.core.somaxconn = 1\n",
    after: "# one \\\n\n" + wanted),
  SettingCase(
    name: "no comment goes on in the next line", before: "", comments: ["C:\\", "b\\"],
    after: "# net.core.somaxconn: C:?\n# b?\n" + wanted),
  SettingCase(
    name: "a line with a dash is replaced", before: "-net.core.somaxconn = 128\n", after: wanted),
  SettingCase(
    name: "an equal value behind a dash is left alone", before: "-net.core.somaxconn = 4096\n",
    after: "-net.core.somaxconn = 4096\n"),
  SettingCase(
    name: "other lines keep their carriage returns",
    before: "# one\r\nnet.core.somaxconn = 128\r\nvm.swappiness = 1\r\n",
    after: "# one\r\n" + wanted + "vm.swappiness = 1\r\n"),
  SettingCase(
    name: "an equal value is left alone", before: "net/core/somaxconn=4096",
    comments: ["why"], after: "net/core/somaxconn=4096"),
  SettingCase(
    name: "equal numbers in other spacing are left alone",
    before: "net.ipv4.tcp_rmem\t=4096\t131072   6291456\n", key: "net.ipv4.tcp_rmem",
    value: "4096 131072 6291456", comments: ["why"],
    after: "net.ipv4.tcp_rmem\t=4096\t131072   6291456\n"),
  SettingCase(
    name: "an equal value that a later line overrules is not enough",
    before: "net.core.somaxconn = 4096\nnet.core.somaxconn = 1\n",
    after: "net.core.somaxconn = 4096\n" + wanted),
  SettingCase(
    name: "a comment stands above", before: "", comments: ["it overflows"],
    after: "# net.core.somaxconn: it overflows\n" + wanted),
  SettingCase(
    name: "each further comment begins a line", before: "", comments: ["one", "two", "three"],
    after: "# net.core.somaxconn: one\n# two\n# three\n" + wanted),
  SettingCase(
    name: "an own comment is replaced with its line",
    before: "# net.core.somaxconn: old\n# and older\nnet.core.somaxconn = 1\n", comments: ["new"],
    after: "# net.core.somaxconn: new\n" + wanted),
  SettingCase(
    name: "a stranger's comment stays",
    before: "# because of the proxy\nnet.core.somaxconn = 1\n", comments: ["new"],
    after: "# because of the proxy\n# net.core.somaxconn: new\n" + wanted),
  SettingCase(
    name: "a stranger's comment above an own one stays",
    before: "# theirs\n# net.core.somaxconn: old\nnet.core.somaxconn = 1\n", comments: ["new"],
    after: "# theirs\n# net.core.somaxconn: new\n" + wanted),
  SettingCase(
    name: "the comment of another key stays",
    before: "# net.core.somaxconn2: old\nnet.core.somaxconn = 1\n", comments: ["new"],
    after: "# net.core.somaxconn2: old\n# net.core.somaxconn: new\n" + wanted),
  SettingCase(
    name: "a comment beyond a blank line stays",
    before: "# net.core.somaxconn: old\n\nnet.core.somaxconn = 1\n", comments: ["new"],
    after: "# net.core.somaxconn: old\n\n# net.core.somaxconn: new\n" + wanted),
  SettingCase(
    name: "only ASCII is written", before: "", comments: ["caf\u{e9} \u{1b}[1m\na\tb \u{961f}"],
    after: "# net.core.somaxconn: caf? ?[1m?a?b ?\n" + wanted),
  SettingCase(
    name: "the dot of an interface's name is written as a slash", before: "",
    key: "net/ipv4/conf/eth0.100/rp_filter", value: "2",
    after: "net.ipv4.conf.eth0/100.rp_filter = 2\n"),
])
func setting(_ c: SettingCase) throws {
  let entry = try ConfEntry(
    key: try #require(SysctlKey(c.key)), value: c.value, comments: c.comments)
  let file = ConfFile(parsing: Array(c.before.utf8)).setting([entry])
  #expect(String(decoding: file.bytes, as: UTF8.self) == c.after)
  #expect(file == ConfFile(parsing: file.bytes), "the lines know what they say")
}

@Test func severalEntriesFollowEachOther() throws {
  let keys = try ["net.core.somaxconn", "net.ipv4.tcp_fin_timeout"].map {
    try #require(SysctlKey($0))
  }
  let entries = try keys.map { try ConfEntry(key: $0, value: "30", comments: ["why"]) }
  let file = ConfFile(parsing: Array("net.ipv4.tcp_fin_timeout = 60\n".utf8)).setting(entries)
  #expect(
    String(decoding: file.bytes, as: UTF8.self) == """
      # net.ipv4.tcp_fin_timeout: why
      net.ipv4.tcp_fin_timeout = 30

      # net.core.somaxconn: why
      net.core.somaxconn = 30

      """)
}

/// Comments are wrapped for a terminal, and no word is lost.
@Test func longCommentsAreWrapped() throws {
  var generator = SystemRandomNumberGenerator()
  let key = try #require(SysctlKey("net.core.somaxconn"))
  for _ in 0..<300 {
    let words = (0..<Int.random(in: 1...80, using: &generator)).map { _ in
      String(repeating: "w", count: Int.random(in: 1...20, using: &generator))
    }
    let entry = try ConfEntry(key: key, value: "1", comments: [words.joined(separator: " ")])
    let lines = ConfFile(parsing: []).setting([entry]).lines.dropLast()
    #expect(lines.allSatisfy { $0.bytes.count <= 78 }, "\(words)")
    let written = lines.flatMap { line in
      String(decoding: line.bytes, as: UTF8.self).split(separator: " ").dropFirst()
    }
    #expect(written.dropFirst().elementsEqual(words.map { $0[...] }), "\(words)")
  }
}

/// Whatever the file: afterwards its last word on the key is ours, a second time changes nothing,
/// and no other assignment is touched.
@Test func settingHoldsForEveryFile() throws {
  var generator = SystemRandomNumberGenerator()
  let key = try #require(SysctlKey("net.core.somaxconn"))
  let entry = try ConfEntry(key: key, value: "8192", comments: ["a reason"])
  for _ in 0..<1000 {
    let bytes = RandomConf.file(&generator)
    let before = ConfFile(parsing: bytes)
    let after = before.setting([entry])
    let index = try #require(after.lastAssignment(of: key), "\(bytes.shown)")
    #expect(
      after.lines[index].content == .assignment(key: "net.core.somaxconn", value: "8192"),
      "\(bytes.shown)")
    #expect(after.setting([entry]) == after, "\(bytes.shown)")
    var others = before.assignments
    // One that a later `-key` takes back stays where it is.
    if let old = before.lastAssignment(of: key), after.assignments.count == others.count {
      others.remove(at: before.lines[..<old].count { $0.isAssignment })
    }
    var kept = after.assignments
    kept.remove(at: after.lines[..<index].count { $0.isAssignment })
    #expect(kept == others, "\(bytes.shown)")
  }
}

extension ConfFile {
  fileprivate var assignments: [Line] { lines.filter(\.isAssignment) }
}

extension ConfFile.Line {
  fileprivate var isAssignment: Bool {
    if case .assignment = content { true } else { false }
  }
}
