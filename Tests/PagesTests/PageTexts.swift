import Facts
import Pages
import Testing

/// Pages that pass every check, for tests that break one thing.
enum PageTexts {
  static let rule = """
    ---
    id: cap-too-low
    title: the cap is lower than it need be
    severity: warning
    confidence: high
    when: net.core.somaxconn < 1024
    set: net.core.somaxconn at-least 1024
    effect: next-listen
    risk: low
    kernel: any
    sources: Q1.1, kernel:net/socket.c
    ---
    What happens.

    ## Why

    Because.

    ## What the change does

    It raises the cap.

    ## When to leave it alone

    Never.

    ## Examples

    ```fires
    net.core.somaxconn = 128
    ```

    ```quiet
    net.core.somaxconn = 1024
    ```

    """

  static let somaxconn = """
    ---
    key: net.core.somaxconn
    title: the cap on the backlog of listen()
    type: integer
    unit: connections
    range: 4.1: 0..2147483647; 0..65535
    sensible: 128..65536
    default: 5.4: 4096; 128
    namespaced: 3.14: yes; no
    since: always
    removed: never
    capacity: yes
    effect: next-listen
    counters: TcpExt.ListenOverflows
    related: none
    sources: Q1.1
    ---
    What it is.

    ## What it does

    Text.

    ## How it meets the others

    Text.

    ## How to see it at work

    Text.

    ## When to change it

    Text.

    ## When to leave it alone

    Text.

    """

  /// A tunable's page like that of somaxconn with other fields.
  static func tunable(_ key: String, _ fields: [(String, String)]) throws -> PageFile {
    var text = try somaxconn.bent("key: net.core.somaxconn", "key: \(key)")
    for (name, value) in fields {
      let old = try #require(text.split(separator: "\n").first { $0.hasPrefix("\(name): ") })
      text = try text.bent(String(old), "\(name): \(value)")
    }
    return try PageFile(path: "Rules/tunables/\(key).md", text: text)
  }

  /// The pages of keys that rules of these tests speak of.
  static func tunables() throws -> [PageFile] {
    [
      try tunable("net.core.somaxconn", []),
      try tunable(
        "net.ipv4.tcp_fin_timeout",
        [("unit", "s"), ("range", "0..8589934"), ("sensible", "5..600"), ("default", "60s")]),
      try tunable(
        "net.ipv4.tcp_rmem",
        [
          ("type", "vector min default max"), ("unit", "bytes"), ("range", "1..2147483647"),
          ("sensible", "4096..1073741824"), ("default", "4KiB, 128KiB, host.memory / 128"),
        ]),
      try tunable(
        "net.ipv4.tcp_mem",
        [
          ("type", "vector low pressure high"), ("unit", "pages"),
          ("range", "0..9223372036854775807"), ("sensible", "96..268435456"),
          ("default", "unknown"),
        ]),
    ]
  }

  /// A set that knows these keys and nothing else.
  static func set() throws -> PageSet {
    var set = PageSet()
    let problems = set.add(try tunables())
    #expect(problems == [])
    return set
  }

  /// All that is wrong with rules' texts beside those keys; each file is called as its id says, or
  /// `name`.
  static func problems(_ texts: String..., name: String? = nil) throws -> [String] {
    var set = try set()
    return try set.add(
      texts.map { text in
        let id = text.split(separator: "\n").first { $0.hasPrefix("id: ") }?.dropFirst(4)
        return try PageFile(path: "\(name ?? id.map(String.init) ?? "rule").md", text: text)
      }
    ).map(\.description)
  }
}

extension String {
  /// The text with its one `part` replaced; a test that bends nothing would prove nothing.
  func bent(_ part: String, _ other: String) throws -> String {
    let place = try #require(self.place(of: part), "'\(part)' is not in the text")
    return String(self[..<place.lowerBound]) + other + self[place.upperBound...]
  }
}

/// A page with one thing wrong, and all that the checks say of it.
struct BentPage: Sendable, CustomTestStringConvertible {
  var name: String
  var part: String
  var other: String
  var problems: [String]
  var testDescription: String { name }

  init(_ name: String, _ part: String, _ other: String, _ problems: String...) {
    self.name = name
    self.part = part
    self.other = other
    self.problems = problems
  }
}
