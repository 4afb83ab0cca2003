/// An address as the kernel writes it, in 4 or 16 bytes in network order, kept without memory of its
/// own: a walk may meet a million of them.
struct RawAddress: Hashable {
  private var high: UInt64
  private var low: UInt64
  let isIPv6: Bool

  /// The address at an offset of a message that is long enough.
  init(_ message: Bytes, at offset: Int, isIPv6: Bool) {
    self.isIPv6 = isIPv6
    high =
      isIPv6
      ? UInt64(bigEndian: message.integer(at: offset) ?? 0)
      : UInt64(UInt32(bigEndian: message.integer(at: offset) ?? 0))
    low = isIPv6 ? UInt64(bigEndian: message.integer(at: offset + 8) ?? 0) : 0
  }

  /// The address of 4 or 16 bytes.
  init(_ bytes: [UInt8]) {
    isIPv6 = bytes.count == 16
    high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private init(ipv4 address: UInt64) {
    isIPv6 = false
    high = address
    low = 0
  }

  /// The 4 or 16 bytes.
  var bytes: [UInt8] {
    let count = isIPv6 ? 16 : 4
    return (0..<count).map { index in
      let word = index < 8 ? high : low
      return UInt8(truncatingIfNeeded: word >> (8 * ((count - 1 - index) % 8)))
    }
  }

  /// The IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.1`), else itself.
  var withoutMapping: RawAddress {
    isIPv6 && high == 0 && low >> 32 == 0xffff ? RawAddress(ipv4: low & 0xffff_ffff) : self
  }

  /// Whether it is 0.0.0.0 or `::`.
  var isUnspecified: Bool { high == 0 && low == 0 }

  /// Whether it is one of fe80::/10, which means something on one link only.
  var isLinkLocal: Bool { isIPv6 && high >> 54 == 0x3fa }
}
