import Facts

/// A finding in rustc's order: what, where, evidence with sources, remedy, what to read.
struct FindingText {
  /// More subjects than these are counted, not listed.
  private static let mostSubjects = 8

  let finding: Finding
  /// The listeners of the report by name, for who owns a subject.
  let services: [String: String]
  /// Since when counters count, in words.
  let counters: String

  func write(to page: inout TextPage) {
    let style = page.style
    let head = "\(finding.severity.rawValue)[\(finding.rule)]"
    page.wrapped(
      style.paint(": \(finding.title)", .strong),
      first: style.paint(head, finding.severity.role), firstWidth: head.count, rest: 2)
    for subject in finding.subjects.prefix(Self.mostSubjects) {
      let service = (service(of: subject) ?? line(subject)).map { "  \($0.printable)" } ?? ""
      page.line("  --> \(subject.printable)\(service)")
    }
    if finding.subjects.count > Self.mostSubjects {
      page.line("  --> and \(finding.subjects.count - Self.mostSubjects) more")
    }
    evidence(&page)
    remedies(&page)
    page.wrapped("tcptune explain \(finding.rule)", first: "   = read: ", rest: 11)
  }

  /// What the line of a file says: `net.core.somaxconn = 1024`.
  private func line(_ subject: String) -> String? {
    func text(_ fact: EntryFact) -> String? {
      finding.evidence.first {
        $0.subject == subject && $0.fact == FactName.entry(fact).description
      }.map { Units.text($0.value) }
    }
    return text(.key).flatMap { key in text(.value).map { "\(key) = \($0)" } }
  }

  /// Facts about a line that its title and its text tell already.
  private static func isToldOtherwise(_ item: Evidence) -> Bool {
    guard case .entry(let fact)? = FactName(item.fact) else { return false }
    if case .boolean = item.value { return true }
    return [.key, .value, .file, .repeated].contains(fact) || item.value == .text("")
  }

  /// Whose listener it is; a destination may have the address of a listener of this host, whose
  /// program is not to blame.
  private func service(of subject: String) -> String? {
    finding.evidence.contains { $0.fact.hasPrefix("destination.") } ? nil : services[subject]
  }

  private func evidence(_ page: inout TextPage) {
    var table = Table([], [.left, .left, .left])
    let manySubjects = finding.subjects.count > 1
    let shown = finding.evidence.filter { !Self.isToldOtherwise($0) }.filter { item in
      item.subject.map { finding.subjects.prefix(Self.mostSubjects).contains($0) } ?? true
    }
    for item in shown {
      let source = manySubjects ? item.subject ?? item.source : item.source
      table.add([
        Table.Cell("   |  \(item.fact)"), Table.Cell(Units.text(item.value)),
        Table.Cell(source.printable, .faint),
      ])
    }
    page.table(table, indent: 0)
    if finding.sinceBoot {
      page.wrapped(
        "only \(counters) show it; it may be long over", first: "   = note: ", rest: 11)
    }
  }

  private func remedies(_ page: inout TextPage) {
    for change in finding.changes {
      page.wrapped(Self.sentence(change), first: "   = help: ", rest: 11)
    }
    for removal in finding.removals {
      page.wrapped(
        "take \(removal.key) out of \(removal.file):\(removal.line)".printable,
        first: "   = help: ", rest: 11)
    }
    if let remedy = finding.remedy {
      page.wrapped(remedy, first: "   = help: ", rest: 11)
    }
    for setting in finding.settings {
      page.wrapped(setting, first: "   = help: ", rest: 11)
    }
    if let act = finding.act, finding.changes.isEmpty, finding.removals.isEmpty {
      let who =
        switch act {
        case .application: "the program must act; no sysctl helps here"
        case .administrator: "the administrator must act; tcptune changes no file of others"
        case .network: "the network must act; no sysctl helps here"
        case .nobody: "nobody needs to act"
        }
      page.wrapped(who, first: "   = note: ", rest: 11)
    }
  }

  /// `net.core.somaxconn: at least 256 (now 128), when the program calls listen() again: restart X`.
  static func sentence(_ change: ProposedChange) -> String {
    let name = change.element.map { "\(change.key) (\($0.rawValue))" } ?? change.key.name
    var text = "set \(name) to \(change.operator.words)\(change.value) (now \(change.current))"
    text += ", takes effect \(change.effect.words)"
    if !change.restart.isEmpty {
      text += ": restart \(change.restart.map(\.printable).joined(separator: ", "))"
    }
    if let uncut = change.cutFrom {
      text += " (\(uncut) would be enough, but is not a sensible value)"
    }
    return text
  }
}
