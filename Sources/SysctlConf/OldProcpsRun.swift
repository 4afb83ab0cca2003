import Facts

/// `sysctl` of procps-ng 3.3.17: every line is written as it is read; no patterns, no exclusions.
struct OldProcpsRun {
  private let files: FileTree
  private let invocation: Invocation
  private let pattern: LinePattern?
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
    pattern = invocation.pattern.map { LinePattern($0) }
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
    // Equals signs before the key are passed over.
    let body = text.drop { $0 == UInt8(ascii: "=") }
    if let pattern, let name = body.split(separator: UInt8(ascii: "=")).first,
      !pattern.fits(Blanks.four.dropBack(name))
    {
      return true
    }
    guard run.counts(line.number, of: file, &kept) else { return false }
    // A line that is all key ends where the program puts its own equals sign, which it then takes for
    // the value. Only where the key stands at the line's beginning are both the same place.
    if !body.contains(UInt8(ascii: "=")), body.startIndex == line.bytes.startIndex {
      assign(body, Array("=".utf8), LinePlace(file, line.number))
      return true
    }
    guard let sign = body.firstIndex(of: UInt8(ascii: "=")), sign + 1 < body.endIndex else {
      run.note(.noAssignment, file, line.number, "expected 'key = value', found something else")
      return true
    }
    let end = body[(sign + 1)...].firstIndex(of: 0x0d) ?? body.endIndex
    let value = Blanks.two.dropFront(body[(sign + 1)..<end])
    assign(Blanks.four.dropBack(body[..<sign]), Array(value), LinePlace(file, line.number))
    return true
  }

  private mutating func assign(_ key: ArraySlice<UInt8>, _ value: [UInt8], _ place: LinePlace) {
    var spelling = String(decoding: key, as: UTF8.self)
    let hasDash = spelling.hasPrefix("-")
    if hasDash { spelling = String(spelling.dropFirst()) }
    write(
      LoaderLine(
        place: place, spelling: spelling, path: KeyPaths.swapped(spelling), value: value,
        ignoresFailure: hasDash))
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
