import Facts

/// The kernel's keys while a loader writes them.
struct KeyWriter {
  /// What an attempt to write met.
  enum Attempt {
    case wrote(KernelWrite)
    case absent
    case belowKey
    case folder
    /// Its mode lets nobody write it.
    case readOnly
    /// All of /proc/sys is mounted read-only.
    case readOnlyMount
    case outside
  }

  private(set) var tree: KernelTree

  init(_ tree: KernelTree) { self.tree = tree }

  /// The key's text now, nil where it is not known.
  func text(of path: String) -> String? {
    KernelTree.resolved(path).flatMap { tree[$0]?.text }
  }

  /// Writes to a path below /proc/sys in one write(2).
  ///
  /// A key of which nobody knows whether it is there is taken to be there.
  mutating func write(_ bytes: [UInt8], to path: String) -> Attempt {
    guard let clean = KernelTree.resolved(path) else { return .outside }
    switch tree.presence(of: path) {
    case .absent: return .absent
    case .belowKey: return .belowKey
    case .folder: return .folder
    case .unknown: tree[clean] = KernelTree.Key(text: nil, kind: KeyKind(of: clean, showing: nil))
    case .key: break
    }
    guard let key = tree[clean] else { return .absent }
    guard key.isWritable else { return .readOnly }
    guard !tree.isMountedReadOnly else { return .readOnlyMount }
    let write = key.kind.write(bytes, over: key.text, in: tree.context)
    if write.outcome != .refused { tree[clean]?.text = write.value }
    return .wrote(write)
  }
}

/// An assignment as a loader has read it.
struct LoaderLine {
  var place: LinePlace
  /// As it is written, without the dash.
  var spelling: String
  /// Below /proc/sys.
  var path: String
  /// Nil for a line that only takes keys away.
  var value: [UInt8]?
  var ignoresFailure: Bool

  var text: String { value.map { String(decoding: $0, as: UTF8.self) } ?? "" }

  func action(_ result: LoaderAction.Result, for path: String? = nil) -> LoaderAction {
    LoaderAction(
      place: place, spelling: spelling, path: path ?? self.path, text: text,
      ignoresFailure: ignoresFailure, result: result)
  }
}

extension LoaderRun {
  /// What a file is to a loader that opens it: its bytes, or nothing, and then why.
  enum Opened {
    case bytes([UInt8])
    case folder
    case missing(FileTree.Failure)
    /// It waits for ever.
    case blocks
    /// Not known to us, or endless.
    case unknown
  }

  /// Opens a file as the loader does, and tells what is wrong with that.
  mutating func open(_ file: String, in files: FileTree) -> Opened {
    self.files.append(file)
    switch files.place(file) {
    case .found(_, .file(let bytes)): return .bytes(bytes)
    case .found(_, .null): return .bytes([])
    case .found(_, .folder):
      note(.folder, file, "a folder stands where a file is expected")
      return .folder
    case .found(_, .pipe):
      note(.blocksLoader, file, "a named pipe: the loader waits for ever for somebody to write")
      blockedBy = file
      status = nil
      return .blocks
    case .found(_, .unread(let reason)):
      note(.unread, file, "not read: \(reason)")
      return .unknown
    case .found(_, .special), .found(_, .link):
      note(.specialFile, file, "a device or socket stands where a file is expected")
      return .unknown
    case .missing(.endlessLinks):
      note(.linkLoop, file, "a link that leads back to itself")
      return .missing(.endlessLinks)
    case .missing(let failure):
      note(.danglingLink, file, "a link that leads nowhere (\(failure.rawValue))")
      return .missing(failure)
    }
  }

  mutating func note(
    _ kind: ConfProblem.Kind, _ file: String, _ line: Int? = nil, _ message: String
  ) {
    problems.append(ConfProblem(kind, file, line, message))
  }

  mutating func note(_ kind: ConfProblem.Kind, _ file: String, _ message: String) {
    note(kind, file, nil, message)
  }

  /// Keeps what was done, and says what is wrong with it unless the line says that failing is no
  /// error.
  mutating func record(_ action: LoaderAction) {
    actions.append(action)
    if let problem = action.problem { problems.append(problem) }
  }

  /// Whether a pattern may be applied to one more key.
  mutating func hasRoom(for line: LoaderLine) -> Bool {
    if actions.count < ConfLines.mostActions { return true }
    let problem = ConfProblem(
      .tooMany, line.place.file, line.place.line,
      "more than \(ConfLines.mostActions) keys named by patterns: the rest is not looked at")
    if problems.last?.kind != .tooMany { problems.append(problem) }
    return false
  }

  /// Counts a line that says something; false where no more are looked at.
  mutating func counts(_ line: Int, of file: String, _ kept: inout Int) -> Bool {
    kept += 1
    if kept == ConfLines.mostKept + 1 {
      note(.tooMany, file, line, "more than \(ConfLines.mostKept) lines: the rest is not looked at")
    }
    return kept <= ConfLines.mostKept
  }
}

extension LoaderAction {
  /// What is wrong with the line by what came of it.
  var problem: ConfProblem? {
    let name = KeyPaths.exchanged(path)
    func problem(_ kind: ConfProblem.Kind, _ message: String) -> ConfProblem? {
      ConfProblem(kind, place.file, place.line, message)
    }
    switch result {
    case .unknownKey:
      return ignoresFailure ? nil : problem(.unknownKey, "no key '\(name)' here")
    case .folder: return problem(.folderKey, "'\(name)' is a folder of keys")
    case .readOnly:
      return ignoresFailure ? nil : problem(.readOnlyKey, "'\(name)' cannot be written")
    case .outside(let followed):
      return problem(
        .outside,
        "'\(spelling)' leads out of /proc/sys"
          + (followed ? ", and the loader writes there" : ", and is refused"))
    case .wrote(let write): return self.problem(for: write, name)
    case .superseded, .repeats, .cancelled, .notReached, .nothing: return nil
    }
  }

  private func problem(for write: KernelWrite, _ name: String) -> ConfProblem? {
    func problem(_ kind: ConfProblem.Kind, _ message: String) -> ConfProblem {
      ConfProblem(kind, place.file, place.line, message)
    }
    let shown =
      text.utf8.count > 60 ? String(decoding: text.utf8.prefix(60), as: UTF8.self) + "…" : text
    switch write.outcome {
    case .taken, .unreadable: return nil
    case .cut:
      return problem(
        .cut, "the kernel makes '\(write.value ?? "")' of '\(shown)' for '\(name)'")
    case .partly:
      let rest = write.failure == nil ? "" : " before it finds the error"
      return problem(
        .partly, "the kernel sets only the first numbers of '\(name)' from '\(shown)'\(rest)")
    case .refused:
      guard !ignoresFailure else { return nil }
      let reason =
        switch write.failure {
        case .noEntry: "there is nothing of that name"
        case .notPermitted: "not permitted in this network namespace"
        case .invalid, nil: "invalid"
        }
      return problem(.refused, "the kernel refuses '\(shown)' for '\(name)': \(reason)")
    }
  }
}
