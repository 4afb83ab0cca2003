import Facts
import KernelModel
import Support
import Testing

/// kernel-facts 2.4: how many retransmissions a request is granted.
@Test(
  arguments: [
    // At most half full: all of them.
    (5, 10, 0, 20, 5), (5, 4, 0, 1, 5), (5, 0, 0, 0, 5),
    // Over half full of old entries: 2.
    (5, 21, 0, 20, 2), (5, 5, 0, 1, 2), (3, 11, 0, 20, 2), (2, 21, 0, 20, 2), (1, 21, 0, 20, 1),
    // Each doubling over the young ones takes one away.
    (5, 21, 21, 20, 5), (5, 21, 10, 20, 4), (5, 21, 5, 20, 3), (5, 21, 2, 20, 2),
  ] as [(Int64, Int64, Int64, Int64, Int64)])
func grantedRetries(
  _ retries: Int64, _ length: Int64, _ young: Int64, _ limit: Int64, _ granted: Int64
) {
  #expect(
    KernelModel.synAckRetries(retries: retries, length: length, young: young, limit: limit)
      == granted)
}

/// Fewer young entries never prolong a life, nor does a longer queue.
@Test func crowdingOnlyShortens() {
  let seed = UInt64.random(in: 0 ... .max)
  var generator = Seeded(state: seed)
  for _ in 0..<Iterations.count(2000) {
    let retries = Int64.random(in: 0...20, using: &generator)
    let limit = Int64.random(in: 0...5000, using: &generator)
    let length = Int64.random(in: 0...5000, using: &generator)
    let young = Int64.random(in: 0...length, using: &generator)
    func granted(_ length: Int64, _ young: Int64) -> Int64 {
      KernelModel.synAckRetries(retries: retries, length: length, young: young, limit: limit)
    }
    let here = granted(length, young)
    #expect(here >= min(retries, 2) && here <= retries, "seed \(seed)")
    #expect(granted(length, young / 2) <= here, "seed \(seed)")
    #expect(granted(length * 2, young) <= here, "seed \(seed)")
  }
}

/// Measured on 6.18 at 30 SYNs a second: 3 retries keep 7 for each, 5 keep 8, 6 keep 15.
@Test(arguments: [(2, 7), (3, 7), (4, 7), (5, 8), (6, 15), (7, 16)] as [(Int64, Int64)])
func stay(_ retries: Int64, _ stay: Int64) throws {
  let limit = try model("6.18", defaults(["tcp_synack_retries": "\(retries)"]))
    .limit(.floodRate, LimitQuestion(backlog: 511))
  #expect(limit.value.value?.amount == Fraction(512, stay))
}

@Test func floods() throws {
  func rate(_ release: String, _ keys: [String: String], _ backlog: Int64?) throws -> EffectiveLimit
  {
    try model(release, defaults(keys)).limit(.floodRate, LimitQuestion(backlog: backlog))
  }
  #expect(try rate("6.18", [:], nil).value.value?.amount == Fraction(4097, 8))
  // A small table beside a large backlog never fills half of it: entries live their whole life.
  let off = ["tcp_syncookies": "0", "tcp_max_syn_backlog": "128"]
  #expect(try rate("6.18", off, 4096).value.value?.amount == Fraction(97, 63))
  // Up to 4.3 half of the table counts, not half of the accept limit: 97 of 256 are no crowd.
  #expect(try rate("4.3", off, 128).value.value?.amount == Fraction(97, 63))
  #expect(try rate("4.4", off, 128).value.value?.amount == Fraction(97, 8))
  #expect(try rate("6.18", ["tcp_syncookies": "2"], 511).value.absence?.kind == .never)
  // Where the release leaves the capacity open by one, so is the rate, with the reason.
  let open = try rate("5.10", [:], 511)
  #expect(open.value.value?.amount == Fraction(511, 8))
  #expect(open.valueMax?.amount == Fraction(512, 8))
  #expect(open.note?.contains("5.10") == true)
}

/// A group of listeners holds the sum: measured 3 with backlog 4 hold 15.
@Test func groupsAddUp() throws {
  let queues = try model("6.18", defaults([:])).queues(backlog: 4, members: 3)
  #expect(queues.members * (queues.acceptQueue.value?.capacity ?? 0) == 15)
  #expect(queues.whenFull == .known(.dropsEverySYN))
  #expect(queues.fastOpen.value?.source == .off)
}
