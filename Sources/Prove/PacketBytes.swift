extension Packet {
  private static let ipHeader = 20
  private static let tcpHeader = 20
  private static let tcp: UInt8 = 6
  private static let endOfOptions: UInt8 = 0
  private static let padding: UInt8 = 1

  /// The packet as it goes over the wire, from the IP header on, with both checksums.
  var bytes: [UInt8] {
    var segment: [UInt8] = []
    segment.append(network: source.port)
    segment.append(network: destination.port)
    segment.append(network: sequence)
    segment.append(network: acknowledged)
    var options = options.flatMap(\.bytes)
    while !options.count.isMultiple(of: 4) { options.append(Self.padding) }
    segment += [UInt8((Self.tcpHeader + options.count) / 4) << 4, flags.rawValue]
    segment.append(network: window)
    segment += [0, 0, 0, 0]
    segment += options + payload

    var pseudoHeader: [UInt8] = []
    pseudoHeader.append(network: source.address.number)
    pseudoHeader.append(network: destination.address.number)
    pseudoHeader += [0, Self.tcp]
    pseudoHeader.append(network: UInt16(segment.count))
    segment.put(InternetChecksum.of(pseudoHeader + segment), at: 16)

    // No identification is needed with the flag that forbids fragments; 64 hops.
    var header: [UInt8] = [0x45, 0]
    header.append(network: UInt16(Self.ipHeader + segment.count))
    header += [0, 0, 0x40, 0, 64, Self.tcp, 0, 0]
    header.append(network: source.address.number)
    header.append(network: destination.address.number)
    header.put(InternetChecksum.of(header), at: 10)
    return header + segment
  }

  /// The packet that bytes hold, from the IP header on; nil for anything but one whole TCP segment.
  ///
  /// The checksum of TCP is not looked at: what the kernel sends over loopback has none yet.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.ipHeader, bytes[0] >> 4 == 4, bytes[9] == Self.tcp else { return nil }
    let start = Int(bytes[0] & 0xf) * 4
    let end = Int(bytes.network16(at: 2))
    let isFragment = bytes.network16(at: 6) & 0x3fff != 0
    guard start >= Self.ipHeader, !isFragment, end <= bytes.count, end >= start + Self.tcpHeader
    else { return nil }
    let data = start + Int(bytes[start + 12] >> 4) * 4
    guard data >= start + Self.tcpHeader, data <= end else { return nil }
    source = Endpoint(
      address: IPv4Address(bytes.network32(at: 12)), port: bytes.network16(at: start))
    destination = Endpoint(
      address: IPv4Address(bytes.network32(at: 16)), port: bytes.network16(at: start + 2))
    sequence = bytes.network32(at: start + 4)
    acknowledged = bytes.network32(at: start + 8)
    flags = Flags(rawValue: bytes[start + 13])
    window = bytes.network16(at: start + 14)
    options = Self.options(in: bytes[(start + Self.tcpHeader)..<data])
    payload = Array(bytes[data..<end])
  }

  /// The options up to the end of the list, or to one that claims more than there is.
  private static func options(in bytes: ArraySlice<UInt8>) -> [Option] {
    var options: [Option] = []
    var rest = bytes
    while let kind = rest.first, kind != endOfOptions {
      if kind == padding {
        rest.removeFirst()
        continue
      }
      guard let length = rest.dropFirst().first, length >= 2, length <= rest.count else { break }
      options.append(Option(kind: kind, Array(rest.dropFirst(2).prefix(Int(length) - 2))))
      rest.removeFirst(Int(length))
    }
    return options
  }
}

extension Packet.Option {
  /// The option of a kind with its value.
  init(kind: UInt8, _ value: [UInt8]) {
    switch (kind, value.count) {
    case (2, 2): self = .maximumSegment(value.network16(at: 0))
    case (3, 1): self = .windowScale(value[0])
    case (8, 8): self = .timestamps(value: value.network32(at: 0), echo: value.network32(at: 4))
    default: self = .other(kind: kind, value)
    }
  }

  /// The option as it stands in the header, without padding.
  var bytes: [UInt8] {
    var value: [UInt8] = []
    let kind: UInt8
    switch self {
    case .maximumSegment(let size):
      kind = 2
      value.append(network: size)
    case .windowScale(let shift):
      kind = 3
      value = [shift]
    case .timestamps(let own, let echo):
      kind = 8
      value.append(network: own)
      value.append(network: echo)
    case .other(let other, let bytes):
      kind = other
      value = bytes
    }
    return [kind, UInt8(2 + value.count)] + value
  }
}

/// The checksum of IP and TCP (RFC 1071).
enum InternetChecksum {
  /// The complement of the sum of all 16-bit words; 0 over bytes that carry their right checksum.
  static func of(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt64 = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      let low = index + 1 < bytes.count ? bytes[index + 1] : 0
      sum += UInt64(bytes[index]) << 8 | UInt64(low)
    }
    while sum > 0xffff { sum = (sum >> 16) + (sum & 0xffff) }
    return ~UInt16(sum)
  }
}

extension [UInt8] {
  /// Appends an integer, its highest byte first.
  fileprivate mutating func append<Number: FixedWidthInteger>(network number: Number) {
    for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  fileprivate mutating func put(_ number: UInt16, at offset: Int) {
    self[offset] = UInt8(number >> 8)
    self[offset + 1] = UInt8(number & 0xff)
  }

  fileprivate func network16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
  }

  fileprivate func network32(at offset: Int) -> UInt32 {
    UInt32(network16(at: offset)) << 16 | UInt32(network16(at: offset + 2))
  }
}
