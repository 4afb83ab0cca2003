import Foundation
import Support
import Testing

@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct ReadingLiveTests {
  /// Backlogs and caps on the real kernel: the limit is the minimum, one more fits, and the model
  /// says so.
  @Test(
    arguments: [(0, 128), (1, 128), (5, 128), (8, 8), (128, 128), (511, 128), (511, 4096)]
      as [(Int32, Int)])
  func acceptQueues(_ backlog: Int32, _ cap: Int) throws {
    let (listener, computed) = try PrivateNetwork.run { network in
      try network.set("net.core.somaxconn", "\(cap)")
      let listener = try network.listen(port: 8001, backlog: backlog)
      let capacity = min(Int(backlog), cap) + 1
      let clients = try network.connect(count: capacity + 2, to: 8001)
      let filled = try network.wait { try audit().listener(8001)?.accept_queue.length == capacity }
      guard filled else { throw FixtureFailure("the queue does not fill to \(capacity)") }
      usleep(20_000)
      defer { withExtendedLifetime((listener, clients)) {} }
      let found = try audit().listener(8001)
      let limits = try BuiltProgram.run(["limits", "--backlog", "\(backlog)", "--format", "json"])
      let json = try JSONSerialization.jsonObject(with: Data(limits.output.utf8)) as? [String: Any]
      let queue = json?["accept_queue"] as? [String: Any]
      return (found, (queue?["capacity"] as? Int, queue?["binding"] as? String))
    }
    #expect(listener?.accept_queue.limit == min(Int(backlog), cap))
    #expect(listener?.accept_queue.length == listener?.accept_queue.capacity)
    #expect(computed.0 == listener?.accept_queue.capacity)
    #expect(computed.1 == (Int(backlog) <= cap ? "backlog" : "net.core.somaxconn"))
  }

  /// Requests and half-closed connections at a listener's address, by one walk.
  @Test func aWalkCounts() throws {
    let (walked, skipped, attached) = try PrivateNetwork.run { network in
      let deferring = try network.listen(port: 8001, backlog: 64)
      var seconds: Int32 = 30
      setsockopt(deferring.descriptor, Int32(IPPROTO_TCP), TCP_DEFER_ACCEPT, &seconds, 4)
      let silent = try network.connect(count: 4, to: 8001)
      let idle = try network.listen(port: 8002, backlog: 64)
      let gone = try network.connect(count: 3, to: 8002)
      usleep(50_000)
      let held = idle.accept(1)
      for client in gone { shutdown(client.descriptor, Int32(SHUT_WR)) }
      usleep(50_000)
      defer {
        for connection in held { close(connection) }
        withExtendedLifetime((deferring, silent, idle, gone)) {}
      }
      let snapshot = try BuiltProgram.run(["snapshot", "--no-owners", "--walk", "always"])
      return (try audit(), try audit(["--walk", "never"]), snapshot.output)
    }
    #expect(walked.listener(8001)?.syn_queue.length == 4)
    #expect(walked.listener(8002)?.syn_queue.length == 0)
    #expect(skipped.listener(8001)?.syn_queue.length == nil)
    #expect(try Self.attached(8002, in: attached) == Self.counts(unaccepted: 2, held: 1))
  }

  /// Sockets of a listener that is bound to an interface carry it, requests too.
  @Test(arguments: [false, true])
  func aListenerOnOneInterface(_ ipv6: Bool) throws {
    let (found, output) = try PrivateNetwork.run { network in
      let deferring = try network.listen(port: 8001, backlog: 64, ipv6: ipv6)
      let idle = try network.listen(port: 8002, backlog: 64, ipv6: ipv6)
      for listener in [deferring, idle] {
        guard setsockopt(listener.descriptor, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) == 0 else {
          throw FixtureFailure("lo: \(String(cString: strerror(errno)))")
        }
      }
      var seconds: Int32 = 30
      setsockopt(deferring.descriptor, Int32(IPPROTO_TCP), TCP_DEFER_ACCEPT, &seconds, 4)
      let silent = try network.connect(count: 4, to: 8001, ipv6: ipv6)
      let gone = try network.connect(count: 3, to: 8002, ipv6: ipv6)
      usleep(50_000)
      let held = idle.accept(1)
      for client in gone { shutdown(client.descriptor, Int32(SHUT_WR)) }
      usleep(50_000)
      defer {
        for connection in held { close(connection) }
        withExtendedLifetime((deferring, silent, idle, gone)) {}
      }
      let snapshot = try BuiltProgram.run(["snapshot", "--no-owners", "--walk", "always"])
      return (try audit(["--walk", "always"]), snapshot.output)
    }
    #expect(found.listener(8001)?.address == (ipv6 ? "::1%lo" : "127.0.0.1%lo"))
    #expect(found.listener(8001)?.syn_queue.length == 4)
    #expect(try Self.attached(8001, in: output) == Self.counts(synRecv: 4))
    #expect(try Self.attached(8002, in: output) == Self.counts(unaccepted: 2, held: 1))
  }

  private static func counts(
    synRecv: Int = 0, unaccepted: Int = 0, held: Int = 0
  ) -> [String: Int] {
    ["syn_recv": synRecv, "close_wait_unaccepted": unaccepted, "close_wait_held": held]
  }

  /// What a snapshot says of the sockets at the address of a port's listener.
  private static func attached(_ port: Int, in snapshot: String) throws -> [String: Int]? {
    let json = try JSONSerialization.jsonObject(with: Data(snapshot.utf8)) as? [String: Any]
    let listeners = json?["listeners"] as? [[String: Any]] ?? []
    return listeners.first { $0["port"] as? Int == port }?["attached"] as? [String: Int]
  }

  @Test func listenersOfBothFamilies() throws {
    let found = try PrivateNetwork.run { network in
      let four = try network.listen(port: 8001, backlog: 7)
      let six = try network.listen(port: 8002, backlog: 9, ipv6: true)
      let clients = try network.connect(count: 2, to: 8002, ipv6: true)
      usleep(50_000)
      defer { withExtendedLifetime((four, six, clients)) {} }
      return try audit()
    }
    #expect(found.listener(8001)?.address == "127.0.0.1")
    #expect(found.listener(8002)?.address == "::1")
    #expect(found.listener(8002)?.accept_queue.length == 2)
    #expect(found.listener(8002)?.accept_queue.limit == 9)
  }

  /// Members of a SO_REUSEPORT group each have their own queue.
  @Test func reusedPorts() throws {
    let found = try PrivateNetwork.run { network in
      let members = try (0..<3).map { _ in try network.listen(port: 8001, backlog: 4, reuse: true) }
      defer { withExtendedLifetime(members) {} }
      return try audit()
    }
    #expect(found.listeners.count == 3)
    #expect(found.listeners.allSatisfy { $0.accept_queue.limit == 4 })
  }

  /// A saved snapshot gives the same audit as the host it was taken of.
  @Test func aSavedSnapshotIsTheSameHost() throws {
    let (live, saved) = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_syncookies", "0")
      try network.set("net.core.somaxconn", "8")
      let listener = try network.listen(port: 8001, backlog: 100)
      let clients = try network.overflow(port: 8001, holding: 9)
      defer { withExtendedLifetime((listener, clients)) {} }
      let snapshot = try BuiltProgram.run(["snapshot"])
      let live = try BuiltProgram.run(["audit", "--color", "never"])
      let saved = try BuiltProgram.run(["audit", "--snapshot", "-"], input: snapshot.output)
      return (live, saved)
    }
    func body(_ result: BuiltProgram.Result) -> [String] {
      // The second line has the time since boot; what to type next is another thing elsewhere.
      result.output.split(separator: "\n").map(String.init).prefix { $0 != "Next" }.filter {
        !$0.hasPrefix("Linux ")
      }
    }
    #expect(live.status == 1 && saved.status == 1)
    #expect(body(live) == body(saved))
  }

  /// What if the cap were higher: the full queue is none any more.
  @Test func whatIf() throws {
    let (now, then) = try PrivateNetwork.run { network in
      try network.set("net.core.somaxconn", "8")
      let listener = try network.listen(port: 8001, backlog: 100)
      let clients = try network.overflow(port: 8001, holding: 9)
      defer { withExtendedLifetime((listener, clients)) {} }
      return (try audit(), try audit(["--set", "somaxconn=1024"]))
    }
    #expect(now.status == 1 && then.status == 0)
    #expect(then.listener(8001)?.accept_queue.limit == 1024)
    #expect(then.listener(8001)?.accept_queue.certain == false)
  }

  /// The patch is one that patch(1) takes; afterwards there is nothing left to change.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/patch"), "needs patch"))
  func theDiffIsAPatch() throws {
    let folder = try TestFolder()
    let path = folder.path + "/etc/sysctl.d/50-mine.conf"
    try folder.write(
      text: "# mine\nnet.ipv4.tcp_syncookies = 0\nnet.ipv4.tcp_sack = 1\n",
      to: "etc/sysctl.d/50-mine.conf")
    let (first, patched, second) = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_syncookies", "0")
      try network.set("net.ipv4.tcp_fin_timeout", "90")
      let first = try BuiltProgram.run(["diff", "--against", path])
      let patched = try BuiltProgram.run(
        ["-p1", "-d", "/"], input: first.output, program: "/usr/bin/patch")
      return (first, patched, try BuiltProgram.run(["diff", "--against", path]))
    }
    #expect(first.status == 1)
    #expect(patched.status == 0, "\(patched.output)\(patched.errors)")
    #expect(second.status == 0 && second.output.isEmpty)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasPrefix("# mine\n# net.ipv4.tcp_syncookies: "))
    #expect(text.contains("\nnet.ipv4.tcp_syncookies = 1\nnet.ipv4.tcp_sack = 1\n"))
    #expect(text.contains("\nnet.ipv4.tcp_fin_timeout = 60\n"))
    #expect(!text.contains("= 0\n"))
  }

  /// Keys of the whole host are not here, in a plan too.
  @Test func aPlanInANamespace() throws {
    let result = try PrivateNetwork.run { _ in
      try BuiltProgram.run(["apply", "--profile", "high-conn", "--dry-run"])
    }
    #expect(result.status == 0)
    let left = "not here: only the initial network namespace has it"
    #expect(result.output.contains("net.core.netdev_max_backlog  \(left)"))
    #expect(result.output.contains("net.core.somaxconn  4096 -> 16384"))
  }

  /// An ordinary user sees listeners, queues and limits; what is missing is said once.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv"), "needs setpriv"))
  func anOrdinaryUser() throws {
    // The user must be able to reach the program.
    let folder = try TestFolder()
    let program = folder.path + "/tcptune"
    // Copied by another process: a program that some other test starts meanwhile would inherit the
    // descriptor that writes it, and what is open for writing cannot be run.
    _ = try BuiltProgram.run([BuiltProgram.path, program], program: "/bin/cp")
    chmod(folder.path, 0o755)
    chmod(program, 0o755)
    let result = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 5)
      let clients = try network.overflow(port: 8001, holding: 6)
      defer { withExtendedLifetime((listener, clients)) {} }
      return try BuiltProgram.run(
        ["--reuid=65534", "--regid=65534", "--clear-groups", program, "audit"],
        program: "/usr/bin/setpriv")
    }
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.output.contains("error[accept-queue-full-by-own-backlog]"))
    let missing = result.output.split(separator: "\n").filter { $0.contains("not permitted") }
    #expect(missing.count == 1, "\(missing)")
  }
}
