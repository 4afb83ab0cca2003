public import Facts

/// The sysctl files for people: the verdict, then key by key, then what is wrong.
public enum FilesText {
  /// The whole text.
  ///
  /// - Parameters:
  ///   - report: what the files make of the keys.
  ///   - key: the key that was asked for, of which everything is shown; nil for all.
  ///   - style: how it is to look.
  /// - Returns: lines, each with its newline.
  public static func render(
    _ report: FilesReport, key: SysctlKey? = nil, style: TextStyle
  ) -> String {
    var page = TextPage(style)
    let shown = key == nil ? report.keys.filter { isShown($0, report) } : report.keys
    page.wrapped(style.paint(verdict(report, key), report.problems.isEmpty ? .good : .strong))
    page.wrapped(explanation(report))
    for item in shown { keyBlock(item, report, isWhole: key != nil, &page) }
    if key == nil, shown.count < report.keys.count {
      page.line()
      page.wrapped(
        "\((report.keys.count - shown.count).counted("more key")) that no page describes"
          + "\(report.comparesRunning ? ", each as the files say" : ""); tcptune files KEY shows one"
      )
    }
    unnamed(report, &page)
    problems(report, &page)
    gaps(report, &page)
    return page.text
  }

  /// Keys that the catalogue knows, and those where something differs.
  private static func isShown(_ key: FilesReport.Key, _ report: FilesReport) -> Bool {
    key.isTunable || key.differs(between: report.boot, and: report.system)
      || (report.comparesRunning
        && (key.differs(after: report.boot) || key.differs(after: report.system)))
  }

  // MARK: Verdict

  private static func verdict(_ report: FilesReport, _ key: SysctlKey?) -> String {
    let files = report.fileCount.counted("file")
    if let key, report.keys.isEmpty {
      let isChanged = !report.unnamed.isEmpty
      return "no file sets \(key.name.printable)\(isChanged ? ", and it is changed now" : "")"
    }
    var parts: [String] = []
    if !report.problems.isEmpty {
      parts.append("\(report.problems.count.counted("problem")) in \(files)")
    }
    let drifted =
      report.comparesRunning ? report.keys.filter { $0.differs(after: report.boot) } : []
    if !drifted.isEmpty {
      parts.append(
        "\(drifted.count.counted("key")) \(drifted.count == 1 ? "runs" : "run") with another value"
          + " than boot would set")
    }
    if !report.unnamed.isEmpty {
      let count = report.unnamed.count
      parts.append(
        "\(count.counted("key")) \(count == 1 ? "is" : "are") changed now and named by no file")
    }
    if !parts.isEmpty { return parts.joined(separator: "; ") }
    if report.fileCount == 0 { return "no sysctl file: every key is as the kernel set it" }
    let keys = report.keys.count.counted("key")
    return report.comparesRunning
      ? "no problem in \(files): \(keys) set, each as it runs"
      : "no problem in \(files): \(keys) set"
  }

  private static func explanation(_ report: FilesReport) -> String {
    let titles = Dictionary(report.loaders.map { ($0.name, $0.title) }) { first, _ in first }
    let compares = report.notCompared.map { "; running values are not compared: \($0)" } ?? ""
    return "\(report.kernel); boot is \(titles[report.boot] ?? report.boot), system is"
      + " \(titles[report.system] ?? report.system)\(compares)"
  }

  // MARK: Keys

  /// A key that more lines name is not told by more of them.
  private static let mostLines = 40

  private static func keyBlock(
    _ key: FilesReport.Key, _ report: FilesReport, isWhole: Bool, _ page: inout TextPage
  ) {
    page.heading(key.name.printable)
    var table = Table([], [.left, .left, .left], flexible: 2, wraps: true)
    if let running = key.running.value {
      table.add(["running", plain(running), ""])
    } else if let absence = key.running.absence, absence.kind != .notGathered {
      table.add(["running", "?", "\(absence)".printable])
    }
    let columns = [("boot", report.boot), ("system", report.system)]
    for (title, loader) in columns { table.add(row(title, loader, key, report)) }
    if isWhole {
      for loader in report.loaders.map(\.name)
      where loader != report.boot && loader != report.system {
        table.add(row(loader, loader, key, report))
      }
    }
    let winners = Set(columns.compactMap { key.loaders[$0.1]?.source })
    let others = key.assignments.filter { isWhole || !winners.contains($0.source) }
    for assignment in others.prefix(mostLines) {
      table.add([
        .init(isWhole ? "line" : "loses"), .init(plain(assignment.value)),
        .init("\(assignment.source)\(roles(assignment, report, isWhole))".printable, .faint),
      ])
    }
    if others.count > mostLines {
      table.add(["", "", "\((others.count - mostLines).counted("more line")); JSON has them all"])
    }
    page.table(table)
  }

  private static func row(
    _ title: String, _ loader: String, _ key: FilesReport.Key, _ report: FilesReport
  ) -> [Table.Cell] {
    guard let outcome = key.loaders[loader] else {
      return [.init(title), .init("as it is", .faint), .init("")]
    }
    let differs = report.comparesRunning && key.differs(after: loader)
    let value = outcome.effective.map(plain) ?? (outcome.outcome == "refused" ? "as it is" : "?")
    let remark =
      switch outcome.outcome {
      case "taken": ""
      case "cut": ", of which the kernel takes only the beginning: '\(plain(outcome.value))'"
      case "partly": ", which sets only the first numbers: '\(plain(outcome.value))'"
      case "refused": " is refused: '\(plain(outcome.value))'"
      default: ", whose effect cannot be known"
      }
    return [
      .init(title), .init(value, differs ? .warning : nil),
      .init("\(outcome.source.description.printable)\(remark)"),
    ]
  }

  /// What becomes of a line, said once where all loaders agree.
  private static func roles(
    _ assignment: FilesReport.Assignment, _ report: FilesReport, _ isWhole: Bool
  ) -> String {
    let names =
      isWhole
      ? report.loaders.map { ($0.name, $0.name) }
      : [("boot", report.boot), ("system", report.system)]
    let roles = names.map { ($0.0, assignment.roles[$0.1] ?? "not read") }
    if let first = roles.first?.1, roles.allSatisfy({ $0.1 == first }) { return "  \(first)" }
    return "  " + roles.map { "\($0.0): \($0.1)" }.joined(separator: "; ")
  }

  private static func plain(_ value: String) -> String {
    let text = value.substituting(" ", for: "\t").printable
    return text.utf8.count > 60 ? "\(text.prefix(59))…" : text.isEmpty ? "(empty)" : text
  }

  // MARK: Changed by no file

  private static func unnamed(_ report: FilesReport, _ page: inout TextPage) {
    guard !report.unnamed.isEmpty else { return }
    page.heading("Changed now, and named by no file: a boot leaves what the kernel chooses")
    var table = Table(["key", "now", "the kernel's own"], [.left, .left, .left], flexible: 2)
    for key in report.unnamed {
      table.add([
        .init(key.key.name.printable), .init(plain(key.running), .warning),
        .init(plain(key.standard)),
      ])
    }
    page.table(table)
  }

  // MARK: Problems

  private static func problems(_ report: FilesReport, _ page: inout TextPage) {
    guard !report.problems.isEmpty else { return }
    page.heading("Problems")
    let all = Set(report.problems.flatMap(\.loaders))
    for problem in report.problems {
      let place = problem.line.map { "\(problem.file):\($0)" } ?? problem.file
      let who =
        problem.loaders.count == all.count && all.count > 1
        ? "" : " (\(problem.loaders.joined(separator: ", ")))"
      page.wrapped(
        "\(problem.message)\(who)".printable,
        first: "  \(page.style.paint("\(place.printable):", .warning)) ",
        firstWidth: place.printable.count + 4, rest: 6)
    }
  }

  private static func gaps(_ report: FilesReport, _ page: inout TextPage) {
    guard !report.gaps.isEmpty else { return }
    page.heading("Not read")
    for gap in report.gaps {
      page.wrapped("\(gap.what): \(gap.reason)".printable, first: "  ", rest: 6)
    }
  }
}
