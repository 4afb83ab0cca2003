public import Facts

/// A page to be read: about a counter, a state of sockets, an error, or a concept.
///
/// It judges nothing, so an audit never looks at it.
public struct Reference: Sendable {
  /// What a page can be about; the word is also the first key of its header.
  public enum Kind: String, CaseIterable, Sendable {
    case counter, state, error, concept

    /// The keys of the header beside the kind itself, the title, related pages and sources.
    var keys: [String] {
      switch self {
      case .counter: ["since", "removed", "tunables"]
      case .state, .concept: ["tunables", "counters"]
      case .error: ["calls", "tunables", "counters"]
      }
    }

    /// The headings of the body, the part before the first one among them; nil where the page
    /// chooses its own.
    var headings: [String]? {
      switch self {
      case .counter:
        ["", "What counts it", "What it does not mean", "When it grows", "Its neighbours"]
      case .state: ["", "Who is in it", "How one leaves", "What a pile-up means", "How to see it"]
      case .error:
        [
          "", "Which call returns it", "What causes it", "How to tell the causes apart",
          "What helps",
        ]
      case .concept: nil
      }
    }
  }

  /// What it is about.
  public var kind: Kind
  /// `TcpExt.ListenOverflows`, `TIME_WAIT`, `ECONNRESET`, `accept-queue`.
  public var name: String
  /// One line.
  public var title: String
  /// The first release that has it, nil for older than all that we know.
  public var since: KernelRelease?
  /// The first release that lacks it, nil for none.
  public var removed: KernelRelease?
  /// The calls that return an error.
  public var calls: [String]
  /// Keys that have to do with it.
  public var tunables: [SysctlKey]
  /// Counters that have to do with it.
  public var counters: [String]
  /// Pages to read next.
  public var related: [String]
  /// Further names.
  public var aliases: [String]
  /// Claim ids and kernel files.
  public var sources: [String]

  /// The page in a file that was checked before.
  public init?(checked file: PageFile) {
    guard let reference = Self.draft(file).reference else { return nil }
    self = reference
  }

  /// The kind that a header begins with, nil where it is no page to be read.
  static func kind(of file: PageFile) -> Kind? {
    Kind.allCases.first { file.header.hasPrefix("\($0.rawValue):") }
  }

  /// What a file says, as far as it says it rightly.
  static func draft(_ file: PageFile) -> (reference: Reference?, header: Header) {
    var header = Header(file)
    guard let kind = kind(of: file), let name = header.first(kind.rawValue)?.value else {
      return (nil, header)
    }
    let since = header.release("since", never: "always")
    let removed = header.release("removed", never: "never")
    return (
      Reference(
        kind: kind, name: name, title: header.first("title")?.value ?? "", since: since,
        removed: removed, calls: header.list("calls"),
        tunables: header.list("tunables").compactMap { SysctlKey($0) },
        counters: header.list("counters"), related: header.list("related"),
        aliases: header.list("aliases"), sources: header.list("sources")), header
    )
  }

  private init(
    kind: Kind, name: String, title: String, since: KernelRelease?, removed: KernelRelease?,
    calls: [String], tunables: [SysctlKey], counters: [String], related: [String],
    aliases: [String], sources: [String]
  ) {
    self.kind = kind
    self.name = name
    self.title = title
    self.since = since
    self.removed = removed
    self.calls = calls
    self.tunables = tunables
    self.counters = counters
    self.related = related
    self.aliases = aliases
    self.sources = sources
  }
}

extension Header {
  /// A release; nil for the word that stands for none and where the key is missing.
  fileprivate mutating func release(_ name: String, never: String) -> KernelRelease? {
    guard let field = first(name), field.value != never else { return nil }
    if let release = KernelRelease(field.value) { return release }
    note(field, "expected a release as in '4.18' or \(never), found '\(field.value)'")
    return nil
  }
}

extension PageFile {
  /// Whether it is about a counter, a state, an error or a concept.
  public var isToBeRead: Bool { Reference.kind(of: self) != nil }
}
