import Catalogue
import Facts
import HostFS
import Pages

extension Catalogue {
  /// Where an administrator puts pages and profiles of the house.
  private static let housePages = "/etc/tcptune/rules"
  private static let houseProfiles = "/etc/tcptune/profiles"

  /// Brings the built-in catalogue together with what the house and the user add.
  ///
  /// - Parameter folders: what `--rules` names; unlike the house's folder they must exist.
  /// - Returns: the whole catalogue.
  /// - Throws: every problem of the added pages at once.
  static func load(adding folders: [String]) throws(Failure) -> Catalogue {
    var catalogue = Catalogue.embedded()
    var files: [PageFile] = []
    var problems: [String] = []
    for (folder, mustExist) in [(housePages, false)] + folders.map({ ($0, true) }) {
      for path in try paths(below: folder, suffix: ".md", mustExist: mustExist) {
        let text = try text(path)
        do {
          files.append(try PageFile(path: path, text: text))
        } catch {
          problems.append(error.description)
        }
      }
    }
    if problems.isEmpty { problems = catalogue.add(files).map(\.description) }
    guard problems.isEmpty else { throw .problems(problems) }
    for path in try paths(below: houseProfiles, suffix: ".conf", mustExist: false) {
      let name = path.dropFirst(houseProfiles.count + 1).dropLast(".conf".count)
      catalogue.add(profile: String(name), origin: path, bytes: try bytes(path))
    }
    return catalogue
  }

  private static func paths(
    below folder: String, suffix: String, mustExist: Bool
  ) throws(Failure) -> [String] {
    do {
      return try UserFiles.files(below: folder, suffix: suffix)
    } catch {
      if error.isAbsent, !mustExist { return [] }
      throw .usage(error.reason)
    }
  }

  private static func bytes(_ path: String) throws(Failure) -> [UInt8] {
    do {
      return try UserFiles.bytes(path)
    } catch {
      throw .usage(error.reason)
    }
  }

  private static func text(_ path: String) throws(Failure) -> String {
    String(decoding: try bytes(path), as: UTF8.self)
  }

  /// The profile that a user names: a path if it looks like one, else the house's, else built in.
  ///
  /// - Throws: every problem of the profile's file at once; the nearest name for an unknown one.
  func profile(named name: String) throws(Failure) -> Profile {
    let found: (profile: Profile?, problems: [PageProblem])
    if name.contains("/") || name.hasSuffix(".conf") {
      found = profile(at: name, bytes: try Self.bytes(name))
    } else if let known = profile(name) {
      found = known
    } else {
      let near = Spelling.nearest(to: name, among: profileNames)
      throw .usage(
        "expected a profile (\(profileNames.joined(separator: ", "))) or the path of one,"
          + " found '\(name)'\(Failure.hint(near))")
    }
    guard let profile = found.profile else {
      throw .problems(found.problems.map(\.description))
    }
    return profile
  }
}
