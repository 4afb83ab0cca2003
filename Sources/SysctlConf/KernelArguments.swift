public import Facts

/// The `sysctl.KEY=VALUE` words of the kernel's command line, which the kernel writes just before
/// init starts (fs/proc/proc_sysctl.c, since 5.8).
public struct KernelArguments: Equatable, Sendable {
  /// Where reports say that they stand.
  public static let file = "/proc/cmdline"

  /// Paths below /proc/sys and values, in order.
  public private(set) var values: [(path: String, value: String)] = []

  /// The arguments of a command line.
  public init(parsing line: some Sequence<UInt8>) {
    for word in Self.words(Array(line)) {
      // What stands behind `--` is for init.
      if word == Array("--".utf8) { break }
      let prefix = Array("sysctl".utf8)
      guard word.starts(with: prefix), word.count > prefix.count,
        word[prefix.count] == UInt8(ascii: ".") || word[prefix.count] == UInt8(ascii: "/"),
        let sign = word.firstIndex(of: UInt8(ascii: "=")), sign + 1 < word.count
      else { continue }
      // All dots become slashes: an interface with a dot in its name cannot be reached.
      let path = word[(prefix.count + 1)..<sign].map {
        $0 == UInt8(ascii: ".") ? UInt8(ascii: "/") : $0
      }
      values.append(
        (
          String(decoding: path, as: UTF8.self),
          String(decoding: Self.unquoted(word[(sign + 1)...]), as: UTF8.self)
        ))
    }
  }

  /// Words are parted by blanks outside of double quotes.
  private static func words(_ line: [UInt8]) -> [[UInt8]] {
    var words: [[UInt8]] = [[]]
    var isQuoted = false
    for byte in line {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, byte == 0x20 || (0x09...0x0d).contains(byte) {
        words.append([])
      } else {
        words[words.count - 1].append(byte)
      }
    }
    return words.compactMap { word in
      let bare = word.first == UInt8(ascii: "\"") ? Array(unquoted(word[...])) : word
      return bare.isEmpty ? nil : bare
    }
  }

  private static func unquoted(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard bytes.first == UInt8(ascii: "\"") else { return bytes }
    let inner = bytes.dropFirst()
    return inner.last == UInt8(ascii: "\"") ? inner.dropLast() : inner
  }

  /// Whether two command lines say the same.
  public static func == (a: Self, b: Self) -> Bool {
    a.values.elementsEqual(b.values) { $0 == $1 }
  }

  /// What the kernel does with them.
  func apply(to writer: inout KeyWriter) -> [LoaderAction] {
    values.map { argument in
      let line = LoaderLine(
        place: LinePlace(Self.file, 1), spelling: KeyPaths.exchanged(argument.path),
        path: KernelTree.resolved(argument.path) ?? argument.path,
        value: Array(argument.value.utf8), ignoresFailure: false)
      switch writer.write(line.value ?? [], to: argument.path) {
      case .wrote(let write): return line.action(.wrote(write))
      case .absent, .belowKey: return line.action(.unknownKey)
      case .folder: return line.action(.folder)
      case .readOnly, .readOnlyMount: return line.action(.readOnly)
      case .outside: return line.action(.outside(followed: false))
      }
    }
  }
}

extension Loader {
  /// Runs the kernel's command line and then the loader, as at boot.
  ///
  /// `sysctl --system` is typed later, when the values of the command line are there already: for
  /// procps the arguments are left out.
  public func run(
    _ files: FileTree, over kernel: KernelTree, after arguments: KernelArguments
  ) -> LoaderRun {
    if case .procps = self { return run(files, over: kernel) }
    var writer = KeyWriter(kernel)
    let actions = arguments.apply(to: &writer)
    var run = run(files, over: writer.tree)
    run.actions = actions + run.actions
    run.problems = actions.compactMap(\.problem) + run.problems
    return run
  }
}
