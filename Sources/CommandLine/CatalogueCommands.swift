import Audit
import Catalogue
import Expressions
import Facts
import HostFS
import Pages
import Rendering

extension Command {
  static let rules = Command(
    name: "rules", operands: "list|check [DIR]",
    summary: "The rules, or all problems of the pages below a folder.",
    options: [.rules, .format]
  ) { (arguments, tool) throws(Failure) in
    let isJSON = try tool.isJSON(arguments)
    switch arguments.operands.first {
    case "list":
      guard arguments.operands.count == 1 else {
        throw .usage("tcptune rules list: expected the end, found '\(arguments.operands[1])'")
      }
      let catalogue = try Catalogue.load(adding: arguments.all(.rules))
      let rules = catalogue.pages.rules.map(\.description)
      return Outcome(isJSON ? RuleList.json(rules) : RuleList.text(rules))
    case "check":
      guard arguments.operands.count == 2 else {
        throw .usage(
          "tcptune rules check: expected one folder, found \(arguments.operands.count - 1)")
      }
      let folder = arguments.operands[1]
      let count = try Catalogue.check(folder, adding: arguments.all(.rules))
      return Outcome(
        isJSON
          ? RuleList.checked(folder: folder, pages: count)
          : "\(folder): \(count) \(count == 1 ? "page" : "pages"), no problem\n")
    default:
      throw .usage(
        "tcptune rules: expected 'list' or 'check', found \(arguments.operands.first.map { "'\($0)'" } ?? "the end")"
      )
    }
  }

  static let profiles = Command(
    name: "profiles", operands: "list|show NAME",
    summary: "The profiles, or one: for whom, why, and what it would change here.",
    options: [.skipMissing, .noOwners] + Option.reading
  ) { (arguments, tool) throws(Failure) in
    switch arguments.operands.first {
    case "list": return try listProfiles(arguments, tool)
    case "show": return try showProfile(arguments, tool)
    default:
      throw .usage(
        "tcptune profiles: expected 'list' or 'show', found \(arguments.operands.first.map { "'\($0)'" } ?? "the end")"
      )
    }
  }

  /// One profile that is wrong hides no other: they are listed, and it is told of.
  private static func listProfiles(
    _ arguments: Arguments, _ tool: Tool
  ) throws(Failure) -> Outcome {
    guard arguments.operands.count == 1 else {
      throw .usage("tcptune profiles list: expected the end, found '\(arguments.operands[1])'")
    }
    for option in [Option.set, .snapshot, .root, .netns, .skipMissing, .noOwners]
    where arguments.has(option) {
      throw .usage("tcptune profiles list: expected no host, found \(option.name)")
    }
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    let (profiles, problems) = try catalogue.allProfiles()
    let all = profiles.map(\.description)
    let text =
      try tool.isJSON(arguments)
      ? ProfileJSON.list(all, problems: problems)
      : ProfileText.list(all, style: try tool.style(arguments))
    return Outcome(text, problems.isEmpty ? .done : .usage, remarks: problems)
  }

  private static func showProfile(
    _ arguments: Arguments, _ tool: Tool
  ) throws(Failure) -> Outcome {
    guard arguments.operands.count == 2 else {
      throw .usage(
        "tcptune profiles show: expected one name, found \(arguments.operands.count - 1)")
    }
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    let profiles = try catalogue.profiles(named: [arguments.operands[1]])
    guard let asked = profiles.last else { return Outcome("") }
    let effort = Effort(owners: !arguments.has(.noOwners), walk: .never)
    let preparation = try Preparation(arguments, tool, effort: effort, catalogue: catalogue)
    let plan = preparation.audit.plan(
      for: profiles, skipsMissing: arguments.has(.skipMissing))
    return Outcome(
      preparation.isJSON
        ? ProfileJSON.show(asked.description, plan)
        : ProfileText.show(asked.description, plan, style: preparation.style))
  }
}

extension Rule {
  fileprivate var description: RuleDescription {
    RuleDescription(
      id: id, title: title, severity: severity, confidence: confidence,
      subject: subject.rawValue, condition: when.description,
      changes: changes.map { "\($0.target) \($0.operator.rawValue) \($0.value)" }, effect: effect,
      act: act, risk: risk.rawValue, file: file)
  }
}
