import Facts
import KernelModel

/// A key that goes into a limit and that no page describes yet; a page takes its place.
struct PagelessInput: Sendable {
  /// The key.
  var key: SysctlKey
  /// What the kernel accepts, in its own unit.
  var range: ClosedRange<Int64>
  /// The first release that has it, nil for older than all that we know.
  var since: KernelRelease?
  /// Its default, and the default before a later release changed it.
  var value: Int64
  var before: (release: KernelRelease, value: Int64)?

  private init(
    _ key: SysctlKey, _ range: ClosedRange<Int64>, since: String? = nil, _ value: Int64,
    before: (release: String, value: Int64)? = nil
  ) {
    self.key = key
    self.range = range
    self.since = since.flatMap { KernelRelease($0) }
    self.value = value
    self.before = before.flatMap { before in
      KernelRelease(before.release).map { ($0, before.value) }
    }
  }

  /// The default of a release as sysctl prints it.
  func defaultValue(_ release: KernelRelease) -> Reading<String> {
    if let since, release < since { return .absent("it came with Linux \(since)") }
    if let before, release < before.release { return .known(String(before.value)) }
    return .known(String(value))
  }

  private static let int = Int64(Int32.min)...Int64(Int32.max)

  static let all: [PagelessInput] = [
    PagelessInput(.retries1, 0...255, 3),
    PagelessInput(.windowScaling, 0...255, 1),
    PagelessInput(.advWinScale, -31...31, 1),
    PagelessInput(.fastOpen, int, 1, before: ("3.14", 0)),
    PagelessInput(.receiveMax, 2304...Int64(Int32.max), 4_194_304, before: ("6.18", 212_992)),
    PagelessInput(.rtoMin, 1...Int64(Int32.max), since: "6.11", 200_000),
    PagelessInput(.timeWaitReuseDelay, 1...60_000, since: "6.14", 1000),
    PagelessInput(.rtoMax, 1000...120_000, since: "6.15", 120_000),
  ]

  /// The one that a name means, with or without `net.ipv4.tcp_`.
  static func named(_ name: String) -> PagelessInput? {
    let key = SysctlKey(name)
    return all.first { input in
      let last = input.key.lastComponent
      return input.key == key || last == name || last == "tcp_\(name)"
    }
  }
}
