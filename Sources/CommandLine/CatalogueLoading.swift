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
    var (files, problems) = try pages(below: housePages, mustExist: false)
    for folder in folders {
      let more = try pages(below: folder, mustExist: true)
      files += more.files
      problems += more.problems
    }
    problems += catalogue.add(files).map(\.description)
    guard problems.isEmpty else { throw .problems(problems) }
    for path in try paths(below: houseProfiles, suffix: ".conf", mustExist: false) {
      let name = path.dropFirst(houseProfiles.count + 1).dropLast(".conf".count)
      catalogue.add(profile: String(name), origin: path, bytes: try bytes(path))
    }
    return catalogue
  }

  /// Checks the pages below a folder; one that has the name of a built-in page stands for it.
  ///
  /// - Returns: how many pages there are.
  /// - Throws: every problem of them at once.
  static func check(_ folder: String, adding folders: [String]) throws(Failure) -> Int {
    var (files, problems) = try pages(below: folder, mustExist: true)
    let count = files.count
    for other in folders {
      let more = try pages(below: other, mustExist: true)
      files += more.files
      problems += more.problems
    }
    var catalogue = Catalogue.embedded(without: Set(files.map(\.name)))
    problems += catalogue.add(files).map(\.description)
    guard problems.isEmpty else { throw .problems(problems) }
    return count
  }

  /// The pages below a folder, and those that cannot be read or cut into header and body.
  private static func pages(
    below folder: String, mustExist: Bool
  ) throws(Failure) -> (files: [PageFile], problems: [String]) {
    var files: [PageFile] = []
    var problems: [String] = []
    for path in try paths(below: folder, suffix: ".md", mustExist: mustExist) {
      do {
        let bytes = try UserFiles.bytes(path)
        files.append(try PageFile(path: path, text: String(decoding: bytes, as: UTF8.self)))
      } catch let problem as PageProblem {
        problems.append(problem.description)
      } catch {
        problems.append("tcptune: \((error as? UserFiles.Failure)?.reason ?? path)")
      }
    }
    return (files, problems)
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
