/// Integers out of bytes by offset; what is shorter than asked for has no value.
struct Bytes {
  let slice: ArraySlice<UInt8>

  init(_ slice: ArraySlice<UInt8>) {
    self.slice = slice
  }

  var count: Int { slice.count }

  /// An integer in this machine's order, which is the kernel's.
  func integer<Number: FixedWidthInteger & BitwiseCopyable>(
    _: Number.Type = Number.self, at offset: Int
  ) -> Number? {
    guard offset >= 0, offset + MemoryLayout<Number>.size <= slice.count else { return nil }
    return unsafe slice.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: offset, as: Number.self)
    }
  }

  /// A 16-bit integer in network order.
  func port(at offset: Int) -> UInt16? {
    integer(UInt16.self, at: offset).map { UInt16(bigEndian: $0) }
  }

  /// So many bytes from an offset on, nil when there are not so many.
  func piece(at offset: Int, count: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, count >= 0, offset + count <= slice.count else { return nil }
    let start = slice.startIndex + offset
    return slice[start..<(start + count)]
  }

  func dropFirst(_ count: Int) -> Bytes { Bytes(slice.dropFirst(count)) }
}

/// One message of a netlink datagram.
struct NetlinkMessage {
  static let headerLength = 16
  /// What the header's length and each attribute's length are rounded up to.
  static let alignment = 4

  var type: UInt16
  var flags: UInt16
  var sequence: UInt32
  var payload: Bytes

  /// The messages of a datagram, in order.
  static func all(in datagram: [UInt8]) throws(NetlinkFailure) -> [NetlinkMessage] {
    var messages: [NetlinkMessage] = []
    try forEach(in: datagram) { (message) throws(NetlinkFailure) in messages.append(message) }
    return messages
  }

  /// Hands over the messages of a datagram, in order.
  static func forEach(
    in datagram: [UInt8], _ body: (NetlinkMessage) throws(NetlinkFailure) -> Void
  ) throws(NetlinkFailure) {
    var start = 0
    while start < datagram.count {
      let rest = Bytes(datagram[start...])
      guard
        let length = rest.integer(UInt32.self, at: 0), let type = rest.integer(UInt16.self, at: 4),
        let flags = rest.integer(UInt16.self, at: 6),
        let sequence = rest.integer(UInt32.self, at: 8),
        rest.count >= headerLength
      else {
        throw .malformed(
          "expected a message header of \(headerLength) bytes, found \(rest.count)")
      }
      guard
        length >= headerLength,
        let payload = rest.piece(at: headerLength, count: Int(length) - headerLength)
      else {
        throw .malformed("expected a message of \(length) bytes, found \(rest.count)")
      }
      try body(
        NetlinkMessage(type: type, flags: flags, sequence: sequence, payload: Bytes(payload)))
      start += aligned(Int(length))
    }
  }

  static func aligned(_ length: Int) -> Int {
    (length + alignment - 1) & ~(alignment - 1)
  }

  /// A message as bytes.
  static func bytes(
    type: UInt16, flags: UInt16, sequence: UInt32, payload: [UInt8]
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(integer: UInt32(headerLength + payload.count))
    bytes.append(integer: type)
    bytes.append(integer: flags)
    bytes.append(integer: sequence)
    bytes.append(integer: UInt32(0))
    return bytes + payload
  }
}

extension [UInt8] {
  /// Appends an integer in this machine's order.
  mutating func append<Number: FixedWidthInteger>(integer: Number) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: integer.littleEndian >> shift))
    }
  }
}

/// The attributes behind a message's fixed part; looked through anew for each question, for there
/// are few and most are never asked for.
struct NetlinkAttributes {
  private static let headerLength = 4
  /// The upper two bits of the type say how the value is encoded.
  private static let typeMask: UInt16 = 0x3fff

  private let bytes: Bytes

  init(_ bytes: Bytes) {
    self.bytes = bytes
  }

  /// The value of the first attribute of that type.
  ///
  /// One that claims more than there is ends the list, as in the kernel's own parser.
  subscript(wanted: Int) -> Bytes? {
    var rest = bytes
    while let length: UInt16 = rest.integer(at: 0), let type: UInt16 = rest.integer(at: 2),
      length >= Self.headerLength,
      let value = rest.piece(at: Self.headerLength, count: Int(length) - Self.headerLength)
    {
      if Int(type & Self.typeMask) == wanted { return Bytes(value) }
      rest = rest.dropFirst(NetlinkMessage.aligned(Int(length)))
    }
    return nil
  }
}
