import Facts
import KernelModel
import Testing

/// A file under /proc/sys outranks the release, either way.
@Test func filesOutrankTheRelease() throws {
  func connect(_ release: String, _ keys: [String: String]) throws -> Int64? {
    seconds(try model(release, defaults(keys)).limit(.connectTimeout))
  }
  #expect(try connect("6.1.170", [:]) == 127)
  #expect(try connect("6.1.170", ["tcp_syn_linear_timeouts": "4"]) == 131)
  #expect(try connect("6.18", [:]) == 127, "a kernel without the file")
  #expect(try connect("6.1.170", ["tcp_rto_max_ms": "1000"]) == 7)

  let backport = try model("5.14.0-503.el9", defaults(["tcp_rto_max_ms": "10000"]))
  #expect(backport.limit(.giveUpTime).value.value?.amount == Fraction(1126, 10))
  #expect(
    try model("6.18", defaults(["tcp_rto_max_ms": "999"])).limit(.giveUpTime).value.absence?.kind
      == .unreadable)
  let delay = try model("5.14.0-503.el9", defaults(["tcp_tw_reuse_delay": "250"]))
  #expect(delay.limit(.portReuseDelay).value.value?.amount == Fraction(1, 4))
}

/// Q3.6: how old a TIME_WAIT must be, by release.
@Test(
  arguments: [
    ("3.10.4", 2), ("4.18.1", 2), ("4.19.13", 1), ("5.10.218", 1), ("6.13.7", 1),
  ] as [(String, Int64)])
func reuseDelays(_ release: String, _ delay: Int64) throws {
  let model = try model(release, defaults(["tcp_tw_reuse": "1"]))
  #expect(seconds(model.limit(.portReuseDelay)) == delay)
  #expect(model.limit(.connectionRateReusing).value.value?.amount == Fraction(28232 / delay))
}

@Test(arguments: [
  (["tcp_tw_reuse": "0"], "tcp_tw_reuse is 0"), (["tcp_timestamps": "0"], "tcp_timestamps is 0"),
])
func reuseThatNeverHappens(_ keys: [String: String], _ reason: String) throws {
  let model = try model("6.18", defaults(keys))
  for id in [LimitID.portReuseDelay, .connectionRateReusing] {
    #expect(model.limit(id).value == .missing(Absence(.never, reason)))
  }
}

/// Mode 2 is loopback since 4.18; the note says so.
@Test func reuseOnLoopback() throws {
  let note = try model("6.18", defaults([:])).limit(.portReuseDelay).note
  #expect(note?.contains("127/8") == true)
  let any = try model("6.18", defaults(["tcp_tw_reuse": "1"])).limit(.portReuseDelay).note
  #expect(any?.hasPrefix("any destination") == true)
}

/// kernel-facts 3.4: 470 and 1075 connections a second.
@Test(arguments: [("32768 60999", 470), ("1024 65535", 1075)] as [(String, Int64)])
func connectionRates(_ range: String, _ rate: Int64) throws {
  let limit = try model("6.18", defaults(["ip_local_port_range": range])).limit(.connectionRate)
  #expect(limit.value.value?.dimension == .perSecond)
  #expect(limit.value.value?.amount.roundedDown == rate)
}

/// Q2.3: since 4.10 a SYN is dropped on a full accept queue, before only with young requests.
@Test(arguments: [
  ("3.10.4", FullQueueRule.dropsWithYoungRequests), ("4.9.80", .dropsWithYoungRequests),
  ("4.10", .dropsEverySYN), ("7.3.4", .dropsEverySYN),
])
func fullQueues(_ release: String, _ rule: FullQueueRule) throws {
  #expect(try model(release, [:]).fullQueueRule == .known(rule))
}

/// kernel-facts 2.5: min(value, somaxconn); bit 0x400 the backlog; the server's bit is 2.
@Test(
  arguments: [
    (511, 4096, 1, 0, .off), (511, 4096, 3, 4096, .program), (511, 4096, 0x402, 511, .backlog),
    (511, 4096, 0x400, 0, .off), (5000, 4096, 0x403, 4096, .backlog),
    (-1, 128, 0x402, 128, .backlog),
  ] as [(Int64, Int64, Int64, Int64, FastOpenQueue.Source)])
func fastOpenQueues(
  _ backlog: Int64, _ cap: Int64, _ bits: Int64, _ capacity: Int64, _ source: FastOpenQueue.Source
) {
  let queue = FastOpenQueue(backlog: backlog, somaxconn: cap, fastOpen: bits)
  #expect(queue == FastOpenQueue(capacity: capacity, source: source))
}

/// kernel-facts 4: the window scale by tcp_rmem[2], measured with rmem_max 4 MiB.
@Test(
  arguments: [(6, 7), (16, 9), (32, 10), (64, 11), (256, 13), (512, 14), (2047, 14)]
    as [(Int64, Int64)])
func windowScales(_ mebibytes: Int64, _ scale: Int64) throws {
  let model = try model(
    "6.18",
    defaults([
      "tcp_rmem": "4096 131072 \(mebibytes << 20)", "net.core.rmem_max": "\(4 << 20)",
    ]))
  #expect(model.limit(.windowScale).value.value?.amount == Fraction(scale))
  #expect(model.limit(.largestWindow).value.value == Quantity(65535 << scale, .bytes))
}

@Test func windowScaleIsAFloor() throws {
  func scale(_ keys: [String: String]) throws -> Int64? {
    try model("6.18", defaults(keys)).limit(.windowScale).value.value?.amount.whole
  }
  // A tcp_rmem[2] below rmem_max does not lower it (measured: 87380 with 4 MiB still 7).
  #expect(try scale(["tcp_rmem": "4096 16384 87380", "net.core.rmem_max": "\(4 << 20)"]) == 7)
  #expect(try scale(["tcp_rmem": "4096 4096 4096", "net.core.rmem_max": "2304"]) == 0)
  #expect(try scale(["tcp_window_scaling": "0"]) == 0)
}

@Test func memoryInBytes() throws {
  let model = try model("6.18", defaults(["tcp_mem": "287901 383870 575802"]))
  #expect(model.limit(.memoryPressure).value.value == Quantity(383_870 * 4096, .bytes))
  #expect(model.limit(.memoryLimit).value.value == Quantity(575_802 * 4096, .bytes))
}

@Test func timersWithoutAnEnd() throws {
  let model = try model("6.18", defaults(["tcp_max_tw_buckets": "-1"]))
  for id in [LimitID.zeroWindowTime, .deadPeerTimeUnasked, .timeWaitSockets] {
    #expect(model.limit(id).value.absence?.kind == .never)
  }
  #expect(seconds(model.limit(.timeWaitTime)) == 60)
  #expect(model.limit(.orphansResetFrom).value.value == Quantity(32769))
}

// MARK: What was measured on the releases on both sides

/// Q2.5: tcp_rto_max_ms bounds the waits of SYN-ACKs since 6.19 (measured: 6.18.15 15 s, 6.19.14,
/// 7.0.13 and 7.3.4 4 s, with 3 retries and 1000 ms).
@Test(arguments: [("6.18.15", 15), ("6.19.14", 4), ("7.3.4", 4)] as [(String, Int64)])
func synAcksUnderAShortLongestWait(_ release: String, _ end: Int64) throws {
  let model = try model(
    release, defaults(["tcp_synack_retries": "3", "tcp_rto_max_ms": "1000"]))
  #expect(seconds(model.limit(.halfOpenLifetime)) == end)
}

/// Q1.7: 0 acts as 8 while waits are below the longest (measured on 6.18: 2.7, 5.4, 11.9 s, and with
/// 8 retries at 1000 ms 7.9 s).
@Test(
  arguments: [
    ("0", "1000", 2.4), ("0", "2000", 5.0), ("0", "5000", 11.2), ("8", "1000", 7.4),
    ("0", "120000", 102.2),
  ])
func orphansUnderAShortLongestWait(_ retries: String, _ longest: String, _ end: Double) throws {
  let model = try model(
    "6.18", defaults(["tcp_orphan_retries": retries, "tcp_rto_max_ms": longest]))
  #expect(model.limit(.orphanGiveUpTime).value.value?.amount == seconds([end])[0])
}

/// Q3.8: -1 is the largest unsigned number since 5.18, and less than none before.
@Test func negativeBuckets() throws {
  let keys = defaults(["tcp_max_tw_buckets": "-1"])
  #expect(try model("5.10.218", keys).limit(.timeWaitSockets).value.value == Quantity(0))
  #expect(try model("6.18", keys).limit(.timeWaitSockets).value.absence?.kind == .never)
}

/// Q3.9: never shorter than 3.5 retransmission timeouts (measured on 6.18 with 0: 0.76 s).
@Test(arguments: ["0", "-5"])
func theShortestFinWait2(_ timeout: String) throws {
  let limit = try model("6.18", defaults(["tcp_fin_timeout": timeout])).limit(.finWait2Time)
  #expect(limit.value.value?.amount == Fraction(7, 10))
}

/// Q2.9: what a buffer of 6 MiB carries in 100 ms: half of it up to 6.5 with tcp_adv_win_scale 1,
/// half to all of it since.
@Test func whatABufferCarries() throws {
  func rate(_ release: String, _ keys: [String: String]) throws -> [Int64?] {
    let limit = try model(release, defaults(keys)).limit(.windowThroughput)
    return [limit.value.value, limit.valueMax].map { $0?.amount.roundedDown }
  }
  let mib: Int64 = 10 << 20
  #expect(try rate("5.10", ["tcp_adv_win_scale": "1"]) == [3 * mib, nil])
  #expect(try rate("5.10", ["tcp_adv_win_scale": "2"]) == [9 * mib / 2, nil])
  #expect(try rate("5.10", ["tcp_adv_win_scale": "-2"]) == [3 * mib / 2, nil])
  #expect(try rate("6.6", [:]) == [3 * mib, 6 * mib])
}

/// What waits for its acknowledgement fills two thirds of the largest send buffer, or all of it.
@Test func whatASendBufferCarries() throws {
  func limit(_ value: String, _ question: LimitQuestion = LimitQuestion()) throws -> EffectiveLimit
  {
    try model("6.18", defaults(["tcp_wmem": value])).limit(.sendThroughput, question)
  }
  let assumed = try limit("4096 16384 3145728")
  let mib: Int64 = 1 << 20
  #expect(assumed.value.value == Quantity(20 * mib, .bytesPerSecond))
  #expect(assumed.valueMax == Quantity(30 * mib, .bytesPerSecond))
  #expect(assumed.isRange)
  #expect(assumed.note?.contains("100 ms is assumed") == true)
  let near = try limit("4096 16384 3145728", LimitQuestion(roundTrip: Fraction(milliseconds: 10)))
  #expect(near.value.value == Quantity(200 * mib, .bytesPerSecond))
  #expect(near.note?.contains("assumed") == false)
  let torn = try limit("4096 16384")
  #expect(torn.value.absence?.reason == "expected 3 numbers, found 2")
  #expect(torn.valueMax == nil)
}

/// A program that waits for room in its send buffer is woken at two thirds of it, seen on 6.18.44.
@Test(arguments: [(724_736, false), (699_052, false), (699_050, true), (652_672, true), (0, true)])
func roomInASendBuffer(_ queued: Int64, _ hasRoom: Bool) {
  #expect(KernelModel.hasRoom(queued: queued, of: 1 << 20) == hasRoom)
}
