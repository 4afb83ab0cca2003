public import Facts

/// A page as Markdown, with this host's values filled in.
public enum ExplanationMarkdown {
  /// The page as Markdown.
  public static func render(_ explanation: Explanation) -> String {
    var lines = ["# \(explanation.name): \(explanation.title)", ""]
    if !explanation.alsoFits.isEmpty {
      let names = explanation.alsoFits.map { "`\($0.word)`" }.joined(separator: ", ")
      lines += ["Also: \(names)", ""]
    }
    for (label, text) in ExplanationText.rows(of: explanation) {
      lines.append("- \(label): \(text)")
    }
    for limit in explanation.limits {
      lines.append("- \(limit.title) \(LimitText.value(limit)): \(limit.formula)")
    }
    for row in explanation.counters {
      guard let total = row.total.value else { continue }
      lines.append("- \(row.name): \(ExplanationText.total(total, row))")
    }
    for finding in explanation.findings {
      lines.append("- \(finding.severity.rawValue) here: \(finding.title) (\(finding.rule))")
    }
    lines += formulas(of: explanation)
    for section in explanation.sections {
      let section = section.filled { ExplanationText.words(for: $0, in: explanation) }
      lines.append("")
      if !section.heading.isEmpty { lines += ["## \(section.heading)", ""] }
      for (index, block) in section.blocks.enumerated() {
        if index > 0 { lines.append("") }
        switch block {
        case .paragraph(let text): lines.append(text)
        case .list(let items): lines += items.map { "- \($0)" }
        case .code(let language, let code): lines += ["```\(language)"] + code + ["```"]
        }
      }
    }
    if !explanation.related.isEmpty {
      lines += ["", "## Read on", ""]
      lines += explanation.related.map { "- `tcptune explain \($0.word)`: \($0.title)" }
    }
    lines += ["", "Sources: \(explanation.sources.joined(separator: ", "))", ""]
    return lines.joined(separator: "\n")
  }

  /// The queues' formulas, each with its symbols and with this host's numbers.
  private static func formulas(of explanation: Explanation) -> [String] {
    guard let inputs = explanation.queueInputs else { return [] }
    let text = QueueFormulaText(inputs: inputs)
    return explanation.queueFormulas.flatMap { formula in
      let symbols = text.symbols(of: formula)
      var lines = ["", "**\(text.title(of: formula))**", "", "```text", "= \(symbols)"]
      if let numbers = text.filled(formula) { lines.append("= \(numbers)") }
      lines.append("```")
      if let note = text.note(on: formula) { lines += ["", note] }
      return lines
    }
  }
}
