public import Facts

/// What was seen of a host, on a screen of a given size.
public struct WatchScreen {
  private let watched: Watched
  private let view: WatchView
  private let style: TextStyle
  private let glyphs: Glyphs
  private var lines: [String] = []

  /// The lines of the screen, as many as it has rows, none wider than it.
  ///
  /// - Parameters:
  ///   - watched: what was seen.
  ///   - view: the size, and what keys chose.
  ///   - style: whether to use colour.
  /// - Returns: the lines without line ends.
  public static func lines(_ watched: Watched, _ view: WatchView, style: TextStyle) -> [String] {
    var screen = WatchScreen(watched, view, style)
    return screen.draw()
  }

  private init(_ watched: Watched, _ view: WatchView, _ style: TextStyle) {
    self.watched = watched
    self.view = view
    self.style = style
    glyphs = Glyphs(isUnicode: view.isUnicode)
  }

  private mutating func draw() -> [String] {
    let rows = max(0, view.rows)
    guard rows > 0, view.columns > 0 else { return Array(repeating: "", count: rows) }
    // The help gives way first, then what else stands beside the verdict.
    let foot = rows >= 4 ? [help()] : []
    lines = Array([verdict(), gauges(), host()].prefix(rows >= 12 ? 3 : rows >= 6 ? 2 : 1))
    body(rows - foot.count)
    lines = Array(lines.prefix(rows - foot.count))
    while lines.count < rows - foot.count { lines.append("") }
    return lines + foot
  }

  private var line: ScreenLine { ScreenLine(view.columns, style, glyphs) }

  // MARK: Head

  private func verdict() -> String {
    var line = line
    let counts = Severity.allCases.reversed().map { ($0, watched.count($0)) }.filter { $0.1 > 0 }
    let words = counts.map { $0.1.counted($0.0.rawValue) }.joined(separator: ", ")
    if watched.samples < 2 {
      line.add("first look", .strong)
      line.add(": rates come with the next sample")
    } else if let worst = watched.worst, worst > .note {
      line.add(words, worst.role)
      if let first = watched.findings.first { line.add(": \(first.finding.title)", .strong) }
    } else {
      line.add("nothing is wrong now", .good)
      if !words.isEmpty { line.add(", \(words)") }
    }
    return line.text
  }

  private func gauges() -> String {
    var line = line
    let gauges = watched.gauges
    let rate: (Reading<Fraction>) -> String = {
      $0.value.map { WatchNumbers.rate($0) + "/s" } ?? "?"
    }
    let count: (Reading<Int64>) -> String = { $0.value.map(WatchNumbers.count) ?? "?" }
    var facts: [(name: String, value: String, isAlarming: Bool)] = [
      ("drops", rate(gauges.dropped), gauges.dropped.value ?? Fraction(0) > Fraction(0)),
      ("opened", rate(gauges.opened), false),
      ("half-open", count(gauges.halfOpen), false),
      ("cookies", rate(gauges.cookies), gauges.cookies.value ?? Fraction(0) > Fraction(0)),
      ("resent", rate(gauges.retransmitted), false),
      ("established", count(gauges.established), false),
      ("TIME_WAIT", count(gauges.timeWait), false),
    ]
    // Without a walk nobody knows; the counters about SYNs stand beside it.
    if gauges.halfOpen.absence?.kind == .notGathered { facts.removeAll { $0.name == "half-open" } }
    for (index, fact) in facts.enumerated() {
      let width = fact.name.count + 1 + fact.value.count
      guard line.columns + (index > 0 ? 3 : 0) + width <= view.columns else { break }
      if index > 0 { line.add("   ") }
      line.add(fact.name + " ", .faint)
      line.add(fact.value, fact.isAlarming ? .warning : .strong)
    }
    return line.text
  }

  private func host() -> String {
    var line = line
    var facts = [watched.host.name.value.map { $0.printable } ?? "this host"]
    if let release = watched.host.release.value { facts.append("Linux \(release.text.printable)") }
    if let listeners = watched.listeners.value { facts.append(listeners.count.counted("listener")) }
    facts.append("every \(Units.text(Quantity(view.interval, .seconds)))")
    facts.append("for \(WatchNumbers.time(watched.moment - view.start))")
    if watched.undecided > 0 { facts.append("\(watched.undecided.counted("rule")) not checked") }
    if !watched.gaps.isEmpty { facts.append("\(watched.gaps.count) not read") }
    line.add(facts.joined(separator: glyphs.separator), .faint)
    return line.text
  }

  private func help() -> String {
    var line = line
    if view.isPaused { line.add("paused  ", .warning) }
    guard view.hasKeys else {
      line.add("Ctrl-C ends it", .faint)
      return line.text
    }
    line.add("q", .strong)
    line.add(" quit  ", .faint)
    line.add("p", .strong)
    line.add(view.isPaused ? " go on  " : " pause  ", .faint)
    line.add("s", .strong)
    line.add(" sort: \(view.order.rawValue)", .faint)
    return line.text
  }

  // MARK: Body

  /// A part of the screen with its heading.
  private struct Part {
    var rows: Int
    /// How many of its rows one further row of the screen is worth.
    var weight: Int
    var given = 0
  }

  private mutating func body(_ end: Int) {
    let listeners = (watched.listeners.value ?? []).grouped
    let counterColumns = max(1, view.columns / 39)
    let counterRows = (watched.counters.count + counterColumns - 1) / counterColumns
    var parts = [
      Part(rows: max(1, listeners.count), weight: 2),
      Part(rows: watched.findings.reduce(0) { $0 + 1 + advice($1).count }, weight: 2),
      Part(rows: counterRows, weight: 1),
    ]
    let hasGaps = view.rows >= 18
    let headings = parts.count { $0.rows > 0 }
    share(end - lines.count - headings * (hasGaps ? 2 : 1), among: &parts)
    if parts[1].given > 0 {
      heading("Findings", isApart: hasGaps)
      findings(rows: parts[1].given)
    }
    if parts[0].given > 0 {
      if hasGaps { lines.append("") }
      lines += WatchListeners(view: view, style: style, glyphs: glyphs)
        .lines(
          view.order.first(parts[0].given, of: listeners), of: listeners.count,
          absence: watched.listeners.absence)
    }
    if parts[2].given > 0 {
      heading("Counters that moved", isApart: hasGaps)
      counters(rows: parts[2].given, columns: counterColumns)
    }
  }

  private mutating func heading(_ text: String, isApart: Bool) {
    if isApart { lines.append("") }
    var line = line
    line.add(text, .faint)
    lines.append(line.text)
  }

  /// Gives rows one by one to the part that has least of what it wants.
  private func share(_ rows: Int, among parts: inout [Part]) {
    var left = rows
    while left > 0 {
      let hungry = parts.indices.filter { parts[$0].given < parts[$0].rows }
      guard
        let next = hungry.min(by: {
          parts[$0].given * parts[$1].weight < parts[$1].given * parts[$0].weight
        })
      else { return }
      parts[next].given += 1
      left -= 1
    }
  }

  /// With all that there is to say where it fits; else with one line of it, else without.
  private mutating func findings(rows: Int) {
    let needed = watched.findings.map { 1 + advice($0).count }
    let isWhole = rows >= needed.reduce(0, +)
    let isLong = rows >= needed.reduce(0) { $0 + min($1, 2) }
    var room = rows
    for item in watched.findings where room > 0 {
      let finding = item.finding
      var line = line
      if item.goneFor == nil {
        line.add("\(finding.severity.rawValue)[\(finding.rule)]", finding.severity.role)
        line.add(" for \(WatchNumbers.time(watched.moment - item.since))", .faint)
        line.add(isLong ? ": \(finding.title)" : " \(subjects(finding))")
      } else {
        line.add(
          "gone \(WatchNumbers.time(watched.moment - item.lastSeen)) ago: \(finding.rule)", .faint)
      }
      lines.append(line.text)
      room -= 1
      guard isLong, item.goneFor == nil else { continue }
      let further = isWhole ? advice(item) : [oneLine(finding)]
      lines += further
      room -= further.count
    }
  }

  /// The lines below a finding: whom it is about, and what to do.
  private func advice(_ item: WatchedFinding) -> [String] {
    guard item.goneFor == nil else { return [] }
    let finding = item.finding
    let names = subjects(finding)
    let help = help(finding)
    let whole = [names, help].filter { !$0.isEmpty }.joined(separator: glyphs.separator)
    guard 2 + whole.displayColumns > view.columns else { return [oneLine(finding)] }
    var rows: [String] = []
    if !names.isEmpty {
      var line = line
      line.add("  \(names)")
      rows.append(line.text)
    }
    for piece in help.wrapped(to: max(8, view.columns - 4)) {
      var line = line
      line.add("    \(piece)", .faint)
      rows.append(line.text)
    }
    return rows
  }

  private func oneLine(_ finding: Finding) -> String {
    var line = line
    line.add("  \(subjects(finding))")
    let help = help(finding)
    if !help.isEmpty {
      line.add(finding.subjects.isEmpty ? help : "\(glyphs.separator)\(help)", .faint)
    }
    return line.text
  }

  private func help(_ finding: Finding) -> String {
    finding.changes.first.map(FindingText.sentence) ?? finding.remedy ?? ""
  }

  private func subjects(_ finding: Finding) -> String {
    let more = finding.subjects.count > 3 ? " and \(finding.subjects.count - 3) more" : ""
    return finding.subjects.prefix(3).map(\.printable).joined(separator: ", ") + more
  }

  /// Names and rates in columns, downwards.
  private mutating func counters(rows: Int, columns: Int) {
    let shown = Array(watched.counters.prefix(rows * columns))
    let width = (view.columns - 2 * (columns - 1)) / columns
    for row in 0..<min(rows, shown.count) {
      var line = line
      for column in 0..<columns {
        let index = column * rows + row
        guard index < shown.count else { break }
        let rate = WatchNumbers.rate(shown[index].rate) + "/s"
        if column > 0 { line.blanks(2) }
        line.add(shown[index].name.printable, in: max(1, width - 8))
        line.add(rate, in: min(8, width - 1), .right)
      }
      lines.append(line.text)
    }
  }
}

extension String {
  /// The text in lines of at most so many columns, broken at blanks; a longer word stands alone.
  fileprivate func wrapped(to columns: Int) -> [String] {
    var lines: [String] = []
    var used = 0
    for word in utf8.split(separator: UInt8(ascii: " ")).map({ String(Substring($0)) }) {
      let width = word.displayColumns
      if let last = lines.indices.last, used + 1 + width <= columns {
        lines[last] += " \(word)"
        used += 1 + width
      } else {
        lines.append(word)
        used = width
      }
    }
    return lines
  }
}
