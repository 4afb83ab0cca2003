public import Facts

/// The kernel's arithmetic for one release and one set of tunables.
///
/// Every function is pure; what a tunable's absence means is said where it is used.
public struct KernelModel: Sendable {
  /// The newest release whose source was read and which was run (major and minor number).
  public static let newestKnown = (7, 3)
  /// The keys that formulas ask for and no page describes.
  public static let furtherKeys: [SysctlKey] = [.localReservedPorts]

  /// The release whose rules hold.
  public let release: Reading<KernelRelease>
  /// Bytes of one memory page.
  let pageSize: Int64
  /// Values that net.core.somaxconn may have had when a program called listen().
  let formerCaps: Set<Int64>
  private let tunables: @Sendable (SysctlKey) -> Reading<String>

  /// A model of a kernel.
  ///
  /// - Parameters:
  ///   - release: the release whose rules hold.
  ///   - pageSize: bytes of one memory page.
  ///   - formerCaps: values that net.core.somaxconn may have had.
  ///   - tunables: the text of a key, or why there is none.
  public init(
    release: Reading<KernelRelease>, pageSize: Int64 = 4096,
    formerCaps: Set<Int64> = AcceptQueue.formerDefaultCaps,
    tunables: @escaping @Sendable (SysctlKey) -> Reading<String>
  ) {
    self.release = release
    self.pageSize = pageSize
    self.formerCaps = formerCaps
    self.tunables = tunables
  }

  /// The model of the host in a snapshot.
  public init(_ snapshot: Snapshot) {
    self.init(
      release: snapshot.host.release, pageSize: snapshot.host.pageSize,
      formerCaps: AcceptQueue.formerDefaultCaps.union(Self.caps(inFilesOf: snapshot))
    ) { snapshot.text(of: $0) }
  }

  /// What lines of this host's sysctl files make of net.core.somaxconn, whether they win or not:
  /// each may have been the value when a program called listen().
  private static func caps(inFilesOf snapshot: Snapshot) -> [Int64] {
    guard let files = snapshot.files.value, files.notCompared == nil,
      let key = files.keys.first(where: { $0.name == SysctlKey.somaxconn.name })
    else { return [] }
    return key.assignments.compactMap { line in
      Snapshot.numbers(in: line.leaves ?? line.value)?.first
    }
  }

  /// The text of a key.
  func text(_ key: SysctlKey) -> Reading<String> { tunables(key) }

  /// The one number of a key, in the kernel's own unit.
  func number(_ key: SysctlKey) -> Reading<Int64> {
    numbers(key).map { $0[0] }
  }

  /// The numbers of a key, never none.
  func numbers(_ key: SysctlKey) -> Reading<[Int64]> {
    tunables(key).flatMap { text in
      guard let numbers = Snapshot.numbers(in: text) else {
        return .unreadable("'\(text)' is not a list of 64-bit numbers")
      }
      return .known(numbers)
    }
  }

  /// The number of a key that some releases lack, and what its absence means.
  func number(_ key: SysctlKey, ifAbsent value: Int64) -> Reading<Int64> {
    let reading = number(key)
    return reading.absence?.kind == .absent ? .known(value) : reading
  }

  /// The number of a key, unreadable where it is none that the kernel accepts.
  func number(_ key: SysctlKey, in range: ClosedRange<Int64>) -> Reading<Int64> {
    number(key).flatMap { Self.checked($0, key, range) }
  }

  /// The number, unreadable where it is not in the key's range.
  static func checked(
    _ number: Int64, _ key: SysctlKey, _ range: ClosedRange<Int64>
  ) -> Reading<Int64> {
    range.contains(number)
      ? .known(number)
      : .unreadable(
        "\(key.lastComponent) \(number) is not from \(range.lowerBound) to \(range.upperBound)")
  }

  /// The longest wait between retransmissions in milliseconds: tcp_rto_max_ms where there is such a
  /// file, whatever the release, else TCP_RTO_MAX.
  var rtoMax: Reading<Int64> {
    switch number(.rtoMax) {
    case .known(let number): Self.checked(number, .rtoMax, 1000...Backoff.ceiling)
    case .missing(let absence) where absence.kind == .unreadable: .missing(absence)
    case .missing: .known(Backoff.ceiling)
    }
  }

  /// The input that tells it, where there is such a file.
  var rtoMaxInput: [EffectiveLimit.Input] {
    // In the kernel's own unit, as the file has it.
    guard number(.rtoMax).value != nil else { return [] }
    return [input(.rtoMax, rtoMax)]
  }

  /// net.core.somaxconn, the cap on every accept queue.
  public var cap: Reading<Int64> { number(.somaxconn) }

  /// net.ipv4.tcp_max_syn_backlog.
  public var tableSize: Reading<Int64> { number(.maxSynBacklog) }

  /// Whether that number decides nothing now: since 4.4 it counts only while cookies are off.
  public var isTableIdle: Bool {
    guard let release = release.value, let cookies = number(.syncookies).value else { return false }
    return release.isAtLeast(4, 4) && cookies != 0
  }

  /// The accept queue of a program that calls listen() now.
  public func acceptQueue(backlog: Int64) -> Reading<AcceptQueue> {
    release.flatMap { release in
      number(.somaxconn).map {
        AcceptQueue(backlog: backlog, somaxconn: $0, release: release)
      }
    }
  }

  /// The accept queue of a socket that listens already.
  public func acceptQueue(observed limit: Int64) -> AcceptQueue {
    AcceptQueue(observed: limit, somaxconn: cap.value, formerCaps: formerCaps)
  }

  /// The SYN queue that goes with an accept queue.
  public func synQueue(_ acceptQueue: AcceptQueue) -> Reading<SynQueue> {
    release.flatMap { release in
      // A kernel built without cookies has no such file.
      number(.syncookies, ifAbsent: 0).flatMap { syncookies in
        number(.maxSynBacklog).map {
          SynQueue(
            acceptQueue: acceptQueue, maxSynBacklog: $0, syncookies: syncookies, release: release)
        }
      }
    }
  }

  /// The formula of the SYN queue in symbols; it depends on the release and on the cookies only.
  public var synFormula: Reading<String> {
    synQueue(acceptQueue(observed: 0)).map(\.formula)
  }

  /// Everything that several tunables add up to, in the order of a connection's life.
  public func limits(_ question: LimitQuestion = LimitQuestion()) -> [EffectiveLimit] {
    LimitID.allCases.map { limit($0, question) }
  }

  /// One of them.
  public func limit(
    _ id: LimitID, _ question: LimitQuestion = LimitQuestion()
  ) -> EffectiveLimit {
    switch id {
    case .connectTimeout: connectTimeout()
    case .halfOpenLifetime: halfOpenLifetime()
    case .halfOpenLifetimeCrowded: halfOpenLifetimeCrowded()
    case .floodRate: floodRate(question)
    case .routeCheckTime: routeCheckTime()
    case .giveUpTime: giveUpTime()
    case .orphanGiveUpTime: orphanGiveUpTime()
    case .zeroWindowTime: zeroWindowTime()
    case .zeroWindowSilentTime: zeroWindowSilentTime()
    case .deadPeerTime: deadPeerTime()
    case .deadPeerTimeUnasked: deadPeerTimeUnasked()
    case .timeWaitTime: timeWaitTime()
    case .finWait2Time: finWait2Time()
    case .timeWaitSockets: timeWaitSockets()
    case .orphansResetFrom: orphansResetFrom()
    case .ephemeralPorts: ephemeralPorts()
    case .connectionRate: connectionRate()
    case .portReuseDelay: portReuseDelay()
    case .connectionRateReusing: connectionRateReusing()
    case .windowScale: windowScale()
    case .largestWindow: largestWindow()
    case .windowThroughput: windowThroughput(question)
    case .sendThroughput: sendThroughput(question)
    case .memoryPressure: memory(.memoryPressure)
    case .memoryLimit: memory(.memoryLimit)
    }
  }

  /// An input of a formula with the key's number.
  func input(_ key: SysctlKey, _ reading: Reading<Int64>, _ dimension: Dimension = .pure)
    -> EffectiveLimit.Input
  {
    EffectiveLimit.Input(key.name, reading.map { .count($0, dimension) })
  }
}

/// Both values, or why the first of them that is missing is missing.
func both<A, B>(_ a: Reading<A>, _ b: Reading<B>) -> Reading<(A, B)> {
  a.flatMap { a in b.map { (a, $0) } }
}
