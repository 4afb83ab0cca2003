public import Facts
import JSON

/// The rules of the catalogue, and that pages have no problem.
public enum RuleList {
  /// One line for each rule: id, severity and title.
  public static func text(_ rules: [RuleDescription]) -> String {
    var table = Table([], [.left, .left, .left])
    for rule in rules {
      table.add([rule.id, rule.severity.rawValue, rule.title].map(\.printable))
    }
    let style = TextStyle(width: nil, isColored: false)
    return table.lines(style, indent: 0).map { "\($0)\n" }.joined()
  }

  /// The rules as one document.
  public static func json(_ rules: [RuleDescription]) -> String {
    JSONText.document([
      "rules": .array(
        rules.map { rule in
          .object([
            "id": .string(rule.id), "title": .string(rule.title),
            "severity": .string(rule.severity.rawValue),
            "confidence": .string(rule.confidence.rawValue), "for": .string(rule.subject),
            "when": .string(rule.condition), "set": .strings(rule.changes),
            "effect": .optional(rule.effect?.rawValue, JSONValue.string),
            "act": .optional(rule.act?.rawValue, JSONValue.string), "risk": .string(rule.risk),
            "file": .string(rule.file),
          ])
        })
    ])
  }

  /// That the pages below a folder have no problem, as one document.
  public static func checked(folder: String, pages: Int) -> String {
    JSONText.document([
      "folder": .string(folder), "pages": .integer(Int64(pages)), "problems": .array([]),
    ])
  }
}
