// Checks the pages and profiles and writes them into one Swift file.
//
//   embed-catalogue PACKAGE OUTPUT FILE...
//
// Headers and bodies go into separate literals, so that an audit touches no prose.
import Facts
import FoundationEssentials
import Glibc
import Pages

func complain(_ line: String) {
  let bytes = Array("\(line)\n".utf8)
  _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
  complain("usage: embed-catalogue PACKAGE OUTPUT FILE...")
  exit(2)
}
let package = arguments[1].hasSuffix("/") ? arguments[1] : arguments[1] + "/"

var problems: [PageProblem] = []
var pages: [PageFile] = []
var profiles: [(name: String, path: String, text: String)] = []
for path in arguments.dropFirst(3) {
  let text = try String(contentsOfFile: path, encoding: .utf8)
  if path.hasSuffix(".md") {
    do {
      pages.append(try PageFile(path: path, text: text))
    } catch {
      problems.append(error)
    }
  } else {
    let file = path.split(separator: "/").last ?? ""
    profiles.append((String(file.dropLast(".conf".count)), path, text))
  }
}
var catalogue = PageSet()
if problems.isEmpty { problems = catalogue.add(pages) }
if problems.isEmpty {
  for profile in profiles {
    problems +=
      Profile.read(
        name: profile.name, origin: profile.path, bytes: Array(profile.text.utf8),
        tunables: catalogue.tunables, isShipped: true
      ).problems
  }
}
guard problems.isEmpty else {
  // The form in which a build shows them with their place.
  for problem in problems.sorted() {
    let place = "\(problem.file):\(problem.line):\(problem.column)"
    complain("\(place): error: \(problem.message)")
  }
  exit(1)
}

/// A literal with a record for each file: its path on a line, its text, then a record separator.
///
/// The fence is one that no text contains, so that nothing but the separator is an escape.
func literal(_ name: String, _ items: [(path: String, text: String)]) -> String {
  var fence = "#"
  while items.contains(where: {
    $0.text.contains("\"\"\"\(fence)") || $0.text.contains("\\\(fence)")
  }) {
    fence += "#"
  }
  let records = items.map { item in
    let path = item.path.hasPrefix(package) ? String(item.path.dropFirst(package.count)) : item.path
    return "\(path)\n\(item.text)"
  }
  let text = records.joined(separator: "\\\(fence)u{1E}\n")
  return "  static let \(name) = \(fence)\"\"\"\n\(text)\n\"\"\"\(fence)\n"
}

let source = """
  // Made from Rules and Profiles by embed-catalogue.
  enum EmbeddedCatalogue {
  \(literal("headers", pages.map { ($0.path, $0.header) }))
  \(literal("bodies", pages.map { ($0.path, $0.body) }))
  \(literal("profiles", profiles.map { ($0.path, $0.text) }))
  }

  """
try source.write(toFile: arguments[2], atomically: true, encoding: .utf8)
