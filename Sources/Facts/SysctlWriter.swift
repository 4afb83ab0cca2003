/// A program that writes sysctls of its own accord, seen on a host.
public struct SysctlWriter: Hashable, Sendable {
  /// Its name, as its makers spell it.
  public var name: String
  /// The file or folder by which it was seen.
  public var seenAt: String
  /// Keys that a file of its own names, where it has one that can be read.
  public var namedKeys: [SysctlKey]

  /// A program with the keys that it may write among those that a report speaks of.
  public struct Touched: Equatable, Sendable {
    /// The program.
    public var writer: SysctlWriter
    /// The keys, sorted.
    public var keys: [SysctlKey]

    /// A program with keys.
    public init(writer: SysctlWriter, keys: [SysctlKey]) {
      self.writer = writer
      self.keys = keys
    }
  }

  /// A program that was seen.
  public init(name: String, seenAt: String, namedKeys: [SysctlKey] = []) {
    self.name = name
    self.seenAt = seenAt
    self.namedKeys = namedKeys
  }

  /// Which keys each of them writes (names end in `*` where a beginning is meant): read in their
  /// sources, not all of them in every configuration.
  private static let keys: [String: [String]] = [
    "tuned": [
      "net.core.somaxconn", "net.core.busy_read", "net.core.busy_poll", "net.core.rmem_*",
      "net.core.wmem_*", "net.core.netdev_max_backlog", "net.ipv4.tcp_fastopen",
      "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_notsent_lowat",
      "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.ip_local_port_range",
    ],
    "saptune": [
      "net.core.somaxconn", "net.core.rmem_*", "net.core.wmem_*", "net.ipv4.tcp_rmem",
      "net.ipv4.tcp_wmem", "net.ipv4.tcp_keepalive_*", "net.ipv4.tcp_max_syn_backlog",
      "net.ipv4.tcp_tw_*", "net.ipv4.ip_local_port_range",
    ],
    "Docker": ["net.ipv4.ip_forward", "net.bridge.*"],
    "kube-proxy": [
      "net.netfilter.nf_conntrack_max", "net.netfilter.nf_conntrack_buckets",
      "net.netfilter.nf_conntrack_tcp_timeout_*",
    ],
    "Cilium": ["net.ipv4.ip_forward", "net.core.bpf_jit_*"],
    "bpftune": [
      "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_mem", "net.core.rmem_*",
      "net.core.wmem_*", "net.ipv4.tcp_congestion_control", "net.ipv4.tcp_allowed_congestion_*",
    ],
  ]

  /// Whether it may write the key.
  public func writes(_ key: SysctlKey) -> Bool {
    namedKeys.contains(key)
      || Self.keys[name, default: []].contains { pattern in
        pattern.hasSuffix("*")
          ? key.name.hasPrefix(String(pattern.dropLast())) : key.name == pattern
      }
  }
}
