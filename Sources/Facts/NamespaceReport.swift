/// One network namespace of a machine, and what an audit of it found.
public struct NamespaceReport: Sendable {
  /// The inode by which the kernel tells namespaces apart.
  public var inode: UInt64
  /// The names that ip-netns(8) gives it.
  public var names: [String]
  /// How many processes are in it, as far as can be seen.
  public var processes: Int
  /// The process with the lowest number in it; nil where only a name holds it.
  public var first: Process?
  /// What was found; missing where it could not be joined, or is gone.
  public var report: Reading<Report>
  /// Keys of the namespace whose values are not those of the first one in the list.
  public var differing: [SysctlKey]

  /// A process by number and name.
  public struct Process: Equatable, Sendable {
    /// The process id.
    public var pid: Int32
    /// Its name, from /proc/PID/comm; empty where it has ended.
    public var name: String

    /// A process.
    public init(pid: Int32, name: String) {
      self.pid = pid
      self.name = name
    }
  }

  /// A namespace with its parts.
  public init(
    inode: UInt64, names: [String], processes: Int, first: Process?, report: Reading<Report>,
    differing: [SysctlKey] = []
  ) {
    self.inode = inode
    self.names = names
    self.processes = processes
    self.first = first
    self.report = report
    self.differing = differing
  }

  /// What `--netns` takes for it.
  public var address: String? { names.first ?? first.map { String($0.pid) } }
}
