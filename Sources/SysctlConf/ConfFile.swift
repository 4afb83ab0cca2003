public import Facts

/// A sysctl file as lines, so that every byte can be printed again.
public struct ConfFile: Equatable, Sendable {
  /// One line and what it says.
  public struct Line: Equatable, Sendable {
    /// The line's bytes without the newline.
    public var bytes: [UInt8]
    /// What it says.
    public var content: Content

    /// The key that the line assigns to, in whatever spelling.
    ///
    /// A dash before it only says that a failure to set it is no error (procps, systemd).
    public var key: SysctlKey? {
      guard case .assignment(let text, _) = content else { return nil }
      return SysctlKey(text.hasPrefix("-") ? text.dropFirst() : text[...])
    }
  }

  /// What a line says.
  public enum Content: Equatable, Sendable {
    /// Blanks, or nothing.
    case blank
    /// The text behind `#` or `;`, without the blanks around it.
    case comment(String)
    /// `key = value`, both without the blanks around them; the key as it is written.
    case assignment(key: String, value: String)
    /// Anything else.
    case other(String)
  }

  /// The lines in order.
  public var lines: [Line]
  /// Whether the last line ends in a newline; true for an empty file.
  public var endsInNewline: Bool

  /// The file of these bytes.
  public init(parsing bytes: [UInt8]) {
    let pieces = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    endsInNewline = bytes.last.map { $0 == UInt8(ascii: "\n") } ?? true
    lines = pieces.dropLast(endsInNewline ? 1 : 0).map {
      Line(bytes: Array($0), content: Content(of: $0))
    }
  }

  /// The file's bytes.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for (index, line) in lines.enumerated() {
      bytes += line.bytes
      if index < lines.count - 1 || endsInNewline { bytes.append(UInt8(ascii: "\n")) }
    }
    return bytes
  }

  /// The index of the last line that assigns to `key`.
  public func lastAssignment(of key: SysctlKey) -> Int? {
    lines.lastIndex { $0.key == key }
  }
}

extension ConfFile.Content {
  init(of bytes: ArraySlice<UInt8>) {
    let text = Self.trimmed(bytes)
    guard let first = text.first else {
      self = .blank
      return
    }
    if first == UInt8(ascii: "#") || first == UInt8(ascii: ";") {
      self = .comment(String(decoding: Self.trimmed(text.dropFirst()), as: UTF8.self))
      return
    }
    guard let sign = text.firstIndex(of: UInt8(ascii: "=")), sign > text.startIndex else {
      self = .other(String(decoding: text, as: UTF8.self))
      return
    }
    self = .assignment(
      key: String(decoding: Self.trimmed(text[..<sign]), as: UTF8.self),
      value: String(decoding: Self.trimmed(text[(sign + 1)...]), as: UTF8.self))
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
    var rest = bytes.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }
}
