import Expressions
import Facts

/// A page, read as what its header says it is.
public enum Page: Sendable {
  case rule(Rule)
  case tunable(Tunable)
  case reference(Reference)

  /// The rule's id, the key, or what the page is about.
  public var name: String {
    switch self {
    case .rule(let rule): rule.id
    case .tunable(let tunable): tunable.key.name
    case .reference(let reference): reference.name
    }
  }
}

extension Page {
  /// One line about it.
  public var title: String {
    switch self {
    case .rule(let rule): rule.title
    case .tunable(let tunable): tunable.title
    case .reference(let reference): reference.title
    }
  }

  /// What it is about: `tunable`, `rule`, `counter`, `state`, `error`, `concept`.
  public var kindWord: String {
    switch self {
    case .rule: "rule"
    case .tunable: "tunable"
    case .reference(let reference): reference.kind.rawValue
    }
  }

  /// Further names of the page.
  public var aliases: [String] {
    switch self {
    case .rule(let rule): rule.aliases
    case .tunable(let tunable): tunable.aliases
    case .reference(let reference): reference.aliases
    }
  }
}

/// All pages together.
public struct PageSet: Sendable {
  /// Examples are about a machine with pages of this size, in bytes.
  static let examplePageSize: Int64 = 4096

  /// All rules, in the order of their ids.
  public private(set) var rules: [Rule] = []
  /// All tunables by their keys.
  public private(set) var tunables = TunableTable()
  /// Pages to be read that were added.
  public private(set) var references: [Reference] = []
  /// The files that were read, by the names of their pages.
  public var files: [String: PageFile] {
    Dictionary(shelved.map { ($0.name, $0) }) { first, _ in first }
      .merging(added) { _, added in added }
  }
  /// Pages that were checked when the program was built.
  private var shelved: [PageFile] = []
  /// Those of users, by their names.
  private var added: [String: PageFile] = [:]

  /// No page at all.
  public init() {}

  /// Pages that were checked before, when the program was built: only headers are read, and those
  /// of tunables not before they are asked for.
  ///
  /// - Parameters:
  ///   - rules: those of rules, in the order of their ids.
  ///   - tunables: those of tunables, in the order of their keys.
  public init(checkedRules rules: [PageFile], tunables: [PageFile]) {
    shelved = rules + tunables
    self.rules.reserveCapacity(rules.count)
    for file in rules {
      if let rule = Rule(coded: file) ?? Rule(checked: file) { self.rules.append(rule) }
    }
    self.tunables = TunableTable(checked: tunables)
  }

  /// Adds pages after checking everything about them.
  ///
  /// - Parameters:
  ///   - new: the pages; those that are read already are taken as right.
  ///   - names: those of pages that are not in the set and may be named.
  /// - Returns: all that is wrong, in the order of the files; nothing is added if there is
  ///   anything.
  public mutating func add(
    _ new: [PageFile], knowing names: Set<String> = []
  ) -> [PageProblem] {
    guard !new.isEmpty else { return [] }
    var checks = PageChecks(new, beside: self, knowing: names)
    let problems = checks.run()
    guard problems.isEmpty else { return problems.sorted() }
    for (page, file) in checks.pages { insert(page, file) }
    rules.sort { $0.id < $1.id }
    return []
  }

  private mutating func insert(_ page: Page, _ file: PageFile) {
    added[page.name] = file
    switch page {
    case .rule(let rule): rules.append(rule)
    case .tunable(let tunable): tunables[tunable.key] = tunable
    case .reference(let reference): references.append(reference)
    }
  }

  /// The names of the pages that were added.
  public var addedNames: Set<String> { Set(added.keys) }

  /// The file of a page, nil for the name of none.
  public func file(_ name: String) -> PageFile? {
    added[name] ?? shelved.first { $0.name == name }
  }

  /// The body of a page, read anew.
  public func body(of name: String) -> Body? { file(name).map(Body.init) }

  /// A checker that knows these keys.
  static func typeChecker(
    for subject: Subject, _ tunables: TunableTable
  ) -> TypeChecker {
    TypeChecker(
      subject: subject, keyType: { tunables[$0]?.type },
      elements: { tunables[$0]?.elements ?? [] },
      isUnread: { tunables[$0].map { !$0.isRead("type", "unit") } ?? false })
  }
}
