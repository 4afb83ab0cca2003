import Facts

extension KernelModel {
  /// Whether poll(2) says that a send buffer has room, and a program that waits for it is woken
  /// (sk_stream_min_wspace in include/net/sock.h).
  ///
  /// - Parameters:
  ///   - queued: bytes in it, with the kernel's own share.
  ///   - most: bytes that it may hold.
  /// - Returns: whether as much is free as half of what is queued.
  public static func hasRoom(queued: Int64, of most: Int64) -> Bool { most - queued >= queued / 2 }

  /// The part of it that is still filled then.
  private static let fillWhenWoken = Fraction(inLowestTerms: 2, 3)

  /// What the largest send buffer carries: what was sent stays in it until it is acknowledged, one
  /// round trip later (tcp_sndbuf_expand in net/ipv4/tcp_input.c).
  ///
  /// Measured on 6.18.44 over 20 to 200 ms: 0.65 to 0.75 of 512 KiB to 8 MiB a round trip, 0.94 to
  /// 1.00 of 64 to 256 KiB, which leave in one burst.
  func sendThroughput(_ question: LimitQuestion) -> EffectiveLimit {
    let way = RoundTrip(question)
    let most = largest(.sendBuffer).map { Fraction($0) }
    var limit = EffectiveLimit(
      .sendThroughput, .windows, title: "what a full send buffer carries",
      value: most.flatMap { most in
        most.multiplied(by: Self.fillWhenWoken).map(way.rate) ?? RoundTrip.tooLarge
      },
      formula: "two thirds to all of tcp_wmem[2] / round-trip time",
      inputs: [
        way.input,
        EffectiveLimit.Input(
          SysctlKey.sendBuffer.name,
          numbers(.sendBuffer).map { .vector($0.map { Quantity($0, .bytes) }) }),
      ],
      note: way.note(
        "bytes stay in it, with the kernel's own share, until they are acknowledged; a program that"
          + " waits for room is woken when a third is free; SO_SNDBUF takes its place"))
    limit.valueMax = most.flatMap(way.rate).value
    limit.isRange = limit.valueMax != nil
    return limit
  }
}
