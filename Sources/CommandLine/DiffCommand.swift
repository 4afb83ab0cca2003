import Audit
import Catalogue
import Facts
import HostFS
import Pages
import Rendering
import SysctlConf

extension Command {
  static let diff = Command(
    name: "diff",
    summary: "The remedies, or a profile, as a patch of /etc/sysctl.d/99-tcptune.conf.",
    options: [
      .profile, .skipMissing, .against, .rule, .window, .since, .walk, .connections, .noOwners,
    ] + Option.sizes + Option.reading
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("diff")
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    let wish = try PlanWish(arguments, catalogue, isForFindings: !arguments.has(.profile))
    let source = try Source(arguments)
    let target = try SysctlFile(arguments.value(.against), of: source)
    let preparation = try Preparation(
      arguments, tool, effort: wish.effort(arguments), catalogue: catalogue)
    let plan = wish.plan(preparation.audit)
    let patch = try PlanPatch(plan, target, source)
    let status: ExitStatus = patch.isEmpty ? .done : .findings
    let remarks = patch.remarks(
      isElsewhere: preparation.audit.snapshot.host.initialNamespace.value == false)
    if preparation.isJSON {
      let document = DiffJSON.render(
        sections: patch.sections.map { section in
          DiffJSON.Section(
            file: section.file.path, diff: String(decoding: section.diff.bytes, as: UTF8.self))
        }, plan: plan, remarks: remarks)
      return Outcome(document, status, remarks: remarks.map { "tcptune: \($0)" })
    }
    return Outcome(bytes: patch.bytes, status, remarks: remarks.map { "tcptune: \($0)" })
  }
}

/// A plan as a patch: the file that keys are set in, then those that lines are taken out of.
struct PlanPatch {
  let plan: Plan
  private let target: SysctlFile
  /// Each file with its difference, the target first.
  let sections: [(file: SysctlFile, diff: UnifiedDiff)]
  /// Removals that are not shown: the file is not what it was, or is not known.
  private let stale: [Removal]

  init(_ plan: Plan, _ target: SysctlFile, _ source: Source) throws(Failure) {
    var groups: [(file: SysctlFile, removals: [Removal])] = [(target, [])]
    for removal in plan.removals {
      let file = try SysctlFile(onHost: removal.file, of: source)
      if let same = groups.firstIndex(where: { $0.file.isSame(as: file) }) {
        groups[same].removals.append(removal)
      } else {
        groups.append((file, [removal]))
      }
    }
    let entries = try Self.entries(plan)
    var sections: [(file: SysctlFile, diff: UnifiedDiff)] = []
    var stale: [Removal] = []
    for (index, group) in groups.enumerated() {
      let (diff, left) = group.file.diff(
        setting: index == 0 ? entries : [], removing: group.removals)
      sections.append((group.file, diff))
      stale += left
    }
    self.plan = plan
    self.target = target
    self.sections = sections
    self.stale = stale
  }

  /// Each key with its reason, where it comes from and when it begins to matter.
  static func entries(_ plan: Plan) throws(Failure) -> [ConfEntry] {
    var entries: [ConfEntry] = []
    for change in plan.kept {
      let effect = "takes effect \(PlanText.effect(of: change))"
      let comments =
        plan.members.isEmpty
        ? ["\(change.reason) (tcptune explain \(change.source))", effect]
        : [PlanText.reason(of: change), "from \(change.source), \(effect)"]
      do {
        entries.append(
          try ConfEntry(key: change.key, value: change.target, comments: comments))
      } catch {
        throw .refused("diff: \(error.message)")
      }
    }
    return entries
  }

  var isEmpty: Bool { sections.allSatisfy(\.diff.isEmpty) }

  var bytes: [UInt8] { sections.flatMap(\.diff.bytes) }

  // MARK: Remarks

  /// What is said beside the patch, so that standard output is a patch and nothing else.
  ///
  /// `isElsewhere`: the values are of another network namespace than the first.
  func remarks(isElsewhere: Bool) -> [String] {
    var lines: [String] = []
    if !plan.members.isEmpty { lines.append("profile: \(PlanText.members(plan))") }
    let sets = sections.first.map { !$0.diff.isEmpty } ?? false
    if isElsewhere, sets {
      lines.append(
        "these values are meant for this network namespace, and files are read at boot for"
          + " the host's: set them with sysctl -w, and for good where the namespace is made")
    }
    if plan.kept.isEmpty {
      lines.append(
        plan.members.isEmpty
          ? "no finding asks for another value" : "the profile asks for no other value")
    } else if !sets {
      lines.append(
        "\(target.path) has these values already; the running ones differ: sysctl -p \(target.path)"
      )
    } else if target.isUnknown {
      lines.append(
        "a saved host's files are not known: the patch makes \(target.path); --against FILE names"
          + " a copy of it")
    } else if target.isNew {
      lines.append("\(target.path) does not exist yet; the patch makes it")
    }
    lines += plan.conflicts.map { "conflict: \(PlanText.sentence($0))" }
    lines += plan.overruled.map { "conflict: \(PlanText.sentence($0))" }
    for change in plan.changes {
      switch change.outcome {
      case .notHere(let reason):
        lines.append("\(change.key): not here: \(PlanText.text(reason))")
      case .refused(let refusal):
        lines.append(
          "\(change.key): left out, apply would refuse: \(PlanText.text(refusal))")
      case .change:
        lines += change.warnings.map { "warning: \(change.key): \(PlanText.text($0))" }
      case .holds: break
      }
    }
    lines += removalRemarks
    lines += plan.advice.map { "not written by us: \(PlanText.text($0))" }
    return lines
  }

  private var removalRemarks: [String] {
    let shown = plan.removals.filter { !stale.contains($0) }
    return shown.map {
      "\(PlanText.sentence($0)): for whoever keeps the file; apply never takes lines out"
    }
      + stale.map {
        "\($0.file):\($0.line): not shown: the line does not set \($0.key) any more, or the file"
          + " is not known"
      }
  }
}
