public import Facts

/// Waits between transmissions, in milliseconds: each twice the one before, up to a ceiling.
struct Backoff {
  /// The first wait of a SYN and of a SYN-ACK (TCP_TIMEOUT_INIT).
  static let handshake: Int64 = 1000
  /// The first wait that the kernel reckons with for an established connection (TCP_RTO_MIN), a
  /// constant: tcp_rto_min_us does not go in.
  static let established: Int64 = 200
  /// The longest wait (TCP_RTO_MAX), and the value of tcp_rto_max_ms where nobody changed it.
  static let ceiling: Int64 = 120_000

  /// The first wait.
  var first: Int64
  /// The longest.
  var ceiling: Int64

  init(first: Int64, ceiling: Int64 = Self.ceiling) {
    self.first = first
    self.ceiling = ceiling
  }

  /// Milliseconds from the first packet to the end of each of the first `count` waits.
  func ends(_ count: Int64) -> [Int64] {
    var elapsed: Int64 = 0
    var wait = min(first, ceiling)
    return (0..<max(0, count)).map { _ in
      elapsed += wait
      wait = min(2 * wait, ceiling)
      return elapsed
    }
  }

  /// The sum of so many waits, in milliseconds (tcp_model_timeout).
  func sum(_ count: Int64) -> Int64 { ends(count).last ?? 0 }

  /// A packet, so many retransmissions, and the wait after the last.
  func timeline(retries: Int64) -> Timeline {
    let ends = ends(retries + 1)
    return Timeline(
      sends: ([0] + ends.dropLast()).map { Fraction(milliseconds: $0) },
      end: Fraction(milliseconds: ends.last ?? 0))
  }
}

extension KernelModel {
  /// The SYNs of one connect() and the moment of ETIMEDOUT (claim Q2.6, tcp_write_timeout).
  ///
  /// The first `linear` waits are one second each. The test of the elapsed time keeps a large number
  /// of them from mattering beside few retries.
  ///
  /// - Parameters:
  ///   - retries: tcp_syn_retries, 0 to 127.
  ///   - linear: tcp_syn_linear_timeouts; 0 where the release has no such file (before 6.5).
  ///   - rtoMaxMilliseconds: tcp_rto_max_ms where the release has it, the longest wait (measured on
  ///     6.18: 3 retries at 1000 ms end after 4.1 s).
  /// - Returns: the SYNs, the first at 0.
  public static func synTimeline(
    retries: Int64, linear: Int64, rtoMaxMilliseconds: Int64 = 120_000
  ) -> Timeline {
    let backoff = Backoff(first: Backoff.handshake, ceiling: rtoMaxMilliseconds)
    let patience = backoff.sum(retries + 1)
    var sends: [Int64] = [0]
    var elapsed: Int64 = 0
    var wait = Backoff.handshake
    while true {
      elapsed += wait
      let resent = Int64(sends.count) - 1
      if resent >= retries + linear || (resent > 0 && elapsed >= patience) { break }
      sends.append(elapsed)
      if resent + 1 > linear { wait = min(2 * wait, max(rtoMaxMilliseconds, Backoff.handshake)) }
    }
    return Timeline(
      sends: sends.map { Fraction(milliseconds: $0) }, end: Fraction(milliseconds: elapsed))
  }

  /// The SYN-ACKs of one request and the moment at which it leaves the SYN queue (claim Q2.5,
  /// reqsk_timer_handler), while that queue is at most half full.
  ///
  /// - Parameters:
  ///   - retries: tcp_synack_retries, 0 to 127.
  ///   - rtoMaxMilliseconds: the longest wait, see ``synAckLongestWait``.
  /// - Returns: the SYN-ACKs, the first at 0.
  public static func synAckTimeline(
    retries: Int64, rtoMaxMilliseconds: Int64 = 120_000
  ) -> Timeline {
    Backoff(first: Backoff.handshake, ceiling: rtoMaxMilliseconds).timeline(retries: retries)
  }

  /// The longest wait between SYN-ACKs in milliseconds: tcp_rto_max_ms of the listener since 6.19,
  /// 120 s before (measured with 1000 ms: on 6.18.15 the waits still double, on 6.19.14 they do not).
  public var synAckLongestWait: Reading<Int64> {
    release.flatMap { $0.isAtLeast(6, 19) ? rtoMax : .known(Backoff.ceiling) }
  }

  /// The transmissions of unanswered data and the earliest end (claim Q4.10, tcp_model_timeout).
  ///
  /// The kernel gives up when a timer fires at least the model's time after the first
  /// retransmission; a retransmission timeout above 200 ms, as any real round-trip time makes it,
  /// stretches all of it.
  ///
  /// - Parameters:
  ///   - retries: tcp_retries2, 0 to 255.
  ///   - rtoMaxMilliseconds: tcp_rto_max_ms where the release has it, the longest wait.
  /// - Returns: the segment and its retransmissions, from 0 on.
  public static func dataTimeline(
    retries: Int64, rtoMaxMilliseconds: Int64 = 120_000
  ) -> Timeline {
    let backoff = Backoff(first: Backoff.established, ceiling: rtoMaxMilliseconds)
    var timeline = backoff.timeline(retries: retries)
    timeline.latest = Fraction(milliseconds: backoff.sum(retries + 2))
    return timeline
  }

  /// The transmissions of data or a FIN that the program has left to the kernel, and the earliest
  /// end (claim Q1.7, tcp_orphan_retries): as ``dataTimeline(retries:rtoMaxMilliseconds:)``.
  ///
  /// 0 acts as 8 only while a wait is shorter than the longest one; the first timer of the longest
  /// ends it (measured on 6.18: with 1000, 2000 and 5000 ms after 2.7, 5.4 and 11.9 s).
  ///
  /// - Parameters:
  ///   - retries: tcp_orphan_retries, 0 to 255.
  ///   - rtoMaxMilliseconds: tcp_rto_max_ms where the release has it, the longest wait.
  /// - Returns: the segment and its retransmissions, from 0 on.
  public static func orphanTimeline(retries: Int64, rtoMaxMilliseconds: Int64) -> Timeline {
    let all = dataTimeline(
      retries: retries == 0 ? 8 : retries, rtoMaxMilliseconds: rtoMaxMilliseconds)
    guard retries == 0, let growing = growingWaits(below: rtoMaxMilliseconds), growing < 9 else {
      return all
    }
    return Backoff(first: Backoff.established, ceiling: rtoMaxMilliseconds)
      .timeline(retries: growing)
  }

  /// How many waits are shorter than the longest one, nil where none ever reaches it.
  static func growingWaits(below longest: Int64) -> Int64? {
    (0..<10).first { Backoff.established << $0 >= longest }
  }

  /// The unanswered keepalive probes and the moment of ETIMEDOUT, from the last sign of life (claims
  /// Q3.3 and Q4.12, tcp_keepalive_timer).
  ///
  /// With 0 probes the connection is reset unprobed.
  ///
  /// - Parameters:
  ///   - time: tcp_keepalive_time, seconds.
  ///   - interval: tcp_keepalive_intvl, seconds.
  ///   - probes: tcp_keepalive_probes, 0 to 255.
  /// - Returns: nil where a sum does not fit 64 bits.
  public static func keepaliveTimeline(time: Int64, interval: Int64, probes: Int64) -> Timeline? {
    guard let end = deadPeerSeconds(time: time, interval: interval, probes: probes) else {
      return nil
    }
    return Timeline(
      sends: (0..<max(0, probes)).map { Fraction(time + $0 * interval) }, end: Fraction(end))
  }

  /// Seconds from the last sign of life of a dead peer to the moment at which keepalive ends the
  /// connection.
  ///
  /// - Parameters:
  ///   - time: tcp_keepalive_time, seconds.
  ///   - interval: tcp_keepalive_intvl, seconds.
  ///   - probes: tcp_keepalive_probes.
  /// - Returns: nil where the sum does not fit 64 bits.
  public static func deadPeerSeconds(time: Int64, interval: Int64, probes: Int64) -> Int64? {
    let (probing, isTooLong) = interval.multipliedReportingOverflow(by: probes)
    let (sum, overflows) = time.addingReportingOverflow(probing)
    return isTooLong || overflows ? nil : sum
  }

  /// Seconds that an orphan stays in FIN_WAIT2 (claim Q3.9, tcp_fin_time).
  ///
  /// Up to 60 s it becomes a minisocket at once. Above, it stays a full socket for the part over
  /// 60 s, and the minisocket that follows gets the same time again: 61 gives 2 s.
  ///
  /// - Parameter timeout: tcp_fin_timeout, seconds.
  /// - Returns: seconds; more where 3.5 retransmission timeouts take longer.
  public static func finWait2Lifetime(timeout: Int64) -> Int64 {
    timeout <= timeWait ? timeout : 2 * (timeout - timeWait)
  }

  /// Seconds in TIME_WAIT (TCP_TIMEWAIT_LEN), a constant of the kernel (claim Q2.11).
  public static let timeWait: Int64 = 60
}
