public import Facts

/// How a change stands, for a person: what apply, confirm, rollback and status print.
public enum ChangeText {
  /// What came of a command.
  ///
  /// - Parameters:
  ///   - report: the change.
  ///   - plan: what it was made of, for the services to restart; nil where that is not known.
  ///   - style: how it is to look.
  /// - Returns: the text.
  public static func render(_ report: ChangeReport, plan: Plan?, style: TextStyle) -> String {
    var page = TextPage(style)
    let name = report.record.map { "change \($0.id)" } ?? ""
    let count = report.record?.keys.count.counted("key") ?? "no key"
    switch report.outcome {
    case .trial: trial(report, name, count, &page)
    case .kept: kept(report, name, count, plan, &page)
    case .reverted: reverted(report, name, count, &page)
    case .unchanged:
      // A plan of nothing has said so in its first line.
      if plan.map({ !$0.kept.isEmpty }) ?? true {
        page.line("nothing was changed: values and file are as they should be")
      }
    case .uncertain:
      page.line("\(page.style.paint("uncertain", .error)): \(name)")
      for reason in report.reasons { page.wrapped(reason.printable, first: "  ", rest: 4) }
      table(report.keys, &page)
    case .interrupted, .refused, .takenBack, .damaged, .busy, .tooLate, .nothing: break
    }
    return page.text
  }

  private static func trial(
    _ report: ChangeReport, _ name: String, _ count: String, _ page: inout TextPage
  ) {
    let id = report.record?.id ?? ""
    // Where the values were there already only the file is on trial.
    let isFileOnly = report.record?.keys.isEmpty ?? false
    page.wrapped(
      isFileOnly
        ? ": \(name), no value had to be changed; \(report.path ?? "the file") is written once it is"
          + " confirmed" : ": \(name), \(count) in force, not kept yet",
      first: page.style.paint("on trial", .warning), firstWidth: 8, rest: 2)
    page.line()
    let options = report.record?.origin.isInitialNetwork == false ? " --in-namespace" : ""
    page.line("  keep it       sudo tcptune confirm \(id)\(options)")
    page.wrapped(
      "best from a new login: that shows that one can still get in", first: "                ",
      rest: 16)
    page.line("  take it back  sudo tcptune rollback \(id)\(options)")
    let alarm =
      switch report.record?.alarm {
      case .timer: "a timer of systemd does that"
      case .watcher, nil: "a process of its own does that"
      }
    page.wrapped(
      "at \(report.deadline ?? "the deadline"), in \(report.secondsLeft ?? 0) s, \(alarm),"
        + " whatever becomes of this terminal", first: "                ", rest: 16)
  }

  private static func kept(
    _ report: ChangeReport, _ name: String, _ count: String, _ plan: Plan?, _ page: inout TextPage
  ) {
    let place =
      report.path.map { " and in \($0)" } ?? "; no file keeps it, so a reboot takes it back"
    let isFileOnly = report.record?.keys.isEmpty ?? false
    if case .rollback(let id) = report.record?.kind {
      let file =
        report.record?.file.map { file in
          file.after == nil ? "; the file is gone" : "; the file is as it was"
        } ?? ""
      page.wrapped(
        ": change \(id), \(isFileOnly ? "no value had to be put back" : "\(count) as before")\(file)",
        first: page.style.paint("rolled back", .good), firstWidth: 11, rest: 2)
    } else {
      let what =
        isFileOnly
        ? "no value had to be changed; \(report.path ?? "the file") keeps what runs"
        : "\(count) in force\(place)"
      page.wrapped(
        ": \(name), \(what)", first: page.style.paint("kept", .good),
        firstWidth: 4, rest: 2)
    }
    for change in plan?.writes ?? [] where !change.restart.isEmpty {
      page.wrapped(
        "\(change.key) takes effect \(PlanText.effect(of: change))", first: "  ", rest: 4)
    }
  }

  private static func reverted(
    _ report: ChangeReport, _ name: String, _ count: String, _ page: inout TextPage
  ) {
    let reason = report.record?.reason.map { ": \($0)" } ?? ""
    let isFileOnly = report.record?.keys.isEmpty ?? false
    page.wrapped(
      ": \(name), \(isFileOnly ? "no value had been changed" : "\(count) as before")"
        + reason.printable,
      first: page.style.paint("put back", .warning), firstWidth: 8, rest: 2)
  }

  // MARK: Status

  /// How the host's changes stand, key by key.
  ///
  /// - Parameters:
  ///   - report: the changes.
  ///   - isFileAsKept: whether the file is as the last change left it; a remark says how not.
  ///   - isArmed: whether what takes a trial back at its deadline is there; a remark says how not.
  ///   - style: how it is to look.
  /// - Returns: the text.
  public static func status(
    _ report: ChangeReport, isFileAsKept: Bool = true, isArmed: Bool = true, style: TextStyle
  ) -> String {
    var page = TextPage(style)
    guard let record = report.record else {
      page.line("tcptune has changed nothing here, or everything was taken back")
      return page.text
    }
    let title = record.title.printable
    switch report.outcome {
    case .trial:
      page.wrapped(
        ": change \(record.id) (\(title)), \(report.secondsLeft ?? 0) s left; "
          + (isArmed
            ? "taken back at \(report.deadline ?? "the deadline") unless it is confirmed"
            : "what should take it back at \(report.deadline ?? "the deadline") is not there"),
        first: page.style.paint("on trial", .warning), firstWidth: 8, rest: 2)
    case .interrupted:
      page.wrapped(
        ": change \(record.id) (\(title)) was interrupted while \(words(record.phase)); sudo"
          + " tcptune rollback --settle finishes it",
        first: page.style.paint("interrupted", .error), firstWidth: 11, rest: 2)
    default:
      let verdicts = report.keys.map { verdict($0, isKept: true) }
      let wrong = verdicts.count { !$0.isGood }
      let what = [wrong == 0 ? nil : wrong.counted("key"), isFileAsKept ? nil : "the file"]
        .compactMap { $0 }.joined(separator: " and ")
      let head = what.isEmpty ? "as kept" : "\(what) not as kept"
      page.wrapped(
        ": the last change is \(record.id) (\(title))",
        first: page.style.paint(head, what.isEmpty ? .good : .warning), firstWidth: head.count,
        rest: 2)
    }
    if let path = report.path {
      page.line("file: \(path)\(report.outcome == .trial ? ", written once it is confirmed" : "")")
    }
    for remark in report.remarks {
      page.wrapped(
        remark.printable, first: "\(page.style.paint("note", .warning)): ", firstWidth: 6, rest: 2)
    }
    page.line()
    table(report.keys, isKept: report.outcome == .kept, &page)
    return page.text
  }

  /// The table of keys alone: where some are neither as before nor as planned.
  public static func keys(_ report: ChangeReport, style: TextStyle) -> String {
    var page = TextPage(style)
    table(report.keys, &page)
    return page.text
  }

  /// What a rollback would put back, before it is asked about.
  public static func wayBack(_ report: ChangeReport, style: TextStyle) -> String {
    var page = TextPage(style)
    guard let record = report.record else { return "" }
    page.line("roll back change \(record.id) (\(record.title.printable)):")
    for state in report.keys {
      let now = state.now.value.map { KeyState.plain($0).printable } ?? "unknown"
      switch state.owner {
      case .ours:
        page.line("  \(state.key.key)  \(now) -> \(KeyState.plain(state.key.before).printable)")
      case .before, .same: page.line("  \(state.key.key)  \(now)  is as before already")
      case .foreign, .unknown, .gone:
        page.wrapped("left alone: \(state.sentence.printable)", first: "  ", rest: 4)
      }
    }
    if let path = report.path, record.ending == .kept {
      page.line("  \(path)  \(record.file?.before == nil ? "goes" : "as it was before")")
    }
    return page.text
  }

  private static func words(_ phase: ChangeRecord.Phase) -> String {
    switch phase {
    case .armed: "nothing was written yet"
    case .applying: "values were being written"
    case .trial: "it waited to be confirmed"
    case .persisting, .persisted: "it was being kept"
    case .reverting: "it was being taken back"
    }
  }

  // MARK: Keys

  private static func table(
    _ keys: [KeyState], isKept: Bool = true, _ page: inout TextPage
  ) {
    guard !keys.isEmpty else { return }
    var table = Table(
      ["key", "before", "ours", "now", "file", "verdict"],
      [.left, .left, .left, .left, .left, .left], flexible: 5, wraps: true)
    for state in keys {
      let verdict = verdict(state, isKept: isKept)
      table.add([
        Table.Cell(state.key.key.name), Table.Cell(KeyState.plain(state.key.before).printable),
        Table.Cell(KeyState.plain(state.key.after).printable),
        Table.Cell(state.now.value.map { KeyState.plain($0).printable } ?? "unknown"),
        Table.Cell(fileText(state.file)),
        Table.Cell(verdict.text, verdict.isGood ? nil : .warning),
      ])
    }
    // Vectors of three numbers leave no room for the verdict beside them.
    if table.fits(page.style, flexibleAtLeast: 20) { return page.table(table) }
    for state in keys { block(state, isKept: isKept, &page) }
  }

  /// A key over its values, where a row of a table has no room for them.
  private static func block(_ state: KeyState, isKept: Bool, _ page: inout TextPage) {
    let verdict = verdict(state, isKept: isKept)
    page.wrapped(
      ": \(verdict.text)",
      first: "  " + page.style.paint(state.key.key.name, verdict.isGood ? .strong : .warning),
      firstWidth: 2 + state.key.key.name.count, rest: 4)
    var values: [(names: [String], text: String)] = []
    for (name, text) in [
      ("before", KeyState.plain(state.key.before).printable),
      ("ours", KeyState.plain(state.key.after).printable),
      ("now", state.now.value.map { KeyState.plain($0).printable } ?? "unknown"),
      ("file", fileText(state.file)),
    ] {
      if let same = values.firstIndex(where: { $0.text == text }) {
        values[same].names.append(name)
      } else {
        values.append(([name], text))
      }
    }
    for value in values {
      let names = value.names.joined(separator: ", ")
      let padding = String(repeating: " ", count: max(1, 17 - names.count))
      page.wrapped(value.text, first: "    \(names)\(padding)", rest: 6)
    }
  }

  private static func fileText(_ file: KeyState.InFile) -> String {
    switch file {
    case .none: "-"
    case .value(let text): KeyState.plain(text).printable
    case .missing: "no line"
    case .unread: "unread"
    }
  }

  /// One verdict on a key: whose value runs, and whether the file agrees.
  static func verdict(_ state: KeyState, isKept: Bool) -> (text: String, isGood: Bool) {
    switch state.owner {
    case .gone: return ("the key is not there any more", true)
    case .unknown: return ("cannot be read", false)
    case .foreign: return ("changed by somebody else", false)
    case .before where !isKept: return ("as before", true)
    case .ours where !isKept, .same where !isKept: return ("ours, not kept yet", true)
    case .before:
      switch state.file {
      case .value(let text):
        return KeyState.plain(text) == KeyState.plain(state.key.after)
          ? ("as before; the file has ours", false)
          : ("as before; the file has another value", false)
      case .none, .missing, .unread: return ("as before", false)
      }
    case .ours, .same:
      switch state.file {
      case .none: return ("ours, in no file", true)
      case .missing: return ("ours, the file has no line", false)
      case .unread(let reason): return ("ours; \(reason)".printable, false)
      case .value(let text):
        return KeyState.plain(text) == KeyState.plain(state.key.after)
          ? ("running and in the file", true) : ("ours; the file has another value", false)
      }
    }
  }
}
