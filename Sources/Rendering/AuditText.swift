public import Facts

/// An audit's report as text: verdict, findings, listeners, limits, what was not checked, what next.
public enum AuditText {
  /// The text shows so many listeners; `queues` and JSON have every one.
  private static let mostListeners = 10

  /// The report as text.
  ///
  /// - Parameters:
  ///   - report: what the audit found.
  ///   - minimum: findings below this severity are counted in the verdict but not shown.
  ///   - style: where the text goes.
  public static func render(
    _ report: Report, minimum: Severity = .note, style: TextStyle
  ) -> String {
    var page = TextPage(style)
    verdict(report, &page)
    let services = report.listeners.value.map(ListenerTable.services) ?? [:]
    for finding in report.findings where finding.severity >= minimum {
      page.line()
      FindingText(finding: finding, services: services).write(to: &page)
    }
    listeners(report, &page)
    limits(report, &page)
    notChecked(report, &page)
    next(report, &page)
    return page.text
  }

  private static func verdict(_ report: Report, _ page: inout TextPage) {
    let host = report.host
    let name = host.name.value.map { $0.printable } ?? "this host"
    let counts = Severity.allCases.reversed().map { ($0, report.count($0)) }.filter { $0.1 > 0 }
    let words = counts.map { $0.1.counted($0.0.rawValue) }.joined(separator: ", ")
    switch report.worst {
    case .some(let worst) where worst > .note:
      let first = report.findings.first.map { ": \($0.title)" } ?? ""
      page.wrapped("on \(name)\(first)", first: page.style.paint(words, worst.role) + " ",
        firstWidth: words.count + 1, rest: 2)
    default:
      let undecided = report.notChecked.count
      let hold = report.rulesApplied - undecided - Set(report.findings.map(\.rule)).count
      var rest = "on \(name): \(hold.counted("rule")) hold\(hold == 1 ? "s" : "")"
      if !words.isEmpty { rest += ", \(words)" }
      if undecided > 0 { rest += ", \(undecided) not checked" }
      page.wrapped(
        rest, first: page.style.paint("nothing to change", .good) + " ",
        firstWidth: "nothing to change ".count, rest: 2)
    }
    page.wrapped(HostText.line(report), first: "", rest: 2)
    for (key, value) in report.assumed.sorted(by: { $0.key < $1.key }) {
      page.wrapped("as if \(key) = \(value)", first: "", rest: 2)
    }
  }

  private static func listeners(_ report: Report, _ page: inout TextPage) {
    switch report.listeners {
    case .missing(let absence):
      page.heading("Listeners")
      page.wrapped(absence.description.printable, first: "  ", rest: 4)
    case .known(let all) where all.isEmpty:
      page.heading("Listeners")
      page.line("  none")
    case .known(let all):
      let shown = all.prefix(mostListeners)
      page.heading(
        all.count > shown.count
          ? "Listeners: the \(shown.count) that matter most of \(all.count); all: tcptune queues"
          : "Listeners")
      ListenerTable.brief(Array(shown), &page)
    }
  }

  private static func limits(_ report: Report, _ page: inout TextPage) {
    page.heading("Effective limits")
    var table = Table([], [.left, .right, .left], flexible: 2)
    for limit in report.limits {
      table.add([
        Table.Cell(limit.title), Table.Cell(LimitText.value(limit), .strong),
        Table.Cell(LimitText.inputs(limit), .faint),
      ])
    }
    page.table(table)
  }

  /// Rules that miss the same facts for the same reason share a line.
  private static func notChecked(_ report: Report, _ page: inout TextPage) {
    var groups: [(missing: [NotChecked.Missing], rules: [String])] = []
    for item in report.notChecked {
      if let index = groups.firstIndex(where: { $0.missing == item.missing }) {
        groups[index].rules.append(item.rule)
      } else {
        groups.append((item.missing, [item.rule]))
      }
    }
    page.heading("Not checked")
    for group in groups {
      let facts = group.missing.map { "\($0.fact) \($0.absence)".printable }
      page.wrapped(
        "\(group.rules.joined(separator: ", ")): \(facts.joined(separator: "; "))", first: "  ",
        rest: 4)
    }
    for gap in report.gaps + HostText.ownerGaps(report) {
      page.wrapped("\(gap.what): \(gap.reason)".printable, first: "  ", rest: 4)
    }
    page.wrapped(
      "sysctl files: this version does not read which file wins at the next boot", first: "  ",
      rest: 4)
  }

  // MARK: Next

  private static func next(_ report: Report, _ page: inout TextPage) {
    let options = page.style.repeatedOptions
    var commands: [(command: String, why: String)] = []
    let changes = report.findings.flatMap(\.changes)
    if !changes.isEmpty {
      commands.append(("tcptune diff\(options)", "the change as a patch of 99-tcptune.conf"))
      commands.append(
        (
          "tcptune diff\(options) | sudo patch -p1 -d / && sudo sysctl -p /etc/sysctl.d/99-tcptune.conf",
          "make it"
        ))
      for name in Set(changes.flatMap(\.restart)).sorted() where name.hasSuffix(".service") {
        commands.append(("sudo systemctl restart \(name)", "so that it calls listen() again"))
      }
    }
    for finding in report.findings where finding.act == .application && finding.changes.isEmpty {
      for setting in finding.settings { commands.append((setting, "the program's own setting")) }
      if finding.settings.isEmpty {
        commands.append(
          ("tcptune explain \(finding.rule)", "the program's own setting: \(finding.title)"))
      }
    }
    if report.findings.contains(where: \.sinceBoot) || report.needsWindow {
      commands.append(
        ("tcptune audit --window 10s", "rates over ten seconds instead of totals since boot"))
    }
    if commands.isEmpty {
      commands.append(("tcptune explain somaxconn", "what a value means here, and why"))
    }
    page.heading("Next")
    let isTerminal = page.style.width != nil
    for (command, why) in commands {
      // A command stands whole on its line, to be copied.
      page.line("  \(page.style.paint(command, .strong))\(isTerminal ? "" : "   # \(why)")")
      if isTerminal { page.wrapped(page.style.paint(why, .faint), first: "      ", rest: 6) }
    }
  }
}

extension Report {
  /// Whether a rule stayed open only because there was one reading.
  fileprivate var needsWindow: Bool {
    window == .sinceBoot
      && notChecked.contains { $0.missing.contains { $0.absence.kind == .noWindow } }
  }
}
