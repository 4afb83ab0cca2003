/// The name of one entry under /proc/sys, spelled as sysctl(8) prints it.
///
/// Dots part the components; inside a component a dot of the file's name is written as a slash
/// (`net.ipv4.conf.eth0/100.rp_filter` is the file `net/ipv4/conf/eth0.100/rp_filter`).
public struct SysctlKey: Hashable, Sendable {
  /// The dotted spelling, the one in which keys are printed and compared.
  public let name: String

  /// The key that `text` names, or nil when a component is empty, `.` or `..`, or a character is
  /// a blank or a control character.
  ///
  /// The first separator decides: after a leading part that ends in a slash, slashes part the
  /// components and dots belong to names (procps `sysctl`, systemd `sysctl_normalize`).
  public init?(_ text: String) {
    if Self.isDotted(text) {
      name = text
      return
    }
    var partLength = 0
    var onlyDots = true
    var swaps: Bool?
    for byte in text.utf8 {
      guard byte > 0x20, byte < 0x7f else { return nil }
      let isDot = byte == UInt8(ascii: ".")
      let isSlash = byte == UInt8(ascii: "/")
      if swaps == nil, isDot || isSlash { swaps = isSlash }
      let isSeparator = swaps == true ? isSlash : isDot
      if isSeparator {
        guard partLength > 0, !onlyDots else { return nil }
        partLength = 0
        onlyDots = true
      } else {
        partLength += 1
        // The other of the two stands for a dot of the file's name: `..` must not climb out of
        // /proc/sys.
        onlyDots = onlyDots && (isDot || isSlash)
      }
    }
    guard swaps != nil, partLength > 0, !onlyDots else { return nil }
    name = swaps == true ? Self.swapped(text) : text
  }

  /// The key of a file in the folder of a key; nil for a name that no key can have.
  public init?(file name: String, in folder: String) {
    for byte in name.utf8 where byte <= 0x20 || byte >= 0x7f || byte == UInt8(ascii: ".") {
      // A dot of the name is spelled as a slash: rare, and not worth a second way.
      self.init("\(folder).\(name)")
      return
    }
    guard !name.isEmpty else { return nil }
    var whole = folder
    whole.append(".")
    whole.append(name)
    self.init(literal: whole)
  }

  /// Whether it is the plain spelling of a key, without any slash: nearly all are.
  private static func isDotted(_ text: String) -> Bool {
    var last = UInt8(ascii: ".")
    var hasDot = false
    for byte in text.utf8 {
      guard byte > 0x20, byte < 0x7f, byte != UInt8(ascii: "/") else { return false }
      if byte == UInt8(ascii: ".") {
        if last == byte { return false }
        hasDot = true
      }
      last = byte
    }
    return hasDot && last != UInt8(ascii: ".")
  }

  /// The key that a part of a text names.
  public init?(_ text: Substring) {
    self.init(String(text))
  }

  /// The text with dots for slashes and slashes for dots.
  private static func swapped(_ text: String) -> String {
    String(
      decoding: text.utf8.map { byte in
        switch byte {
        case UInt8(ascii: "."): UInt8(ascii: "/")
        case UInt8(ascii: "/"): UInt8(ascii: ".")
        default: byte
        }
      }, as: UTF8.self)
  }

  /// A key that stands in the source code, or was checked when the program was built, in its dotted
  /// spelling.
  @inlinable
  public init(literal name: String) {
    self.name = name
  }

  /// The file below /proc/sys, without a leading slash: `net/core/somaxconn`.
  public var path: String { Self.swapped(name) }

  /// The last component: `somaxconn`.
  public var lastComponent: Substring {
    let dot = name.utf8.lastIndex(of: UInt8(ascii: "."))
    return dot.map { name[name.utf8.index(after: $0)...] } ?? name[...]
  }
}

extension SysctlKey: Comparable, CustomStringConvertible {
  /// Keys sort by the bytes of their dotted spelling.
  public static func < (a: Self, b: Self) -> Bool { a.name < b.name }

  /// The dotted spelling.
  public var description: String { name }
}
