import Facts

/// `sysctl` of procps-ng 3.3.17: every line is written as it is read; no patterns, no exclusions.
struct OldProcpsRun {
  private let files: FileTree
  private let invocation: Invocation
  private var writer: KeyWriter
  private var run: LoaderRun
  private var kept = 0

  /// What the program gives back for a failure, as the shell sees it.
  private static let failed: Int32 = 255
  /// Keys that it does not write because the kernel has better ones.
  private static let deprecated = ["base_reachable_time", "retrans_time"]

  init(_ files: FileTree, _ kernel: KernelTree, _ invocation: Invocation) {
    self.files = files
    self.invocation = invocation
    writer = KeyWriter(kernel)
    run = LoaderRun(.procps(.v3_3_17), kernel)
  }

  mutating func perform() -> LoaderRun {
    groups: for group in ProcpsFiles.list(files, invocation) {
      for file in group {
        switch run.open(file, in: files) {
        case .bytes(let bytes): ConfLines.byNewline(bytes) { line in read(line, file) }
        case .missing:
          run.status = Self.failed
          continue groups
        case .blocks: break groups
        case .folder, .unknown: break
        }
      }
    }
    run.tree = writer.tree
    return run
  }

  /// Whether to go on.
  private mutating func read(_ line: ConfLine, _ file: String) -> Bool {
    let text = Blanks.two.dropFront(Blanks.four.dropBack(line.bytes))
    guard text.count >= 2, let first = text.first, first != UInt8(ascii: "#"),
      first != UInt8(ascii: ";")
    else { return true }
    guard run.counts(line.number, of: file, &kept) else { return false }
    // Equals signs before the key are passed over.
    let body = text.drop { $0 == UInt8(ascii: "=") }
    guard let sign = body.firstIndex(of: UInt8(ascii: "=")), body.startIndex == text.startIndex,
      sign + 1 < body.endIndex
    else {
      run.note(.noAssignment, file, line.number, "expected 'key = value', found something else")
      return true
    }
    let end = body[(sign + 1)...].firstIndex(of: 0x0d) ?? body.endIndex
    let value = Blanks.two.dropFront(body[(sign + 1)..<end])
    var spelling = String(decoding: Blanks.four.dropBack(body[..<sign]), as: UTF8.self)
    let hasDash = spelling.hasPrefix("-")
    if hasDash { spelling = String(spelling.dropFirst()) }
    write(
      LoaderLine(
        place: LinePlace(file, line.number), spelling: spelling, path: KeyPaths.swapped(spelling),
        value: Array(value), ignoresFailure: hasDash))
    return true
  }

  private mutating func write(_ line: LoaderLine) {
    let ignoresUnknown = invocation.files == nil || invocation.ignoresUnknownKeys
    let shown = KernelTree.resolved(line.path) ?? line.path
    let name = shown.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) }
    if let name, Self.deprecated.contains(name) {
      run.record(line.action(.unknownKey, for: shown))
      return
    }
    let result: LoaderAction.Result
    switch writer.write((line.value ?? []) + [0x0a], to: line.path) {
    case .wrote(let write): result = .wrote(write)
    case .absent, .belowKey:
      if !ignoresUnknown { run.status = Self.failed }
      result = .unknownKey
    case .folder: result = .folder
    case .readOnly: result = .readOnly
    case .readOnlyMount:
      if !line.ignoresFailure { run.status = Self.failed }
      result = .readOnly
    case .outside: result = .outside(followed: true)
    }
    run.record(line.action(result, for: shown))
  }
}
