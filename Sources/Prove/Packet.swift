/// An IPv4 address.
struct IPv4Address: Hashable, CustomStringConvertible {
  /// The four bytes as one number, the first of them highest.
  let number: UInt32

  init(_ number: UInt32) {
    self.number = number
  }

  /// The address that a text spells: `172.16.0.1`.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let bytes = parts.compactMap { part in
      part.allSatisfy { $0.isASCII && $0.isNumber } ? UInt8(part) : nil
    }
    guard parts.count == 4, bytes.count == 4 else { return nil }
    number = bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The address so many places after this one.
  func advanced(by count: UInt32) -> IPv4Address { IPv4Address(number &+ count) }

  /// The text: `172.16.0.1`.
  var description: String {
    [24, 16, 8, 0].map { String(number >> $0 & 0xff) }.joined(separator: ".")
  }
}

/// Where one end of a connection is.
struct Endpoint: Hashable, CustomStringConvertible {
  var address: IPv4Address
  var port: UInt16

  /// The text: `172.16.0.1:80`.
  var description: String { "\(address):\(port)" }
}

/// A TCP segment in an IPv4 packet, as far as experiments care.
struct Packet: Equatable {
  /// The flags of the TCP header, by their bits.
  struct Flags: OptionSet, Hashable {
    var rawValue: UInt8
    static let fin = Flags(rawValue: 1 << 0)
    static let syn = Flags(rawValue: 1 << 1)
    static let reset = Flags(rawValue: 1 << 2)
    static let push = Flags(rawValue: 1 << 3)
    static let acknowledgement = Flags(rawValue: 1 << 4)
  }

  /// An option of the TCP header (RFC 9293 3.2, RFC 7323).
  enum Option: Equatable {
    /// The largest segment that the sender takes, in bytes.
    case maximumSegment(UInt16)
    /// The power of two that the sender's window is multiplied by.
    case windowScale(UInt8)
    /// The sender's clock, and the last one that it saw of the other end.
    case timestamps(value: UInt32, echo: UInt32)
    case other(kind: UInt8, [UInt8])
  }

  var source: Endpoint
  var destination: Endpoint
  /// The number of the first byte, or of the SYN.
  var sequence: UInt32
  /// The number of the byte that is expected next; nothing without its flag.
  var acknowledged: UInt32 = 0
  var flags: Flags
  /// The window's field, unscaled.
  var window: UInt16 = 0xffff
  var options: [Option] = []
  var payload: [UInt8] = []

  /// How far the segment moves the sequence: its bytes, and one each for SYN and FIN.
  var span: UInt32 {
    UInt32(payload.count) + (flags.contains(.syn) ? 1 : 0) + (flags.contains(.fin) ? 1 : 0)
  }

  // Both may have more flags: a host that wants ECN sets two or three of them in its SYN.

  /// Whether it is the SYN of a client.
  var isRequest: Bool { flags.isSuperset(of: .syn) && !flags.contains(.acknowledgement) }

  /// Whether it is the SYN-ACK of a server.
  var isAnswer: Bool { flags.isSuperset(of: [.syn, .acknowledgement]) }
}
