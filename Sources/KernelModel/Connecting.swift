import Facts

extension KernelModel {
  /// How long connect() waits for an answer (claim Q2.6, net/ipv4/tcp_timer.c).
  func connectTimeout() -> EffectiveLimit {
    let retries = number(.synRetries)
    // Present on older releases too where a distribution brought it back.
    let linear = number(.synLinearTimeouts, ifAbsent: 0)
    let timeline: Reading<Timeline> = both(both(retries, linear), rtoMax).flatMap {
      numbers, rtoMax in
      let (retries, linear) = numbers
      guard (1...127).contains(retries), (0...127).contains(linear) else {
        return .unreadable(
          "tcp_syn_retries \(retries) and tcp_syn_linear_timeouts \(linear) are not in the"
            + " kernel's range")
      }
      return .known(
        Self.synTimeline(retries: retries, linear: linear, rtoMaxMilliseconds: rtoMax))
    }
    let longest = longestWait
    return EffectiveLimit(
      .connectTimeout, .connecting, title: "connect() gives up after",
      value: timeline.map { Quantity($0.end, .seconds) },
      formula: linear.value == 0
        ? "1 s + 2 s + 4 s ..., tcp_syn_retries + 1 waits of at most \(longest)"
        : "tcp_syn_linear_timeouts waits of 1 s, then 1 s + 2 s + 4 s ..., tcp_syn_retries + 1 more,"
          + " of at most \(longest)",
      inputs: [
        input(.synRetries, retries), input(.synLinearTimeouts, number(.synLinearTimeouts)),
      ] + rtoMaxInput,
      note: Self.timeTest(timeline.value, retries: retries.value, linear: linear.value),
      drawing: timeline.value.map {
        EffectiveLimit.Drawing("SYN", $0, ending: "connect() fails with ETIMEDOUT")
      })
  }

  /// What is to be said where fewer SYNs go out than the numbers of retries add up to.
  private static func timeTest(_ timeline: Timeline?, retries: Int64?, linear: Int64?) -> String {
    let further = "TCP_SYNCNT of the program takes the place of tcp_syn_retries"
    guard let timeline, let retries, let linear,
      Int64(timeline.sends.count) < 1 + retries + linear
    else { return further }
    return "ends at the first timer that fires after as long as tcp_syn_retries alone would take,"
      + " so not every linear wait counts; \(further)"
  }

  /// The ceiling of a wait, in words.
  var longestWait: String {
    number(.rtoMax).value == nil ? "120 s" : "tcp_rto_max_ms"
  }

  /// tcp_synack_retries, as far as a request can count.
  private var synackRetries: Reading<Int64> {
    number(.synackRetries).flatMap { retries in
      // The request counts its timeouts in seven bits.
      (0...127).contains(retries)
        ? .known(retries)
        : .unreadable("tcp_synack_retries \(retries) is beyond what a request can count, 127")
    }
  }

  /// How long a request that nobody completes stands in the SYN queue (claim Q2.5,
  /// reqsk_timer_handler).
  func halfOpenLifetime() -> EffectiveLimit {
    let retries = synackRetries
    let timeline = both(retries, synAckLongestWait).map {
      Self.synAckTimeline(retries: $0, rtoMaxMilliseconds: $1)
    }
    let crowded = halfOpenLifetimeCrowded().value.value
    let shortens = (retries.value ?? 0) > 2
    return EffectiveLimit(
      .halfOpenLifetime, .connecting, title: "a half-open connection is dropped after",
      value: timeline.map { Quantity($0.end, .seconds) },
      formula: "1 s + 2 s + 4 s ..., tcp_synack_retries + 1 waits of at most \(longestSynAckWait)",
      inputs: [input(.synackRetries, number(.synackRetries))] + synAckInput,
      note: shortens
        ? "while the SYN queue is at most half full; beyond, old entries die after"
          + " \(crowded.map { "\($0.amount.roundedDown)" } ?? "7") s" : nil,
      drawing: timeline.value.map {
        EffectiveLimit.Drawing("SYN-ACK", $0, ending: "the entry leaves the SYN queue")
      })
  }

  /// The same while the queue is over half full of entries that have been resent.
  func halfOpenLifetimeCrowded() -> EffectiveLimit {
    let retries = synackRetries
    let timeline = both(retries, synAckLongestWait).map { retries, longest in
      // Any queue over half full of nothing but old entries will do.
      Self.synAckTimeline(
        retries: Self.synAckRetries(retries: retries, length: 9, young: 0, limit: 8),
        rtoMaxMilliseconds: longest)
    }
    return EffectiveLimit(
      .halfOpenLifetimeCrowded, .connecting,
      title: "the same while the SYN queue is over half full of old entries",
      value: timeline.map { Quantity($0.end, .seconds) },
      formula: "1 s + 2 s + 4 s, min(tcp_synack_retries, 2) + 1 waits of at most"
        + " \(longestSynAckWait)",
      inputs: [input(.synackRetries, number(.synackRetries))] + synAckInput,
      note: "over half full: 2 * entries > max(8, limit); each doubling of entries over those not"
        + " yet resent takes one retry away, down to 2",
      drawing: timeline.value.map {
        EffectiveLimit.Drawing("SYN-ACK", $0, ending: "the entry leaves the SYN queue")
      })
  }

  /// Whether tcp_rto_max_ms bounds the waits of SYN-ACKs here.
  private var bindsSynAcks: Bool {
    release.value?.isAtLeast(6, 19) == true && number(.rtoMax).value != nil
  }

  private var longestSynAckWait: String {
    bindsSynAcks ? "tcp_rto_max_ms (a listener keeps the one it was made with)" : "120 s"
  }

  private var synAckInput: [EffectiveLimit.Input] { bindsSynAcks ? rtoMaxInput : [] }

  /// How many SYN-ACK retransmissions a request is granted by the state of its queue
  /// (reqsk_timer_handler; up to 4.3 a sweep with the same rule on the rounded table).
  ///
  /// - Parameters:
  ///   - retries: tcp_synack_retries.
  ///   - length: requests in the listener's SYN queue.
  ///   - young: those of them that have not been resent yet.
  ///   - limit: the listener's accept limit; up to 4.3 the size of its table.
  /// - Returns: at most `retries`; never lowered below 2.
  public static func synAckRetries(
    retries: Int64, length: Int64, young: Int64, limit: Int64
  ) -> Int64 {
    guard 2 * length > max(8, limit) else { return retries }
    var retries = retries
    var share = 2 * young
    while retries > 2, length >= share {
      retries -= 1
      share *= 2
    }
    return retries
  }
}
