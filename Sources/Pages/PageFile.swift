/// One Markdown file of Rules/, cut into its header and its body.
///
/// The two are kept apart so that an audit reads no prose.
public struct PageFile: Sendable {
  /// The file's path, as problems print it.
  public let path: String
  /// The name of the file without its folders and without `.md`.
  public let name: String
  /// The header's lines without the fences.
  public var header: String
  /// Everything after the header, from line ``bodyLine`` on.
  public var body: String
  /// What a page that was checked before says in few words (``RuleCode``, ``TunableCode``); empty for
  /// any other.
  public var code = ""

  /// A page whose parts were cut before.
  public init(
    path: String, name: String? = nil, header: String, body: String, code: String = ""
  ) {
    self.path = path
    self.name = name ?? Self.name(path)
    self.header = header
    self.body = body
    self.code = code
  }

  /// Cuts a file's text.
  ///
  /// - Throws: ``PageProblem`` when the header has no first or no last fence.
  public init(path: String, text: String) throws(PageProblem) {
    let fence = "---\n"
    guard text.hasPrefix(fence) else {
      let first = text.prefix { $0 != "\n" }.prefix(40)
      throw PageProblem(
        file: path, line: 1, message: "expected '---' before the header, found '\(first)'")
    }
    let rest = text.dropFirst(fence.count)
    var end = rest.startIndex
    var line = 2
    while end < rest.endIndex {
      let next = rest[end...].firstIndex(of: "\n") ?? rest.endIndex
      if rest[end..<next] == "---" {
        self.init(
          path: path, header: String(rest[..<end]),
          body: next < rest.endIndex ? String(rest[rest.index(after: next)...]) : "")
        return
      }
      end = next < rest.endIndex ? rest.index(after: next) : next
      line += 1
    }
    throw PageProblem(
      file: path, line: line, message: "expected '---' after the header, found the end")
  }

  private static func name(_ path: String) -> String {
    let bytes = path.utf8
    let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes.index(after: $0) }
    let file = bytes[(start ?? bytes.startIndex)...]
    let suffix = ".md".utf8
    let end = file.suffix(suffix.count).elementsEqual(suffix) ? suffix.count : 0
    return String(Substring(file.dropLast(end)))
  }

  /// Whether the page is about a key: then its header begins with one, else the page is a rule.
  var isAboutKey: Bool { header.utf8.starts(with: "key:".utf8) }

  /// The number of the body's first line: behind two fences and the header.
  var bodyLine: Int { header.utf8.count { $0 == UInt8(ascii: "\n") } + 3 }
}
