import Catalogue
public import Facts
import Pages

extension Audit {
  /// Adds what sysctl files have to do with the report: drift, who else writes, what was not read.
  func addFiles(to report: inout Report) {
    report.filesMissing = snapshot.files.absence
    if let files = snapshot.files.value {
      report.filesNotCompared = files.notCompared
      report.gaps += files.gaps
      report.drift = drift(in: files)
    }
    let keys = snapshot.writers.isEmpty ? [] : keys(of: report)
    report.writers = snapshot.writers.compactMap { writer in
      let written = keys.filter(writer.writes)
      return written.isEmpty ? nil : SysctlWriter.Touched(writer: writer, keys: written)
    }
    guard snapshot.files.value != nil else { return }
    // A fact about all files names those that it counts.
    for index in report.findings.indices where report.findings[index].subjects.isEmpty {
      report.findings[index].subjects = report.findings[index].evidence.flatMap { faulty($0.fact) }
    }
  }

  /// Adds to a plan what the next boot would make of its keys: one that holds now and would not then
  /// has to be kept by a file.
  func addDrift(to plan: inout Plan) {
    guard let files = snapshot.files.value else { return }
    let drift = drift(in: files)
    for index in plan.changes.indices {
      guard let own = drift.first(where: { $0.key == plan.changes[index].key }) else { continue }
      plan.drift.append(own)
      let change = plan.changes[index]
      guard change.outcome == .holds else { continue }
      let (boot, wanted) = (Self.numbers(own.boot), Self.numbers(change.wanted))
      plan.changes[index].isLostAtBoot =
        boot.isEmpty || boot.count != wanted.count
        ? FilesReport.Key.words(own.boot) != FilesReport.Key.words(change.wanted)
        : !zip(boot, wanted).allSatisfy { change.operator.isSatisfied(by: $0, wanting: $1) }
    }
  }

  /// Where the files' say is not known, a key that holds and is not what the kernel chooses itself is
  /// one that a file has to keep.
  public func markUnlikeDefaults(in plan: inout Plan) {
    if let files = snapshot.files.value, files.notCompared == nil { return }
    for index in plan.changes.indices where plan.changes[index].outcome == .holds {
      let change = plan.changes[index]
      let wanted = Self.numbers(change.wanted)
      guard let tunable = catalogue.tunable(change.key), !facts.isDefaultApproximate(of: tunable),
        let numbers = facts.defaultNumbers(of: tunable).value, numbers.count == wanted.count
      else { continue }
      plan.changes[index].isLostAtBoot = !zip(numbers, wanted).allSatisfy {
        change.operator.isSatisfied(by: $0, wanting: $1)
      }
    }
  }

  private static func numbers(_ text: String) -> [Int64] {
    FilesReport.Key.words(text).compactMap { Int64(String($0)) }
  }

  /// Keys whose running value is not what the next boot would set.
  private func drift(in files: FilesReport) -> [Drift] {
    guard files.notCompared == nil else { return [] }
    let named: [Drift] = files.keys.compactMap { key in
      guard let sysctl = SysctlKey(key.name), let outcome = key.loaders[files.boot],
        let boot = outcome.effective, let running = facts.running(key, sysctl).value,
        FilesReport.Key.words(running) != FilesReport.Key.words(boot)
      else { return nil }
      return Drift(
        key: sysctl, running: running, boot: boot,
        system: key.loaders[files.system]?.effective ?? running, source: outcome.source,
        writers: snapshot.writers.filter { $0.writes(sysctl) }.map(\.name))
    }
    return (named + unnamed(in: files)).sorted { $0.key < $1.key }
  }

  /// Keys that no file names, at another value than the kernel's own.
  private func unnamed(in files: FilesReport) -> [Drift] {
    guard files.knowsEveryLine else { return [] }
    // What was assumed is not changed.
    return facts.changedKeys(except: Set(files.keys.map(\.name))) { assumed[$0] == nil }.map {
      changed in
      Drift(
        key: changed.key, running: changed.running, boot: changed.standard,
        system: changed.running, source: nil,
        writers: snapshot.writers.filter { $0.writes(changed.key) }.map(\.name))
    }
  }

  /// The keys that a report speaks of: those that drifted, that findings are about, or that a remedy
  /// sets.
  private func keys(of report: Report) -> [SysctlKey] {
    guard !snapshot.writers.isEmpty else { return [] }
    var keys = Set(report.drift.map(\.key))
    for finding in report.findings {
      keys.formUnion(finding.changes.map(\.key) + finding.removals.map(\.key))
      for evidence in finding.evidence {
        switch FactName(evidence.fact) {
        case .key(let key), .element(let key, _): keys.insert(key)
        case .entry(.key):
          if case .text(let name) = evidence.value, let key = SysctlKey(name) { keys.insert(key) }
        default: break
        }
      }
      let subjects = Set(finding.subjects)
      keys.formUnion(
        (facts.entries.value ?? []).filter { subjects.contains($0.name) }.map(\.sysctl))
    }
    return keys.sorted()
  }

  /// The files that a fact about all of them counts.
  private func faulty(_ fact: String) -> [String] {
    guard case .files(let name)? = FactName(fact) else { return [] }
    let problems = snapshot.files.value?.problems ?? []
    return problems.filter { name.counts($0) }.map(\.file)
  }
}

extension FilesFact {
  /// Whether the problem is one that the fact counts.
  func counts(_ problem: FilesReport.Problem) -> Bool {
    switch self {
    case .blocking: problem.kind == "blocks-loader"
    case .unreadable:
      ["folder", "special-file", "dangling-link", "link-loop", "unread"].contains(problem.kind)
    }
  }
}
