public import Facts
import JSON

/// What was seen of a host as lines, for a file or a pipe: one for each sample and each event.
public enum WatchLines {
  /// The lines of the last sample.
  public static func text(_ watched: Watched) -> String {
    let time = Moment.text(watched.moment)
    var text = ""
    for event in watched.events { text += "\(time) \(words(event))\n" }
    return text + "\(time) \(sample(watched))\n"
  }

  private static func sample(_ watched: Watched) -> String {
    var parts: [String] = []
    switch watched.listeners {
    case .missing(let absence): parts.append("listeners \(absence)".printable)
    case .known(let listeners):
      parts.append(listeners.count.counted("listener"))
      // By place: a listener is much to copy.
      let waiting = listeners.indices.filter { listeners[$0].queues.listener.length > 0 }
      let fullest = waiting.max {
        listeners[$0].occupancy(listeners[$0].queues.listener.length)
          < listeners[$1].occupancy(listeners[$1].queues.listener.length)
      }
      if let listener = fullest.map({ listeners[$0].queues.listener }) {
        parts.append("fullest \(listener.name.printable) \(listener.length)/\(listener.limit)")
      }
    }
    if watched.samples > 1 {
      for (name, rate) in [
        ("drops", watched.gauges.dropped), ("opened", watched.gauges.opened),
        ("cookies", watched.gauges.cookies), ("resent", watched.gauges.retransmitted),
      ] {
        parts.append("\(name) \(rate.value.map { WatchNumbers.rate($0) + "/s" } ?? "?")")
      }
    }
    if let halfOpen = watched.gauges.halfOpen.value { parts.append("half-open \(halfOpen)") }
    parts.append("established \(watched.gauges.established.value.map(String.init) ?? "?")")
    for severity in Severity.allCases.reversed() where watched.count(severity) > 0 {
      parts.append(watched.count(severity).counted(severity.rawValue))
    }
    return parts.joined(separator: ", ")
  }

  private static func words(_ event: WatchEvent) -> String {
    switch event {
    case .findingAppeared(let finding):
      let subjects = finding.subjects.map(\.printable).joined(separator: ", ")
      return "\(finding.severity.rawValue)[\(finding.rule)]: \(finding.title)"
        + (subjects.isEmpty ? "" : " (\(subjects))")
    case .findingWent(let finding, let after):
      return "gone after \(WatchNumbers.time(after)): \(finding.rule)"
    case .overflowBegan(let item):
      let listener = item.queues.listener
      let service = ListenerTable.service(listener)
      return "\(listener.name.printable)\(service == "-" ? "" : " \(service)") is full:"
        + " \(listener.length)/\(listener.limit)"
    case .overflowEnded(let item):
      let listener = item.queues.listener
      // Full is one more than the limit: a queue that stands at it takes one connection.
      return
        "\(listener.name.printable) is not full any more: \(listener.length)/\(listener.limit),"
        + " room for \(item.queues.acceptQueue.capacity - listener.length)"
    case .listenerCame(let listener): return "\(listener.name.printable) begins to listen"
    case .listenerWent(let listener): return "\(listener.name.printable) listens no more"
    case .countersReset: return "counters are smaller than before: they were reset"
    }
  }
}

/// Moments as text.
enum Moment {
  /// A time in milliseconds since 1970 as ISO 8601, UTC: `2026-01-31T12:00:00.500Z`; whole seconds
  /// have no places.
  static func text(_ milliseconds: Int64) -> String {
    let (days, time) = quotient(milliseconds, 86_400_000)
    let two: (Int64) -> String = { $0 < 10 ? "0\($0)" : "\($0)" }
    // Years are counted from a first of March, so that a leap day is the last of its year.
    let (era, day) = quotient(days + 719_468, 146_097)
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    let date =
      "\(era * 400 + year + (month <= 2 ? 1 : 0))-\(two(month))-"
      + two(dayOfYear - (153 * march + 2) / 5 + 1)
    let (seconds, rest) = quotient(time, 1000)
    let digits = rest == 0 ? "" : ".\(String(1000 + rest).dropFirst())"
    return "\(date)T\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))\(digits)Z"
  }

  /// Rounded down, also below zero.
  private static func quotient(_ number: Int64, _ divisor: Int64) -> (Int64, Int64) {
    let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }
}
