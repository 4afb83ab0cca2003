import Catalogue
import Facts
import Glibc
import HostFS
import Pages

extension Catalogue {
  /// Where an administrator puts profiles of the house.
  private static let houseProfiles = "/etc/tcptune/profiles"

  /// The profiles that a user names, each with those that it includes before it.
  ///
  /// A name is a path if it has a slash or ends in `.conf`, in an included one seen from the folder
  /// of the file that names it; else one of the house's, else a built-in one.
  ///
  /// - Parameters:
  ///   - names: as the user typed them.
  ///   - sizes: the amounts that their formulas are to reckon with instead of their own.
  /// - Returns: the profiles, in the order in which later ones win.
  /// - Throws: every problem of the files at once; the nearest name for an unknown one; an amount
  ///   that none of the profiles has a parameter for.
  func profiles(
    named names: [String], sizedBy sizes: ProfileSizes = ProfileSizes()
  ) throws(Failure) -> [Profile] {
    var profiles: [Profile] = []
    var problems: [PageProblem] = []
    var unknown: [String] = []
    for (index, name) in names.enumerated() {
      if names[..<index].contains(name) {
        throw .usage("--profile: expected '\(name)' once, found it again")
      }
      do {
        let resolved = try ProfileResolver.resolve(name, tunables: pages.tunables, find: find)
        profiles += resolved.profiles
        problems += resolved.problems.filter { !problems.contains($0) }
      } catch {
        unknown.append(error.message)
      }
    }
    if unknown.count == 1, problems.isEmpty { throw .usage(unknown[0]) }
    let all = unknown.map { "tcptune: \($0)" } + problems.map(\.description)
    guard all.isEmpty else { throw .problems(all) }
    return try sizes.size(profiles, asked: names, tunables: pages.tunables)
  }

  /// Every profile that a name without a path leads to, in the order of the names.
  ///
  /// - Returns: those that can be read, and what is wrong with the others.
  func allProfiles() throws(Failure) -> (profiles: [Profile], problems: [String]) {
    var profiles: [Profile] = []
    var problems: [String] = []
    for name in try allProfileNames() {
      do {
        let resolved = try ProfileResolver.resolve(name, tunables: pages.tunables, find: find)
        profiles += resolved.profiles.suffix(1)
        for problem in resolved.problems.map(\.description) where !problems.contains(problem) {
          problems.append(problem)
        }
      } catch {
        problems.append("tcptune: \(error.message)")
      }
    }
    return (profiles, problems)
  }

  /// The names of the house's and the built-in profiles, sorted.
  private func allProfileNames() throws(Failure) -> [String] {
    let paths = try Self.paths(below: Self.houseProfiles, suffix: ".conf", mustExist: false)
    let names = paths.map {
      String($0.dropFirst(Self.houseProfiles.count + 1).dropLast(".conf".count))
    }
    // What lies deeper, or whose name would be read as a path, has no name to be asked for by.
    return Set(names.filter { !Self.isPath($0) } + profileNames).sorted()
  }

  private static func isPath(_ name: String) -> Bool {
    name.contains("/") || name.hasSuffix(".conf")
  }

  private func find(_ name: String, from parent: Profile?) -> ProfileResolver.Found {
    if Self.isPath(name) {
      return Self.file(at: Self.path(name, from: parent)) ?? .unreadable(name)
    }
    if let house = Self.file(at: "\(Self.houseProfiles)/\(name).conf", mayBeAbsent: true) {
      return house
    }
    if let bytes = text(ofProfile: name) {
      return .file(
        name: name, origin: Profile.builtIn, identity: "\(Profile.builtIn): \(name)", bytes: bytes)
    }
    let known = (try? allProfileNames()) ?? profileNames
    return .unknown(
      "expected a profile (\(known.joined(separator: ", "))) or the path of one, found '\(name)'"
        + Failure.hint(Spelling.nearest(to: name, among: known)))
  }

  private static func path(_ name: String, from parent: Profile?) -> String {
    guard let parent, parent.origin != Profile.builtIn, !name.hasPrefix("/"),
      let slash = parent.origin.lastIndex(of: "/")
    else { return name }
    var name = name[...]
    while name.hasPrefix("./") { name = name.dropFirst(2) }
    return "\(parent.origin[...slash])\(name)"
  }

  /// The profile in a file; nil where there is none and there may be none.
  private static func file(at path: String, mayBeAbsent: Bool = false) -> ProfileResolver.Found? {
    do {
      let file = path.split(separator: "/").last ?? ""
      let name = file.hasSuffix(".conf") ? file.dropLast(".conf".count) : file
      return .file(
        name: String(name), origin: path, identity: RealPath.of(path) ?? path,
        bytes: try UserFiles.bytes(path))
    } catch {
      return mayBeAbsent && error.isAbsent ? nil : .unreadable(error.reason)
    }
  }
}

extension Profile {
  /// What it says of itself.
  var description: ProfileDescription {
    ProfileDescription(
      name: name, origin: origin, title: title, purpose: purpose, notFor: notFor, costs: costs,
      leaves: leaves, parameters: parameters, includes: includes.map(\.name), sources: sources,
      keys: entries.count)
  }
}

/// Paths without links and dots.
enum RealPath {
  /// The path that the kernel ends at, nil where there is nothing.
  static func of(_ path: String) -> String? {
    unsafe realpath(path, nil).map { resolved in
      defer { unsafe free(resolved) }
      return unsafe String(cString: resolved)
    }
  }
}
