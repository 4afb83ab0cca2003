import Catalogue
import Facts
import HostFS
import Pages

extension Catalogue {
  /// Where an administrator puts pages of the house.
  private static let housePages = "/etc/tcptune/rules"

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

  /// The files below a folder; none where there is no such folder and there need not be one.
  static func paths(
    below folder: String, suffix: String, mustExist: Bool
  ) throws(Failure) -> [String] {
    do {
      return try UserFiles.files(below: folder, suffix: suffix)
    } catch {
      if error.isAbsent, !mustExist { return [] }
      throw .usage(error.reason)
    }
  }
}
