/// One listening TCP socket as a LISTEN dump of sock_diag shows it.
public struct Listener: Equatable, Sendable {
  /// The address family.
  public enum Family: String, Sendable {
    case ipv4, ipv6
  }

  /// The process that holds the socket; of several the first that was found, mostly the one that
  /// made the others.
  public struct Owner: Equatable, Sendable {
    /// The process id, in the reader's pid namespace.
    public var pid: Int32
    /// The process's name, from /proc/PID/comm.
    public var name: Reading<String>
    /// The soft RLIMIT_NOFILE of the process, in descriptors.
    public var nofile: Reading<Int64>
    /// How many processes of the socket's cgroup hold it: a server that forks has several.
    public var holders: Reading<Int64>

    /// An owner with what was read of it.
    public init(
      pid: Int32, name: Reading<String>, nofile: Reading<Int64>,
      holders: Reading<Int64> = .notGathered("not looked for")
    ) {
      self.pid = pid
      self.name = name
      self.nofile = nofile
      self.holders = holders
    }
  }

  /// What a window adds to a single look.
  public struct Sampling: Equatable, Sendable {
    /// The largest length that a sample showed.
    public var peak: Int64
    /// How many samples showed the listener.
    public var samples: Int64
    /// How many of them showed more entries than the limit.
    public var fullSamples: Int64
    /// The drop counter at the window's beginning.
    public var dropsBefore: Reading<Int64>

    /// The sampling of a listener that the first look showed, or that came later.
    public init(peak: Int64, samples: Int64, fullSamples: Int64, dropsBefore: Reading<Int64>) {
      self.peak = peak
      self.samples = samples
      self.fullSamples = fullSamples
      self.dropsBefore = dropsBefore
    }
  }

  /// Sockets at the listener's address that only a walk of the table of connections shows; members of
  /// a SO_REUSEPORT group share it, and each has the sum.
  public struct Attached: Equatable, Sendable {
    /// Requests that no client has completed: SYN_RECV.
    public var synRecv: Int64
    /// Connections that the peer has closed and the program has not accepted.
    public var closeWaitUnaccepted: Int64
    /// Connections that the peer has closed and the program holds open.
    public var closeWaitHeld: Int64

    /// Counts of a walk.
    public init(synRecv: Int64 = 0, closeWaitUnaccepted: Int64 = 0, closeWaitHeld: Int64 = 0) {
      self.synRecv = synRecv
      self.closeWaitUnaccepted = closeWaitUnaccepted
      self.closeWaitHeld = closeWaitHeld
    }
  }

  /// The local address as text, without brackets.
  public var address: String
  /// The local port.
  public var port: Int64
  /// IPv4 or IPv6; a listener on `::` may take IPv4 clients too.
  public var family: Family
  /// Connections that wait for accept(): `idiag_rqueue`.
  public var length: Int64
  /// What the kernel compares the length with (`idiag_wqueue`); one more fits.
  public var limit: Int64
  /// The socket's drop counter (SK_MEMINFO_DROPS); absent on kernels before 4.7.
  ///
  /// Not the number of refused connections: it also counts retransmitted SYNs and deferred ACKs.
  public var drops: Reading<Int64>
  /// The kernel's name for the socket, stable for its life.
  public var cookie: UInt64
  /// The socket's inode, by which a process's descriptor names it.
  public var inode: UInt32
  /// The user id of the socket's creator.
  public var uid: UInt32
  /// The id of the cgroup in which the socket was made (INET_DIAG_CGROUP_ID, 5.7 and later).
  public var cgroup: Reading<UInt64>
  /// The systemd unit or container that the cgroup names.
  public var unit: Reading<String>
  /// Who holds the socket.
  public var owner: Reading<Owner>
  /// What a walk showed at the listener's address.
  public var attached: Reading<Attached>
  /// What the samples of a window showed; nil without one.
  public var sampling: Sampling?

  /// A listener as one dump shows it, before its unit and owner are looked up.
  public init(
    address: String, port: Int64, family: Family, length: Int64, limit: Int64,
    drops: Reading<Int64>, cookie: UInt64, inode: UInt32, uid: UInt32, cgroup: Reading<UInt64>
  ) {
    self.address = address
    self.port = port
    self.family = family
    self.length = length
    self.limit = limit
    self.drops = drops
    self.cookie = cookie
    self.inode = inode
    self.uid = uid
    self.cgroup = cgroup
    unit = .notGathered("not looked up")
    owner = .notGathered("not looked up")
    attached = .notGathered("no walk was made")
  }

  /// The largest length seen: of the window's samples, or the one look.
  public var peak: Int64 { sampling?.peak ?? length }

  /// Address and port as reports print them: `0.0.0.0:80`, `[::]:443`.
  public var name: String {
    family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
  }
}
