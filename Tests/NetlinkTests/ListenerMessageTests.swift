import Facts
import Netlink
import Support
import Testing

struct AddressCase: Sendable, CustomTestStringConvertible {
  var bytes: [UInt8]
  var interface: UInt32 = 0
  var address: String
  var name: String
  var testDescription: String { name }
}

private func ipv6(_ first: [UInt8], _ last: [UInt8]) -> [UInt8] {
  first + [UInt8](repeating: 0, count: 16 - first.count - last.count) + last
}

@Test(arguments: [
  AddressCase(bytes: [0, 0, 0, 0], address: "0.0.0.0", name: "0.0.0.0:443"),
  AddressCase(bytes: [192, 0, 2, 255], address: "192.0.2.255", name: "192.0.2.255:443"),
  AddressCase(bytes: ipv6([], []), address: "::", name: "[::]:443"),
  AddressCase(bytes: ipv6([], [1]), address: "::1", name: "[::1]:443"),
  AddressCase(
    bytes: ipv6([0x20, 0x01, 0x0d, 0xb8], [0, 1]), address: "2001:db8::1",
    name: "[2001:db8::1]:443"),
  AddressCase(
    bytes: ipv6([], [0xff, 0xff, 192, 0, 2, 1]), address: "::ffff:192.0.2.1",
    name: "[::ffff:192.0.2.1]:443"),
  // The loopback interface is number 1 in every namespace; no machine has the other.
  AddressCase(
    bytes: [127, 0, 0, 1], interface: 1, address: "127.0.0.1%lo", name: "127.0.0.1%lo:443"),
  AddressCase(
    bytes: ipv6([0xfe, 0x80], [1]), interface: 1, address: "fe80::1%lo", name: "[fe80::1%lo]:443"),
  AddressCase(
    bytes: [0, 0, 0, 0], interface: .max, address: "0.0.0.0%4294967295",
    name: "0.0.0.0%4294967295:443"),
])
func addresses(_ c: AddressCase) throws {
  let socket = Made.socket(address: c.bytes, port: 443, interface: c.interface)
  let found = try #require(ask([Made.answer(socket), Made.done()]).listeners.first)
  #expect(found.address == c.address)
  #expect(found.family == (c.bytes.count == 16 ? .ipv6 : .ipv4))
  #expect(found.name == c.name)
}

@Test func theLargestNumbers() {
  let socket = Made.socket(
    port: .max, cookie: .max, length: .max, limit: .max, uid: .max, inode: .max)
  var wanted = listener(
    port: 65535, cookie: .max, length: 4_294_967_295, limit: 4_294_967_295,
    drops: .known(4_294_967_295), cgroup: .known(.max))
  wanted.uid = .max
  wanted.inode = .max
  let answer = Made.answer(socket, Made.memory(drops: .max) + Made.cgroup(.max))
  #expect(ask([answer, Made.done()]) == .listeners([wanted], gaps: []))
}

struct AttributeCase: Sendable, CustomTestStringConvertible {
  var name: String
  var attributes: [UInt8]
  var drops: Reading<Int64> = .known(7)
  var cgroup: Reading<UInt64> = .known(9)
  var testDescription: String { name }
}

private let memory = Made.memory(drops: 7)
private let cgroup = Made.cgroup(9)

@Test(arguments: [
  AttributeCase(name: "both", attributes: memory + cgroup),
  AttributeCase(name: "in the other order", attributes: cgroup + memory),
  AttributeCase(name: "none", attributes: [], drops: noDrops, cgroup: noCgroup),
  AttributeCase(name: "a kernel before 5.7", attributes: memory, cgroup: noCgroup),
  AttributeCase(
    name: "a kernel before 4.7: eight words", attributes: Made.memory(drops: 0, words: 8),
    drops: noDrops, cgroup: noCgroup),
  AttributeCase(
    name: "a later kernel: more words", attributes: Made.memory(drops: 7, words: 20) + cgroup),
  AttributeCase(
    name: "unknown attributes around",
    attributes: Made.attribute(99, [1, 2, 3]) + memory + Made.attribute(0x3fff, []) + cgroup
      + Made.attribute(0, [1])),
  AttributeCase(
    name: "attributes with the bit for nesting",
    attributes: Made.attribute(0x8000 | 55, memory)
      + Made.attribute(0x8000 | 7, [UInt8](memory[4...]))
      + cgroup),
  AttributeCase(
    name: "the first of two counts", attributes: memory + cgroup + Made.memory(drops: 1)),
  AttributeCase(
    name: "a value that is too short", attributes: memory + Made.attribute(21, [9, 0, 0, 0]),
    cgroup: noCgroup),
  AttributeCase(
    name: "an empty value", attributes: Made.attribute(7, []) + cgroup, drops: noDrops),
  // What cannot be an attribute ends the list.
  AttributeCase(
    name: "a length below its header", attributes: memory + [3, 0, 21, 0] + cgroup,
    cgroup: noCgroup),
  AttributeCase(
    name: "a length of nothing", attributes: [0, 0, 0, 0] + memory + cgroup, drops: noDrops,
    cgroup: noCgroup),
  AttributeCase(
    name: "a length beyond the end", attributes: memory + [255, 255, 21, 0, 1, 2, 3, 4],
    cgroup: noCgroup),
  AttributeCase(name: "half a header", attributes: memory + cgroup + [8, 0]),
])
func attributes(_ c: AttributeCase) {
  let wanted = listener(drops: c.drops, cgroup: c.cgroup)
  #expect(
    ask([Made.answer(Made.socket(), c.attributes), Made.done()]) == .listeners([wanted], gaps: []))
}
