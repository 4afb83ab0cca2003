import Audit
import Catalogue
import Expressions
import Facts
import HostFS
import Pages
import Rendering

extension Command {
  static let rules = Command(
    name: "rules", operands: "list|check DIR|new ID",
    summary: "The rules, all problems of the pages below a folder, or a page to begin with.",
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
    case "new": return try newRule(arguments, isJSON: isJSON)
    default:
      throw .usage(
        "tcptune rules: expected 'list', 'check' or 'new', found \(arguments.operands.first.map { "'\($0)'" } ?? "the end")"
      )
    }
  }

  /// A page that passes the checks, for its author to change.
  private static func newRule(_ arguments: Arguments, isJSON: Bool) throws(Failure) -> Outcome {
    guard arguments.operands.count == 2 else {
      throw .usage(
        "tcptune rules new: expected one id, found \(arguments.operands.count - 1)")
    }
    guard !isJSON else { throw .usage("tcptune rules new: expected no JSON: a page is Markdown") }
    let id = arguments.operands[1]
    guard Rule.isSpelledAsID(id) else {
      throw .usage("tcptune rules new: expected lower-case words with hyphens, found '\(id)'")
    }
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    if let page = catalogue.pages.files[id] {
      throw .usage(
        "tcptune rules new: expected a name of its own, found '\(id)', the name of \(page.path)")
    }
    return Outcome(RuleSkeleton.page(id))
  }

  static let profiles = Command(
    name: "profiles", operands: "list|show NAME",
    summary: "The profiles, or one: for whom, why, and what it would change here.",
    options: [.skipMissing, .noOwners] + Option.sizes + Option.reading
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
    let ofHosts = [Option.set, .snapshot, .root, .netns, .skipMissing, .noOwners]
    for option in ofHosts + Option.sizes
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
    let profiles = try catalogue.profiles(
      named: [arguments.operands[1]], sizedBy: try ProfileSizes(arguments))
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
