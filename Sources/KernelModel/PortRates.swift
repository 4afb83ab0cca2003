import Facts

extension KernelModel {
  /// New connections per second to one destination that the ports allow, when this side closes
  /// first and each port rests in TIME_WAIT (kernel-facts 3.4).
  func connectionRate() -> EffectiveLimit {
    let ports = ephemeralPorts().value
    let isReused = portReuseDelay().value.value != nil
    return EffectiveLimit(
      .connectionRate, .ports, title: "connections to one destination, no reuse",
      value: ports.flatMap { Self.rate($0.amount, over: Fraction(Self.timeWait)) },
      formula: "ports / 60 s of TIME_WAIT",
      inputs: [portsInput(ports)],
      note: "from one address of this host to one address and port, where this side closes first"
        + (isReused ? "; without ports that tcp_tw_reuse frees earlier" : ""))
  }

  /// How long a port must have been in TIME_WAIT before connect() may take it again
  /// (tcp_twsk_unique; claim Q3.6).
  func portReuseDelay() -> EffectiveLimit {
    let mode = number(.timeWaitReuse)
    let timestamps = number(.timestamps)
    let delay = reuseDelay
    let value: Reading<Quantity> = both(both(mode, timestamps), delay).flatMap { modes, delay in
      if modes.0 == 0 { return .never("tcp_tw_reuse is 0") }
      // A kernel remembers when a peer was last heard by its timestamps alone.
      if modes.1 == 0 { return .never("tcp_timestamps is 0") }
      return .known(Quantity(delay.time, .seconds))
    }
    return EffectiveLimit(
      .portReuseDelay, .ports,
      title: "connect() may take a port out of TIME_WAIT"
        + (value.absence?.kind == .never ? "" : " after"),
      value: value, formula: delay.value?.formula ?? "a constant of the release",
      inputs: [
        input(.timeWaitReuse, mode), input(.timestamps, timestamps),
      ] + delayInput,
      note: value.value == nil ? nil : reuseConditions(mode: mode.value))
  }

  /// The same rate with ports taken out of TIME_WAIT.
  func connectionRateReusing() -> EffectiveLimit {
    let ports = ephemeralPorts().value
    let delay = portReuseDelay().value
    let mode = number(.timeWaitReuse).value
    return EffectiveLimit(
      .connectionRateReusing, .ports, title: "the same where tcp_tw_reuse applies",
      value: both(ports, delay).flatMap { Self.rate($0.amount, over: $1.amount) },
      formula: "ports / seconds before a port may be taken again",
      inputs: [portsInput(ports), EffectiveLimit.Input("delay", delay.map { .quantity($0) })],
      note: mode == 2 && delay.value != nil
        ? "tcp_tw_reuse 2: to loopback addresses only; elsewhere ports / 60 s" : nil)
  }

  // MARK: Reuse by release

  /// How old a TIME_WAIT must be.
  private struct ReuseDelay {
    var time: Fraction
    var formula: String
  }

  /// The file outranks the release: distributions bring it to older ones.
  private var reuseDelay: Reading<ReuseDelay> {
    if case .known(let number) = number(.timeWaitReuseDelay) {
      return Self.checked(number, .timeWaitReuseDelay, 1...60_000).map {
        ReuseDelay(time: Fraction(milliseconds: $0), formula: "tcp_tw_reuse_delay")
      }
    }
    return release.map { release in
      release.isAtLeast(4, 19)
        ? ReuseDelay(
          time: Fraction(1),
          formula: "at most 1 s: a later whole second than the peer's last segment")
        : ReuseDelay(
          time: Fraction(2), formula: "at most 2 s: two whole seconds later than the last segment")
    }
  }

  private var delayInput: [EffectiveLimit.Input] {
    // In the kernel's own unit, as the file has it.
    guard number(.timeWaitReuseDelay).value != nil else { return [] }
    return [input(.timeWaitReuseDelay, number(.timeWaitReuseDelay))]
  }

  private func reuseConditions(mode: Int64?) -> String {
    // Up to 4.18-rc any number but 0 meant 1; since then 2 means loopback.
    let scope =
      mode == 2 && release.value?.isAtLeast(4, 18) != false
      ? "tcp_tw_reuse 2: where one address is 127/8 or ::1, or the socket is bound to lo"
      : "any destination"
    return scope + "; outgoing connections only, and both sides must use timestamps; not out of"
      + " FIN_WAIT2 since 6.12 (5.10.227, 6.1.113)"
  }

  private func portsInput(_ ports: Reading<Quantity>) -> EffectiveLimit.Input {
    EffectiveLimit.Input("ports", ports.map { .quantity($0) })
  }

  /// So many in so many seconds.
  static func rate(_ amount: Fraction, over seconds: Fraction) -> Reading<Quantity> {
    guard let rate = amount.divided(by: seconds) else {
      return .unreadable("the rate does not fit 64 bits")
    }
    return .known(Quantity(rate, .perSecond))
  }
}
