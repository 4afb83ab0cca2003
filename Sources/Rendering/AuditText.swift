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
  /// - Returns: the text.
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
      page.wrapped(
        "on \(name)\(first)", first: page.style.paint(words, worst.role) + " ",
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
      ListenerTable.write(Array(shown), detailed: false, &page)
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
      page.wrapped(
        "\(group.rules.joined(separator: ", ")): \(MissingText.sentence(group.missing))",
        first: "  ", rest: 4)
    }
    for gap in report.gaps + HostText.ownerGaps(report) {
      page.wrapped("\(gap.what): \(gap.reason)".printable, first: "  ", rest: 4)
    }
    page.wrapped(
      "sysctl files: this version does not read which file wins at the next boot", first: "  ",
      rest: 4)
  }

  // MARK: Next

  /// A command or a program's setting, and what it is good for.
  private struct Step {
    var command: String
    var why: String
  }

  private static func next(_ report: Report, _ page: inout TextPage) {
    var steps = changeSteps(report, options: page.style.repeatedOptions)
    for finding in report.findings where finding.act == .application && finding.changes.isEmpty {
      steps += finding.settings.map { Step(command: $0, why: "the program's own setting") }
      if finding.settings.isEmpty {
        steps.append(
          Step(
            command: "tcptune explain \(finding.rule)",
            why: "the program's own backlog is what to raise"))
      }
    }
    if report.findings.contains(where: \.sinceBoot) || report.needsWindow {
      steps.append(
        Step(
          command: "tcptune audit --window 10s",
          why: "rates over ten seconds instead of totals since boot"))
    }
    if steps.isEmpty {
      steps.append(
        Step(command: "tcptune explain somaxconn", why: "what a value means here, and why"))
    }
    page.heading("Next")
    let isTerminal = page.style.width != nil
    for step in steps {
      // A command stands whole on its line, to be copied.
      page.line(
        "  \(page.style.paint(step.command, .strong))\(isTerminal ? "" : "   # \(step.why)")")
      if isTerminal { page.wrapped(step.why, first: "      ", rest: 6) }
    }
  }

  /// How to make the changes that findings ask for, and what to restart then.
  private static func changeSteps(_ report: Report, options: String) -> [Step] {
    let changes = report.findings.flatMap(\.changes)
    guard !changes.isEmpty else { return [] }
    var steps = [
      Step(command: "tcptune diff\(options)", why: "the changes as a patch of 99-tcptune.conf")
    ]
    if report.host.initialNamespace.value == false {
      // Files under /etc set the keys of the first namespace only.
      steps.append(
        Step(
          command: "sysctl -w KEY=VALUE",
          why: "in this network namespace; for good where it is made: docker run --sysctl, a pod's"
            + " securityContext.sysctls"))
    } else {
      steps.append(
        Step(
          command: "tcptune diff\(options) | sudo patch -p1 -d / &&"
            + " sudo sysctl -p /etc/sysctl.d/99-tcptune.conf", why: "make them"))
    }
    let services = Set(changes.flatMap(\.restart)).filter { $0.hasSuffix(".service") }
    return steps
      + services.sorted().map {
        Step(
          command: "sudo systemctl restart \($0.printable)", why: "so that it calls listen() again")
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
