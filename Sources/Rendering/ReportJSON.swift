public import Facts
import JSON

/// An audit's report as JSON (design.md 6 promises the names).
public enum ReportJSON {
  /// The report as one document.
  ///
  /// - Parameters:
  ///   - report: what the audit found.
  ///   - minimum: findings below this severity are counted in the summary but not listed.
  ///   - profile: what profiles would change on the host; nil where none was asked for.
  /// - Returns: the text.
  public static func render(
    _ report: Report, minimum: Severity = .note, profile: Plan? = nil
  ) -> String {
    var members = members(of: report, minimum: minimum)
    if let profile { members["profile"] = ProfileJSON.differences(profile) }
    return JSONText.document(members)
  }

  static func members(of report: Report, minimum: Severity) -> [String: JSONValue] {
    [
      "tool": .object([
        "name": .string(ToolIdentity.name), "version": .string(ToolIdentity.version),
      ]),
      "host": host(report.host), "window": window(report.window),
      "assumed": .object(
        Dictionary(uniqueKeysWithValues: report.assumed.map { ($0.key.name, .string($0.value)) })),
      "tunables": .array(
        report.tunables.map { tunable($0, isAssumed: report.assumed[$0.key] != nil) }),
      "listeners": .array((report.listeners.value ?? []).map(QueueJSON.listener)),
      "listeners_missing": .optional(report.listeners.absence, absence),
      "sockets": SocketJSON.sockets(report.sockets),
      "connections": .optional(report.sockets.connections.value, SocketJSON.connections),
      "destinations": .optional(report.sockets.destinations.value) {
        .array($0.map(SocketJSON.destination))
      },
      "counters": .object(
        report.counts.mapValues { .optional($0.value) { .integer($0) } }),
      "limits": .array(report.limits.map(LimitJSON.limit)),
      "findings": .array(
        report.findings.filter { $0.severity >= minimum }.map(FindingJSON.finding)),
      "waived": .array(report.waived.map(WaiverJSON.waived)),
      "waivers": .array(report.waivers.map(WaiverJSON.use)),
      "not_checked": .array(report.notChecked.map(notChecked)),
      "drift": .array(report.drift.map(FileJSON.drift)),
      "writers": .array(report.writers.map(FileJSON.writer)),
      "files_missing": .optional(report.filesMissing, absence),
      "not_read": .array(
        (report.gaps + HostText.ownerGaps(report.listeners)).map {
          .object(["what": .string($0.what), "reason": .string($0.reason)])
        }),
      "summary": .object([
        "error": .integer(report.count(.error)),
        "warning": .integer(report.count(.warning)),
        "note": .integer(report.count(.note)),
        "waived": .integer(report.waived.count),
        "not_checked": .integer(report.notChecked.count),
        "rules": .integer(report.rulesApplied),
      ]),
    ]
  }

  static func host(_ host: Host) -> JSONValue {
    .object([
      "name": .optional(host.name.value, JSONValue.string),
      "kernel": .optional(host.release.value) { .string($0.text) },
      "release": .optional(host.release.value) { .string($0.description) },
      "namespace": .optional(host.initialNamespace.value) { .string($0 ? "initial" : "other") },
      "memory_bytes": .optional(host.memory.value) { .integer($0) },
      "cpus": .optional(host.cpus.value) { .integer($0) },
      "uptime_seconds": .optional(host.uptime.value, JSONValue.fraction),
    ])
  }

  static func window(_ window: Window) -> JSONValue {
    .object([
      "kind": .string(window == .sinceBoot ? "since-boot" : "interval"),
      "seconds": .optional(window.seconds, JSONValue.fraction),
    ])
  }

  static func absence(_ absence: Absence) -> JSONValue {
    .object(["missing": .string(absence.kind.rawValue), "reason": .string(absence.reason)])
  }

  private static func tunable(_ row: TunableRow, isAssumed: Bool) -> JSONValue {
    var members: [String: JSONValue] = [
      "key": .string(row.key.name),
      "value": .optional(row.value.value) { .string(Self.words($0)) },
      "source": .string(isAssumed ? "--set" : "/proc/sys/\(row.key.path)"),
    ]
    if let text = row.value.value, let numbers = Snapshot.numbers(in: text), numbers.count > 1 {
      members["values"] = .array(numbers.map { .integer($0) })
    }
    if let absence = row.value.absence {
      members["missing"] = .string(absence.kind.rawValue)
      members["reason"] = .string(absence.reason)
    }
    if let isHostWide = row.isHostWide {
      members["scope"] = .string(isHostWide ? "host" : "namespace")
    }
    if let value = row.defaultValue?.value { members["default"] = .string(value) }
    return .object(members)
  }

  /// The kernel parts numbers by tabs; one blank serves readers better.
  private static func words(_ text: String) -> String {
    text.split { $0 == "\t" }.joined(separator: " ")
  }

  private static func notChecked(_ item: NotChecked) -> JSONValue {
    .object([
      "rule": .string(item.rule), "subjects": .strings(item.subjects),
      "missing": .array(
        item.missing.map {
          .object([
            "fact": .string($0.fact), "reason": .string($0.absence.description),
            "kind": .string($0.absence.kind.rawValue),
          ])
        }),
    ])
  }
}

/// Findings as JSON.
enum FindingJSON {
  static func finding(_ finding: Finding) -> JSONValue {
    var members: [String: JSONValue] = [
      "rule": .string(finding.rule), "severity": .string(finding.severity.rawValue),
      "confidence": .string(finding.confidence.rawValue), "title": .string(finding.title),
      "subjects": .strings(finding.subjects),
      "evidence": .array(finding.evidence.map(evidence)),
      "changes": .array(finding.changes.map(change)), "since_boot": .boolean(finding.sinceBoot),
    ]
    if let act = finding.act { members["act"] = .string(act.rawValue) }
    if let remedy = finding.remedy { members["remedy"] = .string(remedy) }
    if !finding.removals.isEmpty {
      members["removals"] = .array(finding.removals.map(PlanJSON.removal))
    }
    if !finding.settings.isEmpty { members["settings"] = .strings(finding.settings) }
    return .object(members)
  }

  private static func evidence(_ item: Evidence) -> JSONValue {
    var members: [String: JSONValue] = [
      "fact": .string(item.fact), "value": .value(item.value), "source": .string(item.source),
    ]
    if let unit = JSONValue.unit(item.value) { members["unit"] = .string(unit) }
    if let subject = item.subject { members["subject"] = .string(subject) }
    return .object(members)
  }

  private static func change(_ change: ProposedChange) -> JSONValue {
    var members: [String: JSONValue] = [
      "key": .string(change.key.name), "operator": .string(change.operator.rawValue),
      "value": .string(String(change.value)), "current": .string(String(change.current)),
      "effect": .string(change.effect.rawValue), "restart": .strings(change.restart),
    ]
    if let element = change.element { members["element"] = .string(element.rawValue) }
    if let uncut = change.cutFrom { members["cut_from"] = .string(String(uncut)) }
    return .object(members)
  }
}
