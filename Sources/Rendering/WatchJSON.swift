public import Facts
import JSON

/// What was seen of a host as JSON: one object on one line for each sample.
public enum WatchJSON {
  /// The line of the last sample.
  ///
  /// Listeners whose queue is empty and that dropped nothing are counted, not listed.
  public static func line(_ watched: Watched) -> String {
    let busy = (watched.listeners.value ?? []).filter { item in
      item.queues.listener.length > 0 || item.dropRate.value ?? Fraction(0) > Fraction(0)
    }
    return JSONValue.object([
      "format_version": .string(JSONText.formatVersion),
      "time": .string(Moment.text(watched.moment)), "sample": .integer(watched.samples),
      "interval_seconds": .optional(watched.interval, JSONValue.fraction),
      "listener_count": .optional(watched.listeners.value) { .integer($0.count) },
      "listeners": .array(busy.map(listener)),
      "listeners_missing": .optional(watched.listeners.absence, ReportJSON.absence),
      "counters": .object(
        Dictionary(uniqueKeysWithValues: watched.counters.map { ($0.name, .integer($0.growth)) })),
      "gauges": gauges(watched.gauges),
      "findings": .array(watched.findings.filter { $0.goneFor == nil }.map(finding)),
      "events": .array(watched.events.map(event)),
      "summary": .object([
        "error": .integer(watched.count(.error)), "warning": .integer(watched.count(.warning)),
        "note": .integer(watched.count(.note)), "not_checked": .integer(watched.undecided),
      ]),
    ]).line
  }

  private static func listener(_ item: WatchedListener) -> JSONValue {
    let listener = item.queues.listener
    return .object([
      "listener": .string(listener.name), "cookie": .string(String(listener.cookie)),
      "unit": .optional(listener.unit.value, JSONValue.string),
      "process": .optional(listener.owner.value?.name.value, JSONValue.string),
      "pid": .optional(listener.owner.value?.pid) { .integer($0) },
      "length": .integer(listener.length), "limit": .integer(listener.limit),
      "peak": .integer(item.peak), "full": .boolean(item.isFull),
      "drops_per_second": .optional(item.dropRate.value, JSONValue.fraction),
      "syn_recv": .optional(item.queues.synLength.value) { .integer($0) },
    ])
  }

  private static func gauges(_ gauges: Watched.Gauges) -> JSONValue {
    let count: (Int64) -> JSONValue = { .integer($0) }
    return .object([
      "established": .optional(gauges.established.value, count),
      "time_wait": .optional(gauges.timeWait.value, count),
      "half_open": .optional(gauges.halfOpen.value, count),
      "opened_per_second": .optional(gauges.opened.value, JSONValue.fraction),
      "listen_drops_per_second": .optional(gauges.dropped.value, JSONValue.fraction),
      "syncookies_per_second": .optional(gauges.cookies.value, JSONValue.fraction),
      "retransmits_per_second": .optional(gauges.retransmitted.value, JSONValue.fraction),
    ])
  }

  private static func finding(_ item: WatchedFinding) -> JSONValue {
    .object([
      "rule": .string(item.finding.rule), "severity": .string(item.finding.severity.rawValue),
      "title": .string(item.finding.title), "subjects": .strings(item.finding.subjects),
      "since": .string(Moment.text(item.since)),
    ])
  }

  private static func event(_ event: WatchEvent) -> JSONValue {
    let (name, members): (String, [String: JSONValue]) =
      switch event {
      case .findingAppeared(let finding):
        (
          "finding-appeared",
          ["rule": .string(finding.rule), "severity": .string(finding.severity.rawValue)]
        )
      case .findingWent(let finding, let after):
        (
          "finding-went", ["rule": .string(finding.rule), "after_milliseconds": .integer(after)]
        )
      case .overflowBegan(let item): ("overflow-began", listenerName(item.queues.listener))
      case .overflowEnded(let item): ("overflow-ended", listenerName(item.queues.listener))
      case .listenerCame(let listener): ("listener-came", listenerName(listener))
      case .listenerWent(let listener): ("listener-went", listenerName(listener))
      case .countersReset: ("counters-reset", [:])
      }
    return .object(members.merging(["event": .string(name)]) { first, _ in first })
  }

  private static func listenerName(_ listener: Listener) -> [String: JSONValue] {
    ["listener": .string(listener.name), "cookie": .string(String(listener.cookie))]
  }
}
