import Facts

/// `sysctl` of procps-ng 4: all files are read, then every assignment is written in order; patterns
/// leave out keys that a line names.
struct ProcpsRun {
  private let version: Loader.Procps
  private let files: FileTree
  private let invocation: Invocation
  /// Which keys there are: writing does not change that.
  private var patterns: KeyPatterns
  private let pattern: LinePattern?
  private var writer: KeyWriter
  private var run: LoaderRun
  private var lines: [LoaderLine] = []
  private var kept = 0

  init(
    _ version: Loader.Procps, _ files: FileTree, _ kernel: KernelTree, _ invocation: Invocation
  ) {
    self.version = version
    self.files = files
    self.invocation = invocation
    patterns = KeyPatterns(kernel)
    pattern = invocation.pattern.map { LinePattern($0) }
    writer = KeyWriter(kernel)
    run = LoaderRun(.procps(version), kernel)
  }

  mutating func perform() -> LoaderRun {
    for group in ProcpsFiles.list(files, invocation) {
      for file in group {
        guard read(file) else { break }
        if run.blockedBy != nil { return stopped(at: file) }
      }
    }
    write()
    run.tree = writer.tree
    return run
  }

  private func stopped(at file: String) -> LoaderRun {
    var run = run
    run.actions = lines.filter { $0.value != nil }.map {
      $0.action(.notReached(after: LinePlace(file, 1)))
    }
    return run
  }

  // MARK: Reading

  /// Whether the file could be opened.
  private mutating func read(_ file: String) -> Bool {
    switch run.open(file, in: files) {
    case .bytes(let bytes):
      ConfLines.byNewline(bytes) { line in read(line, file) }
    case .missing:
      run.status = 1
      return false
    case .folder, .blocks, .unknown: break
    }
    return true
  }

  /// Whether to go on.
  private mutating func read(_ line: ConfLine, _ file: String) -> Bool {
    var text = Blanks.six.dropFront(line.bytes)
    // A line of one byte is passed over, and the newline counts as one.
    guard text.count + (line.hasNewline ? 1 : 0) >= 2, let first = text.first,
      first != UInt8(ascii: "#"), first != UInt8(ascii: ";")
    else {
      return true
    }
    if let pattern, !pattern.fits(text + (line.hasNewline ? [0x0a] : [])) { return true }
    guard run.counts(line.number, of: file, &kept) else { return false }
    let sign = text.firstIndex(of: UInt8(ascii: "="))
    let hasDash = first == UInt8(ascii: "-")
    guard sign != nil || hasDash else {
      run.note(.noAssignment, file, line.number, "expected 'key = value', found no '='")
      return true
    }
    let value = sign.map { Array(Blanks.six.trim(text[($0 + 1)...])) }
    text = text[..<(sign ?? text.endIndex)]
    if hasDash { text = text.dropFirst() }
    // Trimming never takes a key's first byte, were it a blank behind the dash.
    let key = Blanks.six.dropBack(text)
    let spelling = String(decoding: key.isEmpty ? text.prefix(1) : key, as: UTF8.self)
    // A second dash is passed over where the path is made.
    let name = spelling.hasPrefix("-") ? String(spelling.dropFirst()) : spelling
    lines.append(
      LoaderLine(
        place: LinePlace(file, line.number), spelling: spelling, path: KeyPaths.swapped(name),
        value: value, ignoresFailure: hasDash && sign != nil))
    return true
  }

  // MARK: Writing

  private mutating func write() {
    // Of several lines for one path the first is found, whatever it says.
    let named = Dictionary(lines.map { ($0.path, $0) }) { first, _ in first }
    let excluded =
      version < .v4_0_7
      ? []
      : lines.filter { $0.value == nil }.map {
        (line: $0, shape: Globbing.Shape(Array("/\($0.path)".utf8)))
      }
    // Each of many patterns asks about the same keys.
    var others: [String: LoaderLine?] = [:]
    for line in lines where line.value != nil {
      guard Globbing.isPattern(line.path) else {
        write(line, to: line.path)
        continue
      }
      for path in patterns.paths(matching: line.path) where run.hasRoom(for: line) {
        let other: LoaderLine?
        if let known = others[path] {
          other = known
        } else {
          let bytes = Array("/\(path)".utf8)
          other = named[path] ?? excluded.first { $0.shape.matches(bytes) }?.line
          others[path] = .some(other)
        }
        if let other {
          run.actions.append(
            line.action(
              other.value == nil ? .cancelled(by: other.place) : .superseded(by: other.place),
              for: path))
        } else {
          write(line, to: path)
        }
      }
    }
  }

  private mutating func write(_ line: LoaderLine, to path: String) {
    let isSystem = invocation.files == nil || invocation.ignoresUnknownKeys
    var result: LoaderAction.Result
    switch writer.write((line.value ?? []) + [0x0a], to: path) {
    case .wrote(let write):
      if write.failure != nil, !(line.ignoresFailure && version >= .v4_0_7) { run.status = 1 }
      result = .wrote(write)
    case .absent, .belowKey:
      if !isSystem { run.status = 1 }
      result = .unknownKey
    case .folder:
      // The topmost folder itself is not below it.
      let isTop = KernelTree.resolved(path) == ""
      if isTop || version >= .v4_0_7 { run.status = 1 }
      result = .folder
    case .readOnly:
      if version >= .v4_0_7 { run.status = 1 }
      result = .readOnly
    case .readOnlyMount:
      if !line.ignoresFailure { run.status = 1 }
      result = .readOnly
    case .outside:
      run.status = 1
      result = .outside(followed: false)
    }
    let shown = KernelTree.resolved(path) ?? path
    run.record(line.action(result, for: shown.isEmpty ? path : shown))
  }
}

/// Which files `sysctl` opens.
enum ProcpsFiles {
  /// Those on the command line, or of all folders by name and /etc/sysctl.conf last; one that
  /// cannot be opened ends its group.
  static func list(_ files: FileTree, _ invocation: Invocation) -> [[String]] {
    if let named = invocation.files { return named.map { expanded($0, files) } }
    var found: [String: String] = [:]
    for folder in Loader.allFolders {
      for name in files.names(in: folder) where name.hasSuffix(".conf") && found[name] == nil {
        found[name] = "\(folder)/\(name)"
      }
    }
    var list = found.values.sortedByName().map { expanded($0, files) }
    switch files.place(Loader.lastFile) {
    case .found(_, .file), .found(_, .unread): list.append([Loader.lastFile])
    default: break
    }
    return list
  }

  /// A file's name is taken for a pattern, and for itself where nothing fits; a link that leads
  /// nowhere fits too.
  private static func expanded(_ path: String, _ files: FileTree) -> [String] {
    guard Globbing.isPattern(path) else { return [path] }
    let found = Globbing.paths(
      matching: path, names: { files.names(in: "/\($0)").map { Globbing.Name($0) } },
      exists: { files.names(in: FileTree.folder(of: "/\($0)")).contains(FileTree.name(of: $0)) })
    return found.isEmpty ? [path] : found.map { $0.hasPrefix("/") ? $0 : "/\($0)" }
  }
}

extension Loader.Procps: Comparable {
  /// Older releases come first.
  public static func < (a: Self, b: Self) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}
