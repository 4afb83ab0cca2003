extension Section {
  /// What stands in braces: keys and limits whose value on the host is to be filled in.
  public var placeholders: [String] {
    var words: [String] = []
    for text in blocks.flatMap(\.texts) {
      Self.split(text) {
        words.append($0)
      } plain: { _ in
      }
    }
    return words
  }

  /// The same section with every placeholder replaced.
  ///
  /// - Parameter value: the text for what stands in braces.
  /// - Returns: the section as it is to be read.
  public func filled(_ value: (String) -> String) -> Section {
    func fill(_ text: String) -> String {
      var whole = ""
      Self.split(text) {
        whole += value($0)
      } plain: {
        whole += $0
      }
      return whole
    }
    var section = self
    section.blocks = blocks.map { block in
      switch block {
      case .paragraph(let text): .paragraph(fill(text))
      case .list(let items): .list(items.map(fill))
      case .code(let language, let lines): .code(language: language, lines: lines.map(fill))
      }
    }
    return section
  }

  /// Parts a text at its placeholders: `{net.core.somaxconn}`; other braces are text.
  private static func split(
    _ text: String, placeholder: (String) -> Void, plain: (Substring) -> Void
  ) {
    var rest = text[...]
    while let start = rest.utf8.firstIndex(of: UInt8(ascii: "{")) {
      let inner = rest[rest.utf8.index(after: start)...]
      guard let end = inner.utf8.firstIndex(of: UInt8(ascii: "}")) else { break }
      let word = inner[..<end]
      plain(rest[..<start])
      if word.hasPrefix("net.") || word.hasPrefix("limits.") {
        placeholder(String(word))
      } else {
        plain(rest[start...end])
      }
      rest = inner[inner.utf8.index(after: end)...]
    }
    plain(rest)
  }
}

extension Block {
  /// Every text of it.
  fileprivate var texts: [String] {
    switch self {
    case .paragraph(let text): [text]
    case .list(let items): items
    case .code(_, let lines): lines
    }
  }
}
