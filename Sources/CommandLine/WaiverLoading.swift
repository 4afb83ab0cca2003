import Catalogue
import Facts
import Glibc
import HostFS
import Pages

/// What the house and the user allow.
struct Waivers {
  /// Where an administrator puts what this host may do.
  private static let houseFile = "/etc/tcptune/allow"

  private(set) var all: [Waiver] = []
  /// What is wrong with lines of the house's file: they are told of, and the others hold.
  private(set) var remarks: [String] = []

  /// Brings together the house's file, those that `--allow-file` names, and what `--allow` says.
  ///
  /// The house's is about this host: it is left alone where another was recorded.
  ///
  /// - Throws: every problem of what the user named.
  init(_ arguments: Arguments, _ catalogue: Catalogue) throws(Failure) {
    let rules = catalogue.pages.rules.map(\.id)
    var problems: [String] = []
    if !arguments.has(.snapshot), !arguments.has(.root) {
      do {
        let read = WaiverFile.read(
          try UserFiles.bytes(Self.houseFile), file: Self.houseFile, rules: rules)
        all += read.waivers
        remarks += read.problems.map(\.description)
      } catch {
        if !error.isAbsent { remarks.append("tcptune: \(error.reason)") }
      }
    }
    for path in arguments.all(.allowFile) {
      do {
        let read = WaiverFile.read(try UserFiles.bytes(path), file: path, rules: rules)
        all += read.waivers
        problems += read.problems.map(\.description)
      } catch {
        problems.append("tcptune: --allow-file: \(error.reason)")
      }
    }
    for text in arguments.all(.allow) {
      do {
        all.append(try WaiverFile.read(option: text, rules: rules))
      } catch {
        problems.append("tcptune: --allow: \(error.message)")
      }
    }
    guard problems.isEmpty else { throw .problems(problems) }
  }

  /// The day of the audit.
  static var today: CalendarDate {
    CalendarDate(secondsSince1970: Int64(time(nil)))
  }
}
