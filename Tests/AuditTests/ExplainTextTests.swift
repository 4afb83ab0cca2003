import Audit
import Catalogue
import Facts
import Pages
import Testing

@testable import Rendering

/// Every page on a stock host with a listener.
private func explanations() throws -> [Explanation] {
  let audit = Audit(
    of: try stockSnapshot([listener(80, length: 129, limit: 128, program: "nginx")]),
    with: catalogue)
  let names = catalogue.entries.map(\.name)
  #expect(names.count > 400)
  return try names.map { name in
    audit.explanation(of: try #require(catalogue.find(catalogue.word(for: name)), "\(name)"))
  }
}

/// No line of any page is broken by a terminal of 80 columns, and on a wide one sentences stay
/// narrow enough to be read.
@Test func everyPageFitsATerminal() throws {
  for explanation in try explanations() {
    for width in [80, 200] {
      let text = ExplanationText.render(
        explanation, style: TextStyle(width: width, isColored: false))
      for line in text.split(separator: "\n") {
        #expect(line.displayColumns <= width, "\(explanation.name): \(line)")
        // What is indented may be a table.
        if !line.hasPrefix(" ") {
          #expect(line.displayColumns <= 100, "\(explanation.name): \(line)")
        }
      }
    }
  }
}

/// As Markdown, blocks stand apart, and what is opened is closed.
@Test func everyPageIsMarkdown() throws {
  for explanation in try explanations() {
    let lines = ExplanationMarkdown.render(explanation)
      .split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0].hasPrefix("# "))
    #expect(lines.count { $0.hasPrefix("# ") } == 1, "\(explanation.name)")
    var isCode = false
    for (before, line) in zip(lines, lines.dropFirst()) {
      if line.hasPrefix("```") {
        isCode.toggle()
        if isCode { #expect(before.isEmpty, "\(explanation.name): \(line)") }
      } else if !isCode {
        let begins = line.hasPrefix("## ") || line.hasPrefix("- ") && !before.hasPrefix("- ")
        if begins { #expect(before.isEmpty, "\(explanation.name): \(line)") }
        // Four blanks would make it code.
        #expect(!line.hasPrefix("    "), "\(explanation.name): \(line)")
      }
    }
    #expect(!isCode, "\(explanation.name)")
  }
}

@Test func theListOfAllPages() {
  let entries = catalogue.entries.map {
    TopicList.Entry(name: $0.name, kind: $0.kind, title: $0.title)
  }
  for width in [80, 200] {
    let text = TopicList.overview(entries, style: TextStyle(width: width, isColored: false))
    let lines = text.split(separator: "\n")
    #expect(lines.allSatisfy { $0.displayColumns <= width })
    // A key's last part and every other page's name are in it.
    let words = Set(text.split { $0 == " " || $0 == "\n" })
    for entry in entries where entry.kind != "tunable" {
      #expect(words.contains(entry.name[...]), "\(entry.name)")
    }
    for key in catalogue.pages.tunables.keys {
      #expect(words.contains(key.lastComponent) || words.contains(key.name[...]), "\(key)")
    }
  }
  // A pipe has a line for each page, to be searched.
  let piped = TopicList.overview(entries, style: TextStyle(width: nil, isColored: false))
  #expect(piped.split(separator: "\n").count { $0.hasPrefix("  ") } == entries.count)
}
