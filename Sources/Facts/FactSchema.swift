/// What it costs to know a fact (facts.md 3).
public enum Cost: String, Sendable, CaseIterable {
  /// Always gathered.
  case cheap = "c"
  /// Owners of listeners: a look through processes' descriptors.
  case owners = "o"
  /// One walk of the table of established connections.
  case walk = "w"
  /// A dump of connections.
  case connections = "x"
  /// The sysctl files.
  case files = "f"
}

/// What is known of a fact before it is read.
public struct FactInfo: Sendable {
  /// Its type, with the unit.
  public var type: FactType
  /// What it costs.
  public var cost: Cost
  /// Where it is read, as evidence shows it.
  public var source: String

  init(_ type: FactType, _ cost: Cost, _ source: String) {
    self.type = type
    self.cost = cost
    self.source = source
  }

  static func count(_ cost: Cost, _ source: String) -> FactInfo {
    FactInfo(.quantity(.pure), cost, source)
  }
}

/// A group of facts with a common first name: `listener.…`, `host.…`.
public protocol FactGroup: RawRepresentable, CaseIterable, Hashable, Sendable
where RawValue == String {
  /// The first name of every fact of the group.
  static var prefix: String { get }
  /// Type, cost and source of the fact.
  var info: FactInfo { get }
}

/// Facts about the machine.
public enum HostFact: String, FactGroup {
  case release, memory, cpus, uptime
  case pageSize = "page_size"
  case ehash
  case initialNamespace = "initial_namespace"
  case vendorKernel = "vendor_kernel"

  /// `host`.
  public static let prefix = "host"

  /// Type, cost and source of the fact.
  public var info: FactInfo {
    switch self {
    case .release: FactInfo(.release, .cheap, "/proc/sys/kernel/osrelease")
    case .memory: FactInfo(.quantity(.bytes), .cheap, "/proc/meminfo")
    case .cpus: .count(.cheap, "/sys/devices/system/cpu/online")
    case .uptime: FactInfo(.quantity(.seconds), .cheap, "/proc/uptime")
    case .pageSize: FactInfo(.quantity(.bytes), .cheap, "getpagesize(2)")
    case .ehash: .count(.cheap, "/proc/sys/net/ipv4/tcp_ehash_entries")
    case .initialNamespace: FactInfo(.boolean, .cheap, "/proc/sys/net/ipv4/tcp_mem")
    case .vendorKernel: FactInfo(.boolean, .cheap, "/proc/sys/kernel/osrelease")
    }
  }
}

/// How many sockets stand in which state, from what the kernel keeps counted.
public enum SocketsFact: String, FactGroup {
  case establishedOrCloseWait = "established_or_close_wait"
  case timeWait = "time_wait"
  case listeners
  case openingOrClosing = "opening_or_closing"
  case orphans, allocated, memory
  case synRecv = "syn_recv"
  case closeWait = "close_wait"
  /// Held by programs where no listener stands at the local address: opened from here.
  case closeWaitOutgoing = "close_wait_outgoing"
  case established
  case synSent = "syn_sent"
  case finWait1 = "fin_wait1"
  case finWait2 = "fin_wait2"
  case lastAck = "last_ack"
  case closing

  /// `sockets`.
  public static let prefix = "sockets"

  /// Type, cost and source of the fact.
  public var info: FactInfo {
    switch self {
    case .establishedOrCloseWait: .count(.cheap, "/proc/net/snmp Tcp.CurrEstab")
    case .timeWait: .count(.cheap, "/proc/net/sockstat TCP tw")
    case .listeners: .count(.cheap, "sock_diag")
    case .openingOrClosing:
      .count(.cheap, "/proc/net/sockstat, /proc/net/sockstat6, /proc/net/snmp, sock_diag")
    case .orphans: .count(.cheap, "/proc/net/sockstat TCP orphan")
    case .allocated: .count(.cheap, "/proc/net/sockstat TCP alloc")
    case .memory: FactInfo(.quantity(.bytes), .cheap, "/proc/net/sockstat TCP mem")
    case .synRecv, .closeWait, .closeWaitOutgoing: .count(.walk, "sock_diag")
    case .established, .synSent, .finWait1, .finWait2, .lastAck, .closing:
      .count(.connections, "sock_diag")
    }
  }
}

/// Facts about one listening socket.
public enum ListenerFact: String, FactGroup {
  case address, port, family, length, limit, capacity, peak, full, drops
  case aboveCap = "above_cap"
  case certain, unit, owner, nofile
  case groupSize = "group_size"
  case groupFull = "group_full"
  case synRecv = "syn_recv"
  case synCapacity = "syn_capacity"
  case closeWaitUnaccepted = "close_wait_unaccepted"
  case closeWaitHeld = "close_wait_held"

  /// `listener`.
  public static let prefix = "listener"

  /// Type, cost and source of the fact.
  public var info: FactInfo {
    switch self {
    case .address, .family: FactInfo(.text, .cheap, "sock_diag")
    case .port, .length, .limit, .capacity, .peak, .drops: .count(.cheap, "sock_diag")
    case .full: .count(.cheap, "sock_diag, sampled over the window")
    case .aboveCap, .certain: FactInfo(.boolean, .cheap, "sock_diag, net.core.somaxconn")
    case .unit: FactInfo(.text, .cheap, "sock_diag cgroup id, /sys/fs/cgroup")
    case .owner: FactInfo(.text, .owners, "/proc/PID/comm")
    case .nofile: .count(.owners, "RLIMIT_NOFILE of the owner")
    case .groupSize, .groupFull: .count(.cheap, "sock_diag")
    case .synRecv, .closeWaitUnaccepted, .closeWaitHeld: .count(.walk, "sock_diag")
    case .synCapacity: .count(.cheap, "sock_diag, kernel model")
    }
  }
}

/// Facts about the outgoing connections to one remote address and port.
public enum DestinationFact: String, FactGroup {
  case address, port
  case localPorts = "local_ports"
  case timeWait = "time_wait"

  /// `destination`.
  public static let prefix = "destination"

  /// Type, cost and source of the fact.
  public var info: FactInfo {
    switch self {
    case .address: FactInfo(.text, .connections, "sock_diag")
    case .port, .localPorts, .timeWait: .count(.connections, "sock_diag")
    }
  }
}

/// Facts about all connections together that only a dump can tell.
public enum ConnectionsFact: String, FactGroup {
  case unread, unacknowledged
  case synSentRetrying = "syn_sent_retrying"
  case keepalive

  /// `connections`.
  public static let prefix = "connections"

  /// Type, cost and source of the fact.
  public var info: FactInfo { .count(.connections, "sock_diag") }
}

/// Facts about one line of a sysctl file.
public enum EntryFact: String, FactGroup {
  case key, file, value
  case winsBoot = "wins_boot"
  case winsSystem = "wins_system"
  case differsFromRunning = "differs_from_running"
  case belowDefault = "below_default"
  case equalsDefault = "equals_default"
  case ascending
  case loadersDisagree = "loaders_disagree"
  case outcome, known
  case removedIn = "removed_in"
  case repeated
  case ignoredBy = "ignored_by"

  /// `entry`.
  public static let prefix = "entry"

  /// Type, cost and source of the fact.
  public var info: FactInfo {
    switch self {
    case .key, .file, .value, .outcome, .ignoredBy: FactInfo(.text, .files, "sysctl files")
    case .winsBoot, .winsSystem, .differsFromRunning, .belowDefault, .equalsDefault, .ascending,
      .loadersDisagree, .known:
      FactInfo(.boolean, .files, "sysctl files")
    case .removedIn: FactInfo(.release, .files, "sysctl files")
    case .repeated: .count(.files, "sysctl files")
    }
  }
}

/// Facts about all sysctl files together.
public enum FilesFact: String, FactGroup {
  /// Names on which a loader waits for ever: named pipes.
  case blocking
  /// Names that some loader cannot read: folders, devices, links that lead nowhere.
  case unreadable

  /// `files`.
  public static let prefix = "files"

  /// Type, cost and source of the fact.
  public var info: FactInfo { .count(.files, "sysctl files") }
}

/// What several tunables add up to, by the identifier under which the kernel model computes it, in
/// the order of a connection's life.
public enum LimitID: String, FactGroup {
  case connectTimeout = "connect_timeout"
  case halfOpenLifetime = "half_open_lifetime"
  case halfOpenLifetimeCrowded = "half_open_lifetime_crowded"
  case floodRate = "flood_rate"
  case routeCheckTime = "route_check_time"
  case giveUpTime = "give_up_time"
  case orphanGiveUpTime = "orphan_give_up_time"
  case zeroWindowTime = "zero_window_time"
  case zeroWindowSilentTime = "zero_window_silent_time"
  case deadPeerTime = "dead_peer_time"
  case deadPeerTimeUnasked = "dead_peer_time_without_keepalive"
  case timeWaitTime = "time_wait_time"
  case finWait2Time = "fin_wait2_time"
  case timeWaitSockets = "time_wait_sockets"
  case orphansResetFrom = "orphans_reset_from"
  case ephemeralPorts = "ephemeral_ports"
  case connectionRate = "connection_rate"
  case portReuseDelay = "port_reuse_delay"
  case connectionRateReusing = "connection_rate_reusing"
  case windowScale = "window_scale"
  case largestWindow = "largest_window"
  case windowThroughput = "window_throughput"
  case sendThroughput = "send_throughput"
  case memoryPressure = "memory_pressure"
  case memoryLimit = "memory_limit"

  /// `limits`.
  public static let prefix = "limits"

  /// Type, cost and source of the fact.
  public var info: FactInfo { FactInfo(.quantity(dimension), .cheap, "kernel model") }

  /// What the result measures.
  public var dimension: Dimension {
    switch self {
    case .connectTimeout, .halfOpenLifetime, .halfOpenLifetimeCrowded, .routeCheckTime, .giveUpTime,
      .orphanGiveUpTime, .zeroWindowTime, .zeroWindowSilentTime, .deadPeerTime,
      .deadPeerTimeUnasked, .timeWaitTime, .finWait2Time, .portReuseDelay:
      .seconds
    case .floodRate, .connectionRate, .connectionRateReusing: .perSecond
    case .timeWaitSockets, .orphansResetFrom, .ephemeralPorts, .windowScale: .pure
    case .largestWindow, .memoryPressure, .memoryLimit: .bytes
    case .windowThroughput, .sendThroughput: .bytesPerSecond
    }
  }
}
