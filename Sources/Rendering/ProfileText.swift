public import Facts

/// Profiles as text: a list of them, one of them, and how a host differs from one.
public enum ProfileText {
  /// One line for each profile: name, title and where it was found.
  public static func list(_ profiles: [ProfileDescription], style: TextStyle) -> String {
    var page = TextPage(style)
    var table = Table([], [.left, .left], flexible: 1, wraps: true)
    for profile in profiles {
      table.add([
        Table.Cell(profile.name.printable, .strong),
        Table.Cell("\(profile.title) (\(profile.origin))".printable),
      ])
    }
    page.table(table, indent: 0)
    return page.text
  }

  /// A profile with all that it says of itself, then each key with what it would change here.
  ///
  /// - Parameters:
  ///   - profile: the profile that was asked for.
  ///   - plan: what it and those that it includes would change.
  ///   - style: where the text goes.
  /// - Returns: the text.
  public static func show(
    _ profile: ProfileDescription, _ plan: Plan, style: TextStyle
  ) -> String {
    var page = TextPage(style)
    let name = profile.name.printable
    page.wrapped(
      "(\(profile.origin.printable)): \(profile.title.printable)",
      first: style.paint(name, .strong) + " ", firstWidth: name.count + 1, rest: 2)
    page.line()
    paragraph("for", [profile.purpose], &page)
    paragraph("not for", profile.notFor.isEmpty ? [] : [profile.notFor], &page)
    paragraph("costs", profile.costs, &page)
    paragraph("leaves", profile.leaves, &page)
    paragraph(
      "sized by",
      profile.parameters.isEmpty
        ? []
        : [
          profile.parameters.map {
            "\($0.parameter.rawValue) \($0.text) (--\($0.parameter.rawValue))"
          }.joined(separator: ", ")
        ], &page)
    let included = plan.members.filter { $0.includedBy != nil }
    paragraph(
      "includes",
      included.isEmpty
        ? [] : [included.map { "\($0.name) (\($0.origin))" }.joined(separator: ", ")], &page)
    paragraph(
      "sources", profile.sources.isEmpty ? [] : [profile.sources.joined(separator: ", ")], &page)
    for change in plan.changes {
      page.line()
      key(change, &page)
    }
    PlanText.clashes(plan, &page)
    page.line()
    page.wrapped(summary(plan), rest: 2)
    return page.text
  }

  /// How the host differs from profiles, as a part of a report.
  static func differences(_ plan: Plan, _ page: inout TextPage) {
    page.heading("Profile \(PlanText.members(plan)): \(summary(plan))")
    var table = Table([], [.left, .right, .left, .left], flexible: 3, wraps: true)
    for change in plan.changes {
      let now = Table.Cell(change.now ?? "?")
      switch change.outcome {
      case .change:
        let wanted = "\(change.operatorWord) \(change.wanted)"
        table.add([
          Table.Cell("\(change.key)"), now, Table.Cell("\(wanted)", .strong),
          Table.Cell("takes effect \(PlanText.effect(of: change))", .faint),
        ])
      case .refused(let refusal):
        table.add([
          Table.Cell("\(change.key)"), now, Table.Cell("refused", .error),
          Table.Cell(PlanText.text(refusal).printable, .faint),
        ])
      case .holds, .notHere: break
      }
    }
    page.table(table)
    for overruled in plan.overruled {
      page.wrapped(PlanText.sentence(overruled), first: "  conflict: ", rest: 4)
    }
  }

  private static func summary(_ plan: Plan) -> String {
    func count(_ isCounted: (PlannedChange.Outcome) -> Bool) -> Int {
      plan.changes.count { isCounted($0.outcome) }
    }
    let held = count { $0 == .holds }
    let left = count { if case .notHere = $0 { true } else { false } }
    var parts = ["\(plan.writes.count.counted("key")) would change", "\(held) hold"]
    if held == 1 { parts[1] += "s" }
    if left > 0 { parts.append("\(left) not here") }
    if !plan.refusals.isEmpty { parts.append("\(plan.refusals.count) refused") }
    return parts.joined(separator: ", ")
  }

  private static func paragraph(_ word: String, _ sentences: [String], _ page: inout TextPage) {
    let width = 10
    for (index, sentence) in sentences.enumerated() {
      let first = index == 0 ? word : ""
      page.wrapped(
        sentence.printable,
        first: page.style.paint(first, .faint)
          + String(repeating: " ", count: width - first.count),
        firstWidth: width, rest: width)
    }
  }

  private static func key(_ change: PlannedChange, _ page: inout TextPage) {
    page.line(
      "\(page.style.paint(change.key.name, .strong))  \(change.operatorWord) \(change.wanted)")
    page.wrapped(PlanText.reason(of: change).printable, first: "  why: ", rest: 7)
    let now = change.now
    var label = "  here: "
    let here: String
    switch change.outcome {
    case .change: here = "\(now ?? "?") -> \(change.target), \(PlanText.effect(of: change))"
    case .holds: here = "\(now ?? "?"), holds"
    case .notHere(let reason): (label, here) = ("  not here: ", PlanText.text(reason).printable)
    case .refused(let refusal):
      here = (now.map { "\($0), " } ?? "") + "refused: \(PlanText.text(refusal).printable)"
    }
    page.wrapped(here, first: label, rest: label.count)
    for warning in change.warnings {
      page.wrapped(
        PlanText.text(warning), first: "  \(page.style.paint("warning", .warning)): ",
        firstWidth: 11, rest: 11)
    }
    page.line(page.style.paint("  from: \(change.source.printable)", .faint))
  }
}
