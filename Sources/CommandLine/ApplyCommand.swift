import Audit
import Catalogue
import Facts
import Glibc
import Pages
import Rendering

extension Command {
  static let apply = Command(
    name: "apply", operands: "--profile NAME --dry-run",
    summary: "A plan, key by key; this version only shows it.",
    options: [
      .profile, .findings, .dryRun, .skipMissing, .rule, .window, .since, .walk, .connections,
      .noOwners,
    ] + Option.reading
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("apply")
    switch (arguments.has(.profile), arguments.has(.findings)) {
    case (true, true):
      throw .usage("tcptune apply: expected --profile or --findings, found both")
    case (false, false):
      throw .usage("tcptune apply: expected --profile NAME or --findings, found neither")
    default: break
    }
    guard arguments.has(.dryRun) else {
      throw .refused(
        "apply: this version changes nothing; --dry-run shows the plan, and 'tcptune diff' makes a"
          + " patch of it")
    }
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    let wish = try PlanWish(arguments, catalogue, isForFindings: arguments.has(.findings))
    let preparation = try Preparation(
      arguments, tool, effort: wish.effort(arguments), catalogue: catalogue)
    let plan = wish.plan(preparation.audit)
    let hindrances = try hindrances(arguments, preparation.audit.snapshot.host)
    return Outcome(
      preparation.isJSON
        ? PlanJSON.render(plan, hindrances: hindrances)
        : PlanText.render(plan, hindrances: hindrances, style: preparation.style))
  }

  /// Why apply would refuse whatever the plan.
  private static func hindrances(
    _ arguments: Arguments, _ host: Host
  ) throws(Failure) -> [String] {
    guard try Source(arguments).isLive else {
      return ["this host was recorded: apply changes the one that it runs on"]
    }
    var hindrances: [String] = []
    if geteuid() != 0 { hindrances.append("only root may write these keys") }
    if host.initialNamespace.value == false {
      hindrances.append(
        "another network namespace than the initial one: apply needs --in-namespace there")
    }
    if arguments.has(.set) {
      hindrances.append("the values of --set are assumed: apply needs those that the host has")
    }
    return hindrances
  }
}

/// What a plan is to be made of: profiles, or the remedies of findings.
struct PlanWish {
  private enum Kind {
    case findings(rule: String?)
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
        try catalogue.profiles(named: arguments.all(.profile)),
        skipsMissing: arguments.has(.skipMissing))
      return
    }
    if arguments.has(.skipMissing) {
      throw .usage("--skip-missing: expected --profile beside it, found none")
    }
    let rules = catalogue.pages.rules.map(\.id)
    if let rule = arguments.value(.rule), !rules.contains(rule) {
      throw .usage(
        "--rule: expected the id of a rule, found '\(rule)'"
          + Failure.hint(Spelling.nearest(to: rule, among: rules)))
    }
    kind = .findings(rule: arguments.value(.rule))
  }

  /// What has to be known of the host.
  func effort(_ arguments: Arguments) throws(Failure) -> Effort {
    switch kind {
    case .findings: try Effort(arguments)
    // It is about keys and about who must be restarted; no count of connections goes into it.
    case .profiles: Effort(owners: !arguments.has(.noOwners), walk: .never)
    }
  }

  func plan(_ audit: Audit) -> Plan {
    switch kind {
    case .findings(let rule):
      audit.plan(for: audit.report(isComplete: false).findings, onlyOf: rule)
    case .profiles(let profiles, let skipsMissing):
      audit.plan(for: profiles, skipsMissing: skipsMissing)
    }
  }
}
