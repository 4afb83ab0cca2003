/// The text of a sysctl file that tcptune keeps: two comment lines that say so, then the keys.
///
/// Other programs use the name 99-tcptune.conf too, and administrators edit files; so the text
/// carries the digest of what we wrote.
public enum OwnedText {
  /// Whose a text is.
  public enum Owner: Equatable, Sendable {
    /// As we wrote it; the rest of the file below our lines.
    case ours(transaction: String, body: [UInt8])
    /// Ours, changed since by somebody else.
    case edited(transaction: String, body: [UInt8])
    /// Not ours.
    case foreign
  }

  private static let title =
    "# Kept by tcptune: tcptune apply changes it, tcptune rollback takes a change back."
  private static let mark = "# tcptune: transaction "
  private static let digestWord = " sha256 "

  /// A text of ours.
  ///
  /// - Parameters:
  ///   - transaction: the id of the change that writes it: hexadecimal digits.
  ///   - body: the rest of the file.
  /// - Returns: the whole file.
  public static func stamped(transaction: String, body: [UInt8]) -> [UInt8] {
    Array("\(title)\n\(mark)\(transaction)\(digestWord)\(SHA256.digits(of: body))\n".utf8) + body
  }

  /// What stands for the id of a change in a patch, which belongs to none.
  public static let patch = "0"

  /// Whether a file is as we wrote it.
  public static func isOurs(_ bytes: [UInt8]) -> Bool {
    if case .ours = owner(of: bytes) { true } else { false }
  }

  /// Whose the bytes of a file are.
  public static func owner(of bytes: [UInt8]) -> Owner {
    let lines = bytes.split(separator: 0x0a, maxSplits: 2, omittingEmptySubsequences: false)
    guard lines.count == 3, Array(lines[0]) == Array(title.utf8) else { return .foreign }
    let words = String(decoding: lines[1], as: UTF8.self)
    guard words.hasPrefix(mark) else { return .foreign }
    let rest = words.utf8.dropFirst(mark.utf8.count).split(separator: 0x20)
    guard rest.count == 3, Array(rest[1]) == Array(digestWord.utf8.dropFirst().dropLast()),
      let transaction = String(rest[0]), let digest = String(rest[2]), isHexadecimal(transaction),
      digest.utf8.count == 64
    else { return .foreign }
    let body = Array(lines[2])
    return SHA256.digits(of: body) == digest
      ? .ours(transaction: transaction, body: body)
      : .edited(transaction: transaction, body: body)
  }

  private static func isHexadecimal(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
