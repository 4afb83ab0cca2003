import Catalogue
import Facts
import HostFS
import Pages

extension Command {
  static let rules = Command(
    name: "rules", operands: "list|check [DIR]",
    summary: "The rules, or all problems of the pages below a folder.", options: [.rules]
  ) { (arguments, _) throws(Failure) in
    switch arguments.operands.first {
    case "list":
      let catalogue = try Catalogue.load(adding: arguments.all(.rules))
      let rules = catalogue.pages.rules
      let width = rules.map(\.id.count).max() ?? 0
      let lines = rules.map { rule in
        let id = rule.id + String(repeating: " ", count: width - rule.id.count)
        let severity = rule.severity.rawValue
        return
          "\(id)  \(severity)\(String(repeating: " ", count: 7 - severity.count))  \(rule.title)\n"
      }
      return Outcome(lines.joined())
    case "check":
      guard arguments.operands.count == 2 else {
        throw .usage(
          "tcptune rules check: expected one folder, found \(arguments.operands.count - 1)")
      }
      let folder = arguments.operands[1]
      let count = try Catalogue.check(folder, adding: arguments.all(.rules))
      return Outcome("\(folder): \(count) \(count == 1 ? "page" : "pages"), no problem\n")
    default:
      throw .usage(
        "tcptune rules: expected 'list' or 'check', found \(arguments.operands.first.map { "'\($0)'" } ?? "the end")"
      )
    }
  }

  static let profiles = Command(
    name: "profiles", operands: "list", summary: "The profiles and where they are.",
    options: [.rules]
  ) { (arguments, _) throws(Failure) in
    guard arguments.operands == ["list"] else {
      throw .usage(
        "tcptune profiles: expected 'list', found \(arguments.operands.first.map { "'\($0)'" } ?? "the end")"
      )
    }
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    var lines = ""
    let width = catalogue.profileNames.map(\.count).max() ?? 0
    for name in catalogue.profileNames {
      let profile = try catalogue.profile(named: name)
      let padding = String(repeating: " ", count: width - name.count)
      lines += "\(name)\(padding)  \(profile.title) (\(profile.origin))\n"
    }
    return Outcome(lines)
  }
}
