/// What the sysctl files make of the kernel's keys: the result of `tcptune files`.
public struct FilesReport: Equatable, Sendable {
  /// What one loader would leave of one key.
  public struct Outcome: Equatable, Sendable {
    /// The value of the line that counts, as the loader writes it.
    public var value: String
    /// What the key would show, nil where the loader changes nothing or that cannot be known.
    public var effective: String?
    /// What the kernel makes of it: taken, cut, partly, refused, unreadable.
    public var outcome: String
    /// The line.
    public var source: Source

    /// What a loader would leave.
    public init(value: String, effective: String?, outcome: String, source: Source) {
      self.value = value
      self.effective = effective
      self.outcome = outcome
      self.source = source
    }
  }

  /// A line of a file.
  public struct Source: Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public var file: String
    /// The line, from 1.
    public var line: Int

    /// A line of a file.
    public init(file: String, line: Int) {
      self.file = file
      self.line = line
    }

    /// `file:line`.
    public var description: String { "\(file):\(line)" }
  }

  /// One line that names the key.
  public struct Assignment: Equatable, Sendable {
    /// The line.
    public var source: Source
    /// The value as it is written.
    public var value: String
    /// What each loader does with it, by the loader's name: `wins`, or why it does not.
    public var roles: [String: String]
    /// What the kernel makes of this very text (taken, cut, partly, refused); nil where that is not
    /// known.
    public var outcome: String?
    /// What the key would show after it alone was written over the running value.
    public var leaves: String?
    /// The loaders that do not read the line, by their names.
    public var ignoredBy: [String] = []

    /// A line that names the key.
    public init(source: Source, value: String, roles: [String: String]) {
      self.source = source
      self.value = value
      self.roles = roles
    }
  }

  /// One key.
  public struct Key: Equatable, Sendable {
    /// Its name as sysctl(8) spells it.
    public var name: String
    /// What it shows now, or why that is not known.
    public var running: Reading<String>
    /// Whether a page describes it.
    public var isTunable: Bool
    /// What each loader would leave, by its name; nothing for one whose files do not set the key.
    public var loaders: [String: Outcome]
    /// Every line that names it, in the order of the folders.
    public var assignments: [Assignment]
    /// Whether the kernel has it; nil where that is not known.
    public var isThere: Bool?

    /// A key.
    public init(
      name: String, running: Reading<String>, isTunable: Bool, loaders: [String: Outcome],
      assignments: [Assignment]
    ) {
      self.name = name
      self.running = running
      self.isTunable = isTunable
      self.loaders = loaders
      self.assignments = assignments
    }

    /// What a loader would leave the key at, and whether it differs from what is running.
    public func differs(after loader: String) -> Bool {
      guard case .known(let running) = running, let effective = loaders[loader]?.effective else {
        return false
      }
      return Self.words(running) != Self.words(effective)
    }

    /// What the key shows after a loader has run: the running value where it changes nothing.
    public func value(after loader: String) -> String? {
      loaders[loader]?.effective ?? running.value
    }

    /// Whether two loaders leave different values.
    public func differs(between one: String, and other: String) -> Bool {
      guard loaders[one] != nil || loaders[other] != nil else { return false }
      guard let a = value(after: one), let b = value(after: other) else {
        return loaders[one]?.effective != loaders[other]?.effective
      }
      return Self.words(a) != Self.words(b)
    }

    /// The kernel prints tabs where people write blanks.
    public static func words(_ text: String) -> [Substring] {
      text.utf8.split { $0 == 0x20 || $0 == 0x09 }.map { Substring($0) }
    }
  }

  /// A key that no file names although it is changed now.
  public struct Unnamed: Equatable, Sendable {
    /// The key.
    public var key: SysctlKey
    /// What it shows now.
    public var running: String
    /// What the kernel chooses itself.
    public var standard: String

    /// A changed key.
    public init(key: SysctlKey, running: String, standard: String) {
      self.key = key
      self.running = running
      self.standard = standard
    }
  }

  /// Something wrong.
  public struct Problem: Equatable, Sendable {
    /// The file.
    public var file: String
    /// The line, nil where the whole file is meant.
    public var line: Int?
    /// The word for what is wrong.
    public var kind: String
    /// One sentence without a full stop.
    public var message: String
    /// The loaders that meet it, by their names.
    public var loaders: [String]

    /// Something wrong.
    public init(file: String, line: Int?, kind: String, message: String, loaders: [String]) {
      self.file = file
      self.line = line
      self.kind = kind
      self.message = message
      self.loaders = loaders
    }
  }

  /// The release whose rules were applied, in words.
  public var kernel: String
  /// The loaders by name with their versions, in the order of columns.
  public var loaders: [(name: String, title: String)]
  /// The loader that runs at boot here.
  public var boot: String
  /// The loader that people run.
  public var system: String
  /// How many files there are.
  public var fileCount: Int
  /// Why running values are not held against the files; nil where they are.
  public var notCompared: String?
  /// Keys that files set, sorted.
  public var keys: [Key]
  /// Keys that no file names although they are changed now, sorted.
  public var unnamed: [Unnamed] = []
  /// What is wrong, by file and line.
  public var problems: [Problem]
  /// What could not be read.
  public var gaps: [Gap]

  /// Whether running values are held against the files.
  public var comparesRunning: Bool { notCompared == nil }

  /// A report.
  public init(
    kernel: String, loaders: [(name: String, title: String)], boot: String, system: String,
    fileCount: Int, notCompared: String?, keys: [Key], problems: [Problem], gaps: [Gap]
  ) {
    self.kernel = kernel
    self.loaders = loaders
    self.boot = boot
    self.system = system
    self.fileCount = fileCount
    self.notCompared = notCompared
    self.keys = keys
    self.problems = problems
    self.gaps = gaps
  }

  /// Whether two reports say the same.
  public static func == (a: Self, b: Self) -> Bool {
    a.kernel == b.kernel && a.loaders.elementsEqual(b.loaders) { $0 == $1 } && a.boot == b.boot
      && a.system == b.system && a.fileCount == b.fileCount
      && a.notCompared == b.notCompared && a.keys == b.keys && a.unnamed == b.unnamed
      && a.problems == b.problems
      && a.gaps == b.gaps
  }
}
