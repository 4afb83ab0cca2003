import Facts

extension KernelModel {
  /// When unanswered data makes the kernel look for another route (tcp_write_timeout).
  func routeCheckTime() -> EffectiveLimit {
    var limit = dataLimit(
      .routeCheckTime, .retries1, title: "unanswered data: the route is looked up again after")
    limit.note = "at the earliest; tcp_mtu_probing 1 begins to probe then; nothing is given up"
    limit.drawing = nil
    return limit
  }

  /// When unanswered data ends the connection (claim Q4.10).
  func giveUpTime() -> EffectiveLimit {
    var limit = dataLimit(
      .giveUpTime, .retries2, title: "unanswered data ends the connection after")
    limit.note = withRtoMin(
      "at the earliest; a longer round-trip time stretches it (Q4.18). TCP_USER_TIMEOUT of the"
        + " program replaces it")
    return limit
  }

  /// When a connection that the program has closed is given up (claim Q1.7).
  func orphanGiveUpTime() -> EffectiveLimit {
    let isZero = number(.orphanRetries).value == 0
    // Where the longest wait comes soon, 0 does not act as 8.
    let isCut = isZero && rtoMax.value.flatMap { Self.growingWaits(below: $0) } ?? 9 < 9
    var limit = dataLimit(
      .orphanGiveUpTime, .orphanRetries, named: isZero ? "8" : nil,
      title: "after close(), unanswered data or FIN is given up after")
    if isCut {
      limit.formula = "0.2 s + 0.4 s + 0.8 s ..., up to the first wait of tcp_rto_max_ms"
    }
    limit.note = withRtoMin(
      isCut
        ? "at the earliest; 0 acts as 8 retries only while waits are below tcp_rto_max_ms"
        : isZero ? "0 retries act as 8; at the earliest" : "at the earliest")
    return limit
  }

  /// A number of retries as the time that the kernel makes of it (tcp_model_timeout).
  private func dataLimit(
    _ id: LimitID, _ key: SysctlKey, named name: String? = nil, title: String
  ) -> EffectiveLimit {
    let retries = number(key, in: 0...255)
    let timeline = both(retries, rtoMax).map { retries, rtoMax in
      key == .orphanRetries
        ? Self.orphanTimeline(retries: retries, rtoMaxMilliseconds: rtoMax)
        : Self.dataTimeline(retries: retries, rtoMaxMilliseconds: rtoMax)
    }
    return EffectiveLimit(
      id, .givingUp, title: title, value: timeline.map { Quantity($0.end, .seconds) },
      formula:
        "0.2 s + 0.4 s + 0.8 s ..., \(name ?? String(key.lastComponent)) + 1 waits of at most"
        + " \(longestWait)",
      inputs: [input(key, number(key))] + rtoMaxInput,
      drawing: timeline.value.map {
        EffectiveLimit.Drawing(
          "segment", $0,
          ending: key == .orphanRetries
            ? "the socket is gone, nobody is told" : "the program gets ETIMEDOUT")
      })
  }

  /// tcp_rto_min_us moves the packets and not the limit: the model's first wait is a constant.
  private func withRtoMin(_ note: String) -> String {
    guard let least = number(.rtoMin).value, least != 1000 * Backoff.established else {
      return note
    }
    return note + "; tcp_rto_min_us \(least) moves the packets, the 0.2 s of the formula stay"
  }

  /// How long a connection stands whose peer answers, but has no room (tcp_probe_timer).
  func zeroWindowTime() -> EffectiveLimit {
    EffectiveLimit(
      .zeroWindowTime, .givingUp, title: "a peer that answers but opens no window is given up",
      value: .never("every answered probe starts the count again"),
      formula: "no limit while the program holds the socket",
      inputs: [input(.retries2, number(.retries2))],
      note: "TCP_USER_TIMEOUT of the program is the way to end it")
  }

  /// How long it stands once the peer of a shut window falls silent (tcp_probe_timer).
  func zeroWindowSilentTime() -> EffectiveLimit {
    let retries = number(.retries2, in: 0...255)
    let timeline = both(retries, rtoMax).map { retries, rtoMax in
      Backoff(first: Backoff.established, ceiling: rtoMax).timeline(retries: retries)
    }
    // Waits that answered probes have stretched stay as long (measured on 6.18: 5 probes at 1 s).
    let longest = both(retries, rtoMax).map {
      Fraction(milliseconds: ($0 + 1) * $1).roundedUp
    }
    return EffectiveLimit(
      .zeroWindowSilentTime, .givingUp,
      title: "a peer gone silent behind a shut window is given up after",
      value: timeline.map { Quantity($0.end, .seconds) },
      formula: "0.2 s + 0.4 s + 0.8 s ..., tcp_retries2 + 1 waits of at most \(longestWait)",
      inputs: [input(.retries2, number(.retries2))] + rtoMaxInput,
      note: longest.value.map {
        "at the earliest; waits that have grown while it still answered stay: up to \($0) s"
      })
  }
}
