import Facts

extension KernelModel {
  /// How long the side that closes first stays in TIME_WAIT (claim Q2.11).
  func timeWaitTime() -> EffectiveLimit {
    EffectiveLimit(
      .timeWaitTime, .closing, title: "TIME_WAIT lasts",
      value: .known(Quantity(Self.timeWait, .seconds)), formula: "60 s, compiled in",
      inputs: [],
      note: "no tunable changes it; tcp_fin_timeout is about FIN_WAIT2")
  }

  /// How long a closed connection waits for the peer's FIN (claim Q3.9).
  func finWait2Time() -> EffectiveLimit {
    // Seconds that fit the kernel's jiffies on every machine; a negative number is taken for none.
    let timeout = number(.finTimeout).flatMap {
      Self.checked(max(0, $0), .finTimeout, 0...Int64(Int32.max))
    }
    let value = timeout.map { Self.finWait2Lifetime(timeout: $0) }
    let isLong = (timeout.value ?? 0) > Self.timeWait
    let isShort = (timeout.value ?? 1) < 1
    var limit = EffectiveLimit(
      .finWait2Time, .closing, title: "after close(), FIN_WAIT2 ends after",
      value: value.map {
        isShort ? Quantity(Self.finWait2Least, .seconds) : Quantity($0, .seconds)
      },
      formula: isLong
        ? "2 * (tcp_fin_timeout - 60 s)"
        : "max(tcp_fin_timeout, 3.5 retransmission timeouts of 0.2 s or more)",
      inputs: [input(.finTimeout, number(.finTimeout), .seconds)],
      note: "TCP_LINGER2 of the program takes its place; a connection half closed by shutdown() may"
        + " stay for ever")
    if let timeout = timeout.value, let end = value.value, !isShort {
      if isLong, end < timeout {
        limit.note =
          "values from 61 to 119 last shorter than they say: above 60 s the part over"
          + " 60 s counts twice"
      }
      // Above 60 s it is a full socket, an orphan, before it becomes a minisocket.
      let steps = isLong ? [0, timeout - Self.timeWait] : [0]
      limit.drawing = EffectiveLimit.Drawing(
        isLong ? "full socket, then minisocket" : "minisocket",
        Timeline(sends: steps.map { Fraction($0) }, end: Fraction(end)),
        ending: "the socket is gone, nobody is told")
    }
    return limit
  }

  /// The least time in FIN_WAIT2: 3.5 retransmission timeouts, of which each is at least 200 ms
  /// (tcp_fin_time; measured on 6.18 with tcp_fin_timeout 0: 0.76 s).
  private static let finWait2Least = Fraction(milliseconds: 700)

  /// How many sockets may stand in TIME_WAIT, and what becomes of the next (claim Q3.8,
  /// inet_twsk_alloc).
  func timeWaitSockets() -> EffectiveLimit {
    // Counted in an unsigned number since 5.18 (tw_refcount), so that -1 is the largest there is
    // (measured on 6.18); compared as signed before, where it is less than none.
    let isUnsigned = release.value?.isAtLeast(5, 18) ?? true
    let value: Reading<Quantity> = number(.maxTimeWait).flatMap { most in
      most < 0 && isUnsigned
        ? .never("a negative number bounds nothing") : .known(Quantity(max(0, most)))
    }
    return EffectiveLimit(
      .timeWaitSockets, .closing,
      title: value.absence?.kind == .never
        ? "sockets in TIME_WAIT are too many" : "sockets in TIME_WAIT, at most",
      value: value,
      formula: "tcp_max_tw_buckets",
      inputs: [input(.maxTimeWait, number(.maxTimeWait))],
      note: "the next connection is closed without TIME_WAIT and without RST, and"
        + " TcpExt.TCPTimeWaitOverflow counts it; FIN_WAIT2 of closed connections counts too")
  }

  /// From how many orphans on the kernel may reset them (tcp_too_many_orphans).
  ///
  /// The test is `orphans << shift > max`, with a shift of up to 2.
  func orphansResetFrom() -> EffectiveLimit {
    let most = number(.maxOrphans, in: 0...Int64(Int32.max))
    return EffectiveLimit(
      .orphansResetFrom, .closing, title: "the kernel may reset orphans once there are",
      value: most.map { Quantity($0 / 4 + 1) }, formula: "tcp_max_orphans / 4 + 1",
      inputs: [input(.maxOrphans, number(.maxOrphans))],
      note: "a peer that is long silent and an ICMP error each double an orphan's weight; others"
        + " are reset from tcp_max_orphans + 1 on. RST is sent, and TcpExt.TCPAbortOnMemory counts it;"
        + " the number is of the whole host")
  }
}
