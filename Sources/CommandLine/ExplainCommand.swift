import Audit
import Catalogue
import Facts
import Rendering

extension Command {
  static let explain = Command(
    name: "explain", operands: "[NAME]",
    summary: "A key, counter, state, error, concept or rule, with this host's values.",
    options: [.search, .noLive, .window, .since, .pageFormat]
      + Option.reading.filter { $0.name != Option.format.name }
  ) { (arguments, tool) throws(Failure) in
    let format = try arguments.word(.pageFormat, PageFormat.self) ?? .text
    let style = try tool.style(arguments)
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    if let words = arguments.value(.search) {
      let found = catalogue.search([words] + arguments.operands)
      guard !found.isEmpty else {
        throw .usage("tcptune explain: expected words that some page has, found '\(words)'")
      }
      return Outcome(list(found, catalogue, format, style))
    }
    guard !arguments.operands.isEmpty else {
      return Outcome(list(catalogue.entries, catalogue, format, style, isWhole: true))
    }
    // netstat's sentences have blanks.
    let name = arguments.operands.joined(separator: " ")
    guard let found = catalogue.find(name) else {
      throw .usage(
        "tcptune explain: expected the name of a page, found '\(name.printable)'"
          + hint(name, catalogue))
    }
    let explanation: Explanation
    if arguments.has(.noLive) {
      try arguments.expectNothingLive()
      explanation = Audit(
        of: Snapshot(host: Host(unread: Absence(.notGathered, "--no-live"))), with: catalogue
      ).explanation(of: found, isLive: false)
    } else {
      // Whose listeners they are is a question to `queues`: the answer costs more than the page.
      var effort = Effort(owners: false, walk: .never)
      effort.files = .read
      let preparation = try Preparation(
        arguments, tool, effort: effort, catalogue: catalogue, isJSON: format == .json)
      explanation = preparation.audit.explanation(of: found)
    }
    switch format {
    case .text: return Outcome(ExplanationText.render(explanation, style: style))
    case .json: return Outcome(ExplanationJSON.render(explanation))
    case .markdown: return Outcome(ExplanationMarkdown.render(explanation))
    }
  }

  /// The names that may have been meant, or where the words stand.
  private static func hint(_ name: String, _ catalogue: Catalogue) -> String {
    let near = catalogue.nearestNames(to: name).map { "'\($0)'" }
    if let last = near.last {
      let others = near.dropLast().joined(separator: ", ")
      return "; did you mean \(others.isEmpty ? last : "\(others) or \(last)")?"
    }
    let count = catalogue.search([name]).count
    guard count > 0 else { return "; tcptune explain alone lists all pages" }
    let pages = count == 1 ? "1 page has" : "\(count) pages have"
    return "; \(pages) the words: tcptune explain --search '\(name.printable)'"
  }

  /// How a page is printed.
  private enum PageFormat: String, CaseIterable {
    case text, json, markdown
  }

  private static func list(
    _ entries: [Catalogue.Entry], _ catalogue: Catalogue, _ format: PageFormat, _ style: TextStyle,
    isWhole: Bool = false
  ) -> String {
    let entries = entries.map { entry in
      // Only a concept may be called like something that comes before it.
      let isConcept = format == .text && entry.kind == "concept"
      return TopicList.Entry(
        name: isConcept ? catalogue.word(for: entry.name) : entry.name, kind: entry.kind,
        title: entry.title)
    }
    return switch format {
    case .text where isWhole: TopicList.overview(entries, style: style)
    case .text: TopicList.text(entries, style: style)
    case .json: TopicList.json(entries)
    case .markdown: TopicList.markdown(entries)
    }
  }
}

extension Option {
  static let search = Option(
    name: "--search", value: "WORDS", help: "The pages that have all of these words.")
  static let noLive = Option(
    name: "--no-live", value: nil, help: "The page alone, without a look at any host.")
  static let pageFormat = Option(
    name: "--format", value: "text|json|markdown", help: "How to print it; text by default.")
}

extension Arguments {
  /// A page alone has no host.
  fileprivate func expectNothingLive() throws(Failure) {
    for option in [Option.set, .snapshot, .root, .netns, .window, .since] where has(option) {
      throw .usage("tcptune explain: expected --no-live or \(option.name), found both")
    }
  }
}
