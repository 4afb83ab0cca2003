public import Facts
public import Pages

/// All rules, tunables and profiles: those that are built in, and what users add.
public struct Catalogue: Sendable {
  /// Every page.
  public private(set) var pages: PageSet
  /// Profiles by their names; one of a user hides a built-in one.
  private var profiles: [String: (origin: String, bytes: [UInt8])] = [:]

  /// What is built into the program; it was checked when that was done.
  ///
  /// - Parameter names: pages that are left out, because others stand for them.
  /// - Returns: the catalogue.
  public static func embedded(without names: Set<String> = []) -> Catalogue {
    let files = EmbeddedFiles.pages().filter { names.isEmpty || !names.contains($0.name) }
    var catalogue = Catalogue(pages: PageSet(checked: files))
    for (name, text) in EmbeddedCatalogue.profiles {
      catalogue.profiles[name] = ("built in", Array(text.utf8))
    }
    return catalogue
  }

  private init(pages: PageSet) {
    self.pages = pages
  }

  /// Adds pages of the user after checking all of them.
  ///
  /// - Returns: all that is wrong; nothing is added if there is anything.
  public mutating func add(_ files: [PageFile]) -> [PageProblem] { pages.add(files) }

  /// Adds a profile of the user; it is read when it is asked for.
  public mutating func add(profile name: String, origin: String, bytes: [UInt8]) {
    profiles[name] = (origin, bytes)
  }

  /// The names of all profiles, sorted.
  public var profileNames: [String] { profiles.keys.sorted() }

  /// The profile of that name.
  ///
  /// - Returns: nil for the name of none; the profile, or what is wrong with its file.
  public func profile(_ name: String) -> (profile: Profile?, problems: [PageProblem])? {
    profiles[name].map { file in
      Profile.read(
        name: name, origin: file.origin, bytes: file.bytes, tunables: pages.tunables,
        isShipped: false)
    }
  }

  /// A profile in a file that the user names.
  public func profile(
    at path: String, bytes: [UInt8]
  ) -> (profile: Profile?, problems: [PageProblem]) {
    let file = path.split(separator: "/").last ?? ""
    let name = file.hasSuffix(".conf") ? String(file.dropLast(5)) : String(file)
    return Profile.read(
      name: name, origin: path, bytes: bytes, tunables: pages.tunables, isShipped: false)
  }

  /// The page of a key, nil where none describes it.
  public func tunable(_ key: SysctlKey) -> Tunable? { pages.tunables[key] }

  /// The text of a page.
  public func body(of name: String) -> Body? {
    // The built-in bodies were left out when the headers were read.
    if let file = pages.files[name], !file.body.isEmpty { return Body(file) }
    return EmbeddedFiles.body(of: name).map(Body.init)
  }
}
