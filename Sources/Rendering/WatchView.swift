public import Facts

/// How a screen is looked at: what keys and terminal chose.
public struct WatchView: Equatable, Sendable {
  /// Which listeners stand first.
  public enum Order: String, CaseIterable, Sendable {
    /// Full ones, then by how full they were lately.
    case busiest
    /// By drops a second.
    case drops
    /// By port.
    case port
  }

  /// The screen's columns.
  public var columns: Int
  /// The screen's rows.
  public var rows: Int
  /// Which listeners stand first.
  public var order: Order
  /// Whether the screen stands still.
  public var isPaused: Bool
  /// Whether the terminal shows UTF-8.
  public var isUnicode: Bool
  /// Seconds from sample to sample.
  public var interval: Fraction
  /// Milliseconds since 1970 of the first sample.
  public var start: Int64
  /// Whether somebody can press keys.
  public var hasKeys: Bool

  /// A view of a screen of that size.
  public init(
    columns: Int, rows: Int, isUnicode: Bool, interval: Fraction, start: Int64,
    hasKeys: Bool = true
  ) {
    self.columns = columns
    self.rows = rows
    self.isUnicode = isUnicode
    self.interval = interval
    self.start = start
    self.hasKeys = hasKeys
    order = .busiest
    isPaused = false
  }
}

extension WatchedListener {
  /// How many samples count as lately: a listener that was busy once does not stand first for good.
  private static let lately = 10

  /// The fullest that it was lately.
  var recentOccupancy: Double { occupancy(lengths.suffix(Self.lately).max() ?? 0) }
}

extension [WatchedListener] {
  /// The members of each SO_REUSEPORT group as one row: the fullest of them, with the drops and the
  /// highest queues of all.
  ///
  /// The kernel spreads connections over them, and one program has them all.
  var grouped: [WatchedListener] {
    guard contains(where: { $0.queues.groupSize > 1 }) else { return self }
    var rows: [WatchedListener] = []
    var places: [String: Int] = [:]
    for item in self {
      let name = item.queues.listener.name
      if item.queues.groupSize > 1, let place = places[name] {
        rows[place].join(item)
      } else {
        places[name] = rows.count
        rows.append(item)
      }
    }
    return rows
  }
}

extension WatchedListener {
  /// Takes another member of the group into the row.
  fileprivate mutating func join(_ other: WatchedListener) {
    var both = lengths.count >= other.lengths.count ? lengths : other.lengths
    let less = lengths.count >= other.lengths.count ? other.lengths : lengths
    for (index, length) in zip(both.indices.suffix(less.count), less) {
      both[index] = max(both[index], length)
    }
    let rates = [dropRate, other.dropRate].compactMap { $0.value }
    let sum = rates.count == 2 ? rates[0].adding(rates[1]) : rates.first
    let length = queues.listener.length
    if other.occupancy(other.queues.listener.length) > occupancy(length) { queues = other.queues }
    lengths = both
    peak = max(peak, other.peak)
    if let sum { dropRate = .known(sum) }
  }
}

extension WatchView.Order {
  /// The first listeners in this order, so many at most.
  func first(_ count: Int, of listeners: [WatchedListener]) -> [WatchedListener] {
    struct Rank {
      var isFull: Bool
      var occupancy: Double
      var drops: Double
      var index: Int
    }
    let ranks = listeners.enumerated().map { index, item in
      Rank(
        isFull: item.isFull, occupancy: item.recentOccupancy,
        drops: item.dropRate.value?.double ?? 0, index: index)
    }
    let isBefore: (Rank, Rank) -> Bool = { a, b in
      if self == .drops, a.drops != b.drops { return a.drops > b.drops }
      if self != .port {
        if a.isFull != b.isFull { return a.isFull }
        if a.occupancy != b.occupancy { return a.occupancy > b.occupancy }
        if a.drops != b.drops { return a.drops > b.drops }
      }
      let (first, second) = (listeners[a.index].queues.listener, listeners[b.index].queues.listener)
      return (first.port, first.address, first.cookie)
        < (second.port, second.address, second.cookie)
    }
    return ranks.sorted(by: isBefore).prefix(max(0, count)).map { listeners[$0.index] }
  }
}

/// Numbers as a screen shows them: short, and steady in width.
enum WatchNumbers {
  /// Something a second, without its unit.
  static func rate(_ rate: Fraction) -> String {
    let value = rate.double
    if value == 0 { return "0" }
    if value < 9.95 {
      let tenths = Int((value * 10).rounded())
      return tenths == 0
        ? "<0.1" : tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
    return count(Int64(min(value.rounded(), 9e18)))
  }

  /// A number, in thousands and so on when it is long.
  static func count(_ number: Int64) -> String {
    for (unit, size) in [("G", 1_000_000_000), ("M", 1_000_000), ("k", 1000)] as [(String, Int64)]
    where number.magnitude >= UInt64(size) * 100 {
      return "\(number / size)\(unit)"
    }
    return String(number)
  }

  /// A length of time in milliseconds.
  static func time(_ milliseconds: Int64) -> String {
    let seconds = max(0, milliseconds) / 1000
    return Units.span(Fraction(seconds)) ?? "\(seconds) s"
  }
}
