import Facts
import JSON

/// What sysctl files have to do with an audit, as text.
enum DriftText {
  /// The text shows so many keys; `files` and JSON have every one.
  private static let mostKeys = 10

  static func write(_ report: Report, _ page: inout TextPage) {
    guard !report.drift.isEmpty || !report.writers.isEmpty else { return }
    let shown = report.drift.prefix(mostKeys)
    let options = page.style.repeatedOptions
    page.heading(
      report.drift.isEmpty
        ? "Drift"
        : "Drift: running values that the next boot would change"
          + (shown.count < report.drift.count
            ? ", \(shown.count) of \(report.drift.count); all: tcptune files\(options)" : ""))
    var table = Table(
      ["key", "now", "after boot", "set by"], [.left, .left, .left, .left], flexible: 3)
    for drift in shown {
      let others = drift.writers.isEmpty ? "" : "  also \(drift.writers.joined(separator: ", "))"
      table.add([
        Table.Cell(drift.key.name.printable), Table.Cell(words(drift.running)),
        Table.Cell(words(drift.boot), .strong),
        Table.Cell("\(drift.source?.description ?? noFile)\(others)".printable, .faint),
      ])
    }
    if !shown.isEmpty { page.table(table) }
    for writer in report.writers {
      page.wrapped(
        "\(writer.writer.name) may write \(writer.keys.map(\.name).joined(separator: ", "))"
          .printable + ": seen at \(writer.writer.seenAt.printable)", first: "  ", rest: 4)
    }
  }

  /// Where nothing sets a key, a boot leaves what the kernel chooses.
  private static let noFile = "no file: the kernel"

  /// Numbers parted by one blank.
  private static func words(_ text: String) -> String {
    FilesReport.Key.words(text).joined(separator: " ").printable
  }
}

/// The same as JSON (design.md 6 promises the names of `drift`).
enum FileJSON {
  static func drift(_ drift: Drift) -> JSONValue {
    .object([
      "key": .string(drift.key.name), "running": .string(words(drift.running)),
      "boot": .string(words(drift.boot)), "system": .optional(drift.system) { .string(words($0)) },
      "file": .optional(drift.source) { .string($0.file) },
      "line": .optional(drift.source) { .integer(Int64($0.line)) },
      "writers": .strings(drift.writers),
    ])
  }

  static func writer(_ writer: SysctlWriter.Touched) -> JSONValue {
    .object([
      "name": .string(writer.writer.name), "seen_at": .string(writer.writer.seenAt),
      "keys": .strings(writer.keys.map(\.name)),
    ])
  }

  private static func words(_ text: String) -> String {
    FilesReport.Key.words(text).joined(separator: " ")
  }
}
