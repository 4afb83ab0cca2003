import Facts

extension KernelModel {
  /// The window scale that this side announces in a SYN (tcp_select_initial_window).
  ///
  /// - Parameters:
  ///   - receiveMost: tcp_rmem[2], bytes.
  ///   - socketMost: net.core.rmem_max, bytes.
  /// - Returns: 0 to 14.
  static func windowScale(receiveMost: Int64, socketMost: Int64) -> Int64 {
    let space = max(receiveMost, socketMost, 1)
    let log = Int64(63 - space.leadingZeroBitCount)
    return min(max(log - 15, 0), 14)
  }

  /// The scale here: 0 where windows are not scaled at all.
  private var scale: Reading<Int64> {
    both(both(receiveMost, number(.receiveMax)), number(.windowScaling, ifAbsent: 1)).map {
      $1 == 0 ? 0 : Self.windowScale(receiveMost: $0.0, socketMost: $0.1)
    }
  }

  private var receiveMost: Reading<Int64> { largest(.receiveBuffer) }

  /// The third number of a key that says how large a buffer may be: least, first, most.
  func largest(_ key: SysctlKey) -> Reading<Int64> {
    numbers(key).flatMap { numbers in
      numbers.count == 3
        ? .known(numbers[2]) : .unreadable("expected 3 numbers, found \(numbers.count)")
    }
  }

  private var windowInputs: [EffectiveLimit.Input] {
    [
      EffectiveLimit.Input(
        SysctlKey.receiveBuffer.name,
        numbers(.receiveBuffer).map { .vector($0.map { Quantity($0, .bytes) }) }),
      input(.receiveMax, number(.receiveMax), .bytes),
      input(.windowScaling, number(.windowScaling)),
    ]
  }

  /// The scale, chosen once at the handshake (claim Q2.9).
  func windowScale() -> EffectiveLimit {
    EffectiveLimit(
      .windowScale, .windows, title: "window scale chosen at the SYN",
      value: scale.map { Quantity($0) },
      formula: "log2(max(tcp_rmem[2], net.core.rmem_max)) - 15, from 0 to 14",
      inputs: windowInputs,
      note: number(.windowScaling).value == 0
        ? "tcp_window_scaling is 0: the window stays below 64 KiB"
        : "SO_RCVBUF set before the handshake caps it")
  }

  /// The largest window that the scale can express.
  func largestWindow() -> EffectiveLimit {
    EffectiveLimit(
      .largestWindow, .windows, title: "largest window that can be announced",
      value: scale.map { Quantity(65535 << $0, .bytes) }, formula: "65535 << window scale",
      inputs: [EffectiveLimit.Input("scale", scale.map { .count($0) })] + windowInputs,
      note: "what the buffer gives is less: tcp_rmem[2] bounds it, and part of it is overhead")
  }

  /// What the largest buffer leaves for a window, in bytes (tcp_win_from_space): at least, and at
  /// most.
  ///
  /// Up to 6.5 tcp_adv_win_scale says how much of the buffer is overhead. Since 6.6 each socket
  /// measures what of its memory is payload: more than half with full segments, never all of it.
  private var usableWindow: Reading<(least: Int64, most: Int64)> {
    both(both(receiveMost, scale), release).flatMap { numbers, release in
      let (buffer, scale) = numbers
      let ceiling = Int64(65535) << scale
      if release.isAtLeast(6, 6) { return .known((min(buffer / 2, ceiling), min(buffer, ceiling))) }
      return number(.advWinScale, ifAbsent: 1).flatMap { share in
        guard (-31...31).contains(share) else {
          return .unreadable("tcp_adv_win_scale \(share) is not from -31 to 31")
        }
        let window = share > 0 ? buffer - buffer >> share : buffer >> -share
        return .known((min(window, ceiling), min(window, ceiling)))
      }
    }
  }

  /// What the largest buffer carries: one window in each round trip (claim Q2.9).
  func windowThroughput(_ question: LimitQuestion) -> EffectiveLimit {
    let way = RoundTrip(question)
    let window = usableWindow
    let isMeasured = release.value?.isAtLeast(6, 6) == true
    var limit = EffectiveLimit(
      .windowThroughput, .windows, title: "what a full receive buffer carries",
      value: window.flatMap { way.rate(Fraction($0.least)) },
      formula: "min(largest window, "
        + (isMeasured
          ? "half to all of tcp_rmem[2]" : "tcp_rmem[2] - tcp_rmem[2] >> tcp_adv_win_scale")
        + ") / round-trip time",
      inputs: [way.input, EffectiveLimit.Input("scale", scale.map { .count($0) })] + windowInputs
        + (isMeasured ? [] : [input(.advWinScale, number(.advWinScale, ifAbsent: 1))]),
      note: way.note(
        isMeasured ? "how much of a buffer is payload is measured for each socket" : nil))
    if let window = window.value, window.most > window.least {
      limit.valueMax = way.rate(Fraction(window.most)).value
      limit.isRange = true
    }
    return limit
  }

  /// tcp_mem as bytes: where buffers stop growing, and where the kernel refuses.
  func memory(_ id: LimitID) -> EffectiveLimit {
    let index = id == .memoryPressure ? 1 : 2
    let pages: Reading<Int64> = numbers(.memory).flatMap { numbers in
      numbers.count == 3
        ? .known(numbers[index]) : .unreadable("expected 3 numbers, found \(numbers.count)")
    }
    return EffectiveLimit(
      id, .memory,
      title: index == 1 ? "buffers of all TCP sockets stop growing at" : "memory is refused above",
      value: pages.flatMap { pages in
        KeyUnit.pages.quantity(pages, pageSize: pageSize).map { .known($0) }
          ?? .unreadable("\(pages) pages do not fit 64 bits as bytes")
      },
      formula: "tcp_mem[\(index)] * page size",
      inputs: [
        EffectiveLimit.Input(
          SysctlKey.memory.name, numbers(.memory).map { .vector($0.map { Quantity($0) }) }),
        EffectiveLimit.Input("page_size", .known(.count(pageSize, .bytes))),
      ],
      note: index == 1
        ? "of the whole host, all namespaces together; pressure ends below tcp_mem[0]"
        : "and orphans are reset")
  }
}
