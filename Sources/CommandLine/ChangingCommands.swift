import Audit
import Catalogue
import Facts
import Glibc
import HostFS
import Pages
import Rendering
import SysctlConf

extension Command {
  static let diff = Command(
    name: "diff", summary: "The remedies as a patch of /etc/sysctl.d/99-tcptune.conf.",
    options: [.against, .rule, .window, .since, .walk, .connections, .noOwners] + Option.reading
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("diff")
    let preparation = try Preparation(arguments, tool, effort: Effort(arguments))
    let rules = preparation.catalogue.pages.rules.map(\.id)
    if let rule = arguments.value(.rule), !rules.contains(rule) {
      throw .usage(
        "--rule: expected the id of a rule, found '\(rule)'"
          + Failure.hint(Spelling.nearest(to: rule, among: rules)))
    }
    let report = preparation.audit.report(isComplete: false)
    let plan = preparation.audit.plan(for: report.findings, onlyOf: arguments.value(.rule))
    let file = try TargetFile(arguments.value(.against))
    let diff = file.diff(setting: plan.writes)
    let status: ExitStatus = diff.isEmpty ? .done : .findings
    if preparation.isJSON {
      return Outcome(
        DiffJSON.render(
          diff: String(decoding: diff.bytes, as: UTF8.self), file: file.path, plan: plan), status)
    }
    return Outcome(
      bytes: diff.bytes, status,
      remarks: DiffRemarks.lines(
        plan, file, isEmpty: diff.isEmpty,
        isElsewhere: preparation.audit.snapshot.host.initialNamespace.value == false))
  }

  static let apply = Command(
    name: "apply", operands: "--profile NAME --dry-run",
    summary: "A profile's plan, key by key; this version only shows it.",
    options: [.profile, .dryRun, .noOwners] + Option.reading
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("apply")
    guard let name = arguments.value(.profile) else {
      throw .usage("tcptune apply: expected --profile NAME, found none")
    }
    guard arguments.has(.dryRun) else {
      throw .refused(
        "apply: this version changes nothing; --dry-run shows the plan, and 'tcptune diff' makes a"
          + " patch of the findings' remedies")
    }
    // A plan is about keys and about who must be restarted; no count of connections goes into it.
    let effort = Effort(owners: !arguments.has(.noOwners), walk: .never)
    let preparation = try Preparation(arguments, tool, effort: effort)
    let profile = try preparation.catalogue.profile(named: name)
    let plan = preparation.audit.plan(for: profile)
    return Outcome(
      preparation.isJSON
        ? PlanJSON.render(plan) : PlanText.render(plan, style: preparation.style))
  }
}

/// The sysctl file that a difference is against.
struct TargetFile {
  /// Ours, unless the user names another.
  static let owned = "/etc/sysctl.d/99-tcptune.conf"

  /// The path as the user typed it.
  let path: String
  private let content: ConfFile?

  init(_ named: String?) throws(Failure) {
    path = named ?? Self.owned
    do {
      content = ConfFile(parsing: try UserFiles.bytes(path))
    } catch {
      guard error.isAbsent else { throw .usage(error.reason) }
      content = nil
    }
  }

  /// Whether there is no such file yet.
  var isNew: Bool { content == nil }

  /// What would change; each key has its reason and its effect above it.
  func diff(setting changes: [PlannedChange]) -> UnifiedDiff {
    let before = content ?? ConfFile(parsing: [])
    let after = before.setting(
      changes.map { change in
        ConfEntry(
          key: change.key, value: change.target,
          comments: [
            "\(change.reason) (tcptune explain \(change.source))",
            "takes effect \(PlanText.effect(of: change))",
          ])
      })
    return UnifiedDiff(path: patchPath, old: content, new: after)
  }

  /// Without a leading slash, and without `..`, which patch refuses.
  private var patchPath: String {
    var path = self.path
    while path.hasPrefix("./") { path = String(path.dropFirst(2)) }
    if path.split(separator: "/").contains("..") {
      path =
        unsafe realpath(path, nil).map { resolved in
          defer { unsafe free(resolved) }
          return unsafe String(cString: resolved)
        } ?? path
    }
    return String(path.drop { $0 == "/" })
  }
}

/// What `diff` says beside the patch, so that standard output is a patch and nothing else.
enum DiffRemarks {
  ///
  /// `isElsewhere`: the values are of another network namespace than the first.
  static func lines(
    _ plan: Plan, _ file: TargetFile, isEmpty: Bool, isElsewhere: Bool
  ) -> [String] {
    var lines: [String] = []
    if isElsewhere, !isEmpty {
      lines.append(
        "tcptune: these values are meant for this network namespace, and files are read at boot for"
          + " the host's: set them with sysctl -w, and for good where the namespace is made")
    }
    if plan.writes.isEmpty {
      lines.append("tcptune: no finding asks for another value")
    } else if isEmpty {
      lines.append(
        "tcptune: \(file.path) has these values already; the running ones differ:"
          + " sysctl -p \(file.path)")
    } else if file.isNew {
      lines.append("tcptune: \(file.path) does not exist yet; the patch makes it")
    }
    lines += plan.conflicts.map { "tcptune: \(PlanText.sentence($0))" }
    lines += plan.advice.map { "tcptune: not a matter of sysctl: \(PlanText.text($0))" }
    return lines
  }
}
