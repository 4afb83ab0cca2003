import Facts
import Foundation
import Netlink
import Support
import Testing

/// An audit's JSON as far as it is about sockets and connections.
private struct Sockets: Decodable, Sendable {
  struct Connections: Decodable {
    var established: Int
    var unread: Int?
    var unacknowledged: Int?
    var syn_sent_retrying: Int
    var keepalive: Int
    var without_timer: Int
  }
  struct Destination: Decodable, Equatable {
    var address: String
    var port: Int
    var local_ports: Int
    var time_wait: Int
  }
  struct Counts: Decodable {
    var established_or_close_wait: Int
    var time_wait: Int
    var opening_or_closing: Int
    var syn_recv: Int?
    var states: [String: Int?]?
  }
  var sockets: Counts
  var connections: Connections?
  var destinations: [Destination]?

  /// What the program says of the namespace of the calling thread.
  static func audit(_ options: String...) throws -> Sockets {
    let result = try BuiltProgram.run(
      ["audit", "--format", "json", "--no-owners", "--fail-on", "never"] + options)
    guard result.status == 0, result.errors.isEmpty else { throw FixtureFailure(result.errors) }
    return try JSONDecoder().decode(Sockets.self, from: Data(result.output.utf8))
  }
}

extension PrivateNetwork {
  /// Pairs of connected sockets: clients, and what the listener accepted.
  fileprivate func pairs(
    _ count: Int, at listener: TestSocket, port: UInt16
  ) throws -> (clients: [TestSocket], accepted: [Int32]) {
    let clients = try connect(count: count, to: port)
    var accepted: [Int32] = []
    let isWhole = wait {
      accepted += listener.accept(count - accepted.count)
      return accepted.count == count
    }
    guard isWhole else { throw FixtureFailure("\(accepted.count) of \(count) connected") }
    return (clients, accepted)
  }
}

@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct ConnectionLiveTests {
  /// Bytes that a program leaves unread stand on its side; where they shut the window the sender's
  /// stand too, but its peer acknowledges.
  @Test func bytesThatStand() throws {
    let (found, alone) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 64)
      let (clients, accepted) = try network.pairs(6, at: listener, port: 8001)
      defer { accepted.forEach { close($0) } }
      for client in clients.prefix(3) { send(client.descriptor, "hello", 5, 0) }
      // One sender fills its peer's window and its own buffer.
      let block = [UInt8](repeating: 7, count: 65_536)
      while send(clients[5].descriptor, block, block.count, Int32(MSG_DONTWAIT)) > 0 {}
      usleep(300_000)
      let found = try Sockets.audit("--connections", "--window", "400ms")
      let alone = try Sockets.audit("--connections")
      withExtendedLifetime((listener, clients)) {}
      return (found, alone)
    }
    #expect(found.connections?.established == 12)
    #expect(found.connections?.unread == 4)
    #expect(found.connections?.unacknowledged == 0)
    #expect(alone.connections?.unread == nil)
    #expect(alone.connections?.unacknowledged == nil)
  }

  @Test func keepaliveTimers() throws {
    let found = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 64)
      let (clients, accepted) = try network.pairs(5, at: listener, port: 8001)
      defer { accepted.forEach { close($0) } }
      var one: Int32 = 1
      for connection in accepted.prefix(2) {
        setsockopt(connection, SOL_SOCKET, SO_KEEPALIVE, &one, 4)
      }
      usleep(50_000)
      defer { withExtendedLifetime((listener, clients)) {} }
      return try Sockets.audit("--connections")
    }
    #expect(found.connections?.keepalive == 2)
    #expect(found.connections?.without_timer == 8)
  }

  /// A SYN that nobody answers is sent again after a second, and then it is counted.
  @Test func synsSentAgain() throws {
    let (early, late) = try PrivateNetwork.run { network in
      var routing = try Routing()
      let prefix = try #require(Routing.Prefix("198.18.0.0/15"))
      try routing.add(route: prefix)
      let client = try TestSocket(ipv6: false)
      client.startConnecting(to: 80, host: [198, 18, 0, 1])
      usleep(100_000)
      let early = try Sockets.audit("--connections", "--states")
      usleep(1_200_000)
      defer { withExtendedLifetime(client) {} }
      return (early, try Sockets.audit("--connections", "--states"))
    }
    #expect(early.sockets.states?["SYN_SENT"] == 1)
    #expect(early.connections?.syn_sent_retrying == 0)
    #expect(late.connections?.syn_sent_retrying == 1)
    #expect(late.destinations?.map(\.address) == ["198.18.0.1"])
  }

  /// Ports towards a destination, TIME_WAIT among them where the client closed first; where the
  /// server did, its TIME_WAIT uses no port up.
  @Test func portsByDestination() throws {
    let found = try PrivateNetwork.run { network in
      let first = try network.listen(port: 8001, backlog: 64)
      let second = try network.listen(port: 8002, backlog: 64)
      let (held, heldThere) = try network.pairs(3, at: first, port: 8001)
      var (closing, closingThere) = try network.pairs(4, at: second, port: 8002)
      // Two clients close first, then two servers.
      closing.removeFirst(2)
      try network.await(2, in: .closeWait, at: 8002)
      for connection in closingThere { close(connection) }
      closingThere = []
      try network.await(2, in: .finWait2, at: 8002)
      closing = []
      try network.await(2, in: .timeWait, at: 8002)
      defer {
        heldThere.forEach { close($0) }
        withExtendedLifetime((first, second, held)) {}
      }
      return try Sockets.audit("--connections", "--states")
    }
    #expect(
      found.destinations == [
        Sockets.Destination(address: "127.0.0.1", port: 8001, local_ports: 3, time_wait: 0),
        Sockets.Destination(address: "127.0.0.1", port: 8002, local_ports: 2, time_wait: 2),
      ])
    #expect(found.sockets.time_wait == 4)
    #expect(found.sockets.states?["TIME_WAIT"] == 4)
    #expect(found.sockets.states?["ESTABLISHED"] == 6)
    #expect(found.sockets.states?["LISTEN"] == 2)
  }

  /// Without --states there are the sums that cost nothing; with it they are split and add up.
  @Test func statesAddUp() throws {
    let (sums, split) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 64)
      let (clients, accepted) = try network.pairs(7, at: listener, port: 8001)
      defer {
        accepted.forEach { close($0) }
        withExtendedLifetime((listener, clients)) {}
      }
      // Three peers have closed their side.
      for client in clients.prefix(3) { shutdown(client.descriptor, Int32(SHUT_WR)) }
      usleep(50_000)
      return (try Sockets.audit("--walk", "never"), try Sockets.audit("--states"))
    }
    #expect(sums.sockets.states == nil)
    #expect(sums.sockets.syn_recv == nil)
    #expect(sums.sockets.established_or_close_wait == 11)
    #expect(sums.sockets.opening_or_closing == 3)
    let states = split.sockets.states ?? [:]
    #expect(states.count == 11)
    #expect(states["ESTABLISHED"] == 8 && states["CLOSE_WAIT"] == 3 && states["FIN_WAIT2"] == 3)
    #expect(states["CLOSE"] == .some(nil))
  }

  /// Processes that fork after listen() hold one socket; the listener is one row with one owner.
  @Test func aGroupAndItsPeers() throws {
    let text = try PrivateNetwork.run { network in
      let members = try (0..<3).map { _ in
        try network.listen(port: 8001, backlog: 4, reuse: true)
      }
      let alone = try network.listen(port: 8002, backlog: 4)
      defer { withExtendedLifetime((members, alone)) {} }
      return try BuiltProgram.run(["queues"]).output
    }
    let rows = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let group = try #require(rows.first { $0.first == "127.0.0.1:8001" })
    #expect(group[1] == "x3")
    #expect(group.contains("0/12") && group.contains("0/15"))
    #expect(rows.count { $0.dropFirst().prefix(2) == ["of", "3"] } == 3)
    #expect(rows.count { $0.first == "127.0.0.1:8002" } == 1)
  }

  /// A listener of MPTCP is one of TCP to the kernel's tables.
  @Test func aListenerOfMultipathTCP() throws {
    let multipath: Int32 = 262
    let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), multipath)
    guard probe >= 0 else { return }
    close(probe)
    let found = try PrivateNetwork.run { network in
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), multipath)
      defer { close(listener) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(8443).bigEndian
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, 16) }
      }
      guard bound == 0, listen(listener, 33) == 0 else { throw FixtureFailure("mptcp: \(errno)") }
      let clients = try network.connect(count: 2, to: 8443)
      usleep(50_000)
      defer { withExtendedLifetime(clients) {} }
      return try audit()
    }
    #expect(found.listener(8443)?.accept_queue.limit == 33)
    #expect(found.listener(8443)?.accept_queue.length == 2)
    #expect(found.listener(8443)?.owner?.pid == Int(getpid()))
  }
}
