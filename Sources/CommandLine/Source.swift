import Catalogue
import Facts
import HostFS
import SnapshotFile

/// Where a command's facts come from: this host, a recorded tree, or a saved file.
enum Source {
  /// The network namespace of that name, or that of the calling process.
  case live(namespace: String?)
  case recorded(root: String)
  case saved(path: String)

  /// The source that the options name.
  init(_ arguments: Arguments) throws(Failure) {
    let namespace = arguments.value(.netns)
    switch (arguments.value(.snapshot), arguments.value(.root)) {
    case (.some, .some): throw .usage("expected --snapshot or --root, found both")
    case (.some(let path), nil): self = .saved(path: path)
    case (nil, .some(let root)): self = .recorded(root: root)
    case (nil, nil): self = .live(namespace: namespace)
    }
    if namespace != nil, !isLive {
      throw .usage("--netns: expected a live host, found one that was recorded")
    }
  }

  /// Whether it is the machine that the program runs on.
  var isLive: Bool {
    if case .live = self { true } else { false }
  }

  /// The options that a command must repeat to ask about the same host.
  var options: String {
    switch self {
    case .live(nil): ""
    case .live(.some(let namespace)): " --netns \(Self.quoted(namespace))"
    case .recorded(let root): " --root \(Self.quoted(root))"
    // Standard input is spent; a saved file can be read again.
    case .saved(let path): " --snapshot \(path == "-" ? "FILE" : Self.quoted(path))"
    }
  }

  /// The command that runs another in the namespace that is looked at, nil for the caller's own.
  var namespaceEntry: String? {
    guard case .live(.some(let name)) = self,
      let namespace = try? NetworkNamespace(named: name)
    else { return nil }
    return "nsenter --net=\(Self.quoted(namespace.path))"
  }

  /// A path as a shell takes it for one word.
  private static func quoted(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ","):
        true
      default: false
      }
    }
    return isPlain ? path : "'\(path.substituting("'\\''", for: "'"))'"
  }

  /// The facts.
  ///
  /// The catalogue names the keys that are looked for besides those always read; the window is in
  /// seconds, nil for one look.
  func snapshot(
    for catalogue: Catalogue, effort: Effort, window: Fraction?,
    progress: (@Sendable (Int64, Int64) -> Void)? = nil
  ) throws(Failure) -> Snapshot {
    switch self {
    case .live(let namespace):
      if let namespace { try Self.join(namespace) }
      return LiveReader(catalogue: catalogue, effort: effort, progress: progress)
        .snapshot(window: window)
    case .recorded(let root):
      guard window == nil else { throw Self.noWindow }
      return try Self.recorded(root, catalogue, effort)
    case .saved(let path):
      guard window == nil else { throw Self.noWindow }
      var snapshot = try Self.saved(path)
      if case .unread(let reason) = effort.files { snapshot.files = .notGathered(reason) }
      return snapshot
    }
  }

  /// Reads another network namespace from here on.
  static func join(_ namespace: String) throws(Failure) {
    do {
      try NetworkNamespace(named: namespace).join()
    } catch {
      throw error.isPermission
        ? .refused("--netns: \(error.reason); only root may look into it")
        : .usage("--netns: \(error.reason)")
    }
  }

  private static let noWindow = Failure.usage(
    "--window: expected a live host; a recorded one has the window it was recorded with")

  // MARK: Saved

  static func saved(_ path: String) throws(Failure) -> Snapshot {
    let name = path == "-" ? "standard input" : path
    let bytes: [UInt8]
    do {
      bytes =
        path == "-"
        ? try UserFiles.standardInput() : try UserFiles.bytes(path, kind: .regularOrPipe)
    } catch {
      throw .usage(error.reason)
    }
    return try decode(bytes, name: name)
  }

  private static func decode(_ bytes: [UInt8], name: String) throws(Failure) -> Snapshot {
    do {
      return try SnapshotFile.snapshot(from: bytes)
    } catch {
      throw .usage("\(name):\(error.place): \(error.message)")
    }
  }

  // MARK: Recorded

  /// A recorded tree has no netlink: its listeners come from a snapshot.json beside proc/.
  private static func recorded(
    _ root: String, _ catalogue: Catalogue, _ effort: Effort
  ) throws(Failure) -> Snapshot {
    let files = HostFS(root: root)
    guard files.isFolder("proc") else {
      throw .usage("--root: expected a folder with proc/ in it, found '\(root)'")
    }
    var snapshot = LiveReader.files(files, catalogue)
    FileGathering(files: files, catalogue: catalogue).add(to: &snapshot, as: effort)
    snapshot.listeners = .absent("\(files.path("snapshot.json")): no listeners were recorded")
    let path = files.path("snapshot.json")
    let bytes: [UInt8]
    do {
      bytes = try UserFiles.bytes(path)
    } catch {
      if error.isAbsent { return snapshot }
      throw .usage(error.reason)
    }
    let saved = try decode(bytes, name: path)
    snapshot.listeners = saved.listeners
    snapshot.window = saved.window
    snapshot.countersBefore = saved.countersBefore
    return snapshot
  }
}
