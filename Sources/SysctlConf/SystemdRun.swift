import Facts

/// `systemd-sysctl`: all files are read, of each key the last assignment is kept, then it writes.
struct SystemdRun {
  private let version: Loader.Systemd
  private let files: FileTree
  private let invocation: Invocation
  /// Which keys there are: writing does not change that.
  private var patterns: KeyPatterns
  private var writer: KeyWriter
  private var run: LoaderRun

  /// Assignments and exclusions in the order of the last change of each key.
  private var lines: [LoaderLine?] = []
  private var index: [String: Int] = [:]
  private var losers: [LoaderAction] = []
  private var kept = 0

  init(
    _ version: Loader.Systemd, _ files: FileTree, _ kernel: KernelTree, _ invocation: Invocation
  ) {
    self.version = version
    self.files = files
    self.invocation = invocation
    patterns = KeyPatterns(kernel)
    writer = KeyWriter(kernel)
    run = LoaderRun(.systemd(version), kernel)
  }

  mutating func perform() -> LoaderRun {
    // An unknown option ends the program before it reads anything.
    if invocation.isStrict, version == .v247 {
      run.status = 1
      return run
    }
    for file in invocation.files ?? merged() {
      read(file)
      if run.blockedBy != nil { return stopped(at: file) }
    }
    for line in lines {
      if let line, line.value != nil { apply(line) }
    }
    run.actions += losers
    run.tree = writer.tree
    return run
  }

  /// Hidden files are left out; a name that was met in a stronger folder is too.
  private func merged() -> [String] {
    var found: [String: String] = [:]
    for folder in Loader.systemd(version).folders {
      for name in files.names(in: folder)
      where name.hasSuffix(".conf") && !name.hasPrefix(".") && found[name] == nil {
        found[name] = "\(folder)/\(name)"
      }
    }
    return found.values.sortedByName()
  }

  private mutating func stopped(at file: String) -> LoaderRun {
    for line in lines.compactMap({ $0 }) where line.value != nil {
      run.actions.append(line.action(.notReached(after: LinePlace(file, 1))))
    }
    run.actions += losers
    return run
  }

  // MARK: Reading

  private mutating func read(_ file: String) {
    switch run.open(file, in: files) {
    case .bytes(let bytes): read(bytes, file)
    case .folder: run.status = 1
    case .missing(.noEntry):
      // A link that leads nowhere masks; a file that was asked for must be there.
      if invocation.files != nil { run.status = 1 }
    case .missing(.endlessLinks) where version == .v262: break
    case .missing: run.status = 1
    case .blocks, .unknown: break
    }
  }

  private mutating func read(_ bytes: [UInt8], _ file: String) {
    let end = ConfLines.bySystemd(bytes) { line in read(line, file) }
    if case .tooLong(let number) = end {
      run.status = 1
      run.note(
        .longLine, file, number,
        "a line longer than 1 MiB: systemd-sysctl loses the rest of the file"
      )
    }
  }

  /// Whether to go on.
  private mutating func read(_ line: ConfLine, _ file: String) -> Bool {
    var text = Blanks.four.trim(line.bytes)
    guard let first = text.first, first != UInt8(ascii: "#") else { return true }
    if first == UInt8(ascii: ";"), version < .v262 { return true }
    guard run.counts(line.number, of: file, &kept) else { return false }
    let sign = text.firstIndex(of: UInt8(ascii: "="))
    let hasDash = first == UInt8(ascii: "-")
    guard sign != nil || hasDash else {
      run.status = 1
      run.note(.noAssignment, file, line.number, "expected 'key = value', found no '='")
      return true
    }
    let value = sign.map { Array(Blanks.four.trim(text[($0 + 1)...])) }
    text = text[..<(sign ?? text.endIndex)]
    if hasDash { text = text.dropFirst() }
    let spelling = String(decoding: Blanks.four.trim(text), as: UTF8.self)
    keep(
      LoaderLine(
        place: LinePlace(file, line.number), spelling: spelling,
        path: KeyPaths.simplified(KeyPaths.swapped(spelling)), value: value,
        ignoresFailure: hasDash))
    return true
  }

  /// The same value again keeps its first place; another takes the place of the key's last line.
  private mutating func keep(_ line: LoaderLine) {
    if let at = index[line.path], let old = lines[at] {
      if old.value == line.value {
        lines[at]?.ignoresFailure = old.ignoresFailure || line.ignoresFailure
        if line.value != nil { losers.append(line.action(.repeats(old.place))) }
        return
      }
      lines[at] = nil
      if old.value != nil {
        losers.append(
          old.action(
            line.value == nil ? .cancelled(by: line.place) : .superseded(by: line.place)))
      }
    }
    index[line.path] = lines.count
    lines.append(line)
  }

  // MARK: Writing

  private mutating func apply(_ line: LoaderLine) {
    guard Globbing.isPattern(line.path) else {
      write(line, to: line.path)
      return
    }
    for path in patterns.paths(matching: line.path)
    where losers.count < ConfLines.mostActions && run.hasRoom(for: line) {
      if let at = index[path], let explicit = lines[at] {
        losers.append(
          line.action(
            explicit.value == nil
              ? .cancelled(by: explicit.place) : .superseded(by: explicit.place),
            for: path))
      } else {
        write(line, to: path)
      }
    }
  }

  private mutating func write(_ line: LoaderLine, to path: String) {
    let value = line.value ?? []
    let shown = KernelTree.resolved(path) ?? path
    if KeyPaths.climbs(path), version > .v247 {
      fail(line)
      run.record(line.action(.outside(followed: false), for: shown))
      return
    }
    // A value that is there already, byte for byte, is not written again.
    let isRedundant = writer.text(of: path).map { Array($0.utf8) == value } ?? false
    switch writer.write(value + [0x0a], to: path) {
    case .wrote(let write):
      if let failure = write.failure, !isRedundant {
        // What the kernel does not permit here, or has no module for, is passed over.
        if failure == .invalid { fail(line) } else { failIfStrict(line) }
      }
      run.record(line.action(.wrote(write), for: shown))
    case .absent:
      failIfStrict(line)
      run.record(line.action(.unknownKey, for: shown))
    case .belowKey:
      fail(line)
      run.record(line.action(.unknownKey, for: shown))
    case .folder:
      fail(line)
      run.record(line.action(.folder, for: shown))
    case .readOnly, .readOnlyMount:
      if !isRedundant { failIfStrict(line) }
      run.record(line.action(.readOnly, for: shown))
    case .outside:
      run.record(line.action(.outside(followed: true), for: shown))
    }
  }

  private mutating func fail(_ line: LoaderLine) {
    if !line.ignoresFailure { run.status = 1 }
  }

  private mutating func failIfStrict(_ line: LoaderLine) {
    if invocation.isStrict { fail(line) }
  }
}

extension Loader.Systemd: Comparable {
  /// Older releases come first.
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension Sequence<String> {
  /// Paths in the order of their last components' bytes.
  func sortedByName() -> [String] {
    map { (path: $0, name: PathText.bytes(of: FileTree.name(of: $0))) }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }.map(\.path)
  }
}
