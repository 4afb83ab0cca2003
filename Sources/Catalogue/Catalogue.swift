public import Facts
public import Pages

/// All rules and tunables, those that are built in and what users add, and the built-in profiles.
public struct Catalogue: Sendable {
  /// Every page.
  public private(set) var pages: PageSet
  /// The texts of the built-in profiles by their names.
  private var profiles: [String: [UInt8]] = [:]

  /// What is built into the program; it was checked when that was done.
  ///
  /// - Parameter names: pages that are left out, because others stand for them.
  /// - Returns: the catalogue.
  public static func embedded(without names: Set<String> = []) -> Catalogue {
    let files = EmbeddedFiles.pages().filter { names.isEmpty || !names.contains($0.name) }
    var catalogue = Catalogue(pages: PageSet(checked: files))
    for (name, text) in EmbeddedCatalogue.profiles {
      catalogue.profiles[name] = Array(text.utf8)
    }
    return catalogue
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
  public var profileNames: [String] { profiles.keys.sorted() }

  /// The text of a built-in profile, nil for the name of none.
  public func text(ofProfile name: String) -> [UInt8]? { profiles[name] }

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
