import Facts
import Pages
import Testing

private func body(_ text: String) -> Body {
  Body(PageFile(path: "a.md", header: "id: a\n", body: text))
}

@Test func paragraphsAreJoined() {
  #expect(
    body("one\n  two\nthree\n\n\nfour\n").sections == [
      Section(heading: "", blocks: [.paragraph("one two three"), .paragraph("four")])
    ])
}

@Test func listsGoOnUntilABlankLine() {
  let text = "Before:\n- one\n  goes on\n- two\n\nAfter.\n- three"
  #expect(
    body(text).sections == [
      Section(
        heading: "",
        blocks: [
          .paragraph("Before:"), .list(["one goes on", "two"]), .paragraph("After."),
          .list(["three"]),
        ])
    ])
}

@Test func codeStaysAsItIs() {
  let text = "Text\n```fires\n  a = 1\n\n## no heading\n- no list\n```\nmore\n"
  #expect(
    body(text).sections == [
      Section(
        heading: "",
        blocks: [
          .paragraph("Text"),
          .code(language: "fires", lines: ["  a = 1", "", "## no heading", "- no list"]),
          .paragraph("more"),
        ])
    ])
}

@Test func headingsPartSections() {
  let text = "Lead\n## One\ntext\n## Two words\n\n- a\n## Three\n"
  #expect(
    body(text).sections == [
      Section(heading: "", blocks: [.paragraph("Lead")]),
      Section(heading: "One", blocks: [.paragraph("text")]),
      Section(heading: "Two words", blocks: [.list(["a"])]),
      Section(heading: "Three", blocks: []),
    ])
}

@Test func charactersOfAllKindsSurvive() {
  let text = "全连接队列 \\#u{1E} \"\"\" `code` <tag>"
  #expect(body(text).sections == [Section(heading: "", blocks: [.paragraph(text)])])
}

@Test func anEmptyBodyHasOneEmptySection() {
  #expect(body("").sections == [Section(heading: "", blocks: [])])
  #expect(body("\n \n").sections == [Section(heading: "", blocks: [])])
}

@Test func aFileIsCutAtItsFences() throws {
  let file = try PageFile(path: "Rules/x/a-b.md", text: "---\nid: a-b\n---\nLead\n---\nmore")
  #expect(file.header == "id: a-b\n")
  #expect(file.body == "Lead\n---\nmore")
  #expect(file.name == "a-b")
  let bodyless = try PageFile(path: "a", text: "---\nid: a\n---")
  #expect(bodyless.header == "id: a\n")
  #expect(bodyless.body.isEmpty)
  #expect(bodyless.name == "a")
}
