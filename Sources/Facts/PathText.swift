/// File names as text that can be printed and turned back: bytes beyond printable ASCII, and the
/// backslash, are spelled `\\xNN`.
///
/// A name is any bytes but the slash; as Swift text, different names could compare equal.
public enum PathText {
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// The spelling of a name or path.
  public static func text(of bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in bytes {
      if (0x20..<0x7f).contains(byte), byte != UInt8(ascii: "\\") {
        text.append(byte)
      } else {
        text += [
          UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)],
        ]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes that are spelled so; what is no such spelling stands for itself.
  public static func bytes(of text: String) -> [UInt8] {
    let spelled = Array(text.utf8)
    guard spelled.contains(UInt8(ascii: "\\")) else { return spelled }
    var bytes: [UInt8] = []
    var index = 0
    while index < spelled.count {
      if spelled[index] == UInt8(ascii: "\\"), index + 3 < spelled.count,
        spelled[index + 1] == UInt8(ascii: "x"),
        let high = digits.firstIndex(of: spelled[index + 2]),
        let low = digits.firstIndex(of: spelled[index + 3])
      {
        bytes.append(UInt8(high << 4 | low))
        index += 4
      } else {
        bytes.append(spelled[index])
        index += 1
      }
    }
    return bytes
  }
}
