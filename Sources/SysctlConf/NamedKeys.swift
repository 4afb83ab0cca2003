public import Facts

extension ConfEntries {
  /// Whether the loaders that know patterns take a text for one.
  public static func isPattern(_ text: String) -> Bool { Globbing.isPattern(text) }

  /// A shell pattern for one name.
  public struct Pattern: Hashable, Sendable {
    private let shape: Globbing.Shape

    init(_ text: String) { shape = Globbing.Shape(Array(text.utf8)) }

    /// Whether a whole name fits, given as its bytes.
    public func matches(_ name: [UInt8]) -> Bool { shape.matches(name) }
  }

  /// The last pieces of all keys that lines name, in whatever spelling: what has another last piece
  /// is set by no file.
  public static func lastPieces(
    in files: FileTree, _ arguments: KernelArguments
  ) -> (names: Set<String>, patterns: Set<Pattern>) {
    var names: Set<String> = []
    var patterns: Set<Pattern> = []
    func add(_ key: ArraySlice<UInt8>) {
      let pieces = key.split { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/") }
      // A dot within a name is spelled as a slash: both the last piece and the last two count.
      for count in 1...2 where pieces.count >= count {
        let name = pieces.suffix(count).map { String(decoding: $0, as: UTF8.self) }
          .joined(separator: ".")
        if Globbing.isPattern(name) {
          patterns.insert(Pattern(name))
        } else {
          names.insert(name)
        }
      }
    }
    for (path, _) in arguments.values { add(Array(path.utf8)[...]) }
    var kept = 0
    for path in paths(in: files) {
      guard case .found(_, .file(let bytes)) = files.place(path) else { continue }
      // Each loader's lines: one may see a key where another sees none.
      _ = ConfLines.bySystemd(bytes) { line in
        add(Blanks.six.trim(line.bytes.prefix { $0 != UInt8(ascii: "=") }))
        kept += 1
        return kept < ConfLines.mostKept
      }
    }
    return (names, patterns)
  }
}
