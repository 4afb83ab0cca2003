public import Facts

/// A page as text: what it is here, its formulas filled in, counters, findings, prose, what next.
public enum ExplanationText {
  /// Formulas show so many listeners; `queues` has every one.
  private static let mostListeners = 10
  /// The eye loses the next line of a text that is wider.
  private static let widestText = 100

  /// The page as text.
  public static func render(_ explanation: Explanation, style: TextStyle) -> String {
    var page = TextPage(style, widest: widestText)
    page.wrapped(
      style.paint(explanation.title, .strong),
      first: style.paint(explanation.name, .strong) + ": ",
      firstWidth: explanation.name.count + 2, rest: 2)
    if let alias = explanation.alias {
      page.wrapped("'\(alias.printable)' is explained on this page", rest: 2)
    }
    if !explanation.alsoFits.isEmpty {
      page.wrapped("also: \(explanation.alsoFits.map(\.word).joined(separator: ", "))", rest: 2)
    }
    page.line()
    rows(of: explanation, &page)
    for formula in explanation.queueFormulas {
      if let inputs = explanation.queueInputs { write(formula, inputs, &page) }
    }
    for limit in explanation.limits {
      page.line()
      LimitText.write(limit, &page)
      if let drawing = limit.drawing { TimelineText(drawing, style: style).write(to: &page) }
    }
    counters(explanation, &page)
    let services =
      explanation.queueInputs?.listeners.value.map(ListenerTable.services) ?? [:]
    for finding in explanation.findings {
      page.line()
      FindingText(
        finding: finding, services: services, counters: "totals since it began to count"
      ).write(to: &page)
    }
    for section in explanation.sections {
      write(section.filled { words(for: $0, in: explanation) }, &page)
    }
    related(explanation, &page)
    return page.text
  }

  // MARK: Rows

  /// The head of the page: label and text of each row.
  ///
  /// - Parameters:
  ///   - explanation: the page.
  ///   - options: what a command named in the text must repeat.
  /// - Returns: the rows.
  static func rows(of explanation: Explanation, options: String = "") -> [(String, String)] {
    var rows: [(String, String)]
    switch explanation.subject {
    case .tunable(let facts):
      rows = self.rows(facts)
      rows.insert(contentsOf: fileRows(explanation.files), at: min(2, rows.count))
    case .rule(let facts): rows = self.rows(facts)
    case .reference(let facts): rows = ReferenceText.rows(facts, options: options)
    }
    // Without a host there is nothing to say of one.
    guard !explanation.isLive else { return rows }
    if case .reference(let facts) = explanation.subject { return ReferenceText.titles(facts) }
    return rows.filter { $0.0 != "here" }
  }

  private static func rows(of explanation: Explanation, _ page: inout TextPage) {
    let rows = rows(of: explanation, options: page.style.repeatedOptions)
    let width = rows.map(\.0.count).max() ?? 0
    for (label, text) in rows {
      let padding = String(repeating: " ", count: width - label.count)
      page.wrapped(
        text, first: "  \(page.style.paint(label, .faint))\(padding)  ", firstWidth: width + 4,
        rest: width + 4)
    }
  }

  /// What the next boot sets, and every line for the key where there are several.
  private static func fileRows(_ files: Explanation.FileLines?) -> [(String, String)] {
    guard let files else { return [] }
    guard !files.lines.isEmpty else { return [("next boot", "no sysctl file sets it")] }
    var rows: [(String, String)] = []
    if let boot = files.boot {
      let value = boot.effective.map { words($0) } ?? "unchanged: \(boot.outcome)"
      rows.append(("next boot", "\(value), by \(boot.source)".printable))
    } else {
      rows.append(("next boot", "no line for it is read at boot"))
    }
    if files.lines.count > 1 || files.boot == nil {
      let lines = files.lines.map { "\($0.source): \(words($0.value))" }
      rows.append(("in files", lines.joined(separator: ", ").printable))
    }
    return rows
  }

  private static func words(_ text: String) -> String {
    FilesReport.Key.words(text).joined(separator: " ")
  }

  private static func rows(_ facts: Explanation.TunableFacts) -> [(String, String)] {
    var rows = [
      ("here", facts.value.value.map { Units.own($0, facts.unit) } ?? missing(facts.value)),
      ("default", defaultWords(facts)),
    ]
    if !facts.elements.isEmpty {
      rows.append(("numbers", facts.elements.map(\.rawValue).joined(separator: ", ")))
    }
    switch facts.access {
    case .readWrite where facts.form == .numbers:
      rows.append(("kernel takes", Units.range(facts.range)))
      rows.append(("sensible", Units.range(facts.sensible)))
    case .readWrite where facts.form == .ports:
      rows.append(("kernel takes", "ports and ranges of them, \(Units.range(facts.range))"))
    case .readWrite: break
    case .readOnly: rows.append(("access", "read-only"))
    case .secret: rows.append(("access", "root only; never read, shown or saved here"))
    }
    rows.append(("takes effect", facts.effect.words))
    let since = facts.namespacedSince.map { " since Linux \($0)" } ?? ""
    rows.append(
      (
        "scope",
        facts.isNamespaced ? "each network namespace has its own\(since)" : "the whole host"
      ))
    if let since = facts.since { rows.append(("since", "Linux \(since)")) }
    if let removed = facts.removed { rows.append(("removed in", "Linux \(removed)")) }
    return rows
  }

  /// The default here, how it comes about, since when it is so and what was before.
  private static func defaultWords(_ facts: Explanation.TunableFacts) -> String {
    let formula =
      facts.defaultIsComputed ? facts.defaultFormula?.joined(separator: ", ") : nil
    var words: String
    switch (facts.defaultValue, formula) {
    case (.known(let content), let formula):
      words = (facts.defaultIsApproximate ? "about " : "") + Units.own(content, facts.unit)
      if let formula { words += " = \(formula)" }
    case (.missing, let formula?):
      let reason = (facts.defaultValue.absence?.reason ?? "").printable
      words = "\(formula) (not known here: \(reason))"
    case (.missing, nil): words = missing(facts.defaultValue)
    }
    if let since = facts.defaultSince { words += ", since Linux \(since)" }
    if let before = facts.defaultBefore { words += "; before: \(before.joined(separator: ", "))" }
    return words
  }

  private static func rows(_ facts: Explanation.RuleFacts) -> [(String, String)] {
    var rows = [
      ("here", state(facts.state)),
      ("severity", "\(facts.severity.rawValue), confidence \(facts.confidence.rawValue)"),
      ("looks at", facts.subject == "host" ? "the host" : "each \(facts.subject)"),
      ("fires when", facts.when),
    ]
    for change in facts.changes { rows.append(("would set", change)) }
    for removal in facts.removals { rows.append(("takes out", removal)) }
    if let effect = facts.effect { rows.append(("takes effect", effect.words)) }
    if let act = facts.act { rows.append(("who acts", act.rawValue)) }
    if let remedy = facts.remedy { rows.append(("what to do", remedy)) }
    return rows
  }

  private static func state(_ state: Explanation.RuleFacts.State) -> String {
    switch state {
    case .notThisKernel: "not about this kernel"
    case .fires: "fires"
    case .quiet: "quiet"
    case .undecided(let missing): "undecided: \(MissingText.sentence(missing))"
    }
  }

  private static func missing<Wrapped>(_ reading: Reading<Wrapped>) -> String {
    (reading.absence?.description ?? "").printable
  }

  // MARK: Formulas

  private static func write(
    _ formula: Explanation.QueueFormula, _ inputs: Explanation.QueueInputs, _ page: inout TextPage
  ) {
    let text = QueueFormulaText(inputs: inputs)
    page.heading(text.title(of: formula))
    page.wrapped(text.symbols(of: formula), first: "  = ", rest: 4)
    if let numbers = text.filled(formula) { page.wrapped(numbers, first: "  = ", rest: 4) }
    switch inputs.listeners {
    case .missing(let absence):
      page.wrapped("listeners: \(absence)".printable, first: "    ", rest: 6)
    case .known(let all):
      let programs = all.prefix(mostListeners).map { ListenerTable.program($0.listener) }
      let known = programs.contains { $0 != "-" }
      var table = Table([], [.left, .left] + (known ? [.left] : []), flexible: known ? 1 : nil)
      for (queues, program) in zip(all, programs) {
        table.add(
          [Table.Cell(queues.listener.name.printable)]
            + (known ? [Table.Cell(program, .faint)] : [])
            + [Table.Cell(text.filled(formula, queues))])
      }
      page.table(table, indent: 4)
      if all.count > mostListeners {
        page.line("    and \(all.count - mostListeners) more: tcptune queues")
      }
    }
    if let note = text.note(on: formula) { page.wrapped(note, first: "  ", rest: 2) }
  }

  private static func counters(_ explanation: Explanation, _ page: inout TextPage) {
    guard !explanation.counters.isEmpty else { return }
    page.heading("Counters")
    var table = Table([], [.left, .right, .left])
    for row in explanation.counters {
      let total = row.total.value.map { self.total($0, row) } ?? missing(row.total)
      let rate = row.rate.map { $0.value.map(Units.text) ?? missing($0) } ?? ""
      table.add([row.name, total, rate])
    }
    page.table(table)
  }

  /// A counter's number with what it stands for.
  static func total(_ number: Int64, _ row: Explanation.CounterRow) -> String {
    "\(number) \(row.isLevel ? "now" : "since boot")"
  }

  // MARK: Prose

  /// What stands in a page's text for a key or a limit in braces: its value, or without a host its
  /// name.
  static func words(for word: String, in explanation: Explanation) -> String {
    guard explanation.isLive else {
      return word.hasPrefix("limits.")
        ? word.dropFirst("limits.".count).map { $0 == "_" ? " " : String($0) }.joined() : word
    }
    return words(of: explanation.fillings[word])
  }

  private static func words(of filling: Explanation.Filling?) -> String {
    switch filling {
    case .numbers(let numbers, let unit): Units.own(numbers, unit)
    case .text(let text): text.isEmpty ? "empty" : text.printable
    case .limit(let limit): limit.value.value.map { Units.text($0) } ?? "unknown"
    case .unknown, nil: "unknown"
    }
  }

  private static func write(_ section: Section, _ page: inout TextPage) {
    if section.heading.isEmpty { page.line() } else { page.heading(section.heading) }
    for (index, block) in section.blocks.enumerated() {
      if index > 0 { page.line() }
      switch block {
      case .paragraph(let text): page.wrapped(text)
      case .list(let items):
        for item in items { page.wrapped(item, first: "- ", rest: 2) }
      case .code(_, let lines):
        for line in lines { page.line("    \(line)") }
      }
    }
  }

  private static func related(_ explanation: Explanation, _ page: inout TextPage) {
    var links = explanation.related
    // The keys stand in the head, with the same sentences.
    if case .reference(let facts) = explanation.subject {
      let keys = Set(facts.keys.map(\.key.name))
      links.removeAll { keys.contains($0.name) }
    }
    if !links.isEmpty {
      page.heading("Read on with tcptune explain")
      page.glossary(links.map { ($0.word, $0.title) })
    }
    page.line()
    page.wrapped(
      explanation.sources.joined(separator: ", "),
      first: page.style.paint("Sources: ", .faint), firstWidth: 9, rest: 9)
  }
}
