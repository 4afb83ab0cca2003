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
    for group in groups(entries) { glossary(group, &page) }
    return page.text
  }

  /// All pages.
  ///
  /// A terminal is spared the sentences of the kinds that have most pages; a pipe has one
  /// line for each page.
  public static func overview(_ entries: [Entry], style: TextStyle) -> String {
    guard let width = style.width else { return text(entries, style: style) }
    var page = TextPage(style)
    for group in groups(entries) {
      guard let first = group.entries.first, hasManyPages(first.kind) else {
        glossary(group, &page)
        continue
      }
      page.heading(group.heading)
      let names = group.entries.map(shortName)
      // Two keys may end alike.
      let doubles = Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }
      page.columns(
        zip(group.entries, names).map { entry, name in
          doubles[name] == nil ? name.printable : entry.name.printable
        }, width: width)
    }
    page.line()
    page.glossary([
      ("tcptune explain NAME", "one page; an error or a line of a log finds its page too"),
      ("tcptune explain --search WORDS", "the pages that have these words"),
      ("tcptune explain | less", "every page with a sentence about it"),
    ])
    return page.text
  }

  private static func glossary(
    _ group: (heading: String, entries: [Entry]), _ page: inout TextPage
  ) {
    page.heading(group.heading)
    page.glossary(group.entries.map { ($0.name.printable, $0.title.printable) })
  }

  private static func hasManyPages(_ kind: String) -> Bool {
    ["counter", "tunable", "rule"].contains(kind)
  }

  /// The name that is enough to find the page: of a key its last part.
  private static func shortName(of entry: Entry) -> Substring {
    guard entry.kind == "tunable", let dot = entry.name.utf8.lastIndex(of: UInt8(ascii: ".")) else {
      return entry.name[...]
    }
    return entry.name[entry.name.utf8.index(after: dot)...]
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
