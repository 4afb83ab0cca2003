public import Facts

/// Every network namespace of a machine as text.
public enum NamespaceText {
  /// A row for each namespace, what differs in it, and its findings in a line each.
  ///
  /// - Parameters:
  ///   - all: the namespaces, the caller's own first.
  ///   - gaps: what could not be looked at.
  ///   - minimum: findings below this severity are counted but not shown.
  ///   - style: where the text goes.
  /// - Returns: the text.
  public static func render(
    _ all: [NamespaceReport], gaps: [Gap], minimum: Severity, style: TextStyle
  ) -> String {
    var page = TextPage(style)
    verdict(all, &page)
    page.heading("Namespaces")
    page.table(table(all))
    findings(all, minimum, &page)
    differences(all, &page)
    hostWide(all, &page)
    notRead(all, gaps, &page)
    next(all, &page)
    return page.text
  }

  private static func verdict(_ all: [NamespaceReport], _ page: inout TextPage) {
    let host = all.first?.report.value?.host.name.value?.printable ?? "this host"
    let count = all.count.counted("network namespace")
    let findings = all.compactMap(\.report.value).flatMap(\.findings)
    let counts = Severity.allCases.reversed().compactMap { severity in
      let number = findings.count { $0.severity == severity }
      return number > 0 ? number.counted(severity.rawValue) : nil
    }
    guard let worst = findings.map(\.severity).max(), worst > .note else {
      let verdict = counts.isEmpty ? "nothing to change" : "nothing is wrong"
      let notes = counts.isEmpty ? "" : ", \(counts.joined(separator: ", "))"
      page.wrapped(
        "in \(count) on \(host)\(notes)", first: page.style.paint(verdict, .good) + " ",
        firstWidth: verdict.count + 1, rest: 2)
      return
    }
    let words = counts.joined(separator: ", ")
    page.wrapped(
      "in \(count) on \(host)", first: page.style.paint(words, worst.role) + " ",
      firstWidth: words.count + 1, rest: 2)
  }

  /// Its name, or the process that was there first.
  static func name(_ namespace: NamespaceReport) -> String {
    let isInitial = namespace.report.value?.host.initialNamespace.value == true
    if let name = namespace.names.first { return name.printable }
    return isInitial ? "initial" : String(namespace.inode)
  }

  private static func processes(_ namespace: NamespaceReport) -> String {
    guard let first = namespace.first else { return "none" }
    let others = namespace.processes - 1
    return "\(first.name.printable)(\(first.pid))" + (others > 0 ? "+\(others)" : "")
  }

  // MARK: Table

  private static func table(_ all: [NamespaceReport]) -> Table {
    var table = Table(
      [
        "namespace", "processes", "listeners", "fullest", "connected", "TIME_WAIT", "overflows",
        "drops", "findings",
      ],
      [.left, .left, .right, .right, .right, .right, .right, .right, .left], flexible: 1)
    for namespace in all {
      let ends = [Table.Cell(name(namespace), .strong), Table.Cell(processes(namespace))]
      switch namespace.report {
      case .missing(let absence):
        table.add(ends + (1...6).map { _ in Table.Cell("?") } + [Table.Cell(absence.reason)])
      case .known(let report): table.add(ends + cells(report))
      }
    }
    return table
  }

  private static func cells(_ report: Report) -> [Table.Cell] {
    let listeners = report.listeners.value
    let fullest = listeners?.first
    let isFull = fullest.map { $0.listener.peak > $0.listener.limit } ?? false
    let counts = Severity.allCases.reversed().map { ($0, report.count($0)) }.filter { $0.1 > 0 }
    return [
      Table.Cell(listeners.map { String($0.count) } ?? "?"),
      Table.Cell(
        fullest.map { "\($0.listener.length)/\($0.listener.limit)" } ?? "-",
        isFull ? .error : nil),
      Table.Cell(report.sockets.establishedOrCloseWait.value.map(String.init) ?? "?"),
      Table.Cell(report.sockets.timeWait.value.map(String.init) ?? "?"),
      Table.Cell(report.overflows.value.map(String.init) ?? "?"),
      Table.Cell(report.drops.value.map(String.init) ?? "?"),
      Table.Cell(
        counts.isEmpty
          ? "-" : counts.map { $0.1.counted($0.0.rawValue) }.joined(separator: ", "),
        counts.first?.0.role),
    ]
  }

  // MARK: Below the table

  private static func findings(
    _ all: [NamespaceReport], _ minimum: Severity, _ page: inout TextPage
  ) {
    for namespace in all {
      let shown = (namespace.report.value?.findings ?? []).filter { $0.severity >= minimum }
      guard !shown.isEmpty else { continue }
      page.heading("Findings in \(name(namespace))")
      for finding in shown {
        let head = "\(finding.severity.rawValue)[\(finding.rule)]"
        let more = finding.subjects.count - 3
        let subjects =
          finding.subjects.prefix(3).map { " \($0.printable)" }.joined(separator: ",")
          + (more > 0 ? " and \(more) more" : "")
        page.wrapped(
          ": \(finding.title)" + (subjects.isEmpty ? "" : ":\(subjects)"),
          first: "  " + page.style.paint(head, finding.severity.role),
          firstWidth: head.count + 2, rest: 4)
      }
    }
  }

  /// Namespaces with the same differences share a line.
  private static func differences(_ all: [NamespaceReport], _ page: inout TextPage) {
    guard let first = all.first else { return }
    var groups: [(names: [String], words: [String])] = []
    for namespace in all.dropFirst() where !namespace.differing.isEmpty {
      let words = namespace.differing.map { key in
        "\(key) \(text(key, namespace)) (\(name(first)): \(text(key, first)))"
      }
      if let same = groups.firstIndex(where: { $0.words == words }) {
        groups[same].names.append(name(namespace))
      } else {
        groups.append(([name(namespace)], words))
      }
    }
    guard !groups.isEmpty else { return }
    page.heading("Keys with other values than in \(name(first))")
    for group in groups {
      page.line("  \(page.style.paint(group.names.joined(separator: ", "), .strong))")
      for words in group.words { page.line("    \(words)") }
    }
  }

  private static func text(_ key: SysctlKey, _ namespace: NamespaceReport) -> String {
    let row = namespace.report.value?.tunables.first { $0.key == key }
    guard let value = row?.value.value else { return "?" }
    return value.isEmpty
      ? "(empty)" : value.split { $0 == "\t" }.joined(separator: " ").printable
  }

  /// What belongs to the machine and not to a namespace, from the one that shows it.
  private static func hostWide(_ all: [NamespaceReport], _ page: inout TextPage) {
    let rows =
      all.compactMap(\.report.value)
      .first { $0.tunables.contains { $0.isHostWide == true && $0.value.value != nil } }?
      .tunables.filter { $0.isHostWide == true && $0.value.value != nil } ?? []
    guard !rows.isEmpty else { return }
    page.heading("Of the whole host, the same for every namespace")
    for row in rows {
      let value = row.value.value.map { $0.split { $0 == "\t" }.joined(separator: " ") } ?? "?"
      page.line("  \(row.key) \(value.printable)")
    }
  }

  private static func notRead(_ all: [NamespaceReport], _ gaps: [Gap], _ page: inout TextPage) {
    page.heading("Not checked")
    page.wrapped(
      "half-open and half-closed connections: a walk for each namespace would visit all sockets of"
        + " the machine; --netns NAME makes one", first: "  ", rest: 4)
    for gap in gaps { page.wrapped("\(gap.what): \(gap.reason)".printable, first: "  ", rest: 4) }
    for namespace in all {
      for gap in namespace.report.value?.gaps ?? [] {
        page.wrapped(
          "\(name(namespace)): \(gap.what): \(gap.reason)".printable, first: "  ", rest: 4)
      }
    }
  }

  private static func next(_ all: [NamespaceReport], _ page: inout TextPage) {
    let worst = all.max { a, b in
      (a.report.value?.worst).map { worst in
        (b.report.value?.worst).map { worst < $0 } ?? false
      } ?? (b.report.value?.worst != nil)
    }
    guard let address = worst?.address else { return }
    page.heading("Next")
    page.line("  " + page.style.paint("tcptune audit --netns \(address.printable)", .strong))
  }
}

extension Report {
  /// SYNs and final ACKs that a full accept queue cost, since the namespace began.
  fileprivate var overflows: Reading<Int64> { counts["TcpExt.ListenOverflows"] ?? Self.noCount }
  /// Those and all others that listeners dropped.
  fileprivate var drops: Reading<Int64> { counts["TcpExt.ListenDrops"] ?? Self.noCount }

  private static let noCount = Reading<Int64>.notGathered("not in the report")
}
