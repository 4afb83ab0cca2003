import Facts

/// The machine in one line, and what is said once about what could not be read of it.
enum HostText {
  static func line(_ report: Report) -> String {
    let host = report.host
    var parts: [String] = []
    parts.append("Linux \(host.release.value.map { $0.text.printable } ?? "of unknown release")")
    if let cpus = host.cpus.value { parts.append(Int(cpus).counted("CPU")) }
    if let memory = host.memory.value { parts.append(Units.bytes(Fraction(memory))) }
    if let uptime = host.uptime.value {
      parts.append("up \(Units.span(uptime) ?? "\(uptime.roundedDown) s")")
    }
    if host.initialNamespace.value == false {
      parts.append("a network namespace other than the initial one")
    }
    switch report.window {
    case .sinceBoot: parts.append(counters(report))
    case .interval(let seconds): parts.append("rates over \(Units.number(seconds)) s")
    }
    return parts.joined(separator: ", ")
  }

  /// Since when the counters count; a namespace's begin with it, and how long ago that was is not
  /// known: rates over the host's time are too small there.
  static func counters(_ report: Report) -> String {
    report.host.initialNamespace.value == false
      ? "counters since the namespace began" : "counters since boot"
  }

  /// Owners and units that could not be looked up, each reason once.
  static func ownerGaps(_ listeners: Reading<[ListenerQueues]>) -> [Gap] {
    var counts: [Absence: Int] = [:]
    for queues in listeners.value ?? [] {
      guard let absence = queues.listener.owner.absence, absence.kind != .notGathered else {
        continue
      }
      // A unit answers for a listener that no process holds: systemd keeps it until it is needed.
      if absence.kind == .absent, queues.listener.unit.value != nil { continue }
      counts[absence, default: 0] += 1
    }
    return counts.sorted { $0.key.reason < $1.key.reason }.map { absence, count in
      Gap(
        "owners of \(count.counted("listener"))",
        absence.reason.has("other users'") ? "\(absence.reason); root sees them" : absence.reason)
    }
  }
}

/// Facts without a value, those with the same reason together.
enum MissingText {
  static func sentence(_ missing: [NotChecked.Missing]) -> String {
    var groups: [(absence: Absence, facts: [String])] = []
    for item in missing {
      if let index = groups.firstIndex(where: { $0.absence == item.absence }) {
        groups[index].facts.append(item.fact)
      } else {
        groups.append((item.absence, [item.fact]))
      }
    }
    return groups.map { "\($0.facts.joined(separator: ", ")) \($0.absence)".printable }
      .joined(separator: "; ")
  }
}
