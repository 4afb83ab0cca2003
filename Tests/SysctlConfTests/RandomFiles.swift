import Facts
import SysctlConf

/// Sets of sysctl files as careless or hostile people leave them, made anew from a seed.
struct RandomFiles {
  /// Numbers that a seed gives again (SplitMix64).
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }

  private var generator: Generator

  init(seed: UInt64) { generator = Generator(state: seed) }

  // MARK: Files

  private static let folders = [
    "/etc/sysctl.d", "/etc/sysctl.d", "/etc/sysctl.d", "/run/sysctl.d", "/usr/lib/sysctl.d",
    "/usr/lib/sysctl.d", "/usr/local/lib/sysctl.d",
  ]
  private static let names = [
    "10-a.conf", "10-b.conf", "50-a.conf", "50-b.conf", "9-z.conf", "90-a.conf", "99-sysctl.conf",
    "99-tcptune.conf", "99-zz.conf", "A.conf", "a.conf", "zz.conf", ".50-a.conf", ".conf",
    "50-a.conf~", "50-a.cfg", "50-a.conf.dpkg-new", "50 c.conf", "50-[ab].conf", "50-*.conf",
    "-x.conf", "50-\\xC3\\xA4.conf",
  ]

  /// Some files, links, folders and, rarely, a named pipe.
  mutating func set() -> [String: FileTree.Node] {
    var nodes: [String: FileTree.Node] = [:]
    for _ in 0..<number(1, 7) {
      nodes["\(pick(Self.folders))/\(pick(Self.names))"] = node()
    }
    if chance(3) { nodes["/etc/sysctl.conf"] = chance(8) ? node() : .file(content()) }
    if chance(6) { nodes["/etc/other.conf"] = .file(content()) }
    if chance(5) { nodes["/etc/sysctl.d/99-sysctl.conf"] = .link("../sysctl.conf") }
    return nodes
  }

  private mutating func node() -> FileTree.Node {
    switch number(0, 99) {
    case 0..<80: .file(content())
    case 80..<84: .link("/dev/null")
    case 84..<86: .link("../sysctl.conf")
    case 86..<88: .link("/etc/other.conf")
    case 88..<90: .link("10-a.conf")
    case 90..<92: .link("/nowhere")
    case 92: .link("50-a.conf")
    case 93: .link("../sysctl.d")
    case 94..<97: .folder
    case 97 where chance(3): .pipe
    default: .file([])
    }
  }

  // MARK: Lines

  /// The bytes of one file.
  mutating func content() -> [UInt8] {
    if chance(25) { return (0..<number(0, 80)).map { _ in UInt8(number(0, 255)) } }
    var bytes: [UInt8] = chance(30) ? [0xef, 0xbb, 0xbf] : []
    for _ in 0..<number(0, 8) {
      bytes += line()
      bytes +=
        chance(12) ? pick([[0x0d, 0x0a], [0x0d], [0], [0x0a, 0x0d], [0x5c, 0x0a]]) : [0x0a]
    }
    if chance(6), !bytes.isEmpty { bytes.removeLast() }
    if chance(15), !bytes.isEmpty {
      bytes[number(0, bytes.count - 1)] = pick(Array("\0\r\n\t =#;-\\/.*?[]x1\u{b}\u{c}".utf8))
    }
    return bytes
  }

  private static let keys = [
    "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_rmem", "net.ipv4.tcp_rmem",
    "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_congestion_control", "net.core.somaxconn", "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.default.rp_filter", "net.ipv4.conf.lo.rp_filter",
    "net.ipv4.conf.eth0/100.rp_filter", "net.ipv4.conf.eth0.100.rp_filter",
    "net.ipv4.conf.*.rp_filter", "net.ipv4.conf.l*.rp_filter", "net.ipv4.conf.[a-d]*.rp_filter",
    "net.ipv4.conf.??.rp_filter", "net.ipv4.tcp_*_timeout", "net.ipv4.tcp_no_such", "net.ipv4",
    "net.ipv4.tcp_available_congestion_control", "net", "", "x",
  ]
  private static let values = [
    "30", "20", "45", "60", "abc", "0x1e", "036", "08", "-5", "+30", "30 # thirty", "30;", "\"30\"",
    "30s", "30 40", "1", "2", "0", "", "4096 87380 8388608", "8192", "8192 87380",
    "8192 87380 abc", "8192 0 8388608", "4096\t131072\t6291456", "1 2 3 4", "2000", "2000 3000",
    "60000 20000", "1 65535", "20000 60999", "8080,9000-9010", "9005, 9006", "9005,9006,9004",
    "70000",
    "bbr", "reno", "cubic", "nosuch", "30\u{c}", "\u{b}30", "99999999999999999999999", "1 = 2",
    "- 5", "0x", "1-", "=30", "#30", " #30", "\u{1b}[31m",
  ]
  private static let oddLines = [
    "# comment", "; comment", "  # comment", "\t; comment", "", "   ", "[net]", "just words", "=",
    "= 30", "-", "--", "-=", "- = 1", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_fin_timeout: 30",
    "a", "\\",
    "net.ipv4.tcp_fin_timeout 30",
  ]

  /// What might stand behind an equals sign.
  mutating func value() -> [UInt8] { Array(pick(Self.values).utf8) }

  private mutating func line() -> [UInt8] {
    if chance(7) { return Array(pick(Self.oddLines).utf8) }
    var key = spelled(pick(Self.keys))
    if chance(7) { key = "-" + key }
    if chance(60) { key = "-" + key }
    if chance(30) { key = "- " + key }
    if chance(9), key.hasPrefix("-") { return Array((key + blanks()).utf8) }
    return Array((blanks() + key + blanks() + "=" + blanks() + pick(Self.values) + blanks()).utf8)
  }

  private mutating func spelled(_ key: String) -> String {
    switch number(0, 19) {
    case 0..<3: key.swapped
    case 3: "/" + key.swapped
    case 4: key.replacing("ipv4.", with: "ipv4/")
    case 5: key + "."
    case 6: "." + key
    case 7: key.swapped.replacing("ipv4/", with: "ipv4//")
    case 8: key.swapped.replacing("ipv4/", with: "ipv4/../ipv4/")
    case 9: key.replacing("net.", with: "net/")
    case 10: key.uppercased()
    case 11: key.swapped.replacing("ipv4/", with: "ipv4/./")
    default: key
    }
  }

  private mutating func blanks() -> String {
    chance(3) ? "" : pick([" ", " ", " ", " ", "\t", "  ", " \t ", "\u{c}", "\u{b} ", "\r"])
  }

  // MARK: Dice

  mutating func number(_ low: Int, _ high: Int) -> Int {
    Int.random(in: low...high, using: &generator)
  }

  /// True once in so many times.
  mutating func chance(_ times: Int) -> Bool { number(1, times) == 1 }

  private mutating func pick<Element>(_ list: [Element]) -> Element {
    list[number(0, list.count - 1)]
  }
}

extension String {
  /// Dots for slashes and slashes for dots.
  fileprivate var swapped: String {
    String(map { $0 == "." ? "/" : $0 == "/" ? "." : $0 })
  }
}
