public import Facts
import JSON

/// The saved form of a snapshot: one JSON document.
public enum SnapshotFile {
  /// The version of the form that this program writes; a later minor one is read too.
  static let formatVersion = "1.0"

  /// The document of a snapshot; keys are sorted, so that two can be compared as text.
  public static func text(_ snapshot: Snapshot) -> String {
    var members: [String: JSONValue] = [
      "format_version": .string(formatVersion),
      "tool": .object([
        "name": .string(ToolIdentity.name), "version": .string(ToolIdentity.version),
      ]),
      "host": host(snapshot.host), "window": window(snapshot.window),
      "tunables": .array(
        snapshot.tunables.sorted { $0.key < $1.key }.map { key, value in
          .object(["key": .string(key.name), "value": reading(value, JSONValue.string)])
        }),
      "counters": counters(snapshot.counters),
      "listeners": reading(snapshot.listeners) { .array($0.map(listener)) },
      "walk": reading(snapshot.walk, attached),
      "states": reading(snapshot.states, states),
      "connections": reading(snapshot.connections, connections),
      "destinations": reading(snapshot.destinations) { .array($0.map(destination)) },
      "files": reading(snapshot.files, files),
      "writers": .array(snapshot.writers.map(writer)),
      "gaps": .array(
        snapshot.gaps.map { .object(["what": .string($0.what), "reason": .string($0.reason)]) }),
    ]
    if let before = snapshot.countersBefore { members["counters_before"] = counters(before) }
    return JSONValue.object(members).text
  }

  /// The value, or an object that says what is missing and why.
  static func reading<Wrapped>(
    _ reading: Reading<Wrapped>, _ json: (Wrapped) -> JSONValue
  ) -> JSONValue {
    switch reading {
    case .known(let value): json(value)
    case .missing(let absence): self.absence(absence)
    }
  }

  static func absence(_ absence: Absence) -> JSONValue {
    .object(["missing": .string(absence.kind.rawValue), "reason": .string(absence.reason)])
  }

  private static func host(_ host: Host) -> JSONValue {
    .object([
      "name": reading(host.name, JSONValue.string),
      "kernel": reading(host.release) { .string($0.text) },
      "release": reading(host.release) { .string($0.description) },
      "memory_bytes": reading(host.memory) { .integer($0) },
      "cpus": reading(host.cpus) { .integer($0) },
      "uptime_seconds": reading(host.uptime, fraction),
      "page_size": .integer(host.pageSize),
      "ehash": reading(host.ehash) { .integer($0) },
      "initial_namespace": reading(host.initialNamespace, JSONValue.boolean),
      "network_namespace": reading(host.namespace, JSONValue.string),
      "boot_id": reading(host.bootID, JSONValue.string),
    ])
  }

  private static func window(_ window: Window) -> JSONValue {
    .object([
      "kind": .string(window == .sinceBoot ? "since-boot" : "interval"),
      "seconds": .optional(window.seconds, fraction),
    ])
  }

  /// As many decimal places as are read back (``Fraction/init(decimal:)``).
  private static let mostPlaces = 18

  /// A time, exactly: files and clocks give decimals.
  private static func fraction(_ fraction: Fraction) -> JSONValue {
    if let whole = fraction.whole { return .integer(whole) }
    let below = UInt64(fraction.denominator)
    var (number, rest) = fraction.numerator.magnitude.quotientAndRemainder(dividingBy: below)
    var text = "\(fraction.numerator < 0 ? "-" : "")\(number)."
    for _ in 1...mostPlaces where rest > 0 {
      (number, rest) = below.dividingFullWidth(rest.multipliedFullWidth(by: 10))
      text += "\(number)"
    }
    return .number(text)
  }

  private static func counters(_ table: CounterTable) -> JSONValue {
    .object([
      "values": .object(table.values.mapValues { .integer($0) }),
      "missing": .object(table.missing.mapValues(absence)),
    ])
  }

  private static func listener(_ listener: Listener) -> JSONValue {
    var members: [String: JSONValue] = [
      "address": .string(listener.address), "port": .integer(listener.port),
      "family": .string(listener.family.rawValue), "length": .integer(listener.length),
      "limit": .integer(listener.limit), "drops": reading(listener.drops) { .integer($0) },
      // Readers that keep numbers as floating-point would lose the low bits of these.
      "cookie": .string(String(listener.cookie)),
      "cgroup_id": reading(listener.cgroup) { .string(String($0)) },
      "inode": .integer(listener.inode), "uid": .integer(listener.uid),
      "unit": reading(listener.unit, JSONValue.string), "owner": reading(listener.owner, owner),
      "attached": reading(listener.attached, attached),
    ]
    if let sampling = listener.sampling {
      members["sampling"] = .object([
        "peak": .integer(sampling.peak), "samples": .integer(sampling.samples),
        "full_samples": .integer(sampling.fullSamples),
        "drops_before": reading(sampling.dropsBefore) { .integer($0) },
      ])
    }
    return .object(members)
  }

  private static func attached(_ counts: Listener.Attached) -> JSONValue {
    .object([
      "syn_recv": .integer(counts.synRecv),
      "close_wait_unaccepted": .integer(counts.closeWaitUnaccepted),
      "close_wait_held": .integer(counts.closeWaitHeld),
    ])
  }

  private static func states(_ states: StateCounts) -> JSONValue {
    .object(
      Dictionary(uniqueKeysWithValues: states.counts.map { ($0.key.name, .integer($0.value)) }))
  }

  private static func connections(_ counts: ConnectionCounts) -> JSONValue {
    .object([
      "established": .integer(counts.established),
      "unread": reading(counts.unread) { .integer($0) },
      "unacknowledged": reading(counts.unacknowledged) { .integer($0) },
      "syn_sent_retrying": .integer(counts.synSentRetrying),
      "keepalive": .integer(counts.keepalive), "timerless": .integer(counts.timerless),
    ])
  }

  private static func destination(_ destination: Destination) -> JSONValue {
    .object([
      "address": .string(destination.address), "port": .integer(destination.port),
      "local_ports": .integer(destination.localPorts),
      "time_wait": .integer(destination.timeWait),
    ])
  }

  private static func owner(_ owner: Listener.Owner) -> JSONValue {
    .object([
      "pid": .integer(owner.pid), "name": reading(owner.name, JSONValue.string),
      "nofile": reading(owner.nofile) { .integer($0) },
      "holders": reading(owner.holders) { .integer($0) },
    ])
  }
}
