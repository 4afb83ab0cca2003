public import Facts

/// Every change that was made on a host, for a person.
public enum HistoryText {
  /// The changes, the newest last.
  ///
  /// - Parameters:
  ///   - records: the changes.
  ///   - times: when each began, as the clock on the wall shows it.
  ///   - style: how it is to look.
  /// - Returns: the text.
  public static func render(
    _ records: [ChangeRecord], times: [String], style: TextStyle
  ) -> String {
    var page = TextPage(style)
    guard !records.isEmpty else {
      page.line("tcptune has changed nothing here")
      return page.text
    }
    for (record, time) in zip(records, times) {
      let (what, role) = words(of: record)
      page.wrapped(
        "\(record.title.printable), \(record.keys.count.counted("key"))\(reason(record))",
        first: "\(time)  \(record.id)  \(page.style.paint(what, role)) ",
        firstWidth: time.count + 5 + record.id.count + what.count, rest: 4)
      for key in record.keys {
        page.line(
          "    \(key.key)  \(KeyState.plain(key.before).printable) ->"
            + " \(KeyState.plain(key.after).printable)")
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
