public import Facts
import JSON

/// Profiles as JSON.
public enum ProfileJSON {
  /// The profiles as one document.
  ///
  /// - Parameters:
  ///   - profiles: those that could be read.
  ///   - problems: what is wrong with others, `file:line:column: message`.
  /// - Returns: the text.
  public static func list(_ profiles: [ProfileDescription], problems: [String]) -> String {
    JSONText.document([
      "profiles": .array(profiles.map { .object(members(of: $0)) }),
      "problems": .strings(problems),
    ])
  }

  /// A profile and what it would change here as one document.
  public static func show(_ profile: ProfileDescription, _ plan: Plan) -> String {
    var document = members(of: profile)
    let parts = PlanJSON.parts(of: plan)
    document["profiles"] = parts["profiles"]
    document["overruled"] = parts["overruled"]
    document["keys"] = .array(plan.changes.map(PlanJSON.change))
    return JSONText.document(document)
  }

  /// How the host differs from profiles, as a part of a report.
  static func differences(_ plan: Plan) -> JSONValue {
    var members = PlanJSON.parts(of: plan)
    members["name"] = .string(plan.name)
    members["title"] = .string(plan.title)
    members["changes"] = .array(plan.changes.map(PlanJSON.change))
    members["differs"] = .boolean(!plan.writes.isEmpty || !plan.refusals.isEmpty)
    for name in ["profile", "conflicts", "removals"] { members[name] = nil }
    return .object(members)
  }

  private static func members(of profile: ProfileDescription) -> [String: JSONValue] {
    [
      "name": .string(profile.name), "origin": .string(profile.origin),
      "title": .string(profile.title), "for": .string(profile.purpose),
      "not_for": .optional(profile.notFor.isEmpty ? nil : profile.notFor, JSONValue.string),
      "costs": .strings(profile.costs), "leaves": .strings(profile.leaves),
      "parameters": SizingText.parameters(profile.parameters),
      "includes": .strings(profile.includes), "sources": .strings(profile.sources),
      "key_count": .integer(Int64(profile.keys)),
    ]
  }
}
