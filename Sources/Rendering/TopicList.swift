import Facts
import JSON

/// Pages in a list, by what they are about.
public enum TopicList {
  /// A page of the list.
  public struct Entry: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// `tunable`, `rule`, `counter`, `state`, `error`, `concept`.
    public var kind: String
    /// One line about it.
    public var title: String

    /// A page of the list.
    public init(name: String, kind: String, title: String) {
      self.name = name
      self.kind = kind
      self.title = title
    }
  }

  /// The kinds in the order of reading, with their headings.
  private static let kinds = [
    ("concept", "Concepts"), ("state", "States"), ("error", "Errors"), ("counter", "Counters"),
    ("tunable", "Keys"), ("rule", "Rules"),
  ]

  private static func groups(_ entries: [Entry]) -> [(heading: String, entries: [Entry])] {
    kinds.map { kind, heading in (heading, entries.filter { $0.kind == kind }) }
      .filter { !$0.entries.isEmpty }
  }

  /// One line for each page, under the heading of its kind.
  public static func text(_ entries: [Entry], style: TextStyle) -> String {
    var page = TextPage(style)
    for group in groups(entries) {
      page.heading(group.heading)
      var table = Table([], [.left, .left], flexible: 1, wraps: true)
      for entry in group.entries { table.add([entry.name.printable, entry.title.printable]) }
      page.table(table)
    }
    return page.text
  }

  /// The pages as one document.
  public static func json(_ entries: [Entry]) -> String {
    JSONText.document([
      "pages": .array(
        entries.map {
          .object([
            "name": .string($0.name), "kind": .string($0.kind), "title": .string($0.title),
          ])
        })
    ])
  }

  /// The pages as Markdown.
  public static func markdown(_ entries: [Entry]) -> String {
    groups(entries).map { group in
      "## \(group.heading)\n\n"
        + group.entries.map { "- `\($0.name)`: \($0.title)\n" }.joined()
    }.joined(separator: "\n")
  }
}
