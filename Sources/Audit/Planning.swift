import Catalogue
import Expressions
public import Facts
import KernelModel
public import Pages

extension Audit {
  /// What profiles would change on this host, key by key; nothing is written.
  ///
  /// - Parameters:
  ///   - profiles: in the order in which later ones win, each with those that it includes before it.
  ///   - skipsMissing: leave out what this host does not have instead of refusing.
  /// - Returns: the plan.
  public func plan(for profiles: [Profile], skipsMissing: Bool = false) -> Plan {
    var merger = ProfileMerger()
    for profile in profiles { merger.add(profile) }
    let asked = merger.profiles.filter { $0.includedBy == nil }
    var leaves: [String] = []
    for sentence in merger.profiles.flatMap(\.leaves) where !leaves.contains(sentence) {
      leaves.append(sentence)
    }
    var plan = Plan(
      name: asked.map(\.name).joined(separator: ", "),
      title: asked.map(\.title).joined(separator: "; "),
      members: merger.profiles.map { profile in
        Plan.Member(
          name: profile.name, title: profile.title, origin: profile.origin,
          includedBy: profile.includedBy)
      },
      changes: merger.entries.compactMap { planned($0.entry, of: $0.profile, skipsMissing) },
      overruled: merger.overruled,
      advice: leaves.map(Plan.Advice.leaves)
        + descriptorAdvice(for: merger.entries.map(\.entry.key)))
    addDrift(to: &plan)
    addSense(to: &plan)
    return plan
  }

  private func planned(
    _ entry: Profile.Entry, of profile: Profile, _ skipsMissing: Bool
  ) -> PlannedChange? {
    guard let tunable = catalogue.tunable(entry.key) else { return nil }
    var change = PlannedChange(
      key: entry.key, current: snapshot.text(of: entry.key), target: "", operator: .exactly,
      outcome: .holds, reason: entry.reason, effect: tunable.effect, restart: [],
      source: profile.place(of: entry))
    change.sizing = entry.sizing
    let wanted: KeyContent
    switch entry.operator {
    case .value(let `operator`):
      change.operator = `operator`
      wanted = entry.content
    case .defaultValue:
      change.wantsDefault = true
      switch facts.defaultContent(of: tunable) {
      case .known(let content): wanted = content
      case .missing(let absence):
        change.wanted = entry.content.text
        change.target = change.wanted
        change.outcome = .notHere(
          releaseLack(of: tunable)?.notHere ?? .defaultUnknown(absence))
        return change
      }
    }
    change.wanted = wanted.text
    change.target = change.wanted
    if let outcome = absentOutcome(of: tunable, isDefault: change.wantsDefault) {
      change.outcome = skipsMissing ? outcome.skipping : outcome
      return change
    }
    switch wanted {
    case .numbers(let numbers): plan(numbers, tunable, &change)
    case .text(let text): plan(text, tunable, isOptional: entry.isOptional, &change)
    }
    return change
  }

  /// Names or ports: as they are wanted, or as they are.
  private func plan(
    _ wanted: String, _ tunable: Tunable, isOptional: Bool, _ change: inout PlannedChange
  ) {
    switch facts.content(of: tunable) {
    case .known(let current) where current.text == wanted: return
    case .known: change.outcome = .change
    case .missing(let absence): change.outcome = .refused(.unread(absence))
    }
    guard tunable.key == .congestionControl, change.outcome == .change else { return }
    if isOptional {
      let isFirst = snapshot.host.initialNamespace.value != false
      let names = words(isFirst ? .availableCongestionControl : .allowedCongestionControl) ?? []
      if !names.contains(wanted) { change.outcome = .notHere(.unavailable(wanted, names)) }
      return
    }
    if snapshot.host.initialNamespace.value == false {
      // The root of another namespace may choose of the permitted ones only (EPERM).
      guard let allowed = words(.allowedCongestionControl), !allowed.contains(wanted) else {
        return
      }
      change.outcome = .refused(.notPermitted(wanted, allowed))
    } else if let available = words(.availableCongestionControl), !available.contains(wanted) {
      change.warnings = [.notLoaded(wanted, available)]
    }
  }

  private func words(_ key: SysctlKey) -> [String]? {
    snapshot.text(of: key).value.map { FilesReport.Key.words($0).map { String($0) } }
  }

  private func plan(_ wanted: [Int64], _ tunable: Tunable, _ change: inout PlannedChange) {
    let current: [Int64]
    switch facts.numbers(of: tunable) {
    case .known(let numbers): current = numbers
    case .missing(let absence):
      change.outcome = .refused(.unread(absence))
      return
    }
    let isAbout = change.wantsDefault && facts.isDefaultApproximate(of: tunable)
    let target = zip(current, wanted).map { now, wanted in
      let holds =
        change.operator.isSatisfied(by: now, wanting: wanted)
        || isAbout && Self.isNear(now, wanted)
      return holds ? now : wanted
    }
    change.target = Self.text(target)
    change.warnings = warnings(target, tunable)
    if let sizing = change.sizing, sizing.value < sizing.result {
      change.warnings.append(
        .senseless(
          "one connection would need \(sizing.result) for that line and way, and cannot fill it"))
    }
    guard target != current else { return }
    let range = range(of: tunable)
    let outside = target.first { !range.contains($0) }
    if let outside {
      // That it makes no sense either is nothing more.
      change.warnings = []
      change.outcome = .refused(.outsideRange(outside, range))
    } else if !tunable.elements.isEmpty, !target.isAscending {
      change.outcome = .refused(.notAscending(target))
    } else {
      change.outcome = .change
      change.restart = restart(for: tunable)
    }
  }

  private static func text(_ numbers: [Int64]) -> String {
    numbers.map(String.init).joined(separator: " ")
  }

  /// Within a tenth, which is how closely a default that depends on memory is known.
  private static func isNear(_ number: Int64, _ other: Int64) -> Bool {
    abs(Double(number) - Double(other)) <= abs(Double(other)) / 10
  }

  /// What becomes of a key that cannot be written because it is not there, nil where it is.
  ///
  /// A key that the network namespace or a module keeps from us is left out, as is one to be put
  /// back to a default that this release does not have; any other that is missing stops the plan.
  private func absentOutcome(of tunable: Tunable, isDefault: Bool) -> PlannedChange.Outcome? {
    let text = snapshot.text(of: tunable.key)
    if facts.isHiddenByNamespace(tunable) {
      return .notHere(text.value == nil ? .hostWide : .readOnlyHere)
    }
    guard case .missing(let absence) = text, absence.kind == .absent else { return nil }
    if let lack = releaseLack(of: tunable) {
      return isDefault ? .notHere(lack.notHere) : .refused(lack.refusal)
    }
    // The keys of a module come with the module.
    if tunable.key.name.hasPrefix("net.netfilter.") { return .notHere(.notLoaded(absence.reason)) }
    return .refused(.missing(absence.reason))
  }

  /// Why this release has no such key.
  private enum ReleaseLack {
    case since(KernelRelease), removedIn(KernelRelease)

    var notHere: PlannedChange.NotHere {
      switch self {
      case .since(let release): .since(release)
      case .removedIn(let release): .removedIn(release)
      }
    }

    var refusal: PlannedChange.Refusal {
      switch self {
      case .since(let release): .since(release)
      case .removedIn(let release): .removedIn(release)
      }
    }
  }

  private func releaseLack(of tunable: Tunable) -> ReleaseLack? {
    guard let release = snapshot.host.release.value else { return nil }
    if let since = tunable.since, release < since { return .since(since) }
    if let removed = tunable.removed, release >= removed { return .removedIn(removed) }
    return nil
  }

  private func range(of tunable: Tunable) -> ClosedRange<Int64> {
    snapshot.host.release.value.flatMap { tunable.range.value(for: $0) }
      ?? tunable.range.cases[0].value
  }

  private func warnings(_ numbers: [Int64], _ tunable: Tunable) -> [PlannedChange.Warning] {
    let sensible = tunable.sensible
    return numbers.filter { !sensible.contains($0) }.map {
      PlannedChange.Warning.outsideSensible($0, sensible)
    }
  }

  /// The programs that must call listen() again before the cap reaches them: those it binds now.
  private func restart(for tunable: Tunable) -> [String] {
    guard tunable.effect == .nextListen else { return [] }
    let bound = (facts.queues.value ?? []).filter { $0.acceptQueue.binding == .somaxconn }
    return Set(bound.compactMap(\.service)).sorted()
  }

  /// A connection is a descriptor: the owners' limits are shown, never written.
  private func descriptorAdvice(for keys: [SysctlKey]) -> [Plan.Advice] {
    guard keys.contains(.somaxconn) else { return [] }
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

extension PlannedChange.Outcome {
  /// The same where the user wants keys that are missing left out.
  fileprivate var skipping: Self {
    switch self {
    case .refused(.missing(let reason)): .notHere(.skipped(reason))
    case .refused(.since(let release)): .notHere(.since(release))
    case .refused(.removedIn(let release)): .notHere(.removedIn(release))
    default: self
    }
  }
}

extension SysctlKey {
  fileprivate static let congestionControl = SysctlKey(
    literal: "net.ipv4.tcp_congestion_control")
  fileprivate static let allowedCongestionControl = SysctlKey(
    literal: "net.ipv4.tcp_allowed_congestion_control")
  fileprivate static let availableCongestionControl = SysctlKey(
    literal: "net.ipv4.tcp_available_congestion_control")
}
