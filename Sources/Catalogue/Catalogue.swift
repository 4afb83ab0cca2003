public import Expressions
public import Facts
public import Pages

/// All rules and tunables, those that are built in and what users add, and the built-in profiles.
public struct Catalogue: Sendable {
  /// Every page.
  public private(set) var pages: PageSet
  /// The conditions of the built-in rules for a first look.
  public static let screen = ScreenCode(
    words: EmbeddedCatalogue.screenWords, facts: EmbeddedCatalogue.screenFacts,
    numbers: EmbeddedCatalogue.screenNumbers)

  /// What is built into the program; it was checked when that was done.
  ///
  /// - Parameter names: pages that are left out, because others stand for them.
  /// - Returns: the catalogue.
  public static func embedded(without names: Set<String> = []) -> Catalogue {
    var rules = EmbeddedFiles.rules()
    var tunables = EmbeddedFiles.tunables()
    if !names.isEmpty {
      rules.removeAll { names.contains($0.name) }
      tunables.removeAll { names.contains($0.name) }
    }
    return Catalogue(pages: PageSet(checkedRules: rules, tunables: tunables))
  }

  private init(pages: PageSet) {
    self.pages = pages
  }

  /// Adds pages of the user after checking all of them.
  ///
  /// - Returns: all that is wrong; nothing is added if there is anything.
  public mutating func add(_ files: [PageFile]) -> [PageProblem] {
    files.isEmpty ? [] : pages.add(files, knowing: EmbeddedFiles.referenceNames)
  }

  /// The names of the built-in profiles, sorted.
  public var profileNames: [String] { EmbeddedCatalogue.profiles.map(\.name).sorted() }

  /// The text of a built-in profile, nil for the name of none.
  public func text(ofProfile name: String) -> [UInt8]? {
    EmbeddedCatalogue.profiles.first { $0.name == name }.map { Array($0.text.utf8) }
  }

  /// The built-in profile of that name, without those that it includes.
  ///
  /// - Returns: nil for the name of none; the profile, or what is wrong with its file.
  public func profile(_ name: String) -> (profile: Profile?, problems: [PageProblem])? {
    text(ofProfile: name).map { bytes in
      Profile.read(
        name: name, origin: Profile.builtIn, bytes: bytes, tunables: pages.tunables,
        isShipped: true)
    }
  }

  /// The page of a key, nil where none describes it.
  public func tunable(_ key: SysctlKey) -> Tunable? { pages.tunables[key] }

  /// The text of a page.
  public func body(of name: String) -> Body? {
    // The built-in bodies were left out when the headers were read.
    if let file = pages.file(name), !file.body.isEmpty { return Body(file) }
    return EmbeddedFiles.body(of: name).map(Body.init)
  }
}
