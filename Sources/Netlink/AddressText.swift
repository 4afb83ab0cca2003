import Glibc

/// Addresses as text.
enum AddressText {
  static let ipv4 = AF_INET
  static let ipv6 = AF_INET6
  static let tcp = CInt(IPPROTO_TCP)

  /// An address of 4 or 16 bytes in the form of inet_ntop(3), with the interface that the socket is
  /// bound to behind a `%`.
  static func text(_ address: RawAddress, interface: UInt32 = 0) -> String {
    let plain = plain(address)
    return interface == 0 ? plain : bound(plain, to: name(of: interface))
  }

  private static func plain(_ address: RawAddress) -> String {
    // A host has hundreds of listeners, and most have one of these two addresses.
    if address.isUnspecified { return address.isIPv6 ? "::" : "0.0.0.0" }
    var text = [UInt8](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let bytes = address.bytes
    let written = unsafe text.withUnsafeMutableBytes { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
        guard let start = characters.baseAddress else { return false }
        let family = bytes.count == 16 ? ipv6 : ipv4
        return unsafe inet_ntop(family, bytes, start, socklen_t(characters.count)) != nil
      }
    }
    guard written else { return bytes.map { String($0, radix: 16) }.joined() }
    return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The text of an address that a socket is bound to on one interface only.
  static func bound(_ address: String, to interface: String) -> String { "\(address)%\(interface)" }

  /// The address without its interface, nil where it has none.
  static func withoutInterface(_ address: String) -> String? {
    address.utf8.firstIndex(of: UInt8(ascii: "%")).map { String(address[..<$0]) }
  }

  /// The interface's name, or its number when it is gone.
  static func name(of interface: UInt32) -> String {
    var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE) + 1)
    guard unsafe if_indextoname(interface, &name) != nil else { return String(interface) }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
