public import Facts

extension AcceptQueue {
  /// Values that net.core.somaxconn has by default on some release: a listener below today's cap
  /// may have been capped by one of them (128 until 5.3, 4096 since).
  public static let formerDefaultCaps: Set<Int64> = [128, 4096]

  /// The queue after listen(2) with this backlog (claims Q1.1 and Q2.1, net/socket.c).
  ///
  /// - Parameters:
  ///   - backlog: what the program passes; a negative number stands for the cap.
  ///   - somaxconn: net.core.somaxconn at that moment.
  ///   - release: up to 3.13 the limit is kept in 16 bits and the cap is not bounded by them.
  public init(backlog: Int64, somaxconn: Int64, release: KernelRelease) {
    // The kernel compares as unsigned numbers, so that -1 asks for all there is. Both are C ints.
    let cap = min(somaxconn, Int64(Int32.max))
    let takesBacklog = backlog >= 0 && backlog <= cap
    let asked = takesBacklog ? backlog : max(0, cap)
    let limit = release.isAtLeast(3, 14) ? asked : asked & 0xffff
    self.init(
      limit: limit, capacity: limit + 1, binding: takesBacklog ? .backlog : .somaxconn,
      certain: true)
  }

  /// The queue of a socket that listens already: only the minimum's result can be seen.
  ///
  /// - Parameters:
  ///   - limit: `idiag_wqueue` of the LISTEN dump.
  ///   - somaxconn: net.core.somaxconn now, nil where it could not be read.
  ///   - formerCaps: values that the cap may have had when the program called listen().
  public init(
    observed limit: Int64, somaxconn: Int64?, formerCaps: Set<Int64> = formerDefaultCaps
  ) {
    let binding: Binding
    let certain: Bool
    switch somaxconn {
    case .none: (binding, certain) = (.none, false)
    case .some(let cap) where limit > cap: (binding, certain) = (.backlog, true)
    case .some(limit): (binding, certain) = (.somaxconn, false)
    case .some: (binding, certain) = (.backlog, !formerCaps.contains(limit))
    }
    self.init(limit: limit, capacity: limit + 1, binding: binding, certain: certain)
  }
}
