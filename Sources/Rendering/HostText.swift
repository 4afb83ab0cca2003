import Facts

/// The machine in one line, and what is said once about what could not be read of it.
enum HostText {
  static func line(_ report: Report) -> String {
    let host = report.host
    var parts: [String] = []
    parts.append("Linux \(host.release.value.map { $0.text.printable } ?? "of unknown release")")
    if let cpus = host.cpus.value { parts.append(Int(cpus).counted("CPU")) }
    if let memory = host.memory.value { parts.append(Units.bytes(Fraction(memory))) }
    if let uptime = host.uptime.value, let span = Units.span(uptime) { parts.append("up \(span)") }
    if host.initialNamespace.value == false {
      parts.append("a network namespace other than the initial one")
    }
    switch report.window {
    case .sinceBoot: parts.append("counters since boot")
    case .interval(let seconds): parts.append("rates over \(Units.number(seconds)) s")
    }
    return parts.joined(separator: ", ")
  }

  /// Owners and units that could not be looked up, each reason once.
  static func ownerGaps(_ report: Report) -> [Gap] {
    var counts: [String: Int] = [:]
    for queues in report.listeners.value ?? [] {
      guard let absence = queues.listener.owner.absence, absence.kind == .unreadable else {
        continue
      }
      counts[absence.reason, default: 0] += 1
    }
    return counts.sorted { $0.key < $1.key }.map { reason, count in
      Gap("owners of \(count.counted("listener"))", "\(reason); root sees them")
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
