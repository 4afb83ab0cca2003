import Apply
import Facts
import Support
import Testing

/// What the kernel checks when one of the keys is written that hold others.
private struct Kernel {
  struct Refused: Error {}

  var values: [SysctlKey: String]

  private func first(_ key: SysctlKey) -> Int64? {
    values[key]?.split { $0 == " " || $0 == "\t" }.first.flatMap { Int64($0) }
  }

  mutating func write(_ text: String, to key: SysctlKey) throws(Refused) {
    let before = values[key]
    values[key] = text
    let isHeld = Self.bounded.allSatisfy { low, high in
      guard let low = first(low), let high = first(high) else { return true }
      return low <= high
    }
    let isAllowed =
      key != Self.control
      || values[Self.allowed].map { $0.split(separator: " ").contains { $0 == text } } ?? true
    guard isHeld, isAllowed else {
      values[key] = before
      throw Refused()
    }
  }

  static let bounded: [(SysctlKey, SysctlKey)] = [
    ("net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_port_range"),
    ("net.ipv4.ipfrag_low_thresh", "net.ipv4.ipfrag_high_thresh"),
    ("net.ipv6.ip6frag_low_thresh", "net.ipv6.ip6frag_high_thresh"),
  ]
  static let control: SysctlKey = "net.ipv4.tcp_congestion_control"
  static let allowed: SysctlKey = "net.ipv4.tcp_allowed_congestion_control"
}

/// Two states that the kernel may be in, of some of the keys.
private func states(
  _ generator: inout Seeded
) -> (keys: [SysctlKey], before: [SysctlKey: String], after: [SysctlKey: String]) {
  var keys: [SysctlKey] = ["net.core.somaxconn", "net.ipv4.tcp_rmem"]
  var before: [SysctlKey: String] = ["net.core.somaxconn": "4096", "net.ipv4.tcp_rmem": "1 2 3"]
  var after: [SysctlKey: String] = ["net.core.somaxconn": "8192", "net.ipv4.tcp_rmem": "1 2 9"]
  for (low, high) in Kernel.bounded where Int.random(in: 0..<4, using: &generator) > 0 {
    let separator = Bool.random(using: &generator) ? " " : "\t"
    func values() -> (String, String) {
      // Few numbers, so that equal ones are tried too.
      let ports = (0..<2).map { _ in Int.random(in: 1...12, using: &generator) }.sorted()
      return (String(ports[0]), "\(ports[1])\(separator)\(ports[1] + 20)")
    }
    (before[low], before[high]) = values()
    (after[low], after[high]) = values()
    keys += [low, high]
  }
  if Bool.random(using: &generator) {
    keys += [Kernel.control, Kernel.allowed]
    (before[Kernel.control], before[Kernel.allowed]) = ("cubic", "reno cubic")
    (after[Kernel.control], after[Kernel.allowed]) = ("bbr", "reno cubic bbr")
  }
  return (keys.shuffled(using: &generator), before, after)
}

/// Each write is taken, and the reverse order puts everything back.
@Test func everyWriteIsTakenBothWays() throws {
  let seed = UInt64.random(in: 0 ... .max)
  var generator = Seeded(state: seed)
  for _ in 0..<Iterations.count(2000) {
    let (keys, before, after) = states(&generator)
    let order = WriteOrder.sorted(keys) { key in
      before[key].flatMap { now in after[key].map { (now, $0) } }
    }
    #expect(order.sorted() == keys.sorted(), "seed \(seed)")
    var kernel = Kernel(values: before)
    do {
      for key in order { try kernel.write(after[key] ?? "", to: key) }
      #expect(kernel.values == after)
      for key in order.reversed() { try kernel.write(before[key] ?? "", to: key) }
      #expect(kernel.values == before)
    } catch {
      Issue.record("seed \(seed): \(order): \(before) -> \(after)")
      return
    }
  }
}

@Test(arguments: [
  // Down: room is made below first.
  ("1024", "32768 60999", "512", "1024 65535", ["start", "range"]),
  // Up: the range leaves first.
  ("1024", "1024 65535", "32768", "32768 60999", ["range", "start"]),
  ("0", "32768 60999", "1024", "1024 65535", ["start", "range"]),
  ("1024", "1024 60999", "1024", "1024 65535", ["start", "range"]),
  ("1024", "1024\t60999", "2048", "2048\t65535", ["range", "start"]),
])
func thePortRangeAndTheFirstPortForEverybody(
  _ start: String, _ range: String, _ newStart: String, _ newRange: String, _ order: [String]
) {
  let keys: [SysctlKey] = [
    "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_port_range",
  ]
  let changes = [keys[0]: (start, newStart), keys[1]: (range, newRange)]
  for given in [keys, keys.reversed()] {
    let sorted = WriteOrder.sorted(given) { key in changes[key] }
    #expect(sorted.map { $0 == keys[0] ? "start" : "range" } == order)
  }
}

/// What nothing holds stays in the order of the plan.
@Test func otherKeysStayWhereTheyAre() {
  let keys: [SysctlKey] = ["net.ipv4.tcp_rmem", "net.core.somaxconn", "net.core.rmem_max"]
  #expect(WriteOrder.sorted(keys) { _ in ("1", "2") } == keys)
  #expect(WriteOrder.sorted([]) { _ in nil } == [])
}

@Test(arguments: [
  ("99-tcptune.conf", true), ("60-web.conf", true), ("a.conf", true), ("A_1.b-c.conf", true),
  (".conf", false), ("..conf", false), (".x.conf", false), ("", false), ("x", false),
  ("x.conf~", false), ("x.CONF", false), ("x.conf\n", false), ("x.conf\0", false),
  ("../x.conf", false), ("a/b.conf", false), ("/etc/x.conf", false), ("x y.conf", false),
  ("é.conf", false), ("x*.conf", false), ("x.conf.tcptune-new", false), ("-x.conf", true),
  (String(repeating: "a", count: 194) + ".conf", true),
  (String(repeating: "a", count: 195) + ".conf", false),
])
func namesOfFilesThatEveryLoaderReads(_ name: String, _ isOne: Bool) {
  #expect(Changes.isFileName(name) == isOne)
}
