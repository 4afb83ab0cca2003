import Facts

extension KernelModel {
  /// SYNs per second, none of them ever completed, that keep a SYN queue full.
  ///
  /// A steady flood of `r` leaves `r` times the stay of an entry in the queue. Where the capacity is
  /// over half of the limit, old entries leave earlier (reqsk_timer_handler).
  func floodRate(_ question: LimitQuestion) -> EffectiveLimit {
    // The kernel reads -1 as all that the cap allows.
    let accept = acceptQueue(backlog: question.backlog ?? -1)
    let queue = accept.flatMap { synQueue($0) }
    let retries = number(.synackRetries, in: 0...127)
    let size = accept.flatMap { crowdedFrom($0) }
    let lifetime: Reading<Fraction> = both(
      both(size, queue), both(retries, synAckLongestWait)
    ).map { queues, timers in
      Self.lifetime(
        inFull: queues.1, of: queues.0, retries: timers.0, rtoMaxMilliseconds: timers.1)
    }
    let value: Reading<Quantity> = both(queue, lifetime).flatMap { queue, lifetime in
      if queue.capacity == 0 {
        return .never("the SYN queue keeps nothing" + (queue.note.map { ": \($0)" } ?? ""))
      }
      return Self.rate(Fraction(queue.capacity), over: lifetime)
    }
    var limit = EffectiveLimit(
      .floodRate, .flood, title: "unanswered SYNs that keep the SYN queue full", value: value,
      formula: "entries / seconds that one stays",
      inputs: [
        question.backlog.map { EffectiveLimit.Input("backlog", .known(.count($0))) }
          ?? input(.somaxconn, cap),
        EffectiveLimit.Input("entries", queue.map { .count($0.capacity) }),
        EffectiveLimit.Input("stay", lifetime.map { .quantity(Quantity($0, .seconds)) }),
        input(.synackRetries, retries), input(.syncookies, number(.syncookies)),
      ] + (isTableIdle ? [] : [input(.maxSynBacklog, tableSize)]),
      note: floodNote(question))
    if let most = queue.value?.capacityMax, let lifetime = lifetime.value {
      limit.valueMax = Self.rate(Fraction(most), over: lifetime).value
      limit.note = [queue.value?.note, limit.note].compactMap { $0 }.joined(separator: "; ")
    }
    return limit
  }

  /// The number of which half makes a SYN queue crowded: the accept limit, up to 4.3 the table.
  private func crowdedFrom(_ accept: AcceptQueue) -> Reading<Int64> {
    both(release, tableSize).map { release, table in
      guard !release.isAtLeast(4, 4) else { return accept.limit }
      // With cookies on the whole table is the capacity.
      return SynQueue(
        acceptQueue: accept, maxSynBacklog: table, syncookies: 1, release: release
      ).capacity
    }
  }

  /// Seconds that an entry stays in a queue that a steady flood has filled.
  private static func lifetime(
    inFull queue: SynQueue, of size: Int64, retries: Int64, rtoMaxMilliseconds longest: Int64
  ) -> Fraction {
    2 * queue.capacity > max(8, size)
      ? Fraction(crowdedStay(retries: retries, rtoMaxMilliseconds: longest))
      : synAckTimeline(retries: retries, rtoMaxMilliseconds: longest).end
  }

  /// Entries that stand for each SYN of one second while the queue is over half full: the number at
  /// which the lifetime that the kernel grants them is their number.
  ///
  /// In a steady flood the young entries are those of the last second, so that `q` entries for each
  /// young one take a retry away at every power of two. Measured on 6.18 at 30 SYNs a second:
  /// 3 retries 7, 5 retries 8, 6 retries 15.
  static func crowdedStay(retries: Int64, rtoMaxMilliseconds longest: Int64 = 120_000) -> Int64 {
    func end(_ retries: Int64) -> Fraction {
      synAckTimeline(retries: retries, rtoMaxMilliseconds: longest).end
    }
    var granted = retries
    var from: Int64 = 0
    var below: Int64 = 2
    while granted > 2, end(granted) >= Fraction(below) {
      granted -= 1
      from = below
      below *= 2
    }
    return max(from, end(granted).roundedUp)
  }

  private func floodNote(_ question: LimitQuestion) -> String {
    let whose =
      question.backlog == nil
      ? "of a listener with the largest backlog; for another: tcptune limits --backlog N; " : ""
    let stay =
      "an entry stays as long as a steady flood lets it, between the two lifetimes above; "
    return whose + stay
      + (number(.syncookies, ifAbsent: 0).value == 0
        ? "then new peers are turned away, for cookies are off"
        : "then cookies answer, and nobody is turned away while the accept queue has room")
  }
}
