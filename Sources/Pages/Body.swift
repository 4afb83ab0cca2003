public import Facts

/// The text of a page: sections of paragraphs, lists and code.
public struct Body: Sendable {
  struct PlacedSection {
    var section: Section
    var line: Int
  }

  struct Fence {
    var language: String
    /// The heading under which it stands, empty before the first one.
    var section: String
    var lines: [String]
    /// The number of the first line inside.
    var line: Int
  }

  /// The part before the first heading, then one for each heading.
  public var sections: [Section] { placed.map(\.section) }

  let placed: [PlacedSection]
  let fences: [Fence]
  let problems: [PageProblem]
  /// Whether every fence is closed; one that is not hides what follows it.
  let isClosed: Bool

  /// Reads the Markdown that pages use: `## ` headings, paragraphs, `- ` lists, fenced code.
  public init(_ page: PageFile) {
    var reader = BodyReader(page)
    reader.read()
    placed = reader.sections
    fences = reader.fences
    problems = reader.problems
    isClosed = reader.isClosed
  }
}

/// Reads a body line by line.
private struct BodyReader {
  let file: String
  let lines: [Substring]
  let firstLine: Int
  var at = 0
  var sections: [Body.PlacedSection]
  var fences: [Body.Fence] = []
  var problems: [PageProblem] = []
  var isClosed = true

  init(_ page: PageFile) {
    file = page.path
    firstLine = page.bodyLine
    lines = page.body.utf8.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    ).map { Substring($0) }
    sections = [
      Body.PlacedSection(section: Section(heading: "", blocks: []), line: page.bodyLine)
    ]
  }

  mutating func read() {
    while at < lines.count {
      let line = lines[at]
      if line.isBlank {
        at += 1
      } else if line.hasPrefix("## ") {
        sections.append(
          Body.PlacedSection(
            section: Section(heading: String(line.dropFirst(3)), blocks: []), line: number))
        at += 1
      } else if line.hasPrefix("```") {
        code(line)
      } else if line.hasPrefix("- ") {
        list()
      } else if line.hasPrefix("#") {
        note("expected '## ' before a heading, found '\(line)'")
        at += 1
      } else {
        paragraph()
      }
    }
  }

  private var number: Int { firstLine + at }

  private mutating func note(_ message: String) {
    problems.append(PageProblem(file: file, line: number, message: message))
  }

  private mutating func add(_ block: Block) {
    sections[sections.count - 1].section.blocks.append(block)
  }

  private mutating func code(_ opening: Substring) {
    let start = at
    at += 1
    var inside: [String] = []
    while at < lines.count, lines[at] != "```" {
      inside.append(String(lines[at]))
      at += 1
    }
    let language = String(opening.dropFirst(3))
    add(.code(language: language, lines: inside))
    if at == lines.count {
      at = start
      note("expected a closing '```', found the end")
      at = lines.count
      isClosed = false
      return
    }
    at += 1
    fences.append(
      Body.Fence(
        language: language, section: sections[sections.count - 1].section.heading, lines: inside,
        line: firstLine + start + 1))
  }

  private mutating func list() {
    var items: [String] = []
    while at < lines.count, !lines[at].isBlank, !lines[at].startsOtherBlock {
      if lines[at].hasPrefix("- ") {
        items.append(String(lines[at].dropFirst(2)))
      } else {
        items[items.count - 1] += " " + lines[at].drop { $0 == " " }
      }
      at += 1
    }
    add(.list(items))
  }

  private mutating func paragraph() {
    var text = ""
    while at < lines.count, !lines[at].isBlank, !lines[at].startsOtherBlock,
      !lines[at].hasPrefix("- ")
    {
      text += (text.isEmpty ? "" : " ") + lines[at].drop { $0 == " " }
      at += 1
    }
    add(.paragraph(text))
  }
}

extension Substring {
  fileprivate var isBlank: Bool { allSatisfy { $0 == " " || $0 == "\t" } }
  fileprivate var startsOtherBlock: Bool { hasPrefix("#") || hasPrefix("```") }
}
