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
}
