import Facts

extension KernelModel {
  /// How long connect() waits for an answer (claim Q2.6, net/ipv4/tcp_timer.c).
  ///
  /// Since 6.5 the first tcp_syn_linear_timeouts waits are one second each; the test of the elapsed
  /// time keeps a large number of them from mattering beside few retries.
  func connectTimeout() -> EffectiveLimit {
    let retries = number(.synRetries)
    let linear = number(.synLinearTimeouts, ifAbsent: 0)
    let value: Reading<Quantity> = retries.flatMap { retries in
      linear.flatMap { linear in
        guard (1...127).contains(retries), (0...127).contains(linear) else {
          return .unreadable(
            "tcp_syn_retries \(retries) and tcp_syn_linear_timeouts \(linear) are not in the"
              + " kernel's range")
        }
        return .known(
          Quantity(Self.synTimeline(retries: retries, linear: linear).end, .seconds))
      }
    }
    return EffectiveLimit(
      id: LimitID.connectTimeout.rawValue, title: "connect() gives up after", value: value,
      formula: linear.value == 0
        ? "1 s + 2 s + 4 s ..., tcp_syn_retries + 1 waits of at most 120 s"
        : "tcp_syn_linear_timeouts waits of 1 s, then 1 s + 2 s + 4 s ..., tcp_syn_retries + 1 more",
      inputs: [
        input(.synRetries, retries),
        EffectiveLimit.Input(
          SysctlKey.synLinearTimeouts.name, number(.synLinearTimeouts).map { .count($0) }),
      ])
  }

  /// How long a request that nobody completes stands in the SYN queue (claim Q2.5,
  /// reqsk_timer_handler).
  func halfOpenLifetime() -> EffectiveLimit {
    let retries = number(.synackRetries)
    let value: Reading<Quantity> = retries.flatMap { retries in
      // The request counts its timeouts in seven bits.
      guard (0...127).contains(retries) else {
        return .unreadable("tcp_synack_retries \(retries) is beyond what a request can count, 127")
      }
      return .known(Quantity(Self.synAckTimeline(retries: retries).end, .seconds))
    }
    let shortens = (retries.value ?? 0) > 2
    return EffectiveLimit(
      id: LimitID.halfOpenLifetime.rawValue, title: "a half-open connection is dropped after",
      value: value,
      formula: "1 s + 2 s + 4 s ..., tcp_synack_retries + 1 waits of at most 120 s",
      inputs: [input(.synackRetries, retries)],
      note: shortens
        ? "while the SYN queue is at most half full; beyond, old entries die after 7 s" : nil)
  }

  /// How long a dead peer of an idle connection goes unnoticed (claims Q3.3, Q4.12).
  func deadPeerTime() -> EffectiveLimit {
    let time = number(.keepaliveTime)
    let interval = number(.keepaliveInterval)
    let probes = number(.keepaliveProbes)
    let value: Reading<Quantity> = time.flatMap { time in
      interval.flatMap { interval in
        probes.flatMap { probes in
          guard time >= 0, interval >= 0, probes >= 0 else {
            return .unreadable("a negative keepalive value has no meaning as a time")
          }
          let probing = Fraction(interval).multiplied(by: Fraction(probes))
          guard let sum = probing?.adding(Fraction(time)) else {
            return .unreadable("the sum does not fit 64 bits")
          }
          return .known(Quantity(sum, .seconds))
        }
      }
    }
    return EffectiveLimit(
      id: LimitID.deadPeerTime.rawValue, title: "a dead peer is noticed after", value: value,
      formula: "tcp_keepalive_time + tcp_keepalive_probes * tcp_keepalive_intvl",
      inputs: [
        input(.keepaliveTime, time, .seconds), input(.keepaliveProbes, probes),
        input(.keepaliveInterval, interval, .seconds),
      ],
      note: probes.value == 0
        ? "with 0 probes every idle connection that asked for keepalive is reset unprobed"
        : "only on sockets that set SO_KEEPALIVE; never on others")
  }
}
