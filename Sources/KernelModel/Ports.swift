import Facts

extension KernelModel {
  /// How many ports the kernel can give to connections to one destination (kernel-facts 3.4).
  func ephemeralPorts() -> EffectiveLimit {
    let range = numbers(.localPortRange)
    let reserved = text(.localReservedPorts)
    let value: Reading<Quantity> = range.flatMap { range in
      guard range.count == 2, range[0] <= range[1], (0...65535).contains(range[0]),
        (0...65535).contains(range[1])
      else { return .unreadable("'\(range)' is not a range of ports") }
      let count = { (reserved: Int64) in Quantity(range[1] - range[0] + 1 - reserved) }
      if reserved.absence?.kind == .absent { return .known(count(0)) }
      return reserved.flatMap { list in
        guard let ranges = Self.portRanges(list) else {
          return .unreadable("'\(list)' is not a list of ports")
        }
        return .known(count(Self.ports(of: ranges, inside: range[0]...range[1])))
      }
    }
    return EffectiveLimit(
      .ephemeralPorts, .ports, title: "ports for connections to one destination",
      value: value,
      formula: "ip_local_port_range.last - ip_local_port_range.first + 1 - reserved ports inside",
      inputs: [
        EffectiveLimit.Input(
          SysctlKey.localPortRange.name, range.map { .vector($0.map { Quantity($0) }) }),
        EffectiveLimit.Input(SysctlKey.localReservedPorts.name, reserved.map { .text($0) }),
      ])
  }

  /// Whether a text is one that ip_local_reserved_ports takes.
  public static func isListOfPorts(_ list: String) -> Bool { portRanges(list) != nil }

  /// The ranges of ip_local_reserved_ports (`8080,9000-9010`), nil when the text is another.
  static func portRanges(_ list: String) -> [ClosedRange<Int64>]? {
    var ranges: [ClosedRange<Int64>] = []
    let separators: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: " "), UInt8(ascii: "\n")]
    for item in list.utf8.split(whereSeparator: { separators.contains($0) }) {
      let ends = item.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        .map { Substring($0) }
      guard
        let first = ends.first.flatMap({ Int64($0) }), let last = ends.last.flatMap({ Int64($0) }),
        ends.count <= 2, first <= last, first >= 0, last <= 65535
      else { return nil }
      ranges.append(first...last)
    }
    return ranges
  }

  /// How many ports of `ranges` lie inside `all`, each counted once.
  private static func ports(
    of ranges: [ClosedRange<Int64>], inside all: ClosedRange<Int64>
  ) -> Int64 {
    var next = all.lowerBound
    var count: Int64 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      let first = max(range.lowerBound, next)
      let last = min(range.upperBound, all.upperBound)
      guard first <= last else { continue }
      count += last - first + 1
      next = last + 1
    }
    return count
  }
}
