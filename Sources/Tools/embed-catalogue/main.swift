// Checks the pages and profiles and writes them into one Swift file.
//
//   embed-catalogue PACKAGE OUTPUT FILE...
//
// Each file's text becomes literals of its own, headers apart from bodies, and beside each what
// an audit asks of it in few words: at its start the program reads those alone.
import Expressions
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
    let resolved = try ProfileResolver.resolve(
      profile.name, tunables: catalogue.tunables, isShipped: true
    ) { name, _ in
      guard let found = profiles.first(where: { $0.name == name }) else {
        return .unknown("expected a built-in profile, found '\(name)'")
      }
      return .file(
        name: name, origin: found.path, identity: found.path, bytes: Array(found.text.utf8))
    }
    // One that several include would be told of as often.
    problems += resolved.problems.filter { !problems.contains($0) }
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

/// A literal of several lines; its fence is one that the text does not contain.
func literal(_ text: String) -> String {
  var fence = "#"
  while text.contains("\"\"\"\(fence)") || text.contains("\\\(fence)") { fence += "#" }
  return "\(fence)\"\"\"\n\(text)\n\"\"\"\(fence)"
}

func path(_ whole: String) -> String {
  whole.hasPrefix(package) ? String(whole.dropFirst(package.count)) : whole
}

// What an audit asks of every page, so that it need not read the headers.
var codes: [String: String] = [:]
var screen = ScreenWriter()
for rule in catalogue.rules {
  let header = pages.first { $0.name == rule.id }?.header.split(separator: "\n") ?? []
  let kernel = header.first { $0.hasPrefix("kernel:") }?.dropFirst("kernel:".count) ?? "any"
  codes[rule.id] = RuleCode.text(
    rule, kernel: kernel.drop { $0 == " " }.description, screen: screen.add(rule.when))
}
for tunable in catalogue.tunables.all { codes[tunable.key.name] = TunableCode.text(tunable) }

// Pages to be read stand apart: no audit looks at them.
let toRead = Set(catalogue.references.map(\.name))
let sorted = pages.sorted { $0.name < $1.name }
func item(_ page: PageFile, _ further: String = "") -> String {
  "(\"\(page.name)\", \"\(path(page.path))\",\n\(literal(page.header)),\n\(literal(page.body))\(further)),"
}
let toRun = Set(catalogue.rules.map(\.id))
let ruleItems = sorted.filter { toRun.contains($0.name) }.map { page in
  item(page, ",\n\(literal(codes[page.name] ?? ""))")
}
let tunableItems = sorted.filter { !toRun.contains($0.name) && !toRead.contains($0.name) }
  .map { page in item(page, ",\n\(literal(codes[page.name] ?? ""))") }
let referenceItems = sorted.filter { toRead.contains($0.name) }.map { item($0) }

// Every name of every page, in order: explain finds a page without reading any other.
let allPages =
  catalogue.rules.map(Page.rule) + catalogue.tunables.all.map(Page.tunable)
  + catalogue.references.map(Page.reference)
let nameItems = allPages.flatMap { page in page.names.map { (name: $0, page: page.name) } }
  .sorted {
    ($0.name.folded, $0.name.rank.rawValue, $0.page) < (
      $1.name.folded, $1.name.rank.rawValue, $1.page
    )
  }
  .map { "(\"\($0.name.folded)\", \($0.name.rank.rawValue), \"\($0.page)\")," }
let titleItems = allPages.sorted { $0.name < $1.name }.map { page in
  "(\"\(page.name)\", \"\(page.kindWord)\", \(literal(page.title))),"
}
// The rules about each key, counter and count of sockets: explain judges these alone.
@MainActor func aboutItem(_ name: String, _ isAbout: (Rule) -> Bool) -> String {
  let rules = catalogue.rules.filter(isAbout).map(\.id)
  return "(\"\(name)\", \"\(rules.joined(separator: " "))\"),"
}
let facts =
  catalogue.references.filter { $0.kind == .counter }.map(\.name)
  + SocketsFact.allCases.map { FactName.sockets($0).description }
let aboutItems =
  catalogue.tunables.keys.map { key in aboutItem(key.name) { $0.names(key) } }
  + facts.map { fact in aboutItem(fact) { $0.asks(fact) } }
let profileItems = profiles.map { profile in
  "(\"\(profile.name)\",\n\(literal(profile.text))),"
}
let source = """
  // Made from Rules and Profiles by embed-catalogue.
  enum EmbeddedCatalogue {
  static let rules: [(name: String, path: String, header: String, body: String, code: String)] = [
  \(ruleItems.joined(separator: "\n"))
  ]

  static let tunables: [(name: String, path: String, header: String, body: String, code: String)] = [
  \(tunableItems.joined(separator: "\n"))
  ]

  static let references: [(name: String, path: String, header: String, body: String)] = [
  \(referenceItems.joined(separator: "\n"))
  ]

  static let names: [(folded: String, rank: Int, page: String)] = [
  \(nameItems.joined(separator: "\n"))
  ]

  static let titles: [(page: String, kind: String, title: String)] = [
  \(titleItems.joined(separator: "\n"))
  ]

  static let rulesAbout: [(name: String, rules: String)] = [
  \(aboutItems.joined(separator: "\n"))
  ]

  static let screenWords: [UInt16] = [
  \(screen.words.map { "\($0)," }.joined(separator: " "))
  ]

  static let screenFacts: [(kind: String, name: String)] = [
  \(screen.facts.map { "(\"\($0.kind)\", \"\($0.name)\")," }.joined(separator: "\n"))
  ]

  static let screenNumbers: [(above: Int64, below: Int64)] = [
  \(screen.numbers.map { "(\($0.above), \($0.below))," }.joined(separator: "\n"))
  ]

  static let profiles: [(name: String, text: String)] = [
  \(profileItems.joined(separator: "\n"))
  ]
  }

  """
try source.write(toFile: arguments[2], atomically: true, encoding: .utf8)
