public import Expressions
public import Facts

/// A key as its page describes it: the only home of its type, range and default.
public struct Tunable: Sendable {
  /// The key.
  public var key: SysctlKey
  /// What it is, one line.
  public var title: String
  /// Whether it is numbers, names or ports.
  public var form: KeyForm
  /// Who may read and write it.
  public var access: KeyAccess
  /// The names of a vector's elements; empty for a single number and for what is none.
  public var elements: [VectorElement]
  /// The kernel's own unit.
  public var unit: KeyUnit
  /// What the kernel accepts for each number, in its own unit; of names it says nothing.
  ///
  /// The bounds of unsigned 64-bit keys are cut to signed ones.
  public var range: ByRelease<ClosedRange<Int64>>
  /// What we accept without a warning.
  public var sensible: ClosedRange<Int64>
  /// One expression for each number; nil where the kernel chooses in a way that the language cannot
  /// say.
  public var defaultValue: ByRelease<[Expression]?>
  /// Whether each network namespace has its own.
  public var namespaced: ByRelease<Bool>
  /// The first release that has it, nil for older than 3.10.
  public var since: KernelRelease?
  /// The first release that lacks it, nil for none.
  public var removed: KernelRelease?
  /// Whether higher is roomier.
  public var capacity: Bool
  /// When a change begins to matter.
  public var effect: Effect
  /// Counters that show it at work.
  public var counters: [String]
  /// Keys and rules to read next.
  public var related: [String]
  /// Further names of the page.
  public var aliases: [String]
  /// Claim ids and kernel files.
  public var sources: [String]
  /// The page's file.
  public var file: String
  /// The header's keys that have stand-ins here, for what they say could not be read; none in a
  /// tunable of a catalogue.
  let faulty: Set<String>

  /// The type of the key as a fact.
  public var type: FactType { shape.type }

  /// How many numbers its file has.
  public var count: Int { max(1, elements.count) }

  private static let required = [
    "key", "title", "type", "unit", "range", "sensible", "default", "namespaced", "since",
    "removed", "capacity", "effect", "counters", "related", "sources",
  ]

  /// Reads a tunable's header.
  ///
  /// - Returns: the tunable, nil when anything is wrong, and all that is wrong with the header;
  ///   types of the default's expressions are not looked at.
  public static func read(_ page: PageFile) -> (tunable: Tunable?, problems: [PageProblem]) {
    let (tunable, header) = draft(page)
    return (header.problems.isEmpty ? tunable : nil, header.problems)
  }

  /// What there is of a tunable whose header may be wrong, for checks of the rest of its page and
  /// of rules that speak of the key; nil where neither the header nor the file's name tells the key.
  static func draft(_ page: PageFile) -> (tunable: Tunable?, header: Header) {
    var header = Header(page)
    header.check(required: required, optional: ["aliases", "access"])
    header.checkName("key", fileName: page.name)
    header.checkTitle()
    header.checkSources()
    return (Tunable(&header, fileName: page.name), header)
  }

  /// The tunable of a page that was checked before; nil for one that was not and is wrong.
  init?(checked page: PageFile) {
    var header = Header(page)
    self.init(&header, fileName: page.name)
    if !header.problems.isEmpty { return nil }
  }

  /// What is missing or wrong gets a stand-in; the header's problems tell of it.
  private init?(_ header: inout Header, fileName: String) {
    guard let key = Self.key(&header) ?? Self.key(named: fileName) else { return nil }
    let everything = Int64.min...Int64.max
    let type = Self.type(&header)
    self.key = key
    title = header.first("title")?.value ?? ""
    form = type?.form ?? .numbers
    elements = type?.elements ?? []
    access = header.word("access", KeyAccess.self) ?? .readWrite
    unit = Self.unit(&header, of: type?.form) ?? .bytes
    effect = header.word("effect", Effect.self) ?? .atOnce
    capacity =
      header.first("capacity").flatMap { Self.yesOrNo($0, $0.value[...], &header) } ?? false
    range =
      header.first("range").flatMap { field in
        ByRelease(field, &header) { Self.range(field, $0, type?.form, &$1) }
      } ?? ByRelease(always: everything)
    sensible =
      header.first("sensible").flatMap { Self.range($0, $0.value[...], type?.form, &header) }
      ?? everything
    namespaced =
      header.first("namespaced").flatMap { field in
        ByRelease(field, &header) { Self.yesOrNo(field, $0, &$1) }
      } ?? ByRelease(always: false)
    defaultValue =
      header.first("default").flatMap { field in
        ByRelease(field, &header) { text, header in
          Self.defaults(field, text, count: type.map { max(1, $0.elements.count) }, &header)
        }
      } ?? ByRelease(always: nil)
    since = Self.release("since", orWord: "always", &header)
    removed = Self.release("removed", orWord: "never", &header)
    counters = header.list("counters")
    related = header.list("related")
    aliases = header.list("aliases")
    sources = header.list("sources")
    file = header.file
    faulty = header.faulty
  }

  /// Whether what these keys of the header say could be read.
  func isRead(_ names: String...) -> Bool { faulty.isDisjoint(with: names) }
}
