import Facts
import Foundation
import Netlink
import Support
import Testing

@testable import Prove

extension PrivateNetwork {
  /// Clients that have connected to a port and wait to be accepted.
  func waiting(_ count: Int, at port: UInt16) throws -> [TestSocket] {
    let clients = try connect(count: count, to: port)
    let areThere = try wait { try audit(["--no-owners"]).length(port) == count }
    guard areThere else { throw FixtureFailure("port \(port): \(count) clients do not connect") }
    return clients
  }

  /// Waits until exactly so many sockets at a local port are in a state.
  func await(_ count: Int, in state: TCPState, at port: UInt16) throws {
    var found = 0
    let isSo = try wait {
      var dump = SocketDump(over: try NetlinkSocket())
      found = try dump.connections(in: [state]).count { $0.localPort == port }
      return found == count
    }
    guard isSo else {
      throw FixtureFailure("port \(port): \(found) sockets in \(state), not \(count)")
    }
  }

  /// Connections whose clients have closed, and that the program holds.
  func abandoned(_ count: Int, at listener: TestSocket, _ port: UInt16) throws -> [Int32] {
    var held: [Int32] = []
    while held.count < count {
      let clients = try waiting(min(50, count - held.count), at: port)
      held += listener.accept(clients.count)
    }
    return held
  }

  /// A lab in this namespace, for packets made by hand.
  func lab() throws -> Lab {
    guard let release = KernelRelease("6.1") else { throw FixtureFailure("6.1 is a release") }
    return try Lab(release: release)
  }
}

extension Audited {
  func length(_ port: UInt16) -> Int? { listener(Int(port))?.accept_queue.length }

  /// Every key that some finding wants changed.
  var keys: [String] { findings.flatMap(\.changes).map(\.key) }
}

/// Rules about queues and states, each on a host that is sick in just that way.
@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct SocketRuleLiveTests {
  // MARK: Accept queue

  /// Nine tenths full under the program's own backlog: nobody is to touch the cap.
  @Test func nearlyFullByOwnBacklog() throws {
    let found = try PrivateNetwork.run { network in
      let sick = try network.listen(port: 8001, backlog: 100)
      let neighbour = try network.listen(port: 8002, backlog: 100)
      let clients = try network.waiting(90, at: 8001) + network.waiting(60, at: 8002)
      defer { withExtendedLifetime((sick, neighbour, clients)) {} }
      return try audit(["--walk", "always"])
    }
    #expect(found.rules == ["accept-queue-near-own-backlog"])
    #expect(found.findings.first?.subjects == ["127.0.0.1:8001"])
    #expect(found.findings.first?.severity == "warning" && found.status == 1)
    #expect(found.findings.first?.act == "application" && found.keys == [])
  }

  /// The same under the cap; once it is over the limit, the rule about full queues speaks alone.
  @Test func nearlyFullByTheCap() throws {
    let (near, full) = try PrivateNetwork.run { network in
      try network.set("net.core.somaxconn", "40")
      let sick = try network.listen(port: 8001, backlog: 1000)
      var clients = try network.waiting(36, at: 8001)
      let near = try audit(["--walk", "always"])
      clients += try network.overflow(port: 8001, holding: 41)
      defer { withExtendedLifetime((sick, clients)) {} }
      return (near, try audit(["--walk", "always"]))
    }
    #expect(near.rules == ["accept-queue-near-cap"])
    #expect(near.findings.first?.changes.map(\.key) == ["net.core.somaxconn"])
    #expect(near.findings.first?.changes.first?.value == "128", "the next power of two from 80 on")
    #expect(near.findings.first?.changes.first?.effect == "next-listen")
    #expect(full.rules == ["accept-queue-capped-by-somaxconn"])
  }

  /// A small backlog that a few clients fill to the brim is not worth a word.
  @Test func aSmallBacklogMayBeFull() throws {
    let found = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 5)
      let clients = try network.waiting(5, at: 8001)
      defer { withExtendedLifetime((listener, clients)) {} }
      return try audit(["--walk", "always"])
    }
    #expect(found.rules == [] && found.status == 0)
  }

  // MARK: CLOSE_WAIT

  /// Clients come, wait, and go: the program is at fault, and no queue is to be made longer.
  @Test(arguments: [(20, 12), (100, 90)])
  func aProgramThatDoesNotAccept(_ backlog: Int, _ count: Int) throws {
    let (before, found) = try PrivateNetwork.run { network in
      try network.set("net.core.somaxconn", "\(backlog)")
      let listener = try network.listen(port: 8001, backlog: 1000)
      let neighbour = try network.listen(port: 8002, backlog: 10)
      var clients = try network.waiting(12, at: 8001)
      let before = try audit(["--walk", "always"])
      if count > 12 { clients += try network.connect(count: count - 12, to: 8001) }
      _ = try network.wait { try audit(["--no-owners"]).length(8001) == count }
      clients.removeAll()
      try network.await(count, in: .closeWait, at: 8001)
      defer { withExtendedLifetime((listener, neighbour)) {} }
      return (before, try audit(["--walk", "always"]))
    }
    #expect(before.rules == [], "they wait, and that is no fault yet")
    #expect(found.rules == ["program-does-not-accept"])
    #expect(found.findings.first?.severity == "error" && found.status == 1)
    #expect(found.findings.first?.subjects == ["127.0.0.1:8001"])
    #expect(found.findings.first?.act == "application" && found.keys == [])
    #expect(found.findings.first?.remedy?.contains("a longer queue does not help") == true)
  }

  /// Nobody has gone yet, but nothing moves while clients knock: not the cap's fault either.
  @Test func aQueueThatDoesNotMove() throws {
    let (stuck, working) = try PrivateNetwork.run { network in
      try network.set("net.core.somaxconn", "20")
      let listener = try network.listen(port: 8001, backlog: 1000)
      // Those that are turned away knock again after a second.
      let clients = try network.overflow(port: 8001, holding: 21)
      let stuck = try audit(["--walk", "always", "--window", "2s"])
      let stop = StopSign()
      let work = Thread {
        while !stop.isUp {
          for connection in listener.accept(1) { close(connection) }
          usleep(100_000)
        }
      }
      work.start()
      let more = try network.connect(count: 60, to: 8001)
      let working = try audit(["--walk", "always", "--window", "2s"])
      stop.raise()
      defer { withExtendedLifetime((clients, more)) {} }
      return (stuck, working)
    }
    #expect(stuck.rules == ["accept-queue-does-not-move"])
    #expect(stuck.keys == [] && stuck.status == 1)
    #expect(!working.rules.contains("accept-queue-does-not-move"))
    #expect(working.rules.contains("accept-queue-capped-by-somaxconn"))
  }

  /// The queue is full besides, by the cap or by the program's backlog: still nothing but the program
  /// is to blame, and the rules about full queues give way.
  @Test(arguments: [20, 4096])
  func aFullQueueOfAProgramThatDoesNotAccept(_ cap: Int) throws {
    let (waiting, gone) = try PrivateNetwork.run { network in
      try network.set("net.core.somaxconn", "\(cap)")
      let listener = try network.listen(port: 8001, backlog: cap == 20 ? 1000 : 20)
      var clients = try network.overflow(port: 8001, holding: 21)
      let waiting = try audit(["--walk", "always"])
      clients.removeAll()
      try network.await(21, in: .closeWait, at: 8001)
      defer { withExtendedLifetime(listener) {} }
      return (waiting, try audit(["--walk", "always"]))
    }
    #expect(waiting.rules.count == 1 && waiting.rules != gone.rules)
    #expect(gone.rules == ["program-does-not-accept"])
    #expect(gone.keys == [])
  }

  /// The program accepts and keeps what its clients have closed: neither keepalive nor
  /// tcp_fin_timeout is offered, nor any other key.
  @Test func aProgramThatDoesNotClose() throws {
    let (few, many) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 100)
      let neighbour = try network.listen(port: 8002, backlog: 100)
      var held = try network.abandoned(60, at: listener, 8001)
      try network.await(60, in: .closeWait, at: 8001)
      let few = try audit(["--walk", "always"])
      held += try network.abandoned(60, at: listener, 8001)
      try network.await(120, in: .closeWait, at: 8001)
      defer {
        for connection in held { close(connection) }
        withExtendedLifetime(neighbour) {}
      }
      return (few, try audit(["--walk", "always"]))
    }
    #expect(few.rules == [])
    #expect(many.rules == ["program-does-not-close"])
    #expect(many.findings.first?.subjects == ["127.0.0.1:8001"])
    #expect(many.findings.first?.act == "application" && many.keys == [])
    #expect(many.findings.first?.remedy?.contains("close()") == true)
  }

  // MARK: SYN queue

  /// Half-open requests by the share that they take: nothing, a note, a warning; never a key.
  @Test(arguments: [
    (30, [String](), "quiet"),
    (44, ["half-open-entries-die-early"], "note"),
    (56, ["syn-queue-nearly-full"], "warning"),
  ])
  func halfOpenRequests(_ count: Int64, _ rules: [String], _ severity: String) throws {
    let found = try PrivateNetwork.run { network in
      let lab = try network.lab()
      let listener = try lab.listen(port: 8001, backlog: 64)
      try lab.flood(count, to: 8001, over: Wire())
      try network.await(Int(count), in: .synRecv, at: 8001)
      let found = try audit(["--walk", "always"])
      listener.close()
      return found
    }
    #expect(found.listener(8001)?.syn_queue.length == Int(count))
    #expect(found.rules == rules)
    #expect(found.findings.allSatisfy { $0.severity == severity && $0.act == "network" })
    #expect(found.keys == [])
  }

  /// With two retries a crowded queue takes nothing away.
  @Test func fewRetriesCannotBeCut() throws {
    let found = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_synack_retries", "2")
      let lab = try network.lab()
      let listener = try lab.listen(port: 8001, backlog: 64)
      try lab.flood(44, to: 8001, over: Wire())
      try network.await(44, in: .synRecv, at: 8001)
      let found = try audit(["--walk", "always"])
      listener.close()
      return found
    }
    #expect(found.rules == [])
  }

  /// Forged SYNs, many a second: a flood, and neither a longer queue nor fewer cookies is offered.
  @Test func aFlood() throws {
    let found = try PrivateNetwork.run { network in
      let lab = try network.lab()
      let listener = try lab.listen(port: 8001, backlog: 64)
      let stop = StopSign()
      let flood = Thread {
        guard let wire = try? Wire() else { return }
        while !stop.isUp {
          try? lab.flood(100, to: 8001, over: wire)
          usleep(20_000)
        }
      }
      flood.start()
      defer {
        stop.raise()
        while !flood.isFinished { usleep(1_000) }
      }
      let found = try audit(["--walk", "always", "--window", "1s"])
      listener.close()
      return found
    }
    #expect(found.rules == ["syn-flood"])
    #expect(found.findings.allSatisfy { $0.severity == "warning" && !$0.since_boot })
    #expect(found.keys == [])
    #expect(found.findings.first?.remedy?.contains("leave syncookies on") == true)
  }

  /// The queue is full, and those who get cookies are real: overload, not a flood.
  @Test func realClientsByCookie() throws {
    let found = try PrivateNetwork.run { network in
      let lab = try network.lab()
      let listener = try lab.listen(port: 8001, backlog: 64)
      let descriptor = listener.descriptor
      try lab.flood(80, to: 8001, over: Wire())
      // The queue holds 64, since 6.13 one more; the rest got cookies.
      _ = network.wait(1) { (try? lab.count(.synRecv, at: 8001)) ?? 0 >= 64 }
      let stop = StopSign()
      let work = Thread {
        while !stop.isUp {
          let clients = (try? network.connect(count: 10, to: 8001)) ?? []
          usleep(5_000)
          while let connection = acceptConnection(descriptor) { close(connection) }
          withExtendedLifetime(clients) {}
        }
      }
      work.start()
      let found = Result { try audit(["--walk", "always", "--window", "1s"]) }
      stop.raise()
      while !work.isFinished { usleep(1_000) }
      listener.close()
      return try found.get()
    }
    #expect(found.rules == ["syn-queue-nearly-full", "syn-queue-overload"])
    #expect(found.keys == [])
    #expect(found.findings.last?.act == "application")
  }

  // MARK: Limits of the owner and of the host

  /// The program may open 64 files and has a queue of 129 places.
  @Test func fewDescriptors() throws {
    let (few, enough) = try PrivateNetwork.run { network in
      func found(_ openFiles: Int, _ port: UInt16) throws -> Audited {
        // Only the program keeps the listener.
        let program = try network.hold(
          network.listen(port: port, backlog: 128), openFiles: openFiles)
        let clients = try network.waiting(20, at: port)
        // Until the shell has become the program that it runs.
        _ = network.wait {
          let name = try? String(contentsOfFile: "/proc/\(program.process)/comm", encoding: .utf8)
          return name == "sleep\n"
        }
        return try withExtendedLifetime((program, clients)) {
          try audit(["--walk", "always"])
        }
      }
      return (try found(64, 8001), try found(512, 8002))
    }
    #expect(few.rules == ["descriptors-below-queue"])
    #expect(few.findings.first?.severity == "note" && few.status == 0)
    #expect(few.findings.first?.act == "application" && few.keys == [])
    #expect(few.findings.first?.remedy?.contains("LimitNOFILE") == true)
    #expect(enough.rules == [])
  }

  /// Closed connections whose data nobody reads, against limits that are laid over the host: those
  /// are the whole machine's, and not to be seen in a namespace.
  @Test func orphans() throws {
    let (none, many, starved) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 100)
      var clients = try network.waiting(40, at: 8001)
      for client in clients { client.fill() }
      clients.removeAll()
      // The kernel's own count is refreshed every 100 ms.
      usleep(250_000)
      let limits = { (orphans: Int, memory: String) in
        [
          "--walk", "always", "--set", "tcp_max_orphans=\(orphans)", "--set", "tcp_mem=\(memory)",
        ]
      }
      defer { withExtendedLifetime(listener) {} }
      let roomy = "100000000 150000000 200000000"
      // What is said of such limits besides.
      let absurd = ["max-orphans-low", "tcp-memory-without-brake"]
      return (
        try audit(limits(1_000_000, roomy)).without(absurd),
        try audit(limits(100, roomy)).without(absurd),
        try audit(limits(100, "1 2 3")).without(absurd)
      )
    }
    #expect(none.rules == [])
    #expect(many.rules == ["orphans-near-limit"])
    #expect(many.findings.first?.changes.map(\.key) == ["net.ipv4.tcp_max_orphans"])
    #expect(many.findings.first?.changes.first?.effect == "at-once")
    // Short of memory, more orphans are no remedy.
    #expect(starved.rules == ["tcp-memory-below-default"])
    #expect(Set(starved.keys) == ["net.ipv4.tcp_mem"])
  }

  // MARK: Health

  /// Much of everything, and nothing of it too much.
  @Test func aBusyHealthyHost() throws {
    let found = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_keepalive_time", "120")
      let listener = try network.listen(port: 8001, backlog: 128)
      let short = try network.listen(port: 8002, backlog: 128)
      let clients = try network.waiting(100, at: 8001)
      var held = listener.accept(100)
      for client in clients { client.keepAlive() }
      // Some have just been closed by their clients.
      held += try network.abandoned(20, at: listener, 8001)
      let lab = try network.lab()
      let far = try lab.listen(port: 8003, backlog: 128)
      let stop = StopSign()
      let work = Thread {
        guard let wire = try? Wire() else { return }
        var round = 0
        while !stop.isUp {
          let visitors = (try? network.connect(count: 20, to: 8002)) ?? []
          usleep(2_000)
          for connection in short.accept(100) { close(connection) }
          withExtendedLifetime(visitors) {}
          // And a few SYNs from far away, whose ACKs will come.
          round += 1
          if round == 1 { try? lab.flood(15, to: 8003, over: wire) }
        }
      }
      work.start()
      defer {
        stop.raise()
        while !work.isFinished { usleep(1_000) }
        for connection in held { close(connection) }
        withExtendedLifetime((listener, short, clients)) {}
      }
      let found = try audit(["--walk", "always", "--window", "1s"])
      far.close()
      return found
    }
    #expect(found.rules == [])
    #expect(found.status == 0)
  }
}
