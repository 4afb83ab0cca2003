import Facts
import Support
import Testing

@testable import Netlink

private let here: [UInt8] = [192, 0, 2, 1]
private let alsoHere: [UInt8] = [192, 0, 2, 2]
private let there: [UInt8] = [198, 51, 100, 7]

/// A walk with a question over sockets that a dump shows.
private func walk(_ question: WalkQuestion, _ sockets: [[UInt8]]) throws -> ConnectionWalk {
  let answers = sockets.map { Made.answer($0, []) } + [Made.done()]
  var dump = SocketDump(over: RecordedTransport([RecordedAnswers(answers: answers)]))
  return try dump.walk(question).walk
}

// MARK: What is asked of the kernel

struct QuestionCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var change: @Sendable (inout WalkQuestion) -> Void
  var wanted: Set<TCPState>
}

@Test(arguments: [
  QuestionCase(testDescription: "queues", change: { _ in }, wanted: [.synRecv, .closeWait]),
  QuestionCase(
    testDescription: "states", change: { $0.wantsStates = true },
    wanted: [.synSent, .synRecv, .finWait1, .finWait2, .closeWait, .lastAck, .closing]),
  QuestionCase(
    testDescription: "connections", change: { $0.wantsConnections = true },
    wanted: [.established, .synSent, .synRecv, .closeWait]),
  QuestionCase(
    testDescription: "destinations", change: { $0.outgoingPorts = 32768...60999 },
    wanted: Set(TCPState.allCases).subtracting([.listen, .close])),
])
func statesThatAreCopied(_ c: QuestionCase) {
  var question = WalkQuestion()
  c.change(&question)
  #expect(Set(question.wanted) == c.wanted)
}

// MARK: States

/// ESTABLISHED and TIME_WAIT are what the kernel counts, without what the dump shows of them.
@Test func allStates() throws {
  var question = WalkQuestion()
  question.wantsStates = true
  let sockets = [
    Made.socket(state: 2), Made.socket(state: 3), Made.socket(state: 3), Made.socket(state: 4),
    Made.socket(state: 5), Made.socket(state: 5, timer: 3), Made.socket(state: 8),
    Made.socket(state: 9), Made.socket(state: 11),
  ]
  let counts = try walk(question, sockets)
    .states(establishedOrCloseWait: 11, timeWait: 21, listeners: 4)
  let wanted: [TCPState: Int64] = [
    .listen: 4, .synSent: 1, .synRecv: 2, .established: 10, .finWait1: 1, .finWait2: 2,
    .timeWait: 20, .closeWait: 1, .lastAck: 1, .closing: 1,
  ]
  #expect(counts == StateCounts(wanted))
  #expect(counts[.close].absence?.kind == .absent)
}

/// What the kernel's files did not tell is not counted; what they tell too late is not negative.
@Test func statesOfHalfReadCounters() throws {
  var question = WalkQuestion()
  question.wantsStates = true
  let counts = try walk(question, [Made.socket(state: 8), Made.socket(state: 8)])
  let unread = counts.states(establishedOrCloseWait: nil, timeWait: nil, listeners: nil)
  for state in [TCPState.established, .timeWait, .listen] {
    #expect(unread[state].value == nil)
  }
  #expect(unread[.closeWait] == .known(2))
  let late = counts.states(establishedOrCloseWait: 1, timeWait: 0, listeners: 0)
  #expect(late[.established] == .known(0))
}

// MARK: Connections

private func established(
  _ cookie: UInt64, timer: UInt8 = 0, retransmissions: UInt8 = 0, unread: UInt32 = 0,
  unacknowledged: UInt32 = 0
) -> [UInt8] {
  Made.socket(
    state: 1, timer: timer, retransmissions: retransmissions, cookie: cookie, length: unread,
    limit: unacknowledged)
}

private func look(
  _ sockets: [[UInt8]], after before: StandingBytes? = nil
) throws -> ConnectionWalk {
  var question = WalkQuestion()
  question.wantsConnections = true
  question.bytesBefore = before
  return try walk(question, sockets)
}

/// One look tells timers and SYNs sent again, and that bytes need two.
@Test func oneLook() throws {
  let counts = try look([
    established(1, timer: 2), established(2), established(3, timer: 1, unread: 9),
    Made.socket(state: 2, timer: 1), Made.socket(state: 2, timer: 1, retransmissions: 1),
    Made.socket(state: 3, retransmissions: 2), Made.socket(state: 8),
  ]).connections
  #expect(counts.established == 3)
  #expect(counts.keepalive == 1 && counts.timerless == 1)
  #expect(counts.keepaliveShare == .known(try #require(Fraction(1, 2))))
  #expect(counts.synSentRetrying == 1)
  #expect(counts.unread.absence?.kind == .noWindow)
  #expect(counts.unacknowledged.absence?.kind == .noWindow)
}

struct StandingCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var before: [[UInt8]]
  var after: [[UInt8]]
  var unread: Int64 = 0
  var unacknowledged: Int64 = 0
}

@Test(arguments: [
  StandingCase(
    testDescription: "unread at both ends", before: [established(1, unread: 5)],
    after: [established(1, unread: 5)], unread: 1),
  StandingCase(
    testDescription: "more unread than before", before: [established(1, unread: 5)],
    after: [established(1, unread: 6)], unread: 1),
  StandingCase(
    testDescription: "some of it was read", before: [established(1, unread: 5)],
    after: [established(1, unread: 4)]),
  StandingCase(
    testDescription: "all of it was read", before: [established(1, unread: 5)],
    after: [established(1)]),
  StandingCase(
    testDescription: "another connection", before: [established(1, unread: 5)],
    after: [established(2, unread: 5)]),
  StandingCase(
    testDescription: "bytes came within the window", before: [established(1)],
    after: [established(1, unread: 5)]),
  StandingCase(
    testDescription: "a busy sender: under way, never sent again",
    before: [established(1, timer: 1, unacknowledged: 9000)],
    after: [established(1, timer: 1, unacknowledged: 9000)]),
  StandingCase(
    testDescription: "sent again", before: [established(1, timer: 1, unacknowledged: 9)],
    after: [established(1, timer: 1, retransmissions: 3, unacknowledged: 9)], unacknowledged: 1),
  StandingCase(
    testDescription: "sent again, but some got through",
    before: [established(1, timer: 1, unacknowledged: 9)],
    after: [established(1, timer: 1, retransmissions: 3, unacknowledged: 8)]),
  StandingCase(
    testDescription: "a shut window is probed: the peer acknowledges",
    before: [established(1, timer: 4, unacknowledged: 9)],
    after: [established(1, timer: 4, retransmissions: 2, unacknowledged: 10)]),
])
func bytesThatStand(_ c: StandingCase) throws {
  let before = try look(c.before).standingBytes
  #expect(!before.isCut)
  let counts = try look(c.after, after: before).connections
  #expect(counts.unread == .known(c.unread))
  #expect(counts.unacknowledged == .known(c.unacknowledged))
}

// MARK: Destinations

private func outgoing(
  _ state: UInt8 = 1, port: UInt16, from local: [UInt8] = here, to peer: [UInt8] = there,
  peerPort: UInt16 = 443
) -> [UInt8] {
  Made.socket(state: state, address: local, peer: peer, port: port, peerPort: peerPort)
}

private func destinations(_ sockets: [[UInt8]], listening: [UInt16] = []) throws
  -> [Destination]
{
  var question = WalkQuestion(listenerPorts: PortSet(listening))
  question.outgoingPorts = 32768...60999
  return try walk(question, sockets).destinations
}

@Test func portsByDestination() throws {
  let found = try destinations([
    outgoing(port: 40000), outgoing(6, port: 40001), outgoing(2, port: 40002),
    outgoing(port: 40003, peerPort: 80), outgoing(port: 40004, to: here),
  ])
  #expect(
    found == [
      Destination(address: "198.51.100.7", port: 443, localPorts: 3, timeWait: 1),
      Destination(address: "192.0.2.1", port: 443, localPorts: 1, timeWait: 0),
      Destination(address: "198.51.100.7", port: 80, localPorts: 1, timeWait: 0),
    ])
}

/// A server's own connections, and those from a port that nobody was given, use no port up.
@Test func onlyTheOutgoingSide() throws {
  let found = try destinations(
    [
      outgoing(6, port: 40000), outgoing(6, port: 443), outgoing(port: 61000),
      outgoing(port: 32768), outgoing(port: 60999), outgoing(3, port: 40001),
      outgoing(port: 32767),
    ], listening: [40000])
  #expect(found.map(\.localPorts) == [2])
}

/// Each local address has all ports to itself: the fullest counts.
@Test func portsOfSeveralLocalAddresses() throws {
  let found = try destinations([
    outgoing(port: 40000), outgoing(port: 40001), outgoing(port: 40000, from: alsoHere),
    outgoing(6, port: 40002, from: alsoHere), outgoing(6, port: 40003, from: alsoHere),
  ])
  #expect(
    found == [Destination(address: "198.51.100.7", port: 443, localPorts: 3, timeWait: 2)])
}

/// An IPv4 address in the form of IPv6 is the same destination.
@Test func mappedDestinations() throws {
  let mapped = { (address: [UInt8]) in
    [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + address
  }
  let found = try destinations([
    outgoing(port: 40000), outgoing(port: 40001, from: mapped(here), to: mapped(there)),
  ])
  #expect(found.map(\.name) == ["198.51.100.7:443"])
  #expect(found.map(\.localPorts) == [2])
}

/// Ten thousand destinations with a connection each beside one with two thousand: that one is still
/// there, and no count is low by more than is said.
@Test func moreDestinationsThanAreCounted() throws {
  var question = WalkQuestion(listenerPorts: PortSet([]))
  question.outgoingPorts = 32768...60999
  var walk = ConnectionWalk(question)
  for number in 0..<12_000 {
    let port = UInt16(32768 + number)
    let small = [10, 0, UInt8(number >> 8), UInt8(number & 0xff)]
    for socket in [
      number.isMultiple(of: 6) ? outgoing(port: port) : nil, outgoing(port: port, to: small),
    ].compactMap({ $0 }) {
      walk.count(try InetDiagMessage(Bytes(socket[...])))
    }
  }
  #expect(walk.destinationShortfall > 0)
  let first = try #require(walk.destinations.first)
  #expect(first.name == "198.51.100.7:443")
  #expect((2000 - walk.destinationShortfall...2000).contains(first.localPorts))
  #expect(walk.destinations.count <= 1000)
}

// MARK: Ports of listeners

/// Half-closed connections at ports where nobody listens are counted in all, and are nobody's.
@Test func portsWithoutAListener() throws {
  let walk = try walk(
    WalkQuestion(listenerPorts: PortSet([80])),
    [Made.socket(state: 8, port: 80), Made.socket(state: 8, port: 40000)])
  #expect(walk.total == Listener.Attached(closeWaitHeld: 2))
  #expect(walk.attached(to: [listener()]) == [.known(Listener.Attached(closeWaitHeld: 1))])
}
