import Foundation
import Support
import Testing

/// A loader of sysctl files as it is called for one file.
struct FileLoader: Sendable, CustomTestStringConvertible {
  var program: String
  var words: [String]
  var testDescription: String { "\(program) \(words.joined(separator: " "))" }

  var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

  static let all = [
    FileLoader(program: "/usr/sbin/sysctl", words: ["-p"]),
    FileLoader(program: "/usr/lib/systemd/systemd-sysctl", words: ["--strict"]),
    FileLoader(program: "/usr/bin/busybox", words: ["sysctl", "-p"]),
  ]
}

private let isReady =
  PrivateNetwork.isPermitted && FileManager.default.isExecutableFile(atPath: "/usr/bin/patch")

@Suite(.enabled(if: isReady, "needs root and patch"))
struct ProfileLiveTests {
  /// Every loader makes of the file that `diff` writes what the profile asks for, whatever the
  /// reasons above the keys are.
  @Test(arguments: FileLoader.all.filter(\.isInstalled))
  func everyLoaderReadsWhatIsWritten(_ loader: FileLoader) throws {
    let folder = try TestFolder()
    let profile = try folder.write(
      text: #"""
        # title: odd reasons
        # for: loaders

        # A backslash at the end of a line, \
        # which busybox goes on with: C:\
        net.ipv4.tcp_fin_timeout = 21

        # net.ipv4.tcp_fin_timeout = 99 ; "quoted" 全连接队列
        net.ipv4.tcp_rmem = 4097 131073 6291457

        # -net.ipv4.tcp_rmem
        # tcptune: at-least
        net.core.somaxconn = 9001

        """#, to: "odd.conf")
    let path = folder.path + "/99.conf"
    let (first, loaded, second) = try PrivateNetwork.run { _ in
      let first = try BuiltProgram.run(["diff", "--profile", profile, "--against", path])
      let patched = try BuiltProgram.run(
        ["-p1", "-d", "/"], input: first.output, program: "/usr/bin/patch")
      guard patched.status == 0 else { throw FixtureFailure("patch: \(patched.output)") }
      let loaded = try BuiltProgram.run(loader.words + [path], program: loader.program)
      return (first, loaded, try BuiltProgram.run(["diff", "--profile", profile]))
    }
    #expect(first.status == 1)
    #expect(loaded.status == 0, "\(loaded.output)\(loaded.errors)")
    #expect(second.status == 0 && second.output.isEmpty, "\(second.output)")
  }

  /// Profiles of the house, in an /etc that only the programs of this test see.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare"), "needs unshare"))
  func profilesOfTheHouse() throws {
    let script = #"""
      set -e
      mount -t tmpfs none /etc
      mkdir -p /etc/tcptune/profiles/deep
      cd /etc/tcptune/profiles
      head='# title: of the house\n# for: us\n'
      printf "$head# includes: kernel-defaults\n\n# why\nnet.core.somaxconn = 5\n" > high-conn.conf
      printf "$head\nwrong\n" > broken.conf
      printf "$head" > deep/hidden.conf
      "$0" profiles list && exit 9 || echo "list: $?"
      "$0" diff --profile high-conn > /dev/null && exit 9 || echo "diff: $?"
      "$0" diff --profile ./high-conn.conf > /dev/null && exit 9 || echo "path: $?"
      "$0" diff --profile broken || echo "broken: $?"
      "$0" audit > /dev/null && echo "audit: $?"
      """#
    let result = try PrivateNetwork.run { _ in
      try BuiltProgram.run(
        ["--mount", "--propagation", "private", "/bin/sh", "-c", script, BuiltProgram.path],
        program: "/usr/bin/unshare")
    }
    #expect(
      result.output == """
        bulk-throughput  large transfers over long ways (built in)
        container-host   a host whose work is done in containers (built in)
        database         a database server and its replicas (built in)
        edge-proxy       a proxy that opens as many connections as it takes (built in)
        high-conn        of the house (/etc/tcptune/profiles/high-conn.conf)
        kernel-defaults  what this release of Linux sets by itself (built in)
        long-lived       very many connections that are idle most of the time (built in)
        low-latency      requests and answers that must not wait (built in)
        syn-flood        a host that expects forged SYNs (built in)
        list: 2
        diff: 1
        path: 1
        broken: 2
        audit: 0

        """)
    let lines = result.errors.split(separator: "\n").map(String.init)
    let broken =
      "/etc/tcptune/profiles/broken.conf:4:1: expected 'key = value' or a comment, found 'wrong'"
    #expect(lines.first == broken)
    #expect(lines.count { $0 == broken } == 2)
    #expect(
      lines.contains(
        "tcptune: profile: kernel-defaults (built in, included by high-conn), high-conn"
          + " (/etc/tcptune/profiles/high-conn.conf)"))
    #expect(
      lines.contains {
        $0.hasSuffix("included by high-conn), high-conn (./high-conn.conf)")
      })
  }

  private static let sized = [
    "--profile", "bulk-throughput", "--rtt", "40ms", "--bandwidth", "10Gbit", "--skip-missing",
  ]

  private static func sizedPlan() throws -> [[String: Any]] {
    let result = try BuiltProgram.run(["diff", "--format", "json"] + sized)
    let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return ((json as? [String: Any])?["changes"] as? [[String: Any]]) ?? []
  }

  /// What the sized profile plans is taken by this kernel, and then there is nothing left to plan.
  @Test func aSizedProfileIsTakenOnce() throws {
    let (before, values, after, status) = try PrivateNetwork.run { network in
      let before = try Self.sizedPlan()
      var values: [String: String] = [:]
      for change in before {
        guard let key = change["key"] as? String, let value = change["value"] as? String else {
          throw FixtureFailure("a change without key or value: \(change)")
        }
        try network.set(key, value)
        let path = "/proc/sys/" + key.replacingOccurrences(of: ".", with: "/")
        values[key] = try String(contentsOfFile: path, encoding: .utf8)
          .split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }
      let status = try BuiltProgram.run(["diff"] + Self.sized).status
      return (
        before.map { "\($0["key"] ?? "") \($0["value"] ?? "")" }, values,
        try Self.sizedPlan().count, status
      )
    }
    #expect(before.contains("net.ipv4.tcp_rmem 4096 131072 134217728"))
    #expect(before.contains("net.ipv4.tcp_wmem 4096 16384 134217728"))
    #expect(values["net.ipv4.tcp_rmem"] == "4096 131072 134217728")
    #expect(Set(values.map { "\($0.key) \($0.value)" }) == Set(before))
    #expect(after == 0 && status == 0)
  }

  /// A dry run in a namespace says what apply would want there, and is no failure.
  @Test func aDryRunSaysWhatApplyWants() throws {
    let result = try PrivateNetwork.run { _ in
      try BuiltProgram.run(["apply", "--findings", "--dry-run"])
    }
    #expect(result.status == 0)
    #expect(result.output.contains("--in-namespace if it is the one you mean"))
  }
}
