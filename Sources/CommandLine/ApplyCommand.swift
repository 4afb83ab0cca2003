import Apply
import Audit
import Catalogue
import Facts
import Glibc
import Pages
import Rendering

extension Command {
  static let apply = Command(
    name: "apply", operands: "--profile NAME | --findings",
    summary: "Change the host on trial: confirm it, or it goes back by itself.",
    options: [
      .profile, .findings, .dryRun, .trial, .noTrial, .yes, .runtimeOnly, .file, .skipMissing,
      .watcher, .inNamespace, .rule, .window, .since, .walk, .connections, .noOwners,
    ] + Option.sizes + Option.reading
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("apply")
    switch (arguments.has(.profile), arguments.has(.findings)) {
    case (true, true):
      throw .usage("tcptune apply: expected --profile or --findings, found both")
    case (false, false):
      throw .usage("tcptune apply: expected --profile NAME or --findings, found neither")
    default: break
    }
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    let wish = try PlanWish(arguments, catalogue, isForFindings: arguments.has(.findings))
    let way = try ApplyWay(arguments, tool)
    if !arguments.has(.dryRun) {
      try way.checkIsGiven(arguments)
      if let reason = ApplyWay.assumed(arguments) {
        throw .refused("apply: \(reason) (--dry-run shows the plan)")
      }
      if let failed = way.settle(try ChangeOutcome(arguments, tool)) { return failed }
    }
    let preparation = try Preparation(
      arguments, tool, effort: wish.effort(arguments), catalogue: catalogue)
    let plan = wish.plan(preparation.audit)
    let source = try Source(arguments)
    var applying = try Applying(plan, way, preparation, source)
    return arguments.has(.dryRun)
      ? try applying.dryRun(arguments) : try applying.apply(arguments, tool)
  }
}

extension Option {
  static let trial = Option(
    name: "--trial", value: "D", help: "How long to try it, 1s to 15min; 120s on a terminal.")
  static let noTrial = Option(
    name: "--no-trial", value: nil, help: "Keep it at once, without a trial.")
  static let yes = Option(name: "--yes", value: nil, help: "Do not ask.")
  static let runtimeOnly = Option(
    name: "--runtime-only", value: nil, help: "Keep no file: a reboot takes it back.")
  static let file = Option(
    name: "--file", value: "NAME", help: "The file's name in /etc/sysctl.d; 99-tcptune.conf.")
  static let watcher = Option(
    name: "--watcher", value: nil, help: "A process of ours takes it back, not systemd's timer.")
  static let inNamespace = Option(
    name: "--in-namespace", value: nil,
    help: "Outside the host's first network namespace: change this one.")
}

/// How a plan is to be applied.
struct ApplyWay {
  /// In milliseconds; nil for none.
  let trial: Int64?
  let isTrialGiven: Bool
  let asks: Bool
  let canAsk: Bool
  let keepsFile: Bool
  let fileName: String
  let prefersWatcher: Bool
  let isForNamespace: Bool

  private static let usualTrial: Int64 = 120_000
  private static let trials: ClosedRange<Int64> = 1_000...900_000

  init(_ arguments: Arguments, _ tool: Tool) throws(Failure) {
    if arguments.has(.trial), arguments.has(.noTrial) {
      throw .usage("tcptune apply: expected --trial or --no-trial, found both")
    }
    if arguments.has(.runtimeOnly), arguments.has(.file) {
      throw .usage("tcptune apply: expected --file or --runtime-only, found both")
    }
    let time = try arguments.time(.trial, in: Self.trials, named: "1s to 15min")
      .flatMap { $0.multiplied(by: Fraction(1000)) }
    trial = arguments.has(.noTrial) ? nil : time?.roundedDown ?? Self.usualTrial
    isTrialGiven = arguments.has(.trial) || arguments.has(.noTrial)
    let isJSON = try tool.isJSON(arguments)
    canAsk = tool.world.canAsk && !isJSON
    asks = canAsk && !arguments.has(.yes)
    keepsFile = !arguments.has(.runtimeOnly)
    fileName = arguments.value(.file) ?? "99-tcptune.conf"
    guard Changes.isFileName(fileName) else {
      throw .usage("--file: expected a name like 60-web.conf, found '\(fileName)'")
    }
    prefersWatcher = arguments.has(.watcher)
    isForNamespace = arguments.has(.inNamespace)
  }

  /// Nobody would see a trial of which nobody is told.
  func checkIsGiven(_ arguments: Arguments) throws(Failure) {
    guard !canAsk, !isTrialGiven else { return }
    let line = "tcptune apply \(Self.words(arguments))"
    throw .usage(
      "tcptune apply: without a terminal, expected '\(line) --trial 120s' (then 'tcptune confirm')"
        + " or '\(line) --no-trial'")
  }

  /// Finishes a change that was interrupted: a plan is made of the values of a host that is settled.
  ///
  /// - Returns: why nothing more can be done, nil where that does not hinder.
  func settle(_ outcome: ChangeOutcome) -> Outcome? {
    let changes = Changes.ofThisHost()
    guard geteuid() == 0, Changes.hasJournal(),
      changes.namespaceReason(isForNamespace: isForNamespace) == nil
    else { return nil }
    do throws(ApplyFailure) {
      guard let settled = try changes.settle() else { return nil }
      let id = settled.record.id
      for remark in ["change \(id) was interrupted and is settled"] + settled.remarks {
        Streams.complain("tcptune: \(remark)")
      }
      guard settled.conflicts.isEmpty else {
        throw ApplyFailure(.uncertain, settled.conflicts, settled.record)
      }
      return nil
    } catch {
      return outcome.failed(error)
    }
  }

  private static func words(_ arguments: Arguments) -> String {
    let profiles = arguments.all(.profile).map { "--profile \($0)" }
    let plan = profiles.isEmpty ? ["--findings"] : profiles
    let flags = [Option.inNamespace, .runtimeOnly, .skipMissing, .watcher]
    return (plan + ProfileSizes.words(arguments) + flags.filter(arguments.has).map(\.name)).joined(
      separator: " ")
  }

  /// A host that was recorded or is assumed cannot be changed.
  ///
  /// - Returns: why, nil for the host that the program runs on.
  static func assumed(_ arguments: Arguments) -> String? {
    if arguments.has(.snapshot) || arguments.has(.root) {
      return "this host was recorded: apply changes the one that it runs on"
    }
    return arguments.has(.set)
      ? "the values of --set are assumed: apply needs those that the host has" : nil
  }
}
