import Support
import Testing

@testable import Prove

/// Bytes written as hexadecimal digits.
private func bytes(_ digits: String) -> [UInt8] {
  let digits = Array(digits.utf8.filter { $0 != UInt8(ascii: " ") })
  return stride(from: 0, to: digits.count, by: 2).compactMap {
    UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
  }
}

private let client = Endpoint(address: IPv4Address(0xac10_0001), port: 40_000)
private let server = Endpoint(address: IPv4Address(0x0a09_0001), port: 80)

/// Packets beside the bytes that another program made of them.
private let known: [(packet: Packet, bytes: [UInt8])] = [
  (
    Packet(
      source: client, destination: server, sequence: 9000, flags: .syn,
      options: [.maximumSegment(1460)]),
    bytes(
      """
      4500002c 00004000 400684b1 ac100001 0a090001\
      9c400050 00002328 00000000 6002ffff 22530000 020405b4
      """)
  ),
  (
    Packet(
      source: client, destination: server, sequence: 0x0102_0304, acknowledged: 0xa0b0_c0d0,
      flags: [.syn, .acknowledgement],
      options: [
        .maximumSegment(1460), .windowScale(7),
        .timestamps(value: 0x1122_3344, echo: 0x5566_7788),
      ],
      payload: Array("hello".utf8)),
    bytes(
      """
      45000041 00004000 4006849c ac100001 0a090001\
      9c400050 01020304 a0b0c0d0 a012ffff 37980000\
      020405b4 03030701 080a1122 33445566 77880101 68656c6c6f
      """)
  ),
]

@Test func knownPackets() {
  // The padding stands between the options in the other program's bytes.
  #expect(known[0].packet.bytes == known[0].bytes)
  for (packet, bytes) in known { #expect(Packet(bytes) == packet) }
}

/// The example of RFC 1071, a well-known IP header, and bytes that carry their checksum.
@Test func checksums() {
  #expect(InternetChecksum.of(bytes("0001 f203 f4f5 f6f7")) == 0x220d)
  let header = bytes("45000073 00004000 40110000 c0a80001 c0a800c7")
  #expect(InternetChecksum.of(header) == 0xb861)
  for (_, bytes) in known {
    #expect(InternetChecksum.of(Array(bytes.prefix(20))) == 0)
    let segment = Array(bytes.dropFirst(20))
    let pseudoHeader = Array(bytes[12..<20]) + [0, 6, 0, UInt8(segment.count)]
    #expect(InternetChecksum.of(pseudoHeader + segment) == 0)
  }
}

extension Packet {
  fileprivate static func random(using generator: inout some RandomNumberGenerator) -> Packet {
    func number<Number: FixedWidthInteger>() -> Number {
      .random(in: .min ... .max, using: &generator)
    }
    let options: [Option] = [
      .maximumSegment(number()), .windowScale(number()),
      .timestamps(value: number(), echo: number()), .other(kind: 4, []),
      .other(kind: 254, [number(), number(), number()]),
    ]
    return Packet(
      source: Endpoint(address: IPv4Address(number()), port: number()),
      destination: Endpoint(address: IPv4Address(number()), port: number()), sequence: number(),
      acknowledged: number(), flags: Flags(rawValue: number()), window: number(),
      options: options.shuffled(using: &generator).filter { _ in Bool.random(using: &generator) },
      payload: (0..<Int.random(in: 0...99, using: &generator)).map { _ in number() })
  }
}

@Test func packetsSurviveTheWire() {
  var generator = SystemRandomNumberGenerator()
  for _ in 0..<Iterations.count(500) {
    let packet = Packet.random(using: &generator)
    let bytes = packet.bytes
    #expect(Packet(bytes) == packet)
    // What follows the packet's own length is not part of it.
    #expect(Packet(bytes + [1, 2, 3]) == packet)
  }
}

@Test func nonsenseIsNoPacket() {
  let whole = known[1].bytes
  for count in 0..<whole.count { #expect(Packet(Array(whole.prefix(count))) == nil) }
  func bent(_ offset: Int, _ byte: UInt8) -> Packet? {
    var bytes = whole
    bytes[offset] = byte
    return Packet(bytes)
  }
  #expect(bent(0, 0x65) == nil, "IPv6")
  #expect(bent(0, 0x44) == nil, "a header of 16 bytes")
  #expect(bent(6, 0x20) == nil, "the first fragment")
  #expect(bent(7, 0x01) == nil, "a later fragment")
  #expect(bent(9, 17) == nil, "UDP")
  #expect(bent(32, 0x40) == nil, "a TCP header of 16 bytes")
  #expect(bent(32, 0xf0) == nil, "a TCP header longer than the packet")
  // An option that claims more than there is ends the list.
  #expect(bent(45, 200)?.options == [.maximumSegment(1460)])
  #expect(bent(45, 0)?.options == [.maximumSegment(1460)])

  var generator = SystemRandomNumberGenerator()
  for _ in 0..<Iterations.count(500) {
    var bytes = Packet.random(using: &generator).bytes
    for _ in 0..<3 {
      bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
        UInt8.random(in: 0...255, using: &generator)
    }
    _ = Packet(bytes)
  }
}

@Test func addressesAsText() {
  #expect(IPv4Address("172.16.0.1")?.description == "172.16.0.1")
  #expect(IPv4Address("0.0.0.0") == IPv4Address(0))
  #expect(IPv4Address("10.9.0.255")?.advanced(by: 1).description == "10.9.1.0")
  for text in ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.+4", "1..2.3", "a.b.c.d"] {
    #expect(IPv4Address(text) == nil, "\(text)")
  }
}
