/// How text is to look: what the command line found out about the place it goes to.
public struct TextStyle: Sendable {
  /// The columns of the terminal; nil where lines must not be broken, as in a pipe.
  public var width: Int?
  /// Whether to use colour.
  public var isColored: Bool
  /// Options that a command named in the text must repeat: ` --snapshot FILE`.
  public var repeatedOptions: String

  /// The command that another one must follow to run in the network namespace that the text is
  /// about; nil where that is the reader's own.
  public var namespaceEntry: String?

  /// Whether the text is about a host that was recorded.
  var isElsewhere: Bool { !repeatedOptions.isEmpty && namespaceEntry == nil }

  /// The options that a command must repeat which can only look at a live host.
  var liveOptions: String { isElsewhere ? "" : repeatedOptions }

  /// A style for a place.
  public init(
    width: Int?, isColored: Bool, repeatedOptions: String = "", namespaceEntry: String? = nil
  ) {
    self.width = width
    self.isColored = isColored
    self.repeatedOptions = repeatedOptions
    self.namespaceEntry = namespaceEntry
  }

  /// The roles that text can play; without colour they all look alike.
  enum Role: String {
    case error = "1;31"
    case warning = "1;33"
    case note = "1;36"
    case good = "1;32"
    case strong = "1"
    case faint = "2"
  }

  func paint(_ text: String, _ role: Role) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// How many columns a painted word takes: the codes that paint it take none.
  static func columns(of word: Substring) -> Int {
    guard word.utf8.contains(0x1b) else { return word.count }
    var columns = 0
    var isCode = false
    for character in word {
      if character == "\u{1B}" {
        isCode = true
      } else if !isCode {
        columns += 1
      } else if character == "m" {
        isCode = false
      }
    }
    return columns
  }
}

extension StringProtocol {
  /// The text with control characters, and those that turn the direction of writing, made visible.
  ///
  /// Names of processes, cgroups and files come from others; they must not reach the terminal as
  /// commands.
  public var printable: String {
    // Nearly every text has nothing else than these.
    if utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return String(self) }
    guard unicodeScalars.contains(where: Self.isUnprintable) else { return String(self) }
    var text = ""
    for scalar in unicodeScalars {
      if Self.isUnprintable(scalar) {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0: true
    case 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
