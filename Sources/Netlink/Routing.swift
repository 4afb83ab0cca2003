import CLinux
import Glibc

/// Sets up the loopback interface of a network namespace over rtnetlink, as ip(8) would.
///
/// It is for namespaces that this process has made: whoever calls it sees to that.
public struct Routing: ~Copyable {
  /// An IPv4 prefix: `172.16.0.0/12`.
  public struct Prefix: Sendable {
    var address: [UInt8]
    var length: UInt8

    /// The prefix that a text spells; an address alone has 32 bits.
    public init?(_ text: String) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      let bytes = parts[0].split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
      guard parts.count <= 2, bytes.count == 4, !bytes.contains(nil),
        let length = parts.count == 2 ? UInt8(parts[1]) : 32, length <= 32
      else { return nil }
      address = bytes.compactMap { $0 }
      self.length = length
    }
  }

  /// The loopback interface is the first of every namespace (net/core/dev.c).
  private static let loopback: UInt32 = 1
  private static let isUp: UInt32 = 1

  // Message types and attributes of linux/rtnetlink.h and linux/if_addr.h.
  private static let newLink: UInt16 = 16
  private static let newAddress: UInt16 = 20
  private static let newRoute: UInt16 = 24
  private static let deleteRoute: UInt16 = 25
  private static let request: UInt16 = 0x005  // NLM_F_REQUEST, NLM_F_ACK
  private static let create: UInt16 = 0x600  // NLM_F_EXCL, NLM_F_CREATE

  private var socket: NetlinkSocket
  private var sequence: UInt32 = 0

  /// Opens a socket in the namespace of the calling thread.
  ///
  /// - Throws: ``NetlinkFailure/system(call:errno:)``.
  public init() throws(NetlinkFailure) {
    socket = try NetlinkSocket(protocol: NETLINK_ROUTE)
  }

  /// Brings the loopback interface up.
  public mutating func raiseLoopback() throws(NetlinkFailure) {
    var body: [UInt8] = [UInt8(AF_UNSPEC), 0, 0, 0]
    body.append(integer: Self.loopback)
    body.append(integer: Self.isUp)
    body.append(integer: Self.isUp)
    try ask(Self.newLink, 0, body)
  }

  /// Gives the loopback interface an address.
  public mutating func add(address prefix: Prefix) throws(NetlinkFailure) {
    var body: [UInt8] = [UInt8(AF_INET), prefix.length, 0, 0]
    body.append(integer: Self.loopback)
    // IFA_ADDRESS and IFA_LOCAL are the same on a link without a peer.
    for type in [UInt16(1), 2] { body.append(attribute: type, prefix.address) }
    try ask(Self.newAddress, Self.create, body)
  }

  /// Sends what is for these addresses to the loopback interface.
  public mutating func add(route prefix: Prefix) throws(NetlinkFailure) {
    try ask(Self.newRoute, Self.create, Self.route(prefix))
  }

  /// Takes back what ``add(route:)`` did.
  public mutating func remove(route prefix: Prefix) throws(NetlinkFailure) {
    try ask(Self.deleteRoute, 0, Self.route(prefix))
  }

  /// `struct rtmsg`: the main table, a static unicast route on the link, with RTA_DST and RTA_OIF.
  private static func route(_ prefix: Prefix) -> [UInt8] {
    var body: [UInt8] = [UInt8(AF_INET), prefix.length, 0, 0, 254, 4, 253, 1]
    body.append(integer: UInt32(0))
    body.append(attribute: 1, prefix.address)
    var index: [UInt8] = []
    index.append(integer: loopback)
    body.append(attribute: 4, index)
    return body
  }

  /// Sends a request and waits for the kernel's word on it.
  private mutating func ask(
    _ type: UInt16, _ flags: UInt16, _ body: [UInt8]
  ) throws(NetlinkFailure) {
    sequence += 1
    try socket.send(
      NetlinkMessage.bytes(
        type: type, flags: Self.request | flags, sequence: sequence, payload: body))
    while true {
      for message in try NetlinkMessage.all(in: socket.receive())
      where message.sequence == sequence && message.type == 2 {
        let number: Int32 = message.payload.integer(at: 0) ?? 0
        guard number == 0 else {
          throw .system(call: "rtnetlink", errno: number == .min ? EIO : abs(number))
        }
        return
      }
    }
  }
}

extension [UInt8] {
  /// Appends an attribute of a value whose length is a multiple of four.
  fileprivate mutating func append(attribute type: UInt16, _ value: [UInt8]) {
    append(integer: UInt16(4 + value.count))
    append(integer: type)
    self += value
  }
}
