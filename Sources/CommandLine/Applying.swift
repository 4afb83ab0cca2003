import Apply
import Audit
import Facts
import Glibc
import HostFS
import Rendering
import SysctlConf

/// A plan on its way into the host.
struct Applying {
  private let plan: Plan
  private let way: ApplyWay
  private let changes: Changes
  private let wish: Wish
  private var outcome: ChangeOutcome
  /// What overrides the plan later: files, and programs that write these keys.
  private let warnings: [String]

  init(
    _ plan: Plan, _ way: ApplyWay, _ preparation: Preparation, _ source: Source
  ) throws(Failure) {
    let path = "/etc/sysctl.d/\(way.fileName)"
    var plan = plan
    if way.keepsFile, source.isLive {
      preparation.audit.markUnlikeDefaults(in: &plan)
      Self.unmarkKept(&plan, path)
    }
    self.plan = plan
    self.way = way
    changes = Changes.ofThisHost()
    outcome = ChangeOutcome(isJSON: preparation.isJSON, style: preparation.style, plan: plan)
    wish = Wish(
      title: plan.name,
      keys: plan.writes.compactMap { change in
        change.current.value.map {
          Wish.Key(key: change.key, current: $0, target: change.target, source: change.source)
        }
      },
      file: way.keepsFile && source.isLive ? try Self.file(plan, path, way.fileName) : nil,
      trial: way.trial, prefersWatcher: way.prefersWatcher, isForNamespace: way.isForNamespace)
    warnings = Overriding(preparation, path).warnings(about: plan, wish.file)
  }

  /// What the file says already it need not be given.
  private static func unmarkKept(_ plan: inout Plan, _ path: String) {
    guard plan.changes.contains(where: \.isLostAtBoot),
      let bytes = try? SysctlFile.bytes(ofHostFile: path)
    else { return }
    let file = ConfFile(parsing: bytes)
    for index in plan.changes.indices where plan.changes[index].isLostAtBoot {
      guard let value = file.standingValue(of: plan.changes[index].key) else { continue }
      let isSame =
        FilesReport.Key.words(value) == FilesReport.Key.words(plan.changes[index].target)
      if isSame { plan.changes[index].isLostAtBoot = false }
    }
  }

  /// The file's body now and after, without our own lines.
  ///
  /// A file that is not ours, or was edited, is told by the preflight.
  private static func file(
    _ plan: Plan, _ path: String, _ name: String
  ) throws(Failure) -> Wish.File? {
    let entries = try PlanPatch.entries(plan)
    var before: [UInt8]?
    if let bytes = try? SysctlFile.bytes(ofHostFile: path) {
      switch OwnedText.owner(of: bytes) {
      case .ours(_, let body), .edited(_, let body): before = body
      case .foreign: before = bytes
      }
    }
    guard !entries.isEmpty else { return nil }
    let after = ConfFile(parsing: before ?? []).setting(entries)
    return Wish.File(name: name, before: before, after: after.bytes)
  }

  // MARK: Dry run

  func dryRun(_ arguments: Arguments) throws(Failure) -> Outcome {
    let hindrances =
      ApplyWay.assumed(arguments).map { [$0] }
      ?? changes.reasons(against: wish) + changes.openReasons()
    return Outcome(
      outcome.isJSON
        ? PlanJSON.render(plan, hindrances: hindrances, warnings: warnings)
        : PlanText.render(
          plan, hindrances: hindrances, warnings: warnings, style: outcome.style))
  }

  // MARK: Apply

  mutating func apply(_ arguments: Arguments, _ tool: Tool) throws(Failure) -> Outcome {
    let refusals = plan.refusals.map(PlanText.refusal)
    var reasons = changes.reasons(against: wish)
    if !refusals.isEmpty { reasons = refusals + reasons }
    guard reasons.isEmpty else { return outcome.failed(ApplyFailure(.refused, reasons)) }
    let isEmpty = wish.keys.isEmpty && wish.file.map { $0.before == $0.after } ?? true
    if way.asks, !isEmpty {
      try show(tool)
      outcome.isPlanPrinted = true
      guard Question.isYes("Write these values\(way.trial == nil ? "" : ", on trial")?") else {
        return Outcome("", .refused, remarks: ["tcptune: nothing was changed"])
      }
    }
    do throws(ApplyFailure) {
      guard let settled = try changes.begin(wish) else {
        return outcome.done(ChangeReport(.unchanged, remarks: []))
      }
      guard way.canAsk, settled.record.phase == .trial else {
        var report = ChangeOutcome.report(settled)
        report.remarks += outcome.isJSON ? [] : warnings
        return outcome.done(report)
      }
      if !outcome.isPlanPrinted {
        // What is in force does not depend on whether the plan can be printed.
        try? show(tool)
        outcome.isPlanPrinted = true
      }
      return try TrialFront(changes, outcome, settled).wait()
    } catch {
      return outcome.failed(error)
    }
  }

  /// Prints the plan before it is asked about, or before the trial is waited for.
  private func show(_ tool: Tool) throws(Failure) {
    let text = PlanText.render(plan, warnings: warnings, style: outcome.style) + "\n"
    do {
      try Streams.write(Array(text.utf8), to: STDOUT_FILENO)
    } catch {
      throw .usage("tcptune apply: standard output: \(HostFS.words(for: error.errno))")
    }
  }
}
