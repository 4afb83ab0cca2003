import Audit
import Catalogue
import Facts
import Rendering

extension Command {
  static let audit = Command(
    name: "audit", summary: "Findings with evidence, listeners, effective limits.",
    options: [
      .window, .since, .minSeverity, .failOn, .walk, .states, .connections, .noOwners, .noFiles,
      .allNamespaces, .profile, .skipMissing, .allow, .allowFile,
    ] + Option.sizes + Option.reading
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("audit")
    let minimum = try arguments.word(.minSeverity, Severity.self) ?? .note
    let failOn = try arguments.word(.failOn, FailOn.self) ?? .warning
    if arguments.has(.allNamespaces) {
      return try allNamespaces(arguments, tool, minimum: minimum, failOn: failOn)
    }
    try ProfileSizes.expectProfile(arguments)
    // A profile that is none is told before anything is read.
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    let profiles = try catalogue.profiles(
      named: arguments.all(.profile), sizedBy: try ProfileSizes(arguments))
    let waivers = try Waivers(arguments, catalogue)
    let preparation = try Preparation(
      arguments, tool, effort: Effort(arguments), catalogue: catalogue)
    var report = preparation.audit.report(isComplete: preparation.isJSON)
    report.allow(waivers.all, on: Waivers.today)
    let profile =
      profiles.isEmpty
      ? nil
      : preparation.audit.plan(for: profiles, skipsMissing: arguments.has(.skipMissing))
    let text =
      preparation.isJSON
      ? ReportJSON.render(report, minimum: minimum, profile: profile)
      : AuditText.render(report, minimum: minimum, profile: profile, style: preparation.style)
    let fails = failOn.severity.map { threshold in
      report.worst.map { $0 >= threshold } ?? false
    }
    var outcome = Outcome(
      text, fails == true ? .findings : .done, remarks: waivers.remarks)
    outcome.work = Work(preparation, report)
    return outcome
  }

  private static func allNamespaces(
    _ arguments: Arguments, _ tool: Tool, minimum: Severity, failOn: FailOn
  ) throws(Failure) -> Outcome {
    try AllNamespaces.check(arguments)
    let isJSON = try tool.isJSON(arguments)
    let style = try tool.style(arguments)
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    let (all, gaps) = try AllNamespaces(catalogue: catalogue).reports()
    let worst = all.compactMap(\.report.value?.worst).max()
    let fails = failOn.severity.map { threshold in worst.map { $0 >= threshold } ?? false }
    return Outcome(
      isJSON
        ? NamespaceJSON.render(all, gaps: gaps, minimum: minimum)
        : NamespaceText.render(all, gaps: gaps, minimum: minimum, style: style),
      fails == true ? .findings : .done)
  }

  /// From which severity on an audit fails.
  private enum FailOn: String, CaseIterable {
    case note, warning, error, never

    var severity: Severity? { Severity(rawValue: rawValue) }
  }
}

extension Arguments {
  /// A command without operands takes none.
  func expectNoOperands(_ command: String) throws(Failure) {
    if let operand = operands.first {
      throw .usage("tcptune \(command): expected an option, found '\(operand)'")
    }
  }

  /// A command about one thing takes one operand.
  func oneOperand(_ command: String, _ what: String) throws(Failure) -> String {
    guard let operand = operands.first else {
      throw .usage("tcptune \(command): expected \(what), found the end")
    }
    if operands.count > 1 {
      throw .usage("tcptune \(command): expected one name, found '\(operands[1])' after it")
    }
    return operand
  }
}
