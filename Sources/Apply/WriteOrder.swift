public import Facts

/// The order in which keys can be written: the kernel refuses some values while another key has its
/// old one (kernel/sysctl.c and net/ipv4/sysctl_net_ipv4.c; measured).
public enum WriteOrder {
  /// Two keys of which the kernel holds the first at most as high as the second, always.
  private static let bounded: [(low: String, high: String)] = [
    // The first port without privilege is at most the first ephemeral one.
    ("net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_port_range"),
    ("net.ipv4.ipfrag_low_thresh", "net.ipv4.ipfrag_high_thresh"),
    ("net.ipv6.ip6frag_low_thresh", "net.ipv6.ip6frag_high_thresh"),
  ]
  /// Keys of which the first must have its value before the second can get it.
  private static let before: [(first: String, second: String)] = [
    ("net.ipv4.tcp_allowed_congestion_control", "net.ipv4.tcp_congestion_control")
  ]

  /// The keys in an order in which each can be written.
  ///
  /// - Parameters:
  ///   - keys: the keys in the order of a person's liking, which is kept where it can be.
  ///   - change: the value now and the one to be written.
  /// - Returns: the same keys.
  public static func sorted(
    _ keys: [SysctlKey], _ change: (SysctlKey) -> (now: String, target: String)?
  ) -> [SysctlKey] {
    var keys = keys
    for (low, high) in bounded {
      guard let lowIndex = keys.firstIndex(where: { $0.name == low }),
        let highIndex = keys.firstIndex(where: { $0.name == high }),
        let target = change(keys[lowIndex]).flatMap({ first($0.target) }),
        let now = change(keys[highIndex]).flatMap({ first($0.now) })
      else { continue }
      // It fits below what is there: then it goes first; else the bound must rise before it.
      move(
        target <= now ? lowIndex : highIndex, before: target <= now ? highIndex : lowIndex, &keys)
    }
    for (one, other) in before {
      guard let first = keys.firstIndex(where: { $0.name == one }),
        let second = keys.firstIndex(where: { $0.name == other })
      else { continue }
      move(first, before: second, &keys)
    }
    return keys
  }

  private static func move(_ index: Int, before other: Int, _ keys: inout [SysctlKey]) {
    guard index > other else { return }
    keys.insert(keys.remove(at: index), at: other)
  }

  private static func first(_ text: String) -> Int64? {
    text.split { $0 == " " || $0 == "\t" }.first.flatMap { Int64($0) }
  }
}

/// Keys whose writing changes others of every interface: the way back would not know them.
public enum SideEffects {
  private static let keys: Set<String> = [
    "net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding", "net.ipv4.conf.default.forwarding",
    "net.ipv6.conf.all.forwarding", "net.ipv6.conf.all.disable_ipv6",
  ]

  /// Whether writing a key changes others.
  public static func has(_ key: SysctlKey) -> Bool { keys.contains(key.name) }
}
