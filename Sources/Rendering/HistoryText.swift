public import Facts

/// Every change that was made on a host, for a person.
public enum HistoryText {
  /// The changes, the newest last.
  ///
  /// - Parameters:
  ///   - records: the changes.
  ///   - times: when each began, as the clock on the wall shows it.
  ///   - ends: when each ended, likewise; empty where nobody knows.
  ///   - style: how it is to look.
  /// - Returns: the text.
  public static func render(
    _ records: [ChangeRecord], times: [String], ends: [String], style: TextStyle
  ) -> String {
    var page = TextPage(style)
    guard !records.isEmpty else {
      page.line("tcptune has changed nothing here")
      return page.text
    }
    for (record, (time, end)) in zip(records, zip(times, ends)) {
      let isBack = record.ending == .reverted
      let (kind, role) = words(of: record)
      let what = isBack && !end.isEmpty ? "\(kind) at \(end):" : kind
      page.wrapped(
        "\(record.title.printable), \(record.keys.count.counted("key"))\(reason(record))",
        first: "\(time)  \(record.id)  \(page.style.paint(what, role)) ",
        firstWidth: time.count + 5 + record.id.count + what.count, rest: 4)
      for key in record.keys {
        let (before, after) = (KeyState.plain(key.before), KeyState.plain(key.after))
        // What was put back shows no change that anybody would look for.
        let end =
          !isBack
          ? "\(before) -> \(after)"
          : record.conflicts.contains(key.key)
            ? "\(before) -> \(after), then somebody else's: left alone"
            : "\(before) again; \(after) was tried"
        page.line("    \(key.key)  \(end)".printable)
      }
    }
    return page.text
  }

  private static func words(of record: ChangeRecord) -> (String, TextStyle.Role) {
    switch (record.kind, record.ending) {
    case (.apply, .kept): ("kept", .good)
    case (.rollback(let id), .kept): ("rolled back \(id):", .good)
    case (_, .reverted): ("put back", .warning)
    case (_, nil): ("open", .warning)
    }
  }

  private static func reason(_ record: ChangeRecord) -> String {
    guard record.ending == .reverted, let reason = record.reason else { return "" }
    let left =
      record.conflicts.isEmpty
      ? ""
      : "; left alone: \(record.conflicts.map(\.name).joined(separator: ", "))"
    return " (\(reason)\(left))".printable
  }
}
