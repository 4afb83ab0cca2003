public import Facts

/// A program that reads sysctl files, in the version whose behaviour is asked for.
///
/// What each does was measured with its binaries, and read in their sources; the four versions of
/// each stand for the releases between them.
public enum Loader: Hashable, Sendable {
  /// `systemd-sysctl`, at boot and when an interface appears.
  case systemd(Systemd)
  /// `sysctl` of procps-ng, which people type.
  case procps(Procps)
  /// busybox's `sysctl`, run for each file by Alpine's start script.
  case alpine

  /// A release of systemd.
  public enum Systemd: Int, Sendable, CaseIterable {
    case v247 = 247
    case v252 = 252
    case v257 = 257
    case v262 = 262
  }

  /// A release of procps-ng.
  public enum Procps: String, Sendable, CaseIterable {
    case v3_3_17 = "3.3.17"
    case v4_0_2 = "4.0.2"
    case v4_0_4 = "4.0.4"
    case v4_0_7 = "4.0.7"
  }

  /// The three that a report speaks of, in its order.
  public static let all: [Loader] = [.systemd(.v257), .procps(.v4_0_4), .alpine]

  /// The word for it in JSON.
  public var name: String {
    switch self {
    case .systemd: "systemd-sysctl"
    case .procps: "procps"
    case .alpine: "alpine"
    }
  }

  /// The folders in which it looks, strongest first.
  public var folders: [String] {
    switch self {
    case .systemd:
      ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"]
    case .procps:
      [
        "/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d",
        "/lib/sysctl.d",
      ]
    case .alpine: ["/lib/sysctl.d", "/usr/lib/sysctl.d", "/etc/sysctl.d", "/run/sysctl.d"]
    }
  }

  /// The file that stands beside the folders.
  public static let lastFile = "/etc/sysctl.conf"

  /// Every folder in which some loader looks, strongest first.
  public static let allFolders = Loader.procps(.v4_0_4).folders
}

/// How a loader is called.
public struct Invocation: Equatable, Sendable {
  /// Files named on the command line; nil for all of the system's (`sysctl --system`).
  public var files: [String]?
  /// Whether each failure counts (`systemd-sysctl --strict`).
  public var isStrict: Bool
  /// Whether unknown keys are passed over (`sysctl -e`; `--system` implies it).
  public var ignoresUnknownKeys: Bool
  /// Only lines that fit this expression are read (`sysctl -r`): procps 4 holds it against the whole
  /// line with its value and newline, 3.3.17 against what stands before the equals sign.
  public var pattern: String?

  /// A call with these words.
  public init(
    files: [String]? = nil, isStrict: Bool = false, ignoresUnknownKeys: Bool = false,
    pattern: String? = nil
  ) {
    self.files = files
    self.isStrict = isStrict
    self.ignoresUnknownKeys = ignoresUnknownKeys
    self.pattern = pattern
  }

  /// As the system calls it: at boot, or with `--system`.
  public static let system = Invocation()
}

/// A line of a file.
public struct LinePlace: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The file, as the loader names it.
  public var file: String
  /// The line, counted from 1 by newlines.
  public var line: Int

  /// A line of a file.
  public init(_ file: String, _ line: Int) {
    self.file = file
    self.line = line
  }

  /// By name, then by number.
  public static func < (a: Self, b: Self) -> Bool { (a.file, a.line) < (b.file, b.line) }

  /// `file:line`.
  public var description: String { "\(file):\(line)" }
}

/// What a loader did for one line and one key; a pattern has one for each key that it names.
public struct LoaderAction: Equatable, Sendable {
  /// What came of it.
  public enum Result: Equatable, Sendable {
    /// It was written, and the kernel made this of it.
    case wrote(KernelWrite)
    /// There is no such key.
    case unknownKey
    /// The path is a folder of keys.
    case folder
    /// Nobody may write the key.
    case readOnly
    /// The path leads out of /proc/sys. `followed` says that this loader writes there all the same.
    case outside(followed: Bool)
    /// A later line for the same key took its place.
    case superseded(by: LinePlace)
    /// It says again what an earlier line says, which stands.
    case repeats(LinePlace)
    /// A line that begins with a dash and has no value takes the key away.
    case cancelled(by: LinePlace)
    /// The loader had stopped before.
    case notReached(after: LinePlace)
    /// The program writes nothing for a value without a byte.
    case nothing
  }

  /// The line.
  public var place: LinePlace
  /// The key as the line spells it, without a dash before it.
  public var spelling: String
  /// The path below /proc/sys that the loader makes of it.
  public var path: String
  /// The value as the loader writes it, without a newline.
  public var text: String
  /// Whether a failure is said to be no error.
  public var ignoresFailure: Bool
  /// What came of it.
  public var result: Result

  /// Whether the key may show another value because of this line.
  public var tookEffect: Bool {
    if case .wrote(let write) = result { write.outcome != .refused } else { false }
  }
}

/// What a loader leaves when it has run once.
public struct LoaderRun: Equatable, Sendable {
  /// The program.
  public var loader: Loader
  /// The files that it opened, in its order, as it names them.
  public var files: [String] = []
  /// What it did, in the order of its writes; lines that it did not get to write stand last.
  public var actions: [LoaderAction] = []
  /// What is wrong, in the order in which it was met.
  public var problems: [ConfProblem] = []
  /// The kernel's keys afterwards.
  public var tree: KernelTree
  /// Its exit status, nil where it never ends.
  public var status: Int32? = 0
  /// The named pipe for whose writer it waits for ever.
  public var blockedBy: String?

  init(_ loader: Loader, _ tree: KernelTree) {
    self.loader = loader
    self.tree = tree
  }

  /// The last line that changed anything about a key, which is the one that wins.
  public func winner(of path: String) -> LoaderAction? {
    actions.last { $0.path == path && $0.tookEffect }
  }
}

extension Loader {
  /// Runs the loader over a tree of files and a kernel.
  ///
  /// - Parameters:
  ///   - files: the host's files.
  ///   - kernel: /proc/sys before the run.
  ///   - invocation: how it is called.
  /// - Returns: what it did and what the kernel shows afterwards.
  public func run(
    _ files: FileTree, over kernel: KernelTree, as invocation: Invocation = .system
  ) -> LoaderRun {
    switch self {
    case .systemd(let version):
      var run = SystemdRun(version, files, kernel, invocation)
      return run.perform()
    case .procps(.v3_3_17):
      var run = OldProcpsRun(files, kernel, invocation)
      return run.perform()
    case .procps(let version):
      var run = ProcpsRun(version, files, kernel, invocation)
      return run.perform()
    case .alpine:
      var run = AlpineRun(files, kernel, invocation)
      return run.perform()
    }
  }
}
