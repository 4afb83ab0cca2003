import Facts
import Support
import SysctlConf
import Testing

private func kernel(_ values: [String: String]) -> KernelTree {
  KernelTree(
    Dictionary(
      uniqueKeysWithValues: values.map {
        ($0, KernelTree.Key(text: $1, kind: KeyKind(of: $0, showing: $1)))
      }))
}

private let timeout = "net/ipv4/tcp_fin_timeout"

/// Trees that hold the same are the same, in whatever order a folder was listed.
@Test func theOrderOfListingDoesNotMatter() {
  let keys = kernel([timeout: "60", "net/ipv4/tcp_rmem": "1\t2\t3", "net/core/somaxconn": "4096"])
  for seed in 0..<UInt64(60) {
    var random = RandomFiles(seed: seed)
    let set = random.set()
    var shuffled = RandomFiles.Generator(state: seed)
    let order = set.keys.sorted().shuffled(using: &shuffled)
    var one = FileTree()
    for path in order { one[path] = set[path] }
    var other = FileTree()
    for path in order.reversed() { other[path] = set[path] }
    for loader in Loader.all + [.procps(.v3_3_17), .procps(.v4_0_7), .systemd(.v262)] {
      #expect(loader.run(one, over: keys) == loader.run(other, over: keys), "seed \(seed)")
    }
  }
}

@Test func linksStayInsideTheRoot() {
  let tree = FileTree([
    "/etc/sysctl.d/a.conf": .link("../../../../etc/real"), "/etc/real": .file([1]),
    "/etc/sysctl.d/b.conf": .link("/etc/real"), "/etc/sysctl.d/c.conf": .link("/dev/null"),
    "/etc/sysctl.d/d.conf": .link("d.conf"), "/etc/sysctl.d/e.conf": .link("/etc/real/x"),
    "/etc/sysctl.d/f.conf": .link(""), "/etc/x": .link("sysctl.d"),
  ])
  #expect(tree.place("/etc/sysctl.d/a.conf") == .found(path: "/etc/real", .file([1])))
  #expect(tree.place("/etc/x/b.conf") == .found(path: "/etc/real", .file([1])))
  #expect(tree.place("/etc/sysctl.d/c.conf") == .found(path: "/dev/null", .null))
  #expect(tree.place("/etc/sysctl.d/d.conf") == .missing(.endlessLinks))
  #expect(tree.place("/etc/sysctl.d/e.conf") == .missing(.notFolder))
  #expect(tree.place("/etc/sysctl.d/f.conf") == .missing(.noEntry))
  #expect(tree.names(in: "/etc/x").count == 6)
}

/// To systemd the root of /proc/sys is a key of its own, which `-` alone does not take away: writing
/// it fails (252, 257).
@Test(arguments: ["/ = 1\n-\n", ". = 1\n-\n", "//. = 1\n-=\n"])
func theRootIsNoEmptyKey(_ text: String) {
  let tree = FileTree(["/etc/sysctl.d/a.conf": .file(Array(text.utf8))])
  #expect(Loader.systemd(.v252).run(tree, over: kernel([timeout: "60"])).status == 1)
}

@Test func namesArePrintedAndTurnedBack() {
  for seed in 0..<UInt64(200) {
    var random = RandomFiles(seed: seed)
    let bytes = random.content()
    #expect(PathText.bytes(of: PathText.text(of: bytes)) == bytes)
  }
  #expect(PathText.text(of: Array("a\\x41ä".utf8)) == "a\\x5Cx41\\xC3\\xA4")
}

/// The kernel's own words come before the files, and are not read again by `sysctl --system`.
@Test func theCommandLineComesFirst() {
  let arguments = KernelArguments(
    parsing: Array(
      """
      quiet sysctl.net.ipv4.tcp_fin_timeout=20 "sysctl.net/ipv4/tcp_rmem=4 5 6" sysctl.=1 \
      sysctl.net.core.somaxconn= sysctlx=1 -- sysctl.net.core.somaxconn=5
      """.utf8))
  #expect(arguments.values.map(\.path) == [timeout, "net/ipv4/tcp_rmem", ""])
  let keys = kernel([timeout: "60", "net/ipv4/tcp_rmem": "1\t2\t3", "net/core/somaxconn": "4096"])
  let empty = FileTree()
  for loader in [Loader.systemd(.v257), .alpine] {
    let run = loader.run(empty, over: keys, after: arguments)
    #expect(run.tree[timeout]?.text == "20")
    #expect(run.tree["net/ipv4/tcp_rmem"]?.text == "4\t5\t6")
    #expect(run.tree["net/core/somaxconn"]?.text == "4096")
    #expect(run.winner(of: timeout)?.place == LinePlace("/proc/cmdline", 1))
  }
  let typed = Loader.procps(.v4_0_4).run(empty, over: keys, after: arguments)
  #expect(typed.actions.isEmpty)
  let files = FileTree(["/etc/sysctl.d/a.conf": .file(Array("net.ipv4.tcp_fin_timeout=5\n".utf8))])
  #expect(
    Loader.systemd(.v257).run(files, over: keys, after: arguments).tree[timeout]?.text == "5")
}

/// Where nobody knows which keys there are, none is called unknown, and Alpine's search for dots
/// that are slashes ends.
@Test func withoutAKernelNothingIsCalledUnknown() {
  let text = "net.ipv4.anything = 1\nvm.swappiness = 10\nnet.ipv4.conf.eth0/1.x = 2\n"
  let files = FileTree(["/etc/sysctl.d/a.conf": .file(Array(text.utf8))])
  for loader in Loader.all {
    let run = loader.run(files, over: KernelTree())
    #expect(run.problems.isEmpty, "\(run.problems)")
    #expect(run.tree["vm/swappiness"]?.text == "10")
    #expect(run.tree["net/ipv4/conf/eth0.1/x"]?.text == "2")
  }
}

/// Which lines `sysctl -r` reads (measured with both programs): the old one holds the expression
/// against the key, the new one against the whole line, whose newline comes before `$`.
@Test(arguments: [
  ("fin_timeout", "5", "5"), ("timeout$", "5", "60"), ("^net.ipv4.tcp_fin_timeout$", "5", "60"),
  ("= 5", "60", "5"), ("^-", "60", "60"), ("(", "60", "60"), ("(time|out)[ =]", "60", "5"),
])
func anExpressionChoosesLines(_ expression: String, _ old: String, _ new: String) {
  let text = "  net.ipv4.tcp_fin_timeout  = 5\nno assignment\n-net.core.somaxconn = 1\n"
  let files = FileTree(["/etc/sysctl.d/a.conf": .file(Array(text.utf8))])
  let keys = kernel([timeout: "60", "net/core/somaxconn": "4096"])
  for (loader, expected) in [
    (Loader.procps(.v3_3_17), old), (.procps(.v4_0_2), new), (.procps(.v4_0_7), new),
  ] {
    let run = loader.run(files, over: keys, as: Invocation(pattern: expression))
    #expect(run.tree[timeout]?.text == expected, "\(loader)")
    // A line that is not chosen is no fault, whatever it says.
    #expect(run.problems.isEmpty)
    let chosen = run.tree["net/core/somaxconn"]?.text == "1"
    #expect(chosen == (expression == "^-"), "\(loader)")
  }
}

/// The old `sysctl` writes an equals sign where a line is all key, if it begins with it (measured with
/// the program); which the kernel refuses.
@Test(arguments: [
  ("F\n", true), ("-F\n", true), ("F \n", true), ("F", true), (" F\n", false), ("=F\n", false),
  ("F=\n", false),
])
func theOldProgramTakesItsOwnSignForAValue(_ line: String, _ isWritten: Bool) {
  let text = line.replacing("F", with: "net.ipv4.tcp_fin_timeout")
  let files = FileTree(["/etc/sysctl.d/a.conf": .file(Array(text.utf8))])
  let run = Loader.procps(.v3_3_17).run(files, over: kernel([timeout: "60"]))
  #expect(run.actions.map(\.text) == (isWritten ? ["="] : []))
  // A dash says that failing is no error.
  #expect(
    run.problems.map(\.kind)
      == (!isWritten ? [.noAssignment] : line.hasPrefix("-") ? [] : [.refused]))
  #expect(run.tree[timeout]?.text == "60")
}

/// The old `sysctl` passes over equals signs before a key (measured with the program).
@Test func theOldProgramSkipsLeadingEqualsSigns() {
  let files = FileTree([
    "/etc/sysctl.d/a.conf": .file(Array("==net.ipv4.tcp_fin_timeout=5\n".utf8))
  ])
  let keys = kernel([timeout: "60"])
  #expect(Loader.procps(.v3_3_17).run(files, over: keys).tree[timeout]?.text == "5")
  #expect(Loader.procps(.v4_0_4).run(files, over: keys).tree[timeout]?.text == "60")
}

/// What lies behind a named pipe is not applied, and that is said.
@Test func aPipeBlocks() {
  let files = FileTree([
    "/etc/sysctl.d/10-a.conf": .file(Array("net.ipv4.tcp_fin_timeout=5\n".utf8)),
    "/etc/sysctl.d/50-a.conf": .pipe,
  ])
  let keys = kernel([timeout: "60"])
  for loader in [Loader.systemd(.v257), .procps(.v4_0_4)] {
    let run = loader.run(files, over: keys)
    #expect(run.status == nil)
    #expect(run.blockedBy == "/etc/sysctl.d/50-a.conf")
    #expect(run.tree[timeout]?.text == "60")
    #expect(run.problems.map(\.kind) == [.blocksLoader])
  }
  // The old one writes as it reads.
  #expect(Loader.procps(.v3_3_17).run(files, over: keys).tree[timeout]?.text == "5")
  #expect(Loader.alpine.run(files, over: keys).tree[timeout]?.text == "5")
}

/// busybox makes `key/.` of this, which the system refuses without a look at the value: no failure
/// of the kernel's, so the file goes on.
@Test func aDotBehindAKeyIsNoKey() {
  let bytes = Array("net.ipv4.tcp_fin_timeout./ = x\nnet.ipv4.tcp_fin_timeout = 5\n".utf8)
  let files = FileTree(["/etc/sysctl.d/a.conf": .file(bytes)])
  let run = Loader.alpine.run(files, over: kernel([timeout: "60"]))
  #expect(run.actions.map(\.result).first == .unknownKey)
  #expect(run.tree[timeout]?.text == "5")
}

/// Much of everything ends soon.
@Test func hostileFilesEndSoon() {
  let many = Array(String(repeating: "net.ipv4.tcp_fin_timeout = 5\n", count: 1_000_000).utf8)
  let stars = String(repeating: "*", count: 500)
  let patterns = Array(
    String(repeating: "net.ipv4.\(stars)a\(stars)b = 1\n", count: 200).utf8)
  let dots = Array((String(repeating: "a.", count: 100_000) + "b = 1\n").utf8)
  let slashes = Array((String(repeating: "/", count: 1_000_000) + " = 1\n").utf8)
  let folds = Array(String(repeating: "\\\n", count: 100_000).utf8)
  let values = Array("net.ipv4.tcp_fin_timeout = \(String(repeating: "1 ", count: 100_000))\n".utf8)
  let ports = Array(
    "net.ipv4.ip_local_reserved_ports = \(String(repeating: "0-65535,", count: 10_000))\n".utf8)
  let keys = kernel([timeout: "60", "net/ipv4/ip_local_reserved_ports": ""])
  let seconds = processorSeconds {
    for bytes in [many, patterns, dots, slashes, folds, values, ports] {
      let files = FileTree(["/etc/sysctl.d/a.conf": .file(bytes)])
      for loader in Loader.all + [.procps(.v3_3_17)] {
        let run = loader.run(files, over: keys)
        #expect(run.actions.count <= 20_000)
      }
      #expect(ConfEntries.all(in: files).count <= 10_000)
      _ = FileFaults.all(in: files)
    }
  }
  #expect(seconds < 60)
  let run = Loader.systemd(.v257).run(
    FileTree(["/etc/sysctl.d/a.conf": .file(many)]), over: keys)
  #expect(run.problems.contains { $0.kind == .tooMany })
}
