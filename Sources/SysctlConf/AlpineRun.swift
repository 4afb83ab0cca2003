import Facts

/// busybox's `sysctl -q -p FILE`, which Alpine's start script runs for one file after the other.
struct AlpineRun {
  private let files: FileTree
  private let invocation: Invocation
  private var writer: KeyWriter
  private var run: LoaderRun
  private var kept = 0
  /// The line at which the present file was given up.
  private var aborted: LinePlace?

  init(_ files: FileTree, _ kernel: KernelTree, _ invocation: Invocation) {
    self.files = files
    self.invocation = invocation
    writer = KeyWriter(kernel)
    run = LoaderRun(.alpine, kernel)
  }

  mutating func perform() -> LoaderRun {
    let list = invocation.files.map { $0.map { (file: $0, counts: true) } } ?? system()
    for (file, counts) in list {
      aborted = nil
      if case .bytes(let bytes) = run.open(file, in: files) {
        ConfLines.byBusybox(bytes) { line in read(line, file) }
      }
      if run.blockedBy != nil { break }
      if aborted != nil, counts { run.status = 1 }
    }
    run.tree = writer.tree
    return run
  }

  /// The files of the start script, and whether a failure in them counts.
  ///
  /// It takes regular files only, and a file of the same name hides one of a weaker folder. What
  /// fails in /lib and /usr/lib does not count.
  private func system() -> [(file: String, counts: Bool)] {
    func names(_ folder: String) -> [String] {
      files.names(in: folder).filter {
        $0.hasSuffix(".conf") && !$0.hasPrefix(".") && isFile("\(folder)/\($0)")
      }
    }
    func isHidden(_ name: String, by folders: [String]) -> Bool {
      folders.contains { isFile("\($0)/\(name)") }
    }
    var list: [(file: String, counts: Bool)] = []
    for folder in ["/lib/sysctl.d", "/usr/lib/sysctl.d"] {
      for name in names(folder) where !isHidden(name, by: ["/etc/sysctl.d", "/run/sysctl.d"]) {
        list.append(("\(folder)/\(name)", false))
      }
    }
    for name in names("/etc/sysctl.d") where !isHidden(name, by: ["/run/sysctl.d"]) {
      list.append(("/etc/sysctl.d/\(name)", true))
    }
    if isFile(Loader.lastFile) { list.append((Loader.lastFile, true)) }
    list += names("/run/sysctl.d").map { ("/run/sysctl.d/\($0)", true) }
    return list
  }

  private func isFile(_ path: String) -> Bool {
    switch files.place(path) {
    case .found(_, .file), .found(_, .unread): true
    default: false
    }
  }

  // MARK: Lines

  /// Whether to go on.
  private mutating func read(_ line: ConfLine, _ file: String) -> Bool {
    let text = Blanks.six.dropFront(line.bytes)
    guard let first = text.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else {
      return true
    }
    guard run.counts(line.number, of: file, &kept) else { return false }
    let place = LinePlace(file, line.number)
    // Nothing behind the sign, or a `#` right behind it, leaves the line without a second word.
    guard let sign = line.bytes.firstIndex(of: UInt8(ascii: "=")),
      sign + 1 < line.bytes.endIndex, line.bytes[sign + 1] != UInt8(ascii: "#")
    else {
      let isEmpty = line.bytes.contains(UInt8(ascii: "="))
      guard aborted == nil else { return true }
      run.note(
        isEmpty ? .emptyValue : .noAssignment, file, line.number,
        isEmpty
          ? "busybox passes over a key without a value" : "expected 'key = value', found no '='"
      )
      return true
    }
    let spelling = String(
      decoding: Blanks.six.trim(line.bytes[line.bytes.startIndex..<sign]), as: UTF8.self)
    guard !spelling.isEmpty else {
      if aborted == nil {
        run.note(.emptyKey, file, line.number, "expected a key before '=', found none")
      }
      return true
    }
    let entry = LoaderLine(
      place: place, spelling: spelling, path: path(of: spelling),
      value: Array(Blanks.six.trim(line.bytes[(sign + 1)...])), ignoresFailure: false)
    if let aborted {
      run.actions.append(entry.action(.notReached(after: aborted)))
    } else {
      write(entry)
    }
    return true
  }

  /// The longest path that is looked for (PATH_MAX): a longer one cannot exist.
  private static let longestPath = 4096

  private func path(of spelling: String) -> String {
    let tree = writer.tree
    guard spelling.utf8.count < Self.longestPath else { return KeyPaths.exchanged(spelling) }
    func exists(_ path: String) -> Bool {
      guard !path.isEmpty, !path.hasPrefix("/") else { return false }
      let presence = tree.presence(of: path)
      return presence == .key || presence == .folder
    }
    let path = KeyPaths.busybox(spelling, exists: exists)
    // Where nobody knows which keys there are, the usual reading is the best guess.
    return exists(path) || tree.presence(of: path) != .unknown ? path : KeyPaths.swapped(spelling)
  }

  private mutating func write(_ line: LoaderLine) {
    var path = line.path
    if path.hasPrefix("/proc/sys/") {
      path = String(path.dropFirst("/proc/sys/".utf8.count))
    } else if path.hasPrefix("/") {
      // The program opens it where it stands, and makes a file if the folder is there.
      let isFolder =
        if case .found(_, .folder) = files.place(FileTree.folder(of: path)) { true } else { false }
      run.record(line.action(isFolder ? .outside(followed: true) : .unknownKey))
      return
    }
    let shown = KernelTree.resolved(path) ?? path
    let value = line.value ?? []
    guard !value.isEmpty else {
      run.record(line.action(.nothing, for: shown))
      return
    }
    let result: LoaderAction.Result
    switch writer.write(value, to: path) {
    case .wrote(let write):
      result = .wrote(write)
      if write.failure != nil {
        aborted = line.place
        run.record(line.action(result, for: shown))
        run.note(
          .abortsFile, line.place.file, line.place.line,
          "busybox stops here: the rest of the file is lost")
        return
      }
    case .absent, .belowKey:
      // A key's path with a slash behind it: the system takes it for a folder to be made.
      result = .unknownKey
    case .folder: result = .folder
    case .readOnly, .readOnlyMount: result = .readOnly
    case .outside: result = .outside(followed: true)
    }
    run.record(line.action(result, for: shown))
  }
}
