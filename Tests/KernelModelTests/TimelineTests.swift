import Facts
import KernelModel
import Support
import Testing

/// Q2.6: seven SYNs up to 6.4; eleven since 6.5.
@Test func theDocumentsSYNs() {
  let old = KernelModel.synTimeline(retries: 6, linear: 0)
  #expect(old.sends == seconds([0, 1, 3, 7, 15, 31, 63]))
  #expect(old.end == Fraction(127))
  let new = KernelModel.synTimeline(retries: 6, linear: 4)
  #expect(new.sends == seconds([0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]))
  #expect(new.end == Fraction(131))
}

/// kernel-facts 3.1, and what was measured on 6.18 under tcp_rto_max_ms: 4.1, 9.1 and 4.1 s.
@Test(
  arguments: [
    (1, 0, 120_000, 3), (1, 4, 120_000, 3), (2, 4, 120_000, 7), (3, 4, 120_000, 19),
    (4, 4, 120_000, 35), (5, 4, 120_000, 67), (7, 0, 120_000, 247), (3, 0, 1000, 4),
    (4, 0, 2000, 9), (3, 4, 1000, 4),
  ] as [(Int64, Int64, Int64, Int64)])
func synEnds(_ retries: Int64, _ linear: Int64, _ longest: Int64, _ end: Int64) {
  let timeline = KernelModel.synTimeline(
    retries: retries, linear: linear, rtoMaxMilliseconds: longest)
  #expect(timeline.end == Fraction(end))
}

/// Q2.5: six SYN-ACKs.
@Test func theDocumentsSYNACKs() {
  let timeline = KernelModel.synAckTimeline(retries: 5)
  #expect(timeline.sends == seconds([0, 1, 3, 7, 15, 31]))
  #expect(timeline.end == Fraction(63))
  #expect(
    KernelModel.synAckTimeline(retries: 0) == Timeline(sends: [Fraction(0)], end: Fraction(1)))
}

/// Q4.10 and kernel-facts 3.2: tcp_retries2 as a time, in tenths of a second.
@Test(
  arguments: [
    (3, 120_000, 30), (5, 120_000, 126), (6, 120_000, 254), (8, 120_000, 1022),
    (9, 120_000, 2046), (10, 120_000, 3246), (12, 120_000, 5646), (15, 120_000, 9246),
    (15, 1000, 144), (15, 5000, 612), (15, 10_000, 1126), (15, 30_000, 2910), (15, 60_000, 5222),
    (8, 2000, 130),
  ] as [(Int64, Int64, Int64)])
func giveUpTimes(_ retries: Int64, _ longest: Int64, _ tenths: Int64) throws {
  let timeline = KernelModel.dataTimeline(retries: retries, rtoMaxMilliseconds: longest)
  #expect(timeline.end == Fraction(tenths, 10))
  let limit = try model(
    "6.18", ["tcp_retries2": "\(retries)", "tcp_rto_max_ms": "\(longest)"]
  ).limit(.giveUpTime)
  #expect(limit.value.value?.amount == Fraction(tenths, 10))
  #expect(limit.drawing?.timeline == timeline)
}

/// Q1.7: the FIN of an orphan goes out at 0.2, 0.4 up to 6.4 s intervals; 0 means 8.
@Test func theDocumentsFINs() {
  let timeline = KernelModel.orphanTimeline(retries: 0, rtoMaxMilliseconds: 120_000)
  #expect(timeline == KernelModel.orphanTimeline(retries: 8, rtoMaxMilliseconds: 120_000))
  #expect(timeline.sends.prefix(7).elementsEqual(seconds([0, 0.2, 0.6, 1.4, 3, 6.2, 12.6])))
  #expect(timeline.end == Fraction(1022, 10))
  // Measured: 1 retry 1.5 s, 3 retries 6.5 s, 0 retries 106 s; timers fire a few per cent late.
  for (retries, measured) in [(1, 1.5), (3, 6.5), (0, 106.0)] as [(Int64, Double)] {
    let timeline = KernelModel.orphanTimeline(retries: retries, rtoMaxMilliseconds: 120_000)
    #expect(timeline.end.double <= measured)
    #expect(measured <= (timeline.latest ?? timeline.end).double * 1.08)
  }
}

/// Q3.9: what was measured of FIN_WAIT2.
@Test(
  arguments: [
    (1, 1), (5, 5), (59, 59), (60, 60), (61, 2), (65, 10), (70, 20), (90, 60), (120, 120),
  ] as [(Int64, Int64)])
func finWait2(_ timeout: Int64, _ life: Int64) throws {
  #expect(KernelModel.finWait2Lifetime(timeout: timeout) == life)
  let limit = try model("6.18", ["tcp_fin_timeout": "\(timeout)"]).limit(.finWait2Time)
  #expect(seconds(limit) == life)
  #expect(limit.note?.contains("shorter") == (timeout > 60 && life < timeout))
}

/// Q3.3: 7875 s; measured 2/1/3 in 5.1 s and 3/2/9 in 21.3 s.
@Test(
  arguments: [(7200, 75, 9, 7875), (60, 20, 3, 120), (2, 1, 3, 5), (3, 2, 9, 21), (2, 75, 0, 2)]
    as [(Int64, Int64, Int64, Int64)])
func keepaliveEnds(_ time: Int64, _ interval: Int64, _ probes: Int64, _ end: Int64) throws {
  #expect(KernelModel.deadPeerSeconds(time: time, interval: interval, probes: probes) == end)
  let timeline = try #require(
    KernelModel.keepaliveTimeline(time: time, interval: interval, probes: probes))
  #expect(timeline.sends.count == Int(probes))
  #expect(timeline.sends.first ?? timeline.end == Fraction(time))
  #expect(timeline.end == Fraction(end))
}

/// Every timeline increases and ends after its last packet; more retries never end it earlier.
@Test func timelinesIncrease() {
  let seed = UInt64.random(in: 0 ... .max)
  var generator = Seeded(state: seed)
  for _ in 0..<Iterations.count(500) {
    let retries = Int64.random(in: 0...126, using: &generator)
    let linear = Int64.random(in: 0...127, using: &generator)
    let longest = Int64.random(in: 1000...120_000, using: &generator)
    func timelines(_ retries: Int64) -> [Timeline] {
      [
        KernelModel.synTimeline(
          retries: retries, linear: linear, rtoMaxMilliseconds: longest),
        KernelModel.synAckTimeline(retries: retries),
        KernelModel.dataTimeline(retries: retries, rtoMaxMilliseconds: longest),
        KernelModel.orphanTimeline(retries: retries + 1, rtoMaxMilliseconds: longest),
      ]
    }
    for (timeline, longer) in zip(timelines(retries), timelines(retries + 1)) {
      let moments = timeline.sends + [timeline.end] + (timeline.latest.map { [$0] } ?? [])
      #expect(
        moments.first == Fraction(0) && zip(moments, moments.dropFirst()).allSatisfy { $0 < $1 },
        "seed \(seed): \(retries) \(linear) \(longest)")
      #expect(timeline.end < longer.end, "seed \(seed): \(retries) \(linear) \(longest)")
    }
  }
}
