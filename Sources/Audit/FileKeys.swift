import Facts
import SysctlConf

/// What the runs of the loaders say about each key.
struct FileKeys {
  private let runs: [LoaderRun]
  private let kernel: KernelTree
  /// Lines by key, in the order in which they are shown.
  private var lines: [String: [LinePlace: String]] = [:]
  private let order: [String: Int]
  /// By the loader's name: each action by key and line, and each key's winner.
  private var actions: [String: [Spot: LoaderAction]] = [:]
  private var winners: [String: [String: LoaderAction]] = [:]
  /// The last that was tried, with whatever result.
  private var tried: [String: [String: LoaderAction]] = [:]
  /// The files that a loader opened, by their names in a folder.
  private var opened: [String: [String: [String]]] = [:]

  private struct Spot: Hashable {
    var path: String
    var place: LinePlace
  }

  init(runs: [LoaderRun], entries: [ConfEntries.Entry], kernel: KernelTree, files: [String]) {
    self.runs = runs
    self.kernel = kernel
    order = Dictionary(files.enumerated().map { ($1, $0 + 1) }) { first, _ in first }
    for entry in entries { lines[entry.key.path, default: [:]][entry.place] = entry.value }
    for run in runs {
      var byLine: [Spot: LoaderAction] = [:]
      var byKey: [String: LoaderAction] = [:]
      var lastTried: [String: LoaderAction] = [:]
      for action in run.actions {
        lines[action.path, default: [:]][action.place] = action.text
        byLine[Spot(path: action.path, place: action.place)] = action
        if action.tookEffect { byKey[action.path] = action }
        if action.wasTried { lastTried[action.path] = action }
      }
      actions[run.loader.name] = byLine
      winners[run.loader.name] = byKey
      tried[run.loader.name] = lastTried
      opened[run.loader.name] = Dictionary(grouping: run.files) { FileTree.name(of: $0) }
    }
  }

  mutating func keep(where isKept: (String) -> Bool) {
    lines = lines.filter { isKept($0.key) }
  }

  func report(
    running: (String) -> Reading<String>, isTunable: (String) -> Bool
  ) -> [FilesReport.Key] {
    lines.compactMap { path, places -> FilesReport.Key? in
      // A pattern is shown with the keys that it names.
      guard let sysctl = SysctlKey(path), !ConfEntries.isPattern(path) || kernel[path] != nil else {
        return nil
      }
      let sorted = places.sorted { place($0.key) < place($1.key) }
      var loaders: [String: FilesReport.Outcome] = [:]
      for run in runs { loaders[run.loader.name] = outcome(of: path, in: run, sorted) }
      var key = FilesReport.Key(
        name: sysctl.name, running: running(path), isTunable: isTunable(path), loaders: loaders,
        assignments: sorted.map { place, value in
          var roles: [String: String] = [:]
          for run in runs { roles[run.loader.name] = role(of: place, path, in: run) }
          var assignment = FilesReport.Assignment(
            source: source(place), value: value, roles: roles)
          assignment.ignoredBy = runs.filter { ignores(place, path, $0) }.map(\.loader.name)
          (assignment.outcome, assignment.leaves) = alone(value, path)
          return assignment
        })
      key.isThere = isThere(path)
      return key
    }
    .sorted { $0.name < $1.name }
  }

  /// Whether the kernel has the key; nil where that is not known.
  private func isThere(_ path: String) -> Bool? {
    switch kernel.presence(of: path) {
    case .key: true
    case .absent, .belowKey, .folder: false
    case .unknown: nil
    }
  }

  /// What one write of the text over the running value does, whatever other lines do.
  private func alone(_ value: String, _ path: String) -> (outcome: String?, leaves: String?) {
    guard let key = kernel[path] else { return (nil, nil) }
    guard key.isWritable else { return (KernelWrite.Outcome.refused.rawValue, key.text) }
    let write = key.kind.write(
      PathText.bytes(of: value) + [UInt8(ascii: "\n")], over: key.text, in: kernel.context)
    return (write.outcome.rawValue, write.value)
  }

  /// Whether a loader does not read the line, or reads it and sees no key in it.
  private func ignores(_ place: LinePlace, _ path: String, _ run: LoaderRun) -> Bool {
    actions[run.loader.name]?[Spot(path: path, place: place)] == nil
  }

  private func place(_ place: LinePlace) -> (Int, Int) {
    (order[place.file] ?? 0, place.line)
  }

  private func source(_ place: LinePlace) -> FilesReport.Source {
    FilesReport.Source(file: place.file, line: place.line)
  }

  // MARK: Outcomes

  private func outcome(
    of path: String, in run: LoaderRun, _ lines: [(key: LinePlace, value: String)]
  ) -> FilesReport.Outcome? {
    if let winner = winners[run.loader.name]?[path], case .wrote(let write) = winner.result {
      return FilesReport.Outcome(
        value: winner.text, effective: run.tree[path]?.text, outcome: write.outcome.rawValue,
        source: source(winner.place))
    }
    // A loader that waits for ever has applied nothing, and nobody knows what it would have.
    if run.blockedBy != nil, let last = lines.last {
      return FilesReport.Outcome(
        value: last.value, effective: nil, outcome: KernelWrite.Outcome.unreadable.rawValue,
        source: source(last.key))
    }
    guard let tried = tried[run.loader.name]?[path] else { return nil }
    return FilesReport.Outcome(
      value: tried.text, effective: nil, outcome: KernelWrite.Outcome.refused.rawValue,
      source: source(tried.place))
  }

  private func role(of place: LinePlace, _ path: String, in run: LoaderRun) -> String {
    guard let action = actions[run.loader.name]?[Spot(path: path, place: place)] else {
      let alike = opened[run.loader.name]?[FileTree.name(of: place.file)] ?? []
      if alike.contains(place.file) || place.file == KernelArguments.file { return "passed over" }
      return alike.first.map { "not read: \($0) has the same name" } ?? "not read"
    }
    let winner = winners[run.loader.name]?[path]
    switch action.result {
    case .wrote(let write) where write.outcome == .refused: return "refused"
    case .wrote:
      return winner?.place == place
        ? "wins" : winner.map { "overwritten by \($0.place)" } ?? "overwritten"
    case .unknownKey: return "no such key"
    case .folder: return "a folder of keys"
    case .readOnly: return "read-only"
    case .outside: return "outside of /proc/sys"
    case .superseded(let other): return "overridden by \(other)"
    case .repeats(let other): return "says again what \(other) says"
    case .cancelled(let other): return "cancelled by \(other)"
    case .notReached(let other): return "not reached after \(other)"
    case .nothing: return "writes nothing"
    }
  }
}

extension LoaderAction {
  /// Whether the loader tried to write, with whatever result.
  fileprivate var wasTried: Bool {
    switch result {
    case .wrote, .unknownKey, .folder, .readOnly, .outside: true
    case .superseded, .repeats, .cancelled, .notReached, .nothing: false
    }
  }
}
