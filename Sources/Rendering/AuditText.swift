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
  ///   - profile: what profiles would change on the host; nil where none was asked for.
  ///   - style: where the text goes.
  /// - Returns: the text.
  public static func render(
    _ report: Report, minimum: Severity = .note, profile: Plan? = nil, style: TextStyle
  ) -> String {
    var page = TextPage(style)
    verdict(report, &page)
    let isAboutAny = report.findings.contains { !$0.subjects.isEmpty }
    let services = isAboutAny ? report.listeners.value.map(ListenerTable.services) ?? [:] : [:]
    for finding in report.findings where finding.severity >= minimum {
      page.line()
      FindingText(finding: finding, services: services, counters: HostText.counters(report))
        .write(to: &page)
    }
    let hidden = report.findings.count { $0.severity < minimum }
    if hidden > 0 {
      page.line()
      page.line("\(hidden.counted("finding")) below \(minimum.rawValue) not shown")
    }
    listeners(report, &page)
    SocketText(sockets: report.sockets).write(to: &page)
    limits(report, &page)
    DriftText.write(report, &page)
    if let profile { ProfileText.differences(profile, &page) }
    WaiverText.write(report, &page)
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
      let open = Set(report.findings.map(\.rule)).union(report.waived.map(\.finding.rule))
        .union(report.notChecked.map(\.rule))
      let hold = report.rulesApplied - open.count
      var rest = "on \(name): \(hold.counted("rule")) hold\(hold == 1 ? "s" : "")"
      if !words.isEmpty { rest += ", \(words)" }
      if !report.waived.isEmpty { rest += ", \(report.waived.count) waived" }
      if undecided > 0 { rest += ", \(undecided) not checked" }
      // Where nothing could be looked at, nothing is known to be right.
      let (verdict, role): (String, TextStyle.Role) =
        hold == 0 && words.isEmpty
        ? ("nothing could be checked", .warning)
        : words.isEmpty ? ("nothing to change", .good) : ("nothing is wrong", .good)
      page.wrapped(
        rest, first: page.style.paint(verdict, role) + " ", firstWidth: verdict.count + 1, rest: 2)
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
    var table = Table([], [.left, .right, .left], flexible: 2, wraps: true)
    for limit in report.limits {
      table.add([
        Table.Cell(limit.title), Table.Cell(LimitText.value(limit), .strong),
        // Where there is no result, its reason says which input is missing.
        Table.Cell(limit.value.value == nil ? "" : LimitText.inputs(limit), .faint),
      ])
    }
    page.table(table)
  }

  /// Rules that miss facts for the same reasons share a line.
  private static func notChecked(_ report: Report, _ page: inout TextPage) {
    var groups: [(item: NotChecked, rules: [String])] = []
    for item in report.notChecked {
      let same = groups.firstIndex {
        $0.item.subjectCount == item.subjectCount && $0.item.subjects == item.subjects
          && $0.item.hasReasons(of: item) && item.hasReasons(of: $0.item)
      }
      if let same {
        groups[same].rules.append(item.rule)
        for missing in item.missing where !groups[same].item.missing.contains(missing) {
          groups[same].item.missing.append(missing)
        }
      } else {
        groups.append((item, [item.rule]))
      }
    }
    var lines: [String] = []
    // Which rules are about files goes without saying.
    for (item, rules) in groups
    where report.filesMissing == nil || !item.missing.allSatisfy(\.isAboutFiles) {
      let subjects = item.subjects.prefix(3).map(\.printable).joined(separator: ", ")
      let more = item.subjectCount > 3 ? " and \(item.subjectCount - 3) more" : ""
      lines.append(
        rules.joined(separator: ", ") + (subjects.isEmpty ? "" : " for \(subjects)\(more)")
          + ": \(MissingText.sentence(item.missing))")
    }
    lines += (report.gaps + HostText.ownerGaps(report.listeners)).map {
      "\($0.what): \($0.reason)".printable
    }
    if let reason = report.filesMissing?.description ?? report.filesNotCompared {
      lines.append("sysctl files: \(reason)".printable)
    }
    guard !lines.isEmpty else { return }
    page.heading("Not checked")
    for line in lines { page.wrapped(line, first: "  ", rest: 4) }
  }

  // MARK: Next

  /// A command or a program's setting, and what it is good for.
  private struct Step {
    var command: String
    var why: String
  }

  /// The steps of the changes, then those that are the programs' own.
  private static func next(_ report: Report, _ page: inout TextPage) {
    var steps = changeSteps(report, page.style)
    for finding in report.findings where finding.wantsAnotherLimit {
      steps += restartSteps(of: finding, report)
      steps += finding.settings.map {
        Step(command: $0, why: "if its limit stays: the program's own setting")
      }
      if finding.settings.isEmpty {
        steps.append(
          Step(
            command: "tcptune explain \(finding.rule)",
            why: "if its limit stays: the program's own backlog is what to raise"))
      }
    }
    steps += fileSteps(report, page.style.repeatedOptions)
    if report.findings.contains(where: \.sinceBoot) || report.needsWindow {
      steps.append(
        Step(
          command: "tcptune audit\(page.style.liveOptions) --window 10s",
          why: "rates over ten seconds instead of totals since boot"
            + (page.style.isElsewhere ? ", on that host" : "")))
    }
    // What no key and no restart mends has its reasoning on a page.
    for finding in report.findings
    where finding.severity > .note && finding.changes.isEmpty && finding.removals.isEmpty
      && !finding.wantsAnotherLimit
    {
      steps.append(
        Step(command: "tcptune explain \(finding.rule)", why: finding.remedy ?? finding.title))
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

  /// The program may listen since before the cap was raised: a restart tells.
  private static func restartSteps(of finding: Finding, _ report: Report) -> [Step] {
    let queues =
      report.listeners.value?.filter { finding.subjects.contains($0.listener.name) } ?? []
    let why = "so that it calls listen() again"
    let units = Set(queues.compactMap { $0.listener.unit.value }).sorted()
    let others = queues.filter { $0.listener.unit.value == nil }.compactMap {
      $0.listener.owner.value
    }
    let processes = Set(others.map { "\($0.name.value ?? "process") (pid \($0.pid))" }).sorted()
    return units.map { unit in
      unit.hasSuffix(".service")
        ? Step(command: "sudo systemctl restart \(unit.printable)", why: why)
        : Step(command: "restart \(unit.printable)", why: why)
    } + processes.map { Step(command: "restart \($0.printable)", why: why) }
  }

  /// What to look at where files are the matter.
  private static func fileSteps(_ report: Report, _ options: String) -> [Step] {
    var steps: [Step] = []
    let hasChanges = report.findings.contains { !$0.changes.isEmpty }
    if !hasChanges, report.findings.contains(where: { !$0.removals.isEmpty }) {
      steps.append(
        Step(
          command: "tcptune diff\(options)", why: "the lines to take out, as patches of their files"
        ))
    }
    // The files of a saved host are not at hand.
    if !report.drift.isEmpty, !options.has("--snapshot") {
      steps.append(
        Step(
          command: "tcptune files\(options)",
          why: "every line for each key, and what each loader makes of it"))
    }
    return steps
  }

  /// How to make the changes that findings ask for, and what to restart then.
  private static func changeSteps(_ report: Report, _ style: TextStyle) -> [Step] {
    let options = style.repeatedOptions
    let changes = report.findings.flatMap(\.changes)
    guard !changes.isEmpty else { return [] }
    var steps = [
      Step(command: "tcptune diff\(options)", why: "the changes as a patch of 99-tcptune.conf")
    ]
    // The host that was recorded is not the one to change.
    guard !style.isElsewhere else { return steps }
    if report.host.initialNamespace.value == false {
      // Files under /etc set the keys of the first namespace only.
      let values = changes.filter { $0.element == nil }.map { "\($0.key)=\($0.value)" }
      steps = [
        Step(
          command: (style.namespaceEntry.map { "sudo \($0) " } ?? "") + "sysctl -w "
            + (values.isEmpty ? "KEY=VALUE" : values.joined(separator: " ")),
          why: "in this network namespace; for good where it is made: docker run --sysctl, a pod's"
            + " securityContext.sysctls")
      ]
    } else {
      steps.append(
        Step(
          command: "sudo tcptune apply --findings",
          why: "make them, on trial: confirmed or put back"))
    }
    let services = Set(changes.flatMap(\.restart)).filter { $0.hasSuffix(".service") }
    return steps
      + services.sorted().map {
        Step(
          command: "sudo systemctl restart \($0.printable)", why: "so that it calls listen() again")
      }
  }
}

extension NotChecked {
  /// Whether every reason of another is one of its own.
  fileprivate func hasReasons(of other: NotChecked) -> Bool {
    other.missing.allSatisfy { item in missing.contains { $0.absence == item.absence } }
  }
}

extension NotChecked.Missing {
  /// Whether it is a fact about sysctl files.
  fileprivate var isAboutFiles: Bool {
    fact == Subject.entry.rawValue || FactName(fact).map { $0.info?.cost == .files } == true
  }
}

extension Report {
  /// Whether a rule stayed open only because there was one reading.
  fileprivate var needsWindow: Bool {
    window == .sinceBoot
      && notChecked.contains { $0.missing.contains { $0.absence.kind == .noWindow } }
  }
}

extension Finding {
  /// Whether it is for a program to ask for a longer queue; other findings say in their remedy all
  /// that there is to do.
  fileprivate var wantsAnotherLimit: Bool {
    act == .application && changes.isEmpty && evidence.contains { $0.fact == "listener.limit" }
  }
}
