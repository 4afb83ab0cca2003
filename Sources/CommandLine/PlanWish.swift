import Audit
import Catalogue
import Facts
import Pages

/// What a plan is to be made of: profiles, or the remedies of findings.
struct PlanWish {
  private enum Kind {
    case findings(rule: String?, allowed: [Waiver])
    case profiles([Profile], skipsMissing: Bool)
  }

  private let kind: Kind

  init(
    _ arguments: Arguments, _ catalogue: Catalogue, isForFindings: Bool
  ) throws(Failure) {
    guard isForFindings else {
      for option in [Option.rule, .window, .since, .walk, .connections] where arguments.has(option)
      {
        throw .usage("\(option.name): expected for findings, found --profile beside it")
      }
      kind = .profiles(
        try catalogue.profiles(
          named: arguments.all(.profile), sizedBy: try ProfileSizes(arguments)),
        skipsMissing: arguments.has(.skipMissing))
      return
    }
    if arguments.has(.skipMissing) {
      throw .usage("--skip-missing: expected --profile beside it, found none")
    }
    try ProfileSizes.expectProfile(arguments)
    let rules = catalogue.pages.rules.map(\.id)
    if let rule = arguments.value(.rule), !rules.contains(rule) {
      throw .usage(
        "--rule: expected the id of a rule, found '\(rule)'"
          + Failure.hint(Spelling.nearest(to: rule, among: rules)))
    }
    kind = .findings(
      rule: arguments.value(.rule), allowed: try Waivers(arguments, catalogue).all)
  }

  /// What has to be known of the host.
  func effort(_ arguments: Arguments) throws(Failure) -> Effort {
    switch kind {
    case .findings: try Effort(arguments)
    // It is about keys and about who must be restarted; no count of connections goes into it.
    case .profiles: Effort(owners: !arguments.has(.noOwners), walk: .never, files: .read)
    }
  }

  func plan(_ audit: Audit) -> Plan {
    switch kind {
    case .findings(let rule, let allowed):
      plan(audit, onlyOf: rule, without: allowed)
    case .profiles(let profiles, let skipsMissing):
      audit.plan(for: profiles, skipsMissing: skipsMissing)
    }
  }

  /// The remedies of what nobody allowed; what was is named.
  private func plan(_ audit: Audit, onlyOf rule: String?, without allowed: [Waiver]) -> Plan {
    var report = audit.report(isComplete: false)
    let all = report.findings
    report.allow(allowed, on: Waivers.today)
    var plan = audit.plan(for: report.findings, onlyOf: rule)
    for finding in all where !report.findings.contains(finding) {
      plan.advice.append(
        .remedy(subjects: finding.subjects, "\(finding.title): allowed, so it stays"))
    }
    return plan
  }
}
