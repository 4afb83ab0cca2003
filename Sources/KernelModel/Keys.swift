public import Facts

extension SysctlKey {
  /// The cap on the backlog of listen().
  public static let somaxconn = SysctlKey(literal: "net.core.somaxconn")
  /// Requests that one listener may keep while syncookies are off.
  public static let maxSynBacklog = SysctlKey(literal: "net.ipv4.tcp_max_syn_backlog")
  /// Cookies: 0 off, 1 when the SYN queue is full, 2 always.
  public static let syncookies = SysctlKey(literal: "net.ipv4.tcp_syncookies")
  /// Retransmissions of a SYN.
  public static let synRetries = SysctlKey(literal: "net.ipv4.tcp_syn_retries")
  /// SYNs that are resent after one second each before the waits double.
  public static let synLinearTimeouts = SysctlKey(literal: "net.ipv4.tcp_syn_linear_timeouts")
  /// Retransmissions of a SYN-ACK.
  public static let synackRetries = SysctlKey(literal: "net.ipv4.tcp_synack_retries")
  /// Idle seconds before the first keepalive probe.
  public static let keepaliveTime = SysctlKey(literal: "net.ipv4.tcp_keepalive_time")
  /// Seconds between keepalive probes.
  public static let keepaliveInterval = SysctlKey(literal: "net.ipv4.tcp_keepalive_intvl")
  /// Unanswered keepalive probes before the connection is given up.
  public static let keepaliveProbes = SysctlKey(literal: "net.ipv4.tcp_keepalive_probes")
  /// The first and last port that the kernel gives to outgoing connections.
  public static let localPortRange = SysctlKey(literal: "net.ipv4.ip_local_port_range")
  /// Ports of that range that it leaves out.
  public static let localReservedPorts = SysctlKey(literal: "net.ipv4.ip_local_reserved_ports")
  /// Retransmissions of data before the route is looked up again.
  public static let retries1 = SysctlKey(literal: "net.ipv4.tcp_retries1")
  /// Retransmissions of data, as a time, before the connection is given up.
  public static let retries2 = SysctlKey(literal: "net.ipv4.tcp_retries2")
  /// The same for connections that the program has closed.
  public static let orphanRetries = SysctlKey(literal: "net.ipv4.tcp_orphan_retries")
  /// The shortest wait of an established connection, in microseconds; since 6.11.
  public static let rtoMin = SysctlKey(literal: "net.ipv4.tcp_rto_min_us")
  /// The longest wait, in milliseconds; since 6.15.
  public static let rtoMax = SysctlKey(literal: "net.ipv4.tcp_rto_max_ms")
  /// Seconds of an orphan in FIN_WAIT2.
  public static let finTimeout = SysctlKey(literal: "net.ipv4.tcp_fin_timeout")
  /// How many sockets may stand in TIME_WAIT.
  public static let maxTimeWait = SysctlKey(literal: "net.ipv4.tcp_max_tw_buckets")
  /// How many sockets may stand without a program.
  public static let maxOrphans = SysctlKey(literal: "net.ipv4.tcp_max_orphans")
  /// Whether connect() may take a port whose connection is in TIME_WAIT.
  public static let timeWaitReuse = SysctlKey(literal: "net.ipv4.tcp_tw_reuse")
  /// After how many milliseconds; since 6.14.
  public static let timeWaitReuseDelay = SysctlKey(literal: "net.ipv4.tcp_tw_reuse_delay")
  /// Timestamps, on which that rests.
  public static let timestamps = SysctlKey(literal: "net.ipv4.tcp_timestamps")
  /// Receive buffers: least, first, most bytes.
  public static let receiveBuffer = SysctlKey(literal: "net.ipv4.tcp_rmem")
  /// Send buffers: least, first, most bytes.
  public static let sendBuffer = SysctlKey(literal: "net.ipv4.tcp_wmem")
  /// The most that SO_RCVBUF takes, in bytes.
  public static let receiveMax = SysctlKey(literal: "net.core.rmem_max")
  /// Whether windows are scaled at all.
  public static let windowScaling = SysctlKey(literal: "net.ipv4.tcp_window_scaling")
  /// Memory of all TCP sockets: low, pressure, limit, in pages.
  public static let memory = SysctlKey(literal: "net.ipv4.tcp_mem")
  /// Buckets of the table of connections; with a minus sign where a namespace shares the host's.
  public static let tableSize = SysctlKey(literal: "net.ipv4.tcp_ehash_entries")
  /// Bits of Fast Open: 2 for servers, 0x400 for every listener.
  public static let fastOpen = SysctlKey(literal: "net.ipv4.tcp_fastopen")
  /// How much of a receive buffer is overhead, as a shift; without meaning since 6.6.
  public static let advWinScale = SysctlKey(literal: "net.ipv4.tcp_adv_win_scale")
}
