public import Facts

/// What is to be changed, made from a plan.
public struct Wish: Equatable, Sendable {
  /// One key of it.
  public struct Key: Equatable, Sendable {
    /// The key.
    public var key: SysctlKey
    /// The value that the plan was made from.
    public var current: String
    /// What is to be written.
    public var target: String
    /// Where that comes from.
    public var source: String

    /// A key with its values.
    public init(key: SysctlKey, current: String, target: String, source: String) {
      self.key = key
      self.current = current
      self.target = target
      self.source = source
    }
  }

  /// The file that goes with it.
  public struct File: Equatable, Sendable {
    /// Its name in /etc/sysctl.d.
    public var name: String
    /// What the plan found there, without our own lines; nil for no file.
    public var before: [UInt8]?
    /// What is to stand there, without our own lines.
    public var after: [UInt8]

    /// A file with what it was and is to be.
    public init(name: String, before: [UInt8]?, after: [UInt8]) {
      self.name = name
      self.before = before
      self.after = after
    }
  }

  /// What it is made of, for people: profiles, or `findings`.
  public var title: String
  /// The keys that get another value.
  public var keys: [Key]
  /// The file; nil to change running values only.
  public var file: File?
  /// How long it is tried in milliseconds; nil to keep it at once.
  public var trial: Int64?
  /// Whether a watcher is used even where systemd's timer could be.
  public var prefersWatcher: Bool
  /// Whether it may be done outside the first network namespace.
  public var isForNamespace: Bool

  /// What is to be changed.
  public init(
    title: String, keys: [Key], file: File?, trial: Int64?, prefersWatcher: Bool = false,
    isForNamespace: Bool = false
  ) {
    self.title = title
    self.keys = keys
    self.file = file
    self.trial = trial
    self.prefersWatcher = prefersWatcher
    self.isForNamespace = isForNamespace
  }
}
