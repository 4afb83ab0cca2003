import Facts
import Testing

@testable import Pages

/// A rule that wants lines of sysctl files to go.
private func rule(_ header: String, example: String) -> String {
  """
  ---
  id: cap-too-low
  title: a line that ought to go
  severity: note
  confidence: high
  \(header)
  risk: low
  kernel: any
  sources: Q1.1
  ---
  What happens.

  ## Why

  Because.

  ## What the change does

  It takes the line away.

  ## When to leave it alone

  Never.

  ## Examples

  \(example)
  """
}

private let lineExamples = """
  ```fires
  entry.wins_boot = true
  ```

  ```quiet
  entry.wins_boot = false
  ```

  """

private let keyExamples = """
  ```fires
  count(entry where entry.key == "net.ipv4.tcp_tw_recycle") = 2
  ```

  ```quiet
  count(entry where entry.key == "net.ipv4.tcp_tw_recycle") = 0
  ```

  """

@Test func theLineAtHandMayGo() throws {
  let text = rule("for: entry\nwhen: entry.wins_boot\nunset: entry", example: lineExamples)
  #expect(try PageTexts.problems(text) == [])
  let page = try PageFile(path: "cap-too-low.md", text: text)
  #expect(Rule.read(page).rule?.removals == [.entry])
}

/// Every line that sets a key: after that none is left to count.
@Test func allLinesOfAKeyMayGo() throws {
  let text = rule(
    """
    when: count(entry where entry.key == "net.ipv4.tcp_tw_recycle") > 0
    unset: net.ipv4.tcp_tw_recycle
    """, example: keyExamples)
  #expect(try PageTexts.problems(text) == [])
  let page = try PageFile(path: "cap-too-low.md", text: text)
  #expect(
    Rule.read(page).rule?.removals == [.key(SysctlKey(literal: "net.ipv4.tcp_tw_recycle"))])
  // To take away the lines of another key does not mend it.
  let other = text.replacing("unset: net.ipv4.tcp_tw_recycle", with: "unset: net.ipv4.tcp_fack")
  #expect(
    try PageTexts.problems(other) == [
      "cap-too-low.md:29:1: expected the change to make the example quiet, found 'fires'"
    ])
}

@Test(arguments: [
  (
    "when: net.core.somaxconn == 5\nunset: entry",
    "7:8: expected 'for: entry' beside 'unset: entry', found another subject"
  ),
  (
    "for: entry\nwhen: entry.wins_boot\nunset: vm.swappiness",
    "8:8: expected 'entry' or a key below net, found 'vm.swappiness'"
  ),
  (
    "for: entry\nwhen: entry.wins_boot\nunset: line",
    "8:8: expected 'entry' or a key below net, found 'line'"
  ),
])
func removalsThatAreNone(_ header: String, _ problem: String) throws {
  let found = try PageTexts.problems(rule(header, example: lineExamples))
  #expect(found.contains("cap-too-low.md:\(problem)"), "\(found)")
}
