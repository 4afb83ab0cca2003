import Facts
import Foundation
import Support
import SysctlConf
import Testing

/// The machine's own loaders, in private network and mount namespaces (Tests/Fixtures/loaders).
private enum RealLoaders {
  static let unshare = program("unshare")
  static let systemdPath = "/lib/systemd/systemd-sysctl"

  static let procps: Loader.Procps? = version("sysctl", ["--version"]).flatMap { text in
    Loader.Procps.allCases.last { text.contains($0.rawValue) }
  }
  static let systemd: Loader.Systemd? = version(systemdPath, ["--version"]).flatMap { text in
    let number = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return number.flatMap { number in Loader.Systemd.allCases.last { $0.rawValue <= number } }
  }
  static let hasBusybox = program("busybox") != nil

  /// What is missing, nil where all is there.
  static let missing: String? =
    !PrivateNetwork.isPermitted
    ? PrivateNetwork.reason
    : unshare == nil || program("ip") == nil
      ? "needs unshare and ip (packages util-linux, iproute2)"
      : procps == nil || systemd == nil
        ? "needs sysctl 3.3.17, 4.0.2, 4.0.4 or 4.0.7 and systemd-sysctl since 247"
          + " (packages procps, systemd)" : nil

  private static func program(_ name: String) -> String? {
    ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"].map { $0 + name }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  private static func version(_ name: String, _ arguments: [String]) -> String? {
    guard let path = name.hasPrefix("/") ? name : program(name),
      FileManager.default.isExecutableFile(atPath: path)
    else { return nil }
    return try? BuiltProgram.run(arguments, program: path).output
  }

  /// The keys that the sets speak of, with their values before each run.
  ///
  /// Ranges of those that changed between releases are wide enough for every value of the sets.
  static let keys: [(path: String, value: String, kind: KeyKind)] = {
    let seconds = KeyKind.numbers(count: 1, range: -2_000_000...2_000_000)
    let filter = KeyKind.numbers(count: 1, range: KeyKind.int32)
    return [
      ("net/ipv4/tcp_fin_timeout", "60", seconds),
      ("net/ipv4/tcp_keepalive_time", "7200", seconds),
      ("net/ipv4/tcp_keepalive_intvl", "75", seconds),
      (
        "net/ipv4/tcp_rmem", "4096\t131072\t6291456",
        .numbers(count: 3, range: 1...Int64(Int32.max))
      ),
      ("net/ipv4/ip_local_port_range", "32768\t60999", .portRange),
      ("net/ipv4/ip_unprivileged_port_start", "1024", .firstFreePort),
      ("net/ipv4/ip_local_reserved_ports", "8080,9148", .portList),
      (
        "net/ipv4/tcp_congestion_control", "reno",
        .name(
          .congestionControl(
            available: words("tcp_available_congestion_control"),
            allowed: words("tcp_allowed_congestion_control"), isInitial: false))
      ),
      ("net/core/somaxconn", "4096", .numbers(count: 1, range: 0...Int64(Int32.max))),
      ("net/ipv4/conf/all/rp_filter", "0", filter),
      ("net/ipv4/conf/default/rp_filter", "0", filter),
      ("net/ipv4/conf/lo/rp_filter", "0", filter),
      ("net/ipv4/conf/eth0.100/rp_filter", "0", filter),
      ("net/ipv4/conf/peer0/rp_filter", "0", filter),
    ]
  }()

  private static func words(_ key: String) -> Set<String> {
    let text = (try? String(contentsOfFile: "/proc/sys/net/ipv4/\(key)", encoding: .utf8)) ?? ""
    return Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
  }

  static let kernel: KernelTree = {
    var tree = KernelTree()
    for key in keys { tree[key.path] = KernelTree.Key(text: key.value, kind: key.kind) }
    tree["net/ipv4/tcp_available_congestion_control"] = KernelTree.Key(
      text: words("tcp_available_congestion_control").joined(separator: " "), kind: .text,
      isWritable: false)
    for name in ["kernel", "vm", "fs", "net/unix", "net/ipv6/conf"] { tree.addFolder(name) }
    tree.markWhole("")
    return tree
  }()

  // MARK: Running

  /// What the loaders left of each set, by the name of the loader: lines `PATH:VALUE` and the exit.
  static func run(_ sets: [[String: FileTree.Node]]) throws -> [[String: String]] {
    let folder = try TestFolder()
    // Blanks part words here; the kernel takes them for its tabs.
    let lines = keys.map { "\($0.path) \($0.value.replacing("\t", with: " "))\n" }
    try folder.write(text: lines.joined(), to: "keys")
    for (number, set) in sets.enumerated() {
      try lay(set, to: "\(folder.path)/sets/\(name(number))")
    }
    let script = Fixtures.folder.appending(path: "loaders/run.sh").path(percentEncoded: false)
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
    let result = try BuiltProgram.run(
      ["-n", "-m", "/bin/sh", script, folder.path, own],
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], program: unshare ?? "")
    guard result.status == 0 else { throw FixtureFailure("run.sh: \(result.errors)") }
    return sets.indices.map { number in
      var left: [String: String] = [:]
      for loader in ["procps", "systemd", "alpine"] {
        left[loader] = try? String(
          contentsOfFile: "\(folder.path)/sets/\(name(number))/\(loader)", encoding: .utf8)
      }
      return left
    }
  }

  private static func name(_ number: Int) -> String { String(1000 + number) }

  /// The set's folders as the script wants them, each there even if it is empty.
  private static func lay(_ set: [String: FileTree.Node], to folder: String) throws {
    let places = [
      ("/usr/lib/sysctl.d", "usr-lib"), ("/usr/local/lib/sysctl.d", "usr-local-lib"),
      ("/etc", "etc"), ("/run", "run"),
    ]
    for path in ["etc/sysctl.d", "run/sysctl.d", "usr-lib", "usr-local-lib"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(path)", withIntermediateDirectories: true)
    }
    for (path, node) in set {
      guard let place = places.first(where: { path.hasPrefix($0.0 + "/") }) else { continue }
      let target = PathText.bytes(of: "\(folder)/\(place.1)\(path.dropFirst(place.0.count))")
      try make(node, target.map { CChar(bitPattern: $0) } + [0])
    }
  }

  private static func make(_ node: FileTree.Node, _ path: [CChar]) throws {
    let made: CInt
    switch node {
    case .folder: made = mkdir(path, 0o755)
    case .link(let target): made = symlink(target, path)
    case .pipe: made = mkfifo(path, 0o644)
    case .file(let bytes):
      let descriptor = open(path, O_WRONLY | O_CREAT, 0o644)
      let count = write(descriptor, bytes, bytes.count)
      made = descriptor >= 0 && count == bytes.count ? close(descriptor) : -1
    case .unread, .null, .special: made = -1
    }
    guard made == 0 else {
      throw FixtureFailure("\(node): \(String(cString: strerror(errno)))")
    }
  }

  /// The same lines as we would have it.
  static func predicted(_ loader: Loader, _ set: [String: FileTree.Node]) -> String {
    var files = FileTree(set)
    files["/lib"] = .link("usr/lib")
    let run = loader.run(files, over: kernel)
    let lines = keys.map { "\($0.path):\(run.tree[$0.path]?.text ?? "?")\n" }
    // timeout(1) gives 124 for a program that it had to end.
    return lines.joined() + "exit \(run.status ?? 124)\n"
  }
}

/// Random sets of files leave what the machine's own programs leave.
@Suite(.enabled(if: RealLoaders.missing == nil, Comment(rawValue: RealLoaders.missing ?? "")))
struct DifferentialTests {
  /// Sets in one run of the script.
  private static let batch = 50
  /// 100, and 2,000 where everything is tried at length.
  private static let count = min(Iterations.count(100), 2000)

  @Test(.timeLimit(.minutes(30))) func loadersAgreeWithTheRealOnes() throws {
    guard let procps = RealLoaders.procps, let systemd = RealLoaders.systemd else { return }
    let environment = ProcessInfo.processInfo.environment
    let first =
      environment["TCPTUNE_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...0xffff_ffff)
    let count = environment["TCPTUNE_SEED"] == nil ? Self.count : 1
    var seeds = (0..<UInt64(count)).map { first &+ $0 }
    while !seeds.isEmpty {
      let some = Array(seeds.prefix(Self.batch))
      seeds.removeFirst(some.count)
      let sets = some.map { seed in
        var files = RandomFiles(seed: seed)
        return files.set()
      }
      let left = try RealLoaders.run(sets)
      for (index, seed) in some.enumerated() {
        for (name, loader) in [
          ("procps", Loader.procps(procps)), ("systemd", .systemd(systemd)), ("alpine", .alpine),
        ] where name != "alpine" || RealLoaders.hasBusybox {
          let predicted = RealLoaders.predicted(loader, sets[index])
          let found = left[index][name] ?? "nothing"
          guard predicted != found else { continue }
          Issue.record(
            """
            TCPTUNE_SEED=\(seed), \(name): \(Self.difference(predicted, found)); files: \
            \(Self.shown(sets[index]))
            """)
        }
      }
    }
  }

  /// The lines that are not in both.
  private static func difference(_ predicted: String, _ found: String) -> String {
    let ours = predicted.split(separator: "\n")
    let theirs = found.split(separator: "\n")
    let wrong = ours.filter { !theirs.contains($0) }.joined(separator: ", ")
    let right = theirs.filter { !ours.contains($0) }.joined(separator: ", ")
    return "expected \(wrong), found \(right)"
  }

  private static func shown(_ set: [String: FileTree.Node]) -> String {
    set.sorted { $0.key < $1.key }.map { path, node in
      if case .file(let bytes) = node { "\n\(path): \(bytes.shown)" } else { "\n\(path): \(node)" }
    }.joined()
  }
}
