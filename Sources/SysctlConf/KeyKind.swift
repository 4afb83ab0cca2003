/// How the kernel reads what is written to a key, which decides what becomes of a text.
public enum KeyKind: Equatable, Sendable {
  /// Numbers in any base, each set as soon as it is read (`proc_dointvec_minmax` and its kin).
  case numbers(count: Int, range: ClosedRange<Int64>)
  /// Two ports, set together or not at all (`ipv4_local_port_range`).
  case portRange
  /// The first port that needs no privilege (`ipv4_privileged_ports`).
  case firstFreePort
  /// Ports and ranges of them, set together or not at all (`proc_do_large_bitmap`).
  case portList
  /// A name that must be one of these; nil where nobody knows which there are.
  case name(NameRule)
  /// Text that nothing is known of.
  case text
  /// What the kernel keeps from other users: it is never read.
  case secret
}

/// Which names a key takes.
public struct NameRule: Equatable, Sendable {
  /// Names that exist; nil where that is not known.
  public var existing: Set<String>?
  /// Of those the permitted ones; nil where all are.
  public var permitted: Set<String>?
  /// As many bytes as the kernel keeps.
  public var length: Int

  /// A rule of these names.
  public init(existing: Set<String>?, permitted: Set<String>?, length: Int) {
    self.existing = existing
    self.permitted = permitted
    self.length = length
  }
}

extension KeyKind {
  /// What a 32-bit number of the kernel can be.
  public static let int32 = Int64(Int32.min)...Int64(Int32.max)
  /// What a port can be.
  static let ports: ClosedRange<Int64> = 0...65535

  /// The kind that a key shows by its name or its present text, for want of a page about it.
  ///
  /// - Parameters:
  ///   - path: below /proc/sys: `net/ipv4/conf/all/rp_filter`.
  ///   - text: what is read from it, nil where that is not known.
  public init(of path: String, showing text: String?) {
    switch path {
    case "net/ipv4/ip_local_port_range": self = .portRange
    case "net/ipv4/ip_unprivileged_port_start": self = .firstFreePort
    case "net/ipv4/ip_local_reserved_ports": self = .portList
    default:
      let words = text?.utf8.split { $0 == 0x20 || $0 == 0x09 } ?? []
      let isNumbers = !words.isEmpty && words.allSatisfy { Int32(String($0) ?? "") != nil }
      self = isNumbers ? .numbers(count: words.count, range: Self.int32) : .text
    }
  }
}

extension NameRule {
  /// The congestion controls of the kernel's own tree: the initial namespace loads their modules
  /// when they are asked for.
  private static let congestionControls: Set<String> = [
    "reno", "cubic", "bbr", "bic", "cdg", "dctcp", "westwood", "highspeed", "hybla", "htcp",
    "vegas", "nv", "veno", "scalable", "lp", "yeah", "illinois",
  ]
  /// The queueing disciplines that an interface can have by default.
  private static let disciplines: Set<String> = [
    "pfifo_fast", "pfifo", "bfifo", "noqueue", "fq", "fq_codel", "codel", "sfq", "cake", "pie",
    "fq_pie", "sfb", "red", "choke", "hhf", "drr", "qfq", "ets", "dualpi2",
  ]

  /// The rule of `tcp_congestion_control` (TCP_CA_NAME_MAX 16, with the zero at its end).
  ///
  /// - Parameters:
  ///   - available: the words of `tcp_available_congestion_control`, nil where they are not known.
  ///   - allowed: those of `tcp_allowed_congestion_control`, nil where they are not known.
  ///   - isInitial: whether the namespace is the first one, whose root may choose any.
  /// - Returns: the rule.
  public static func congestionControl(
    available: Set<String>?, allowed: Set<String>?, isInitial: Bool
  ) -> NameRule {
    let existing = isInitial ? (available ?? []).union(congestionControls) : available
    return NameRule(
      existing: existing ?? congestionControls, permitted: isInitial ? nil : allowed, length: 15)
  }

  /// The rule of `default_qdisc` (IFNAMSIZ 16, with the zero at its end).
  public static let defaultDiscipline = NameRule(
    existing: disciplines, permitted: nil, length: 15)
}
