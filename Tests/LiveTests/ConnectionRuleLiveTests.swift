import Facts
import Foundation
import Netlink
import Support
import Testing

@testable import Prove

/// What is said of a range of a hundred ports, and of reuse being off, besides.
private let smallRange = ["port-range-narrow", "tw-reuse-off"]

/// Rules about single connections and about destinations, which need a dump.
@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct ConnectionRuleLiveTests {
  /// A window, and every connection looked at.
  static let everything = ["--connections", "--walk", "always", "--window", "1s"]

  /// Waits until bytes have come on every connection.
  private static func untilThere(_ connections: [Int32]) {
    for connection in connections {
      var descriptor = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
      poll(&descriptor, 1, 5_000)
    }
  }

  // MARK: Bytes that stand

  /// The program has accepted and does not read; once it has, all is well.
  @Test func aProgramThatDoesNotRead() throws {
    let (unread, read) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 100)
      let clients = try network.waiting(20, at: 8001)
      let held = listener.accept(20)
      defer {
        for connection in held { close(connection) }
        withExtendedLifetime((listener, clients)) {}
      }
      for client in clients { send(client.descriptor, "question", 8, 0) }
      Self.untilThere(held)
      let unread = try audit(Self.everything)
      var answer = [UInt8](repeating: 0, count: 100)
      for connection in held { recv(connection, &answer, answer.count, 0) }
      return (unread, try audit(Self.everything))
    }
    #expect(unread.rules == ["bytes-not-read"])
    #expect(unread.findings.first?.severity == "warning" && unread.status == 1)
    #expect(unread.findings.first?.act == "application" && unread.keys == [])
    #expect(read.rules == [])
  }

  /// Without a window it is not known whether bytes stand or pass.
  @Test func oneLookTellsNothingOfBytes() throws {
    let found = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 100)
      let clients = try network.waiting(20, at: 8001)
      let held = listener.accept(20)
      defer {
        for connection in held { close(connection) }
        withExtendedLifetime((listener, clients)) {}
      }
      for client in clients { send(client.descriptor, "question", 8, 0) }
      Self.untilThere(held)
      return try audit(["--connections", "--walk", "always"])
    }
    #expect(found.rules == [])
    #expect(found.notChecked.contains("bytes-not-read"))
    #expect(found.notChecked.contains("bytes-not-acknowledged"))
  }

  /// Peers that were there and are silent: no key is offered, not even tcp_retries2.
  @Test func peersThatDoNotAcknowledge() throws {
    let found = try PrivateNetwork.run { network in
      let lab = try network.lab()
      let wire = try Wire()
      var clients: [Held] = []
      for index in 0..<12 {
        let client = Held(try Socket())
        guard let address = IPv4Address("172.16.0.\(index + 1)") else { continue }
        _ = try wire.peer(
          accepting: client.socket, at: Endpoint(address: address, port: 80), lab)
        _ = client.socket.send([1, 2, 3])
        clients.append(client)
      }
      // The first repetition comes after 0.2 s.
      usleep(500_000)
      defer { withExtendedLifetime(clients) {} }
      return try audit(Self.everything)
    }
    #expect(found.rules == ["bytes-not-acknowledged"])
    #expect(found.findings.first?.act == "network" && found.keys == [])
    #expect(found.findings.first?.remedy?.contains("TCP_USER_TIMEOUT") == true)
  }

  private final class Held {
    let socket: Socket
    init(_ socket: consuming Socket) { self.socket = socket }
  }

  // MARK: Connecting

  /// Nobody answers: quiet while the first second lasts, then a finding without a key.
  @Test(arguments: [(12, ["connects-unanswered"]), (5, [])])
  func nobodyAnswers(_ count: Int, _ rules: [String]) throws {
    let (early, late) = try PrivateNetwork.run { network in
      let lab = try network.lab()
      let clients = try network.connect(count: count, to: 80, host: [172, 16, 9, 1])
      let early = try audit(["--connections", "--walk", "always"])
      lab.pause(1.3)
      defer { withExtendedLifetime(clients) {} }
      return (early, try audit(["--connections", "--walk", "always"]))
    }
    #expect(early.rules == [])
    #expect(late.rules == rules)
    #expect(late.keys == [] && late.findings.allSatisfy { $0.act == "network" })
  }

  // MARK: Keepalive

  /// A faster keepalive that no program asks for, then one that half of the ends have.
  @Test func keepaliveThatNobodyUses() throws {
    let (unused, used, untouched) = try PrivateNetwork.run { network in
      let listener = try network.listen(port: 8001, backlog: 100)
      let clients = try network.waiting(15, at: 8001)
      let held = listener.accept(15)
      defer {
        for connection in held { close(connection) }
        withExtendedLifetime((listener, clients)) {}
      }
      let untouched = try audit(["--connections", "--walk", "always"])
      try network.set("net.ipv4.tcp_keepalive_time", "120")
      let unused = try audit(["--connections", "--walk", "always"])
      for client in clients { client.keepAlive() }
      return (unused, try audit(["--connections", "--walk", "always"]), untouched)
    }
    #expect(untouched.rules == [])
    #expect(unused.rules == ["keepalive-unused"])
    #expect(unused.findings.first?.severity == "note" && unused.status == 0)
    #expect(unused.keys == [])
    #expect(used.rules == [])
  }

  // MARK: Ports

  /// Makes so many connections to a port and closes them, the clients first or the server.
  private static func churn(
    _ count: Int, at listener: Int32, _ port: UInt16, to host: [UInt8],
    clientFirst: Bool, _ network: PrivateNetwork
  ) throws {
    var clients = try network.connect(count: count, to: port, host: host)
    var held: [Int32] = []
    _ = network.wait {
      while let connection = acceptConnection(listener) { held.append(connection) }
      return held.count == count
    }
    guard held.count == count else { throw FixtureFailure("\(held.count) of \(count) came") }
    if clientFirst {
      clients.removeAll()
      try network.await(count, in: .closeWait, at: port)
    }
    for connection in held { close(connection) }
    if !clientFirst { try network.await(count, in: .finWait2, at: port) }
    clients.removeAll()
    // Whoever closed first rests; nothing else is left.
    let isOver = try network.wait {
      var dump = SocketDump(over: try NetlinkSocket())
      let all = try dump.connections(in: Set(TCPState.allCases).subtracting([.listen]))
      let resting = all.filter { $0.state == .timeWait && ($0.localPort == port) != clientFirst }
      return resting.count == count && all.count == count
    }
    guard isOver else { throw FixtureFailure("connections to \(port) do not come to rest") }
  }

  private struct PortCase: Sendable {
    var host: [UInt8]
    var reuse: String
    var clientFirst = true
    var rules: [String]
  }

  private static let loopback: [UInt8] = [127, 0, 0, 1]
  private static let own: [UInt8] = [10, 9, 0, 1]

  /// 85 of 100 ports rest in TIME_WAIT.
  ///
  /// Where reuse is off, or holds for loopback only, switching it on is the remedy. A server's own
  /// TIME_WAIT takes no port.
  @Test(arguments: [
    PortCase(host: loopback, reuse: "0", rules: ["ports-rest-in-time-wait"]),
    PortCase(host: loopback, reuse: "2", rules: []),
    PortCase(host: loopback, reuse: "1", rules: []),
    PortCase(host: own, reuse: "2", rules: ["ports-rest-in-time-wait"]),
    PortCase(host: own, reuse: "0", clientFirst: false, rules: []),
  ])
  private func portsInTimeWait(_ c: PortCase) throws {
    let found = try PrivateNetwork.run { network in
      try network.set("net.ipv4.ip_local_port_range", "40000 40099")
      try network.set("net.ipv4.tcp_tw_reuse", c.reuse)
      let lab = try network.lab()
      let listener = try lab.listen(port: 8001, backlog: 200)
      try Self.churn(
        85, at: listener.descriptor, 8001, to: c.host, clientFirst: c.clientFirst, network)
      // Within the budget a destination is looked at without being asked for.
      let found = try audit(["--walk", "always"]).without(smallRange)
      listener.close()
      return found
    }
    #expect(found.rules == c.rules)
    #expect(Set(found.keys) == (c.rules.isEmpty ? [] : ["net.ipv4.tcp_tw_reuse"]))
    let port = c.host == Self.own ? "10.9.0.1:8001" : "127.0.0.1:8001"
    #expect(found.findings.allSatisfy { $0.subjects == [port] })
  }

  /// Open connections take the ports: reuse would not help, so it is not offered.
  @Test(arguments: [(85, ["ports-nearly-used-up"]), (75, [])])
  func portsHeldByOpenConnections(_ count: Int, _ rules: [String]) throws {
    let found = try PrivateNetwork.run { network in
      try network.set("net.ipv4.ip_local_port_range", "40000 40099")
      try network.set("net.ipv4.tcp_tw_reuse", "0")
      let listener = try network.listen(port: 8001, backlog: 200)
      let clients = try network.waiting(count, at: 8001)
      let held = listener.accept(count)
      defer {
        for connection in held { close(connection) }
        withExtendedLifetime((listener, clients)) {}
      }
      return try audit(["--walk", "always"]).without(smallRange)
    }
    #expect(found.rules == rules)
    #expect(found.keys == [])
  }

  // MARK: Health

  /// Connections that talk, some with keepalive, some connecting, some resting: nothing to say.
  @Test func aBusyHealthyHost() throws {
    let found = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_keepalive_time", "120")
      let lab = try network.lab()
      let listener = try network.listen(port: 8001, backlog: 128)
      let short = try network.listen(port: 8002, backlog: 128)
      // What is accepted inherits it; a connection with data under way has another timer.
      listener.keepAlive()
      let clients = try network.waiting(60, at: 8001)
      let held = listener.accept(60)
      for client in clients { client.keepAlive() }
      // A pool with one dead server.
      let dead = try network.connect(count: 4, to: 80, host: [172, 16, 9, 1])
      lab.pause(1.2)
      let stop = StopSign()
      let work = Thread {
        var answer = [UInt8](repeating: 0, count: 100)
        while !stop.isUp {
          for client in clients { send(client.descriptor, "question", 8, 0) }
          for connection in held {
            recv(connection, &answer, answer.count, Int32(MSG_DONTWAIT))
          }
          let visitors = (try? network.connect(count: 20, to: 8002)) ?? []
          usleep(2_000)
          for connection in short.accept(100) { close(connection) }
          withExtendedLifetime(visitors) {}
        }
      }
      work.start()
      defer {
        stop.raise()
        while !work.isFinished { usleep(1_000) }
        for connection in held { close(connection) }
        withExtendedLifetime((listener, short, clients, dead)) {}
      }
      return try audit(Self.everything)
    }
    #expect(found.rules == [])
    #expect(found.notChecked == [])
    #expect(found.status == 0)
  }
}
