import Facts
import Pages
import Testing

private let known = "expected '```fires', '```quiet', '```unknown' before an example, found"

private func problems(_ bent: BentPage) throws -> [String] {
  try PageTexts.problems(try PageTexts.rule.bent(bent.part, bent.other))
}

/// An example behind a mistyped word would not be looked at: that is a problem, and the only one.
@Test(arguments: [
  BentPage("a slip", "```quiet", "```queit", "33:1: \(known) '```queit'"),
  BentPage("a capital letter", "```quiet", "```Quiet", "33:1: \(known) '```Quiet'"),
  BentPage("a blank behind the word", "```quiet", "```quiet ", "33:1: \(known) '```quiet '"),
  BentPage("no word", "```fires", "```", "29:1: \(known) '```'"),
  BentPage("another word", "```fires", "```text", "29:1: \(known) '```text'"),
  BentPage(
    "a slip under another heading", "Because.", "Because.\n\n```unknwon\na\n```",
    "19:1: \(known) '```unknwon'"),
])
func mistypedFences(_ bent: BentPage) throws {
  let found = try problems(bent)
  #expect(found == bent.problems.map { "cap-too-low.md:\($0)" })
}

/// Code in prose is code, whatever its language.
@Test(arguments: ["", "sh", "text", "console", "c", "ini", "json", "bash", "diff", "yaml", "fish"])
func codeInProse(_ language: String) throws {
  let code = "Look at it:\n\n```\(language)\nss -ltn\nState = LISTEN\n```"
  for part in ["What happens.", "Because.", "It raises the cap.", "Never."] {
    let text = try PageTexts.rule.bent(part, "\(part) \(code)")
    let found = try PageTexts.problems(text)
    #expect(found == [])
  }
  let text = try PageTexts.somaxconn.bent("What it is.", code)
  var set = PageSet()
  #expect(set.add([try PageFile(path: "net.core.somaxconn.md", text: text)]) == [])
}

/// A fence that is open hides headings and examples; only the fence is to blame.
@Test func anOpenFenceHidesTheRest() throws {
  let place = try #require(PageTexts.rule.place(of: "Because."))
  let text = PageTexts.rule[..<place.lowerBound] + "```\nss -ltn\n\n## What the change does\n"
  #expect(
    try PageTexts.problems(String(text)) == [
      "cap-too-low.md:17:1: expected a closing '```', found the end"
    ])
}
