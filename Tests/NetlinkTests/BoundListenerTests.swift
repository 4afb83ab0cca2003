import Facts
import Netlink
import Testing

/// Interface 1 is `lo` in every namespace; no machine has the others, and their numbers stand for
/// their names.
private let lo: UInt32 = 1
private let other = UInt32.max

private let here: [UInt8] = [192, 0, 2, 1]
private let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + here
private let global: [UInt8] = [0xfd, 9] + [UInt8](repeating: 0, count: 13) + [1]
private let linkLocal: [UInt8] = [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1]

/// A request on port 80, with the interface that the kernel writes on it.
private struct Request {
  var address: [UInt8]
  var interface: UInt32
  var peer: [UInt8] = []

  var answer: [UInt8] {
    Made.answer(
      Made.socket(state: 3, address: address, peer: peer, interface: interface, inode: 0), [])
  }
}

struct BoundCase: Sendable, CustomTestStringConvertible {
  var name: String
  /// The datagrams about the requests.
  var answers: [[UInt8]]
  /// Listeners on port 80, and how many of the requests each has; nil where that is not known.
  var listeners: [(String, Int64?)]
  var testDescription: String { name }

  fileprivate init(_ name: String, _ requests: [Request], _ listeners: [(String, Int64?)]) {
    self.name = name
    answers = requests.map(\.answer)
    self.listeners = listeners
  }
}

@Test(arguments: [
  // As a 6.18 kernel answers: requests and connections carry what their listener is bound to.
  BoundCase("the wildcard", [Request(address: here, interface: lo)], [("0.0.0.0%lo", 1)]),
  BoundCase("an own address", [Request(address: here, interface: lo)], [("192.0.2.1%lo", 1)]),
  BoundCase("IPv6", [Request(address: global, interface: lo)], [("::%lo", 1), ("0.0.0.0%lo", 0)]),
  BoundCase("IPv4 clients of IPv6", [Request(address: mapped, interface: lo)], [("::%lo", 1)]),
  BoundCase(
    "its own address before the wildcard", [Request(address: here, interface: lo)],
    [("0.0.0.0%lo", 0), ("192.0.2.1%lo", 1)]),
  BoundCase(
    "another address", [Request(address: here, interface: lo)],
    [("192.0.2.2%lo", 0), ("0.0.0.0%lo", 1)]),
  BoundCase(
    "each interface has its own",
    [
      Request(address: here, interface: lo), Request(address: here, interface: other),
      Request(address: here, interface: other),
    ], [("0.0.0.0%lo", 1), ("0.0.0.0%4294967295", 2)]),
  BoundCase(
    "bound beside unbound",
    [
      Request(address: here, interface: lo), Request(address: here, interface: 0),
      Request(address: here, interface: 0),
    ], [("0.0.0.0%lo", 1), ("0.0.0.0", 2)]),
  BoundCase(
    "IPv6 bound beside IPv4 unbound", [Request(address: here, interface: 0)],
    [("::%lo", 0), ("0.0.0.0", 1)]),
  // Link-local addresses
  BoundCase(
    "a link-local listener", [Request(address: linkLocal, interface: lo, peer: linkLocal)],
    [("fe80::1%lo", 1), ("::", 0)]),
  BoundCase(
    "a link-local client of an unbound one",
    [Request(address: linkLocal, interface: lo, peer: linkLocal)], [("::", 1)]),
  BoundCase(
    "a link-local client of a global address beside a bound one",
    [Request(address: global, interface: lo, peer: linkLocal)], [("fd09::1", 1), ("::%lo", 0)]),
  BoundCase(
    "another client there", [Request(address: global, interface: lo, peer: global)],
    [("fd09::1", 0), ("::%lo", 1)]),
  // net.ipv4.tcp_l3mdev_accept
  BoundCase(
    "an unbound one that serves a VRF", [Request(address: here, interface: other)],
    [("0.0.0.0", 1)]),
  // What fits the address and not the interface
  BoundCase(
    "another interface than the listener's", [Request(address: here, interface: other)],
    [("0.0.0.0%lo", nil), ("192.0.2.2%lo", 0)]),
  BoundCase(
    "from before it was bound", [Request(address: here, interface: 0)],
    [("192.0.2.1%lo", nil), ("::%lo", nil)]),
  BoundCase(
    "a link-local client of a VRF's listener",
    [Request(address: linkLocal, interface: lo, peer: linkLocal)], [("::%4294967295", nil)]),
])
func whoseOnAnInterface(_ c: BoundCase) throws {
  let (walk, _) = try walk(c.answers + [Made.done()])
  #expect(walk.total.synRecv == Int64(c.answers.count))
  let unknown = Reading<Listener.Attached>.absent(
    "sockets at its address do not carry the interface that it is bound to")
  #expect(
    walk.attached(to: c.listeners.map { listener($0.0) })
      == c.listeners.map { _, count in
        count.map { .known(Listener.Attached(synRecv: $0)) } ?? unknown
      })
}

/// The same port on another listener is not in doubt, nor is another port of the same.
@Test func doubtIsOfOnePort() throws {
  let (walk, _) = try walk([Request(address: here, interface: other).answer, Made.done()])
  let attached = walk.attached(to: [listener("0.0.0.0%lo", port: 81, cookie: 1)])
  #expect(attached == [.known(Listener.Attached())])
}

@Test func aGroupOnAnInterface() throws {
  let (walk, _) = try walk([Request(address: here, interface: lo).answer, Made.done()])
  let members = [listener("0.0.0.0%lo", cookie: 1), listener("0.0.0.0%lo", cookie: 2)]
  let attached = walk.attached(to: members)
  let shared = Reading.known(Listener.Attached(synRecv: 1))
  #expect(attached == [shared, shared])
}
