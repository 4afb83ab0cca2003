import Facts
import Netlink
import Support
import Testing

/// A walk of what these datagrams tell.
func walk(_ datagrams: [[UInt8]]) throws -> (walk: ConnectionWalk, gaps: [Gap]) {
  var dump = SocketDump(over: RecordedTransport([RecordedAnswers(answers: datagrams)]))
  return try dump.walk()
}

/// The recorded hosts' half-open and closing connections, by the comments of their files.
@Test(arguments: RecordedAnswers.kernels(asked: "synrecv-closewait-tcpdiag"))
func theWalkOfARecordedHost(_ kernel: String) throws {
  let answers = try RecordedAnswers(kernel: kernel, question: "synrecv-closewait-tcpdiag").answers
  let (walk, gaps) = try walk(answers)
  #expect(walk.total == Listener.Attached(synRecv: 36, closeWaitHeld: 2))
  #expect(gaps.isEmpty)
  let families = try ["listen-v4-skmeminfo", "listen-v6-skmeminfo"].map {
    try RecordedAnswers(kernel: kernel, question: $0)
  }
  let listeners = ask([RecordedAnswers(answers: [Made.refusal(errno: 22)])] + families).listeners
  let counts = zip(listeners.map(\.port), walk.attached(to: listeners))
  let wanted: [Int64: Listener.Attached] = [
    8000: .init(), 8005: .init(), 8128: .init(), 8511: .init(synRecv: 30), 9000: .init(synRecv: 4),
    8443: .init(synRecv: 2), 8444: .init(closeWaitHeld: 2),
  ]
  #expect(Dictionary(uniqueKeysWithValues: counts) == wanted.mapValues(Reading.known))
}

struct AttachedCase: Sendable, CustomTestStringConvertible {
  var name: String
  /// The address of a connection in SYN_RECV on port 80.
  var address: [UInt8]
  /// Listeners on port 80, and how many of the connection each has.
  var listeners: [(String, Int64)]
  var testDescription: String { name }
}

private let here: [UInt8] = [192, 0, 2, 1]
private let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + here
private let six: [UInt8] = [0xfd, 9] + [UInt8](repeating: 0, count: 13) + [1]

@Test(arguments: [
  AttachedCase(
    name: "its own address first", address: here,
    listeners: [("0.0.0.0", 0), ("192.0.2.1", 1), ("::", 0)]),
  AttachedCase(name: "else the wildcard", address: here, listeners: [("0.0.0.0", 1), ("::", 0)]),
  AttachedCase(name: "else that of IPv6", address: here, listeners: [("192.0.2.2", 0), ("::", 1)]),
  AttachedCase(
    name: "an IPv4 address in the form of IPv6", address: mapped, listeners: [("::", 1)]),
  AttachedCase(
    name: "a listener whose own address has that form", address: mapped,
    listeners: [("::ffff:192.0.2.1", 1), ("::", 0)]),
  AttachedCase(name: "IPv6", address: six, listeners: [("0.0.0.0", 0), ("fd09::1", 1), ("::", 0)]),
  AttachedCase(
    name: "IPv6 and its wildcard", address: six, listeners: [("0.0.0.0", 0), ("::", 1)]),
  AttachedCase(name: "nobody's", address: six, listeners: [("0.0.0.0", 0), ("fd09::2", 0)]),
])
func whoseConnection(_ c: AttachedCase) throws {
  let socket = Made.socket(state: 3, address: c.address, inode: 0)
  let (walk, _) = try walk([Made.answer(socket, []), Made.done()])
  let attached = walk.attached(to: c.listeners.map { listener($0.0) })
  #expect(attached == c.listeners.map { .known(Listener.Attached(synRecv: $0.1)) })
}

@Test func statesOfAWalk() throws {
  let sockets = [
    Made.socket(state: 3, inode: 0), Made.socket(state: 8, inode: 0), Made.socket(state: 8),
    Made.socket(state: 8, inode: 7), Made.socket(state: 1), Made.socket(state: 10),
    Made.socket(state: 3, port: 81, inode: 0),
  ]
  let (walk, _) = try walk(sockets.map { Made.answer($0, []) } + [Made.done()])
  #expect(
    walk.total == Listener.Attached(synRecv: 2, closeWaitUnaccepted: 1, closeWaitHeld: 2))
  #expect(
    walk.attached(to: [listener()])
      == [.known(Listener.Attached(synRecv: 1, closeWaitUnaccepted: 1, closeWaitHeld: 2))])
}

/// Members of a group cannot be told apart: each has what stands at their address.
@Test func aGroupShares() throws {
  let socket = Made.socket(state: 3, inode: 0)
  let (walk, _) = try walk([Made.answer(socket, []), Made.done()])
  let shared = Reading.known(Listener.Attached(synRecv: 1))
  let members = [listener(cookie: 1), listener(cookie: 2), listener(port: 81, cookie: 3)]
  #expect(walk.attached(to: members) == [shared, shared, .known(Listener.Attached())])
}
