public import Facts
import SysctlConf

/// Whether two texts of a key are the same value: the kernel reads back otherwise than it was
/// written.
public enum KeyText {
  /// Milliseconds that the kernel keeps in ticks of its timer, of at most 10 ms.
  private static let rounded: Set<String> = [
    "net.ipv4.tcp_invalid_ratelimit", "net.ipv4.icmp_ratelimit",
  ]
  private static let tick: Int64 = 10
  private static let ports = "net.ipv4.ip_local_reserved_ports"

  /// Whether `one` and `other` are the same value of the key.
  ///
  /// Numbers are compared as numbers (the kernel reads hexadecimal and octal ones, parts them with
  /// tabs, and rounds two keys to ticks), lists of ports as sets, all else word by word.
  public static func isSame(_ one: String, _ other: String, for key: SysctlKey) -> Bool {
    if one == other { return true }
    if key.name == ports, let one = PortList(parsing: one.utf8),
      let other = PortList(parsing: other.utf8)
    {
      return one.text == other.text
    }
    let (words, others) = (self.words(one), self.words(other))
    guard words.count == others.count else { return false }
    return zip(words, others).allSatisfy { word, other in
      if word == other { return true }
      guard let number = self.number(word), let otherNumber = self.number(other) else {
        return false
      }
      if number == otherNumber { return true }
      // Nothing but zero is rounded to zero, which switches the limit off.
      guard rounded.contains(key.name), number > 0, otherNumber > 0 else { return false }
      return abs(number - otherNumber) <= tick
    }
  }

  /// The words of a text with one blank between them.
  public static func plain(_ text: String) -> String { words(text).joined(separator: " ") }

  private static func words(_ text: String) -> [Substring] {
    text.split { $0 == " " || $0 == "\t" || $0 == "\n" }
  }

  private static func number(_ word: Substring) -> Int64? {
    let isNegative = word.hasPrefix("-")
    let digits = isNegative ? word.dropFirst() : word
    // A second sign would be read by what follows.
    guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }) else {
      return nil
    }
    let found: Int64?
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
      found = Int64(digits.dropFirst(2), radix: 16)
    } else if digits.hasPrefix("0"), digits.utf8.count > 1 {
      found = Int64(digits.dropFirst(), radix: 8)
    } else {
      found = Int64(digits)
    }
    return found.map { isNegative ? -$0 : $0 }
  }
}
