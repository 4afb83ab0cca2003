/// One change of a host from its plan to its end, as the journal and the history keep it.
public struct ChangeRecord: Equatable, Sendable {
  /// What it is.
  public enum Kind: Equatable, Sendable {
    /// A plan that was applied.
    case apply
    /// The way back from an earlier change, by its id.
    case rollback(of: String)
  }

  /// How far it has come.
  ///
  /// A change goes through the phases in this order, or from any of them to `reverting`.
  public enum Phase: String, CaseIterable, Sendable {
    /// The old values are on disk; nothing has been written.
    case armed
    /// Keys are being written.
    case applying
    /// All values are in force until the deadline.
    case trial
    /// It was confirmed: the file is being written.
    case persisting
    /// File and history are on disk; only the journal has to go.
    case persisted
    /// It is being taken back.
    case reverting
  }

  /// How it ended.
  public enum Ending: String, CaseIterable, Sendable {
    /// The new values are in force and in the file.
    case kept
    /// The old values are back.
    case reverted
  }

  /// One key of it.
  public struct Key: Equatable, Sendable {
    /// The key.
    public var key: SysctlKey
    /// Its text before, as it was read, without the newline.
    public var before: String
    /// What was written.
    public var after: String
    /// Where that comes from: `file:line`, the rules' ids, or the id of a change.
    public var source: String

    /// A key with both values.
    public init(key: SysctlKey, before: String, after: String, source: String) {
      self.key = key
      self.before = before
      self.after = after
      self.source = source
    }
  }

  /// A file's text and what goes with it.
  public struct Content: Equatable, Sendable {
    /// The whole text.
    public var text: String
    /// Permission bits.
    public var mode: UInt32
    /// The owner.
    public var owner: UInt32
    /// The owner's group.
    public var group: UInt32
    /// The SELinux label, nil where there is none.
    public var label: String?

    /// A file's text and what goes with it.
    public init(
      text: String, mode: UInt32 = 0o644, owner: UInt32 = 0, group: UInt32 = 0,
      label: String? = nil
    ) {
      self.text = text
      self.mode = mode
      self.owner = owner
      self.group = group
      self.label = label
    }
  }

  /// The file of /etc/sysctl.d that goes with it.
  public struct File: Equatable, Sendable {
    /// Its name in that folder.
    public var name: String
    /// What stood there; nil for no file.
    public var before: Content?
    /// What is to stand there.
    public var after: Content?

    /// A file with what it was and is to be.
    public init(name: String, before: Content?, after: Content?) {
      self.name = name
      self.before = before
      self.after = after
    }
  }

  /// What is known of who began it; none of it proves who it was.
  public struct Caller: Equatable, Sendable {
    /// The real user.
    public var user: UInt32
    /// Who logged in, nil where nobody did.
    public var loginUser: UInt32?
    /// The login session's number in the audit trail, nil where there is none.
    public var loginSession: UInt32?
    /// The process group leader of the session.
    public var session: Int32
    /// The terminal: `/dev/pts/3`.
    public var terminal: String?

    /// A caller.
    public init(
      user: UInt32, loginUser: UInt32?, loginSession: UInt32?, session: Int32, terminal: String?
    ) {
      self.user = user
      self.loginUser = loginUser
      self.loginSession = loginSession
      self.session = session
      self.terminal = terminal
    }
  }

  /// What takes an unconfirmed change back when nobody else does.
  public enum Alarm: String, CaseIterable, Sendable {
    /// A timer of systemd.
    case timer
    /// A process of ours in a session of its own.
    case watcher
  }

  /// The namespaces that it was made in, by the kernel's numbers.
  public struct Namespaces: Equatable, Sendable {
    /// The network namespace.
    public var network: UInt64
    /// The mount namespace.
    public var mounts: UInt64
    /// The process namespace.
    public var processes: UInt64

    /// The namespaces of a process.
    public init(network: UInt64, mounts: UInt64, processes: UInt64) {
      self.network = network
      self.mounts = mounts
      self.processes = processes
    }
  }

  /// The host at its beginning.
  public struct Origin: Equatable, Sendable {
    /// /proc/sys/kernel/random/boot_id.
    public var boot: String
    /// The kernel's release as it spells it.
    public var kernel: String
    /// MemTotal in bytes, 0 where it was not read: the defaults of some keys follow it.
    public var memory: Int64
    /// Where it was made.
    public var namespaces: Namespaces
    /// Whether that is the first network namespace.
    public var isInitialNetwork: Bool

    /// The host at one moment.
    public init(
      boot: String, kernel: String, memory: Int64, namespaces: Namespaces, isInitialNetwork: Bool
    ) {
      self.boot = boot
      self.kernel = kernel
      self.memory = memory
      self.namespaces = namespaces
      self.isInitialNetwork = isInitialNetwork
    }
  }

  /// Eight hexadecimal digits.
  public var id: String
  /// Counts all changes of this host, from 1.
  public var sequence: Int
  /// What it is.
  public var kind: Kind
  /// How far it has come.
  public var phase: Phase
  /// How it ended; nil while it has not.
  public var ending: Ending?
  /// Why it was taken back, one sentence.
  public var reason: String?
  /// The keys that somebody else had changed when it was taken back: they were left alone.
  public var conflicts: [SysctlKey]
  /// The version of the program that made it.
  public var tool: String
  /// What it is made of: profiles with where they were found, or `findings`.
  public var title: String
  /// The host at its beginning.
  public var origin: Origin
  /// Who began it.
  public var caller: Caller
  /// When it began, in milliseconds since 1970.
  public var began: Int64
  /// When it ended, likewise.
  public var ended: Int64?
  /// Until when it must be confirmed, in milliseconds of CLOCK_BOOTTIME.
  public var deadline: Int64
  /// How long its trial is to last in milliseconds; nil for none.
  public var trial: Int64?
  /// What takes it back when nobody else does.
  public var alarm: Alarm
  /// The keys in the order in which they are written.
  public var keys: [Key]
  /// The file; nil where only running values are changed.
  public var file: File?

  /// A change that has not begun.
  public init(
    id: String, sequence: Int, kind: Kind, tool: String, title: String, origin: Origin,
    caller: Caller, began: Int64, deadline: Int64, trial: Int64?, alarm: Alarm, keys: [Key],
    file: File?
  ) {
    self.id = id
    self.sequence = sequence
    self.kind = kind
    phase = .armed
    ending = nil
    reason = nil
    conflicts = []
    self.tool = tool
    self.title = title
    self.origin = origin
    self.caller = caller
    self.began = began
    ended = nil
    self.deadline = deadline
    self.trial = trial
    self.alarm = alarm
    self.keys = keys
    self.file = file
  }
}

extension Sequence<ChangeRecord> {
  /// The ids of those that a later one took back.
  public var rolledBack: Set<String> {
    Set(
      compactMap { record in
        if case .rollback(let id) = record.kind, record.ending == .kept { id } else { nil }
      })
  }

  /// Those that are in force, in the same order.
  public var kept: [ChangeRecord] {
    let rolledBack = rolledBack
    return filter {
      $0.kind == .apply && $0.ending == .kept && !rolledBack.contains($0.id)
    }
  }
}
