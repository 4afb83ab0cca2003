import Foundation
import Support
import Testing

@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct HardCaseLiveTests {
  /// A process may call itself anything: escape sequences, halves of characters.
  ///
  /// Text makes it visible and JSON stays legal.
  @Test func namesOfProcesses() throws {
    let name: [UInt8] = [0x6e, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xff, 0xc3, 0x0a, 0x22]
    let (text, json) = try PrivateNetwork.run { network in
      // The child alone holds the socket once this process has let go of it.
      let program: HoldingProgram
      do {
        let listener = try network.listen(port: 8001, backlog: 5)
        program = try network.hold(listener, named: name)
      }
      usleep(100_000)
      defer { withExtendedLifetime(program) {} }
      return (
        try BuiltProgram.run(["queues"]), try BuiltProgram.run(["queues", "--format", "json"])
      )
    }
    #expect(text.status == 0)
    #expect(!text.output.utf8.contains(0x1b))
    #expect(text.output.contains("n\\u{1b}[31m"))
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let listener = (document["listeners"] as? [[String: Any]])?.first
    let owner = (listener?["owner"] as? [String: Any])?["name"] as? String
    #expect(owner?.hasPrefix("n\u{1b}[31m\u{fffd}") == true, "\(json.output)")
  }

  /// IPv4 in the form of IPv6, and an address that means something on one link only.
  @Test func addresses() throws {
    let found = try PrivateNetwork.run { network in
      let mapped = try network.listen(port: 8001, backlog: 5, ipv6: true, at: "::ffff:127.0.0.1")
      let any = try network.listen(port: 8002, backlog: 5, ipv6: true, at: "::")
      // The loopback interface has no link-local address of its own.
      let clients = try network.connect(count: 2, to: 8001)
      let more = try network.connect(count: 3, to: 8002)
      usleep(100_000)
      defer { withExtendedLifetime((mapped, any, clients, more)) {} }
      return try audit(["--walk", "always"])
    }
    #expect(found.listener(8001)?.address == "::ffff:127.0.0.1")
    #expect(found.listener(8001)?.accept_queue.length == 2)
    #expect(found.listener(8002)?.address == "::")
    #expect(found.listener(8002)?.accept_queue.length == 3)
  }

  /// Where other users' processes are hidden, a listener has no owner, and that is said once.
  @Test(
    .enabled(
      if: Farm.path(of: "unshare") != nil && Farm.path(of: "setpriv") != nil,
      "needs unshare and setpriv"))
  func hiddenProcesses() throws {
    let folder = try TestFolder()
    let program = folder.path + "/tcptune"
    // Another process writes the copy: one that is started meanwhile would keep it busy.
    let copied = try BuiltProgram.run([BuiltProgram.path, program], program: "/bin/cp")
    try #require(copied.status == 0)
    chmod(folder.path, 0o755)
    let script =
      "mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 --regid=65534"
      + " --clear-groups \(program) audit"
    let unshare = try #require(Farm.path(of: "unshare"))
    let result = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 5)
      defer { withExtendedLifetime(listener) {} }
      return try BuiltProgram.run(
        ["-m", "/bin/sh", "-c", script], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
        program: unshare)
    }
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n").filter { $0.contains("owners of 1 listener") }
    #expect(lines.count == 1, "\(result.output)")
  }

  /// Processes that come and go while they are looked at stop nothing.
  @Test func processesThatVanish() throws {
    let results = try PrivateNetwork.run { network in
      let listeners = try (0..<5).map { try network.listen(port: 8000 + UInt16($0), backlog: 5) }
      let churn = Process()
      churn.executableURL = URL(filePath: "/bin/sh")
      churn.arguments = ["-c", "i=0; while [ $i -lt 400 ]; do /bin/true; i=$((i+1)); done"]
      try churn.run()
      defer {
        churn.terminate()
        withExtendedLifetime(listeners) {}
      }
      return try (0..<10).map { _ in try BuiltProgram.run(["audit", "--format", "json"]) }
    }
    for result in results {
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.isEmpty)
    }
  }

  /// While somebody waits at a terminal, a line there says how far the window has come; the result
  /// goes elsewhere and has none of it.
  @Test func progressOfAWindow() throws {
    let script = try #require(Farm.path(of: "script"), "needs script")
    let folder = try TestFolder()
    let output = folder.path + "/result"
    let shown = try BuiltProgram.run(
      ["-qec", "\(BuiltProgram.path) audit --window 1s --no-owners > \(output)", "/dev/null"],
      program: script)
    #expect(shown.output.contains("watching: 0 of 1 s"))
    #expect(shown.output.hasSuffix("\r\u{1b}[K"))
    let result = try String(contentsOfFile: output, encoding: .utf8)
    #expect(result.contains("rates over 1"))
    #expect(!result.contains("watching"))
  }
}
