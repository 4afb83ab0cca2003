import Facts
import Glibc
import Netlink
import Support
import Testing

@testable import Prove

private let own = Endpoint(address: IPv4Address(0xac10_0001), port: 80)
private let kernel = Endpoint(address: IPv4Address(0x0a09_0001), port: 40_000)

private func segment(_ sequence: UInt32, _ flags: Packet.Flags, _ payload: [UInt8] = []) -> Packet {
  Packet(
    source: kernel, destination: own, sequence: sequence, flags: flags, payload: payload)
}

/// A peer that takes a connection counts the SYN, the bytes and the FIN of both sides, once each.
@Test func aPeerKeepsCount() {
  var peer = WirePeer(answering: segment(.max, .syn))
  #expect(peer.expected == 0, "numbers go around")
  let answer = peer.segment(.syn)
  #expect(answer.flags == [.syn, .acknowledgement] && answer.acknowledged == 0)
  #expect(answer.options == [.maximumSegment(1460)])
  #expect(peer.segment(.push, [1, 2, 3]).sequence == answer.sequence + 1)
  let finish = peer.segment(.fin)
  #expect(finish.sequence == answer.sequence + 4)
  #expect(peer.segment().sequence == finish.sequence + 1)

  peer.note(segment(0, .push, [1, 2]))
  #expect(peer.expected == 2)
  peer.note(segment(0, .push, [1, 2]))
  peer.note(segment(3, .fin))
  #expect(peer.expected == 2, "repeated and missing bytes change nothing")
  peer.note(segment(2, .fin))
  #expect(peer.segment().acknowledged == 3)
  var stranger = segment(3, .fin)
  stranger.source.port += 1
  peer.note(stranger)
  #expect(peer.expected == 3 && !peer.isMine(stranger))
}

/// A peer that asks for a connection goes on behind its own SYN.
@Test func aPeerThatAsks() {
  let request = WirePeer.request(from: own, to: kernel)
  #expect(request.flags == .syn && request.acknowledged == 0)
  var peer = WirePeer(answering: segment(70, [.syn, .acknowledgement]))
  let confirmation = peer.segment()
  #expect(confirmation.flags == .acknowledgement)
  #expect(confirmation.sequence == request.sequence + 1 && confirmation.acknowledged == 71)
}

/// What a connection over the wire came to.
private struct Exchange: Sendable {
  var sent = ""
  var received = ""
  var state: TCPState?
  var gap = 0.0
}

private func run(
  _ body: @escaping @Sendable (Lab, borrowing Wire) throws -> Exchange
) throws -> Exchange {
  try PrivateNetwork.run { _ in
    let release = try #require(KernelRelease("6.1"))
    return try body(try Lab(release: release), try Wire())
  }
}

@Test(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
func aPeerTakesAConnection() throws {
  let exchange = try run { lab, wire in
    var connection = try WireConnection(wire, to: "172.16.0.1", lab)
    var exchange = Exchange()
    _ = connection.socket.send(Array("to the peer".utf8))
    let seen = try wire.packet(within: 3, "data", lab) { !$0.payload.isEmpty }
    exchange.gap = lab.now - seen.time
    exchange.received = String(decoding: seen.packet.payload, as: UTF8.self)
    connection.peer.note(seen.packet)
    try wire.send(connection.peer.segment(.push, Array("to the kernel".utf8)))
    _ = try lab.wait(3) { () throws(LabFailure) in connection.socket.poll(POLLIN) != 0 }
    if case .bytes(let bytes) = connection.socket.receive() {
      exchange.sent = String(decoding: bytes, as: UTF8.self)
    }
    exchange.state = try lab.connections(in: Set(TCPState.allCases))
      .first { $0.peerAddress == "172.16.0.1" }?.state
    return exchange
  }
  #expect(exchange.received == "to the peer")
  #expect(exchange.sent == "to the kernel")
  #expect(exchange.state == .established)
  #expect((0...2000).contains(exchange.gap), "milliseconds of the lab's clock")
}

@Test(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
func aPeerAsksForAConnection() throws {
  let exchange = try run { lab, wire in
    let listener = try lab.listen(port: 80, backlog: 8)
    var server = kernel
    server.port = 80
    var client = own
    client.port = 40_000
    var peer = try wire.peer(connecting: client, to: server, lab)
    let connection = try lab.accepted(from: listener)
    try wire.send(peer.segment(.push, Array("hello".utf8)))
    _ = try lab.wait(3) { () throws(LabFailure) in connection.poll(POLLIN) != 0 }
    var exchange = Exchange()
    if case .bytes(let bytes) = connection.receive() {
      exchange.sent = String(decoding: bytes, as: UTF8.self)
    }
    exchange.state = try lab.connections(in: [.established]).first { $0.localPort == 80 }?.state
    return exchange
  }
  #expect(exchange.sent == "hello")
  #expect(exchange.state == .established)
}

/// Nothing is seen of what the peer itself sends, and every packet of the kernel's only once.
@Test(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
func packetsAreSeenOnce() throws {
  let exchange = try run { lab, wire in
    let client = try Socket()
    _ = client.connect("172.16.0.1", port: 80)
    try wire.send(WirePeer.request(from: own, to: kernel))
    let seen = try wire.watch(lab, 0.3) { () throws(LabFailure) in false }
    var exchange = Exchange()
    exchange.received = seen.captures.map { "\($0.packet.destination.port)" }.joined(separator: " ")
    return exchange
  }
  // The SYN of connect(), and the RST to a client that found nobody.
  #expect(exchange.received == "80 80")
}
