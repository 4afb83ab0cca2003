import Expressions
import Facts
import Synchronization

/// What a rule says beside its condition.
struct RuleDetails: Sendable {
  let title: String
  let severity: Severity
  let confidence: Confidence
  let changes: [Rule.Change]
  let removals: [Rule.Removal]
  let effect: Effect?
  let risk: Risk
  let act: Actor?
  let remedy: String?
  let aliases: [String]
  let sources: [String]
  let file: String
  let faulty: Set<String>

  /// What is missing or wrong gets a stand-in; the header's problems tell of it.
  init(_ header: inout Header) {
    title = header.first("title")?.value ?? ""
    severity = header.word("severity", Severity.self) ?? .note
    confidence = header.word("confidence", Confidence.self) ?? .low
    changes = header.all("set").compactMap { Rule.change($0, &header) }
    removals = header.all("unset").compactMap { Rule.removal($0, &header) }
    effect = header.word("effect", Effect.self)
    risk = header.word("risk", Risk.self) ?? .low
    act = header.word("act", Actor.self)
    remedy = header.first("remedy")?.value
    aliases = header.list("aliases")
    sources = header.list("sources")
    file = header.file
    faulty = header.faulty
  }

  /// The condition and the details of a rule that were read, or the page in which they stand: an
  /// audit asks for those of the few rules that may fire.
  final class Shelf: Sendable {
    private let page: PageFile?
    private let read: Mutex<(when: Expression?, details: RuleDetails?)>

    init(_ details: RuleDetails, when: Expression) {
      page = nil
      read = Mutex((when, details))
    }

    init(_ page: PageFile) {
      self.page = page
      read = Mutex((nil, nil))
    }

    var when: Expression {
      read.withLock { read in
        if let when = read.when { return when }
        let when = page.flatMap { RuleCode.condition($0.code) } ?? Rule.never
        read.when = when
        return when
      }
    }

    var details: RuleDetails {
      read.withLock { read in
        if let details = read.details { return details }
        var header = Header(page ?? PageFile(path: "", header: "", body: ""))
        let details = RuleDetails(&header)
        read.details = details
        return details
      }
    }
  }
}
