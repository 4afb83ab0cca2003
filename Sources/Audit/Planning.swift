import Catalogue
import Expressions
public import Facts
import KernelModel
public import Pages

extension Audit {
  /// What a profile would change on this host, key by key; nothing is written.
  public func plan(for profile: Profile) -> Plan {
    Plan(
      name: profile.name, title: profile.title, origin: profile.origin,
      changes: profile.entries.compactMap { planned($0, of: profile) },
      advice: profile.leaves.map(Plan.Advice.leaves) + descriptorAdvice(for: profile))
  }

  private func planned(_ entry: Profile.Entry, of profile: Profile) -> PlannedChange? {
    guard let tunable = catalogue.tunable(entry.key) else { return nil }
    var change = PlannedChange(
      key: entry.key, current: snapshot.text(of: entry.key), target: "", operator: .exactly,
      outcome: .holds, reason: entry.reason, effect: tunable.effect, restart: [],
      source:
        "\(profile.origin == "built in" ? "\(profile.name).conf" : profile.origin):\(entry.line)"
    )
    let wanted: [Int64]
    switch entry.operator {
    case .value(let `operator`):
      change.operator = `operator`
      wanted = entry.numbers
    case .defaultValue:
      switch facts.defaultNumbers(of: tunable) {
      case .known(let numbers): wanted = numbers
      case .missing(let absence):
        change.target = entry.numbers.map(String.init).joined(separator: " ")
        change.outcome = .notHere(.defaultUnknown(absence))
        return change
      }
    }
    change.target = wanted.map(String.init).joined(separator: " ")
    if let notHere = notHere(tunable) {
      change.outcome = .notHere(notHere)
      return change
    }
    let current: [Int64]
    switch facts.numbers(of: tunable) {
    case .known(let numbers): current = numbers
    case .missing(let absence):
      change.outcome = .refused(.unread(absence))
      return change
    }
    let isAbout = entry.operator == .defaultValue && facts.isDefaultApproximate(of: tunable)
    let target = zip(current, wanted).map { now, wanted in
      let holds =
        change.operator.isSatisfied(by: now, wanting: wanted)
        || isAbout && Self.isNear(now, wanted)
      return holds ? now : wanted
    }
    change.target = target.map(String.init).joined(separator: " ")
    change.warnings = warnings(target, tunable)
    guard target != current else { return change }
    let range = range(of: tunable)
    let outside = target.first { !range.contains($0) }
    change.outcome = outside.map { .refused(.outsideRange($0, range)) } ?? .change
    change.restart = restart(for: tunable)
    return change
  }

  /// Within a tenth, which is how closely a default that depends on memory is known.
  private static func isNear(_ number: Int64, _ other: Int64) -> Bool {
    abs(Double(number) - Double(other)) <= abs(Double(other)) / 10
  }

  /// Why this host or namespace has no such key, nil where it has or where it is simply missing.
  private func notHere(_ tunable: Tunable) -> PlannedChange.NotHere? {
    let text = snapshot.text(of: tunable.key)
    if facts.isHiddenByNamespace(tunable) { return text.value == nil ? .hostWide : .readOnlyHere }
    guard case .missing(let absence) = text, absence.kind == .absent else { return nil }
    if let release = snapshot.host.release.value {
      if let since = tunable.since, release < since { return .since(since) }
      if let removed = tunable.removed, release >= removed { return .removedIn(removed) }
    }
    // The keys of a module come with the module.
    return tunable.key.name.hasPrefix("net.netfilter.") ? .notLoaded(absence.reason) : nil
  }

  private func range(of tunable: Tunable) -> ClosedRange<Int64> {
    snapshot.host.release.value.flatMap { tunable.range.value(for: $0) }
      ?? tunable.range.cases[0].value
  }

  private func warnings(_ numbers: [Int64], _ tunable: Tunable) -> [PlannedChange.Warning] {
    let sensible = tunable.sensible
    var warnings = numbers.filter { !sensible.contains($0) }.map {
      PlannedChange.Warning.outsideSensible($0, sensible)
    }
    if !tunable.elements.isEmpty, zip(numbers, numbers.dropFirst()).contains(where: { $0 > $1 }) {
      warnings.append(.notAscending)
    }
    return warnings
  }

  /// The programs that must call listen() again before the cap reaches them: those it binds now.
  private func restart(for tunable: Tunable) -> [String] {
    guard tunable.effect == .nextListen else { return [] }
    return named(facts.queues.value ?? []) { $0.acceptQueue.binding == .somaxconn }
  }

  /// The services of the chosen listeners, each once, sorted.
  private func named(
    _ queues: [ListenerQueues], where isChosen: (ListenerQueues) -> Bool
  ) -> [String] {
    Set(queues.filter(isChosen).compactMap(\.service)).sorted()
  }

  /// A connection is a descriptor: the owners' limits are shown, never written.
  private func descriptorAdvice(for profile: Profile) -> [Plan.Advice] {
    guard profile.entries.contains(where: { $0.key == .somaxconn }) else { return [] }
    var limits: [String: Int64] = [:]
    for queues in facts.queues.value ?? [] {
      guard let owner = queues.listener.owner.value, let limit = owner.nofile.value,
        let name = queues.service
      else { continue }
      limits[name] = min(limit, limits[name] ?? .max)
    }
    return limits.sorted { $0.key < $1.key }.map { .descriptors(service: $0.key, limit: $0.value) }
  }
}
