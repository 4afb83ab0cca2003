import Facts
import SysctlConf
import Testing

/// What is written must be read alike by procps, systemd and busybox: a narrow subset of what each
/// of them takes.
private enum Subset {
  /// The assignments of a file, by a reader that knows nothing but the subset.
  static func read(_ bytes: [UInt8]) throws(Odd) -> [(key: String, value: String)] {
    guard bytes.last == UInt8(ascii: "\n") else { throw Odd(what: "no final newline") }
    var pairs: [(key: String, value: String)] = []
    for line in bytes.dropLast().split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      let text = String(decoding: line, as: UTF8.self)
      guard line.allSatisfy({ (0x20...0x7e).contains($0) }), line.count < 1000,
        line.last != UInt8(ascii: "\\")
      else { throw Odd(what: text) }
      if line.isEmpty || text == "#" || text.hasPrefix("# ") { continue }
      let parts = text.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count >= 3, parts[1] == "=", parts.allSatisfy({ !$0.isEmpty }),
        !text.contains(where: { "*?[]\"'`;#\\".contains($0) }), !text.hasPrefix("-")
      else { throw Odd(what: text) }
      pairs.append((String(parts[0]), parts.dropFirst(2).joined(separator: " ")))
    }
    return pairs
  }

  struct Odd: Error {
    var what: String
  }
}

private let keys = [
  "net.core.somaxconn", "net/ipv4/tcp_rmem", "net.ipv4.conf.eth0/100.rp_filter",
  "net/ipv4/conf/eth0.100/forwarding", "net.ipv4.conf.a-b_c:1.rp_filter",
  "net.netfilter.nf_conntrack_max",
]

private func anyText(_ generator: inout some RandomNumberGenerator) -> String {
  let telling: [Unicode.Scalar] = [
    "\\", "\n", "\r", "\t", " ", " ", "#", ";", "=", "-", "*", "\"", "\u{0}", "\u{1b}", "\u{e9}",
    "\u{961f}", "a", "b", "c",
  ]
  return String(
    String.UnicodeScalarView(
      (0..<Int.random(in: 0...200, using: &generator)).map { _ in
        telling[Int.random(in: 0..<telling.count, using: &generator)]
      }))
}

@Test func whatIsWrittenParsesBack() throws {
  var generator = SystemRandomNumberGenerator()
  for _ in 0..<1000 {
    let chosen = keys.shuffled(using: &generator).prefix(Int.random(in: 1...5, using: &generator))
    let entries = try chosen.map { name in
      let numbers = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
        String(Int64.random(in: Int64.min...Int64.max, using: &generator))
      }
      // Values come from the kernel, which parts numbers by tabs.
      return try ConfEntry(
        key: try #require(SysctlKey(name)), value: numbers.joined(separator: "\t"),
        comments: [anyText(&generator), anyText(&generator)])
    }
    let file = ConfFile(parsing: []).setting(entries)
    let expected = entries.map { [$0.key.name, $0.value] }
    #expect(
      try Subset.read(file.bytes).map { [$0.key, $0.value] } == expected, "\(file.bytes.shown)")
    let parsed = ConfFile(parsing: file.bytes)
    #expect(parsed == file, "\(file.bytes.shown)")
    for entry in entries {
      let index = try #require(parsed.lastAssignment(of: entry.key))
      #expect(
        parsed.lines[index].content == .assignment(key: entry.key.name, value: entry.value))
    }
    #expect(parsed.setting(entries) == parsed)
  }
}

/// Every loader of every version leaves the kernel as the file says, also where we wrote it twice.
@Test func everyLoaderReadsItAlike() throws {
  var generator = SystemRandomNumberGenerator()
  let loaders =
    Loader.Systemd.allCases.map(Loader.systemd) + Loader.Procps.allCases.map(Loader.procps)
    + [.alpine]
  for _ in 0..<100 {
    func entries(_ names: some Collection<String>) throws -> [ConfEntry] {
      try names.map { name in
        let numbers = (0..<3).map { _ in String(Int32.random(in: 0...Int32.max, using: &generator))
        }
        return try ConfEntry(
          key: try #require(SysctlKey(name)), value: numbers.joined(separator: " "),
          comments: [anyText(&generator), anyText(&generator)])
      }
    }
    let first = try entries(keys.shuffled(using: &generator).prefix(4))
    let second = try entries(keys.shuffled(using: &generator).prefix(4))
    let file = ConfFile(parsing: []).setting(first).setting(second)
    var kernel: [String: KernelTree.Key] = [:]
    for name in keys {
      let path = try #require(SysctlKey(name)).path
      kernel[path] = KernelTree.Key(
        text: "1\t2\t3", kind: .numbers(count: 3, range: KeyKind.int32))
    }
    let tree = FileTree(["/etc/sysctl.d/99-tcptune.conf": .file(file.bytes)])
    for loader in loaders {
      let run = loader.run(tree, over: KernelTree(kernel))
      #expect(run.status == 0 && run.problems == [], "\(loader): \(file.bytes.shown)")
      for entry in first.filter({ old in !second.contains { $0.key == old.key } }) + second {
        let now = run.tree[entry.key.path]?.text?.split(separator: "\t").joined(separator: " ")
        #expect(now == entry.value, "\(loader), \(entry.key): \(file.bytes.shown)")
      }
    }
  }
}

/// What some loader would read otherwise is not written at all.
@Test(arguments: [
  ("net.core.somaxconn", ""), ("net.core.somaxconn", " \t"), ("net.core.somaxconn", "1\n2"),
  ("net.core.somaxconn", "1 # one"), ("net.core.somaxconn", "\"1\""),
  ("net.core.somaxconn", "1;"), ("net.core.somaxconn", "1 \\"), ("net.core.somaxconn", "\u{e9}"),
  ("net.core.somaxconn", "a=b"), ("net.ipv4.conf.eth*.rp_filter", "1"),
  ("net.ipv4.conf.[ab].rp_filter", "1"), ("-net.core.somaxconn", "1"),
  ("net.ipv4.conf.a=b.rp_filter", "1"), ("#net.core.somaxconn", "1"),
  ("net.core.somaxconn", String(repeating: "1", count: 979)),
])
func loadersWouldDiffer(_ key: String, _ value: String) throws {
  let key = try #require(SysctlKey(key))
  #expect(throws: ConfEntry.Unwritable.self) {
    try ConfEntry(key: key, value: value, comments: [])
  }
}

@Test func aLineJustShortEnough() throws {
  let value = String(repeating: "1", count: 978)
  _ = try ConfEntry(key: SysctlKey(literal: "net.core.somaxconn"), value: value, comments: [])
}

// MARK: Lines that go

private let key = SysctlKey(literal: "net.core.somaxconn")

private func removing(_ lines: [Int], _ text: String, keeping kept: Set<SysctlKey> = [])
  -> (text: String, stale: [Int])
{
  let (file, stale) = ConfFile(parsing: Array(text.utf8)).removing(
    lines.map { ($0, key) }, keeping: kept)
  return (String(decoding: file.bytes, as: UTF8.self), stale.map(\.line))
}

@Test func linesAreTakenOut() {
  let set = "net.core.somaxconn = 1\n"
  #expect(removing([1], set) == ("", []))
  #expect(
    removing([2], "# theirs\n\(set)vm.swappiness = 1\n") == ("# theirs\nvm.swappiness = 1\n", []))
  // Our own comment goes with its line.
  #expect(removing([4], "a\n# net.core.somaxconn: why\n# when\n\(set)b") == ("a\nb", []))
  #expect(removing([1, 3], "\(set)b\nnet/core/somaxconn=2") == ("b", []))
  #expect(removing([1], "net.core.somaxconn = 1") == ("", []))
  // Lines that are not what they were stay.
  #expect(
    removing([0, 1, 2, 9], "vm.swappiness = 1\n\(set)") == ("vm.swappiness = 1\n", [0, 1, 9]))
  // A line that is to be replaced is not taken out before; an earlier one is.
  #expect(removing([1, 2], "\(set)\(set)", keeping: [key]) == (set, []))
}
