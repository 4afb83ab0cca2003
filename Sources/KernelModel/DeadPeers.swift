import Facts

extension KernelModel {
  /// How long a dead peer of an idle connection goes unnoticed with keepalive (claims Q3.3, Q4.12).
  func deadPeerTime() -> EffectiveLimit {
    let time = number(.keepaliveTime)
    let interval = number(.keepaliveInterval)
    let probes = number(.keepaliveProbes)
    let numbers = both(both(time, interval), probes)
    let value: Reading<Quantity> = numbers.flatMap { times, probes in
      guard times.0 >= 0, times.1 >= 0, probes >= 0 else {
        return .unreadable("a negative keepalive value has no meaning as a time")
      }
      guard let sum = Self.deadPeerSeconds(time: times.0, interval: times.1, probes: probes) else {
        return .unreadable("the sum does not fit 64 bits")
      }
      return .known(Quantity(sum, .seconds))
    }
    var limit = EffectiveLimit(
      .deadPeerTime, .deadPeers, title: "a dead peer is noticed after", value: value,
      formula: "tcp_keepalive_time + tcp_keepalive_probes * tcp_keepalive_intvl",
      inputs: [
        input(.keepaliveTime, time, .seconds), input(.keepaliveProbes, probes),
        input(.keepaliveInterval, interval, .seconds),
      ],
      note: keepaliveNote(time: time.value, interval: interval.value, probes: probes.value))
    // The kernel keeps the number of probes in eight bits; a longer list would say no more.
    if value.value != nil, let (times, probes) = numbers.value, probes <= 255 {
      limit.drawing = Self.keepaliveTimeline(time: times.0, interval: times.1, probes: probes).map {
        EffectiveLimit.Drawing(
          "probe", $0, ending: probes == 0 ? "RST, unprobed" : "the program gets ETIMEDOUT")
      }
    }
    return limit
  }

  private func keepaliveNote(time: Int64?, interval: Int64?, probes: Int64?) -> String {
    if probes == 0 {
      return "with 0 probes every idle connection that asked for keepalive is reset unprobed"
    }
    let note =
      "only on sockets that set SO_KEEPALIVE, whose TCP_KEEPIDLE, TCP_KEEPINTVL and"
      + " TCP_KEEPCNT override; an armed timer is not shortened"
    guard let time, let interval, interval > time else { return note }
    // Measured on 6.18: a live peer's answers do not bring the next probe nearer.
    return note + "; a living peer is probed every \(interval) s, the longer of time and intvl"
  }

  /// The same on a connection whose program did not ask for keepalive (claim Q4.11).
  func deadPeerTimeUnasked() -> EffectiveLimit {
    EffectiveLimit(
      .deadPeerTimeUnasked, .deadPeers,
      title: "without SO_KEEPALIVE, a dead peer is noticed on an idle connection",
      value: .never("nothing is sent, so nothing goes unanswered"),
      formula: "no timer runs on an idle connection",
      inputs: [],
      note: "data that the program sends is what finds out: 'unanswered data ends the connection'")
  }
}
