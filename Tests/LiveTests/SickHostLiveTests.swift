import Facts
import Foundation
import Support
import Testing

@testable import Prove

/// Hosts that are sick in one way each, with what must be said of them and what must not.
@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct SickHostLiveTests {
  /// Runs work on a thread of its own, in the namespace of the caller, while something is looked at.
  private static func during<Result>(
    _ work: @escaping @Sendable () -> Void, _ look: () throws -> Result
  ) rethrows -> Result {
    let stop = StopSign()
    let thread = Thread {
      while !stop.isUp { work() }
    }
    thread.start()
    defer {
      stop.raise()
      while !thread.isFinished { usleep(1_000) }
    }
    return try look()
  }

  // MARK: Values that do nothing, or too much

  /// What was raised in vain is a note, and nothing is offered that would be in vain too.
  @Test func aQueueRaisedInVain() throws {
    let (alone, both) = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_max_syn_backlog", "65535")
      let alone = try audit()
      try network.set("net.core.somaxconn", "65535")
      return (alone, try audit())
    }
    #expect(alone.rules == ["max-syn-backlog-idle"] && alone.status == 0)
    #expect(alone.keys == [])
    #expect(both.rules == [])
  }

  /// Harmless excess is a note each, and no reason to fail.
  @Test(arguments: [
    ("net.core.somaxconn", "1048576", "somaxconn-beyond-use"),
    ("net.ipv4.tcp_fin_timeout", "180", "fin-timeout-long"),
    ("net.ipv4.tcp_retries2", "20", "retries2-many"),
    ("net.ipv4.tcp_orphan_retries", "15", "orphan-retries-many"),
    ("net.ipv4.tcp_timestamps", "2", "timestamps-tell-uptime"),
    ("net.ipv4.tcp_keepalive_time", "86400", "keepalive-very-late"),
    ("net.ipv4.tcp_keepalive_intvl", "300", "keepalive-gives-up-late"),
    ("net.ipv4.tcp_max_tw_buckets", "8388608", "time-wait-buckets-many"),
    ("net.ipv4.tcp_tw_reuse", "0", "tw-reuse-off"),
  ])
  func excessIsANote(_ key: String, _ value: String, _ rule: String) throws {
    let found = try PrivateNetwork.run { network in
      try network.set(key, value)
      return try audit()
    }
    #expect(found.rules == [rule] && found.status == 0)
    #expect(found.findings.allSatisfy { $0.severity == "note" })
  }

  /// A widened range covers a service, until its port is reserved.
  @Test func aRangeOverAService() throws {
    let (open, reserved) = try PrivateNetwork.run { network in
      let service = try network.listen(port: 5432, backlog: 128)
      let outside = try network.listen(port: 40000, backlog: 128)
      try network.set("net.ipv4.ip_local_port_range", "1024 65535")
      let open = try audit()
      try network.set("net.ipv4.ip_local_reserved_ports", "5432")
      defer { withExtendedLifetime((service, outside)) {} }
      return (open, try audit())
    }
    #expect(open.rules == ["port-range-takes-a-service"] && open.status == 0)
    #expect(open.findings.first?.subjects == ["127.0.0.1:5432"])
    #expect(open.keys == [])
    #expect(reserved.rules == [])
  }

  // MARK: Handshakes

  /// With cookies off new peers are turned away at the last quarter; the remedy is cookies, not a
  /// longer queue.
  @Test func theLastQuarter() throws {
    let found = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_syncookies", "0")
      try network.set("net.ipv4.tcp_max_syn_backlog", "64")
      let lab = try network.lab()
      let listener = try lab.listen(port: 8001, backlog: 200)
      let found = try Self.during {
        if let wire = try? Wire() { try? lab.flood(100, to: 8001, over: wire) }
        usleep(20_000)
      } _: {
        try audit(["--walk", "always", "--window", "1s"])
      }
      listener.close()
      return found
    }
    #expect(found.rules == ["syn-last-quarter"])
    #expect(found.keys == ["net.ipv4.tcp_syncookies"])
    #expect(found.findings.first?.severity == "error")
  }

  /// Clients whose ACK never comes, too few to fill a queue: the network's matter.
  @Test func clientsThatDoNotAnswer() throws {
    let found = try PrivateNetwork.run { network in
      let lab = try network.lab()
      let listener = try lab.listen(port: 8001, backlog: 511)
      try lab.flood(60, to: 8001, over: Wire())
      try network.await(60, in: .synRecv, at: 8001)
      let found = try audit(["--walk", "always", "--window", "2s"])
      listener.close()
      return found
    }
    #expect(found.rules == ["handshakes-repeated"])
    #expect(found.keys == [])
    #expect(found.findings.first?.act == "network")
  }

  /// Nobody listens where a program connects: no queue, no retry and no timeout is to blame.
  @Test func nobodyListens() throws {
    let found = try PrivateNetwork.run { network in
      try Self.during {
        _ = try? network.connect(count: 5, to: 9)
        usleep(20_000)
      } _: {
        try audit(["--window", "1s"])
      }
    }
    #expect(found.rules == ["connects-refused"])
    #expect(found.keys == [])
    #expect(found.findings.first?.act == "application")
  }

  /// A program closes with the question unread: its resets are its own, and not the overflow's.
  @Test func aProgramThatClosesUnread() throws {
    let found = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 128)
      return try Self.during {
        let clients = (try? network.connect(count: 10, to: 8001)) ?? []
        usleep(2_000)
        for client in clients { send(client.descriptor, "question", 8, Int32(MSG_NOSIGNAL)) }
        usleep(2_000)
        for connection in listener.accept(100) { close(connection) }
        usleep(10_000)
      } _: {
        try audit(["--window", "1s"])
      }
    }
    #expect(found.rules == ["resets-by-own-programs"])
    #expect(found.keys == [])
    #expect(found.findings.allSatisfy { $0.severity == "note" })
  }

  // MARK: CLOSE_WAIT

  /// A pool keeps connections that its server has closed: the pool is at fault, and neither the
  /// listener beside it nor the server that closed; a reuse group's own are not taken for the pool's.
  @Test func aPoolThatDoesNotClose() throws {
    let (few, many, group) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 200)
      let first = try network.listen(port: 8002, backlog: 200, reuse: true)
      let second = try network.listen(port: 8002, backlog: 200, reuse: true)
      // The server's ends are closed first: CLOSE_WAIT stands at the clients'.
      func pool(_ count: Int) throws -> [TestSocket] {
        let clients = try network.waiting(count, at: 8001)
        for connection in listener.accept(count) { close(connection) }
        return clients
      }
      var clients = try pool(90)
      let few = try audit(["--walk", "always"])
      clients += try pool(30)
      let many = try audit(["--walk", "always"])
      clients.removeAll()
      let group = try network.connect(count: 120, to: 8002)
      var held: [Int32] = []
      let areThere = network.wait {
        held += first.accept(120) + second.accept(120)
        return held.count == 120
      }
      guard areThere else { throw FixtureFailure("\(held.count) of 120 came") }
      for client in group { shutdown(client.descriptor, Int32(SHUT_RDWR)) }
      defer {
        for connection in held { close(connection) }
        withExtendedLifetime((listener, first, second, group)) {}
      }
      return (few, many, try audit(["--walk", "always"]))
    }
    #expect(few.rules == [])
    #expect(many.rules == ["pool-does-not-close"])
    #expect(many.findings.first?.act == "application" && many.keys == [])
    #expect(many.findings.first?.subjects == [])
    #expect(group.rules == ["program-does-not-close"])
  }

  // MARK: Queues and TIME_WAIT

  /// A backlog of 0 holds one client, and is full with it: a fault only when another one comes.
  @Test func oneClientOfABacklogOfZero() throws {
    let (one, two) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 0)
      let first = try network.waiting(1, at: 8001)
      let one = try audit(["--window", "1s"])
      let two = try Self.during {
        _ = try? network.connect(count: 3, to: 8001)
        usleep(50_000)
      } _: {
        try audit(["--window", "1s"])
      }
      defer { withExtendedLifetime((listener, first)) {} }
      return (one, two)
    }
    #expect(one.rules == [])
    // The program of this test takes nobody, and that is said before its backlog.
    #expect(two.rules == ["accept-queue-does-not-move"])
    #expect(two.keys == [])
  }

  /// One member of a group is full: its neighbours' room is told, besides what binds.
  @Test func oneOfAGroupIsFull() throws {
    let found = try PrivateNetwork.run { network in
      let first = try network.listen(port: 8001, backlog: 4, reuse: true)
      let second = try network.listen(port: 8001, backlog: 400, reuse: true)
      let clients = try network.connect(count: 60, to: 8001)
      let isFull = try network.wait {
        try audit(["--no-owners", "--fail-on", "never"]).rules.contains("group-member-full")
      }
      guard isFull else { throw FixtureFailure("no member of the group is full") }
      defer { withExtendedLifetime((first, second, clients)) {} }
      return try audit()
    }
    #expect(found.rules == ["accept-queue-full-by-own-backlog", "group-member-full"])
    #expect(found.keys == [])
  }

  /// The places of TIME_WAIT are nearly used up, and none has been refused yet.
  @Test func timeWaitIsNearlyFull() throws {
    let (near, mended) = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_max_tw_buckets", "8192")
      let listener = try network.listen(port: 8001, backlog: 1000)
      for _ in 0..<14 {
        let clients = try network.connect(count: 490, to: 8001)
        var held: [Int32] = []
        let areThere = network.wait {
          held += listener.accept(500)
          return held.count == 490
        }
        guard areThere else { throw FixtureFailure("\(held.count) of 490 came") }
        for client in clients { shutdown(client.descriptor, Int32(SHUT_RDWR)) }
        usleep(20_000)
        for connection in held { close(connection) }
        withExtendedLifetime(clients) {}
      }
      let near = try audit()
      try network.set("net.ipv4.tcp_max_tw_buckets", "65536")
      defer { withExtendedLifetime(listener) {} }
      return (near, try audit())
    }
    #expect(near.rules == ["time-wait-near-limit"])
    #expect(near.keys == ["net.ipv4.tcp_max_tw_buckets"])
    #expect(near.findings.first?.changes.first?.value == "65536")
    #expect(mended.rules == [])
  }

  // MARK: Health

  /// A busy proxy under the profile that is made for it: nothing to say.
  @Test(arguments: [
    "edge-proxy", "high-conn", "low-latency", "long-lived", "database", "syn-flood",
    "bulk-throughput", "container-host",
  ])
  func aBusyHostWithAProfile(_ profile: String) throws {
    let found = try PrivateNetwork.run { network in
      let plan = try BuiltProgram.run(
        ["diff", "--format", "json", "--skip-missing", "--profile", profile])
      let json = try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any]
      let changes = json?["changes"] as? [[String: Any]] ?? []
      guard !changes.isEmpty else { throw FixtureFailure("\(profile): nothing to set") }
      for change in changes where (change["outcome"] as? String ?? "change") == "change" {
        guard let key = change["key"] as? String, let value = change["value"] as? String else {
          throw FixtureFailure("a change without key or value: \(change)")
        }
        try network.set(key, value)
      }
      let listener = try network.listen(port: 8001, backlog: 511)
      return try Self.during {
        let clients = (try? network.connect(count: 20, to: 8001)) ?? []
        usleep(2_000)
        for connection in listener.accept(100) { close(connection) }
        withExtendedLifetime(clients) {}
      } _: {
        try audit(["--walk", "always", "--window", "1s"])
      }
    }
    #expect(found.rules == [] && found.status == 0)
  }
}
