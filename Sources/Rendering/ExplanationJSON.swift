public import Facts
import JSON

/// A page with its host as JSON.
public enum ExplanationJSON {
  /// The page as one document.
  public static func render(_ explanation: Explanation) -> String {
    JSONText.document([
      "page": .object([
        "name": .string(explanation.name), "title": .string(explanation.title),
        "kind": .string(kind(explanation.subject)),
        "sections": .array(explanation.sections.map(section)),
        "related": .strings(explanation.related.map(\.name)),
        "sources": .strings(explanation.sources),
        "also_fits": .strings(explanation.alsoFits.map(\.name)),
      ]),
      "host": .object(host(explanation)),
      "findings": .array(explanation.findings.map(FindingJSON.finding)),
    ])
  }

  private static func kind(_ subject: Explanation.Subject) -> String {
    switch subject {
    case .tunable: "tunable"
    case .rule: "rule"
    case .reference(let facts): facts.kind
    }
  }

  private static func host(_ explanation: Explanation) -> [String: JSONValue] {
    var members: [String: JSONValue] = [
      "limits": .array(explanation.limits.map(LimitJSON.limit)),
      "counters": .object(
        Dictionary(
          explanation.counters.map { ($0.name, .optional($0.total.value) { .integer($0) }) }
        ) { first, _ in first }),
      "rates": .object(
        Dictionary(
          explanation.counters.map { row in
            (row.name, .optional(row.rate?.value) { .fraction($0.amount) })
          }
        ) { first, _ in first }),
    ]
    switch explanation.subject {
    case .tunable(let facts):
      members["values"] = .object([
        facts.key.name: .optional(facts.value.value, content)
      ])
      members["default"] = .optional(facts.defaultValue.value, content)
      members["access"] = .string(facts.access.rawValue)
      members["unit"] = .string(facts.unit.word)
      members["effect"] = .string(facts.effect.rawValue)
      members["files"] = .optional(explanation.files) { files in
        .object([
          "boot": .optional(files.boot?.effective, JSONValue.string),
          "lines": .array(
            files.lines.map {
              .object([
                "file": .string($0.source.file), "line": .integer(Int64($0.source.line)),
                "value": .string($0.value),
              ])
            }),
        ])
      }
    case .rule(let facts):
      members["values"] = .object([:])
      members["when"] = .string(facts.when)
      members["state"] = .string(state(facts.state))
    case .reference(let facts):
      members["values"] = .object(
        Dictionary(
          facts.keys.map { ($0.key.name, .optional($0.text.value, JSONValue.string)) }
        ) { first, _ in first })
      // Of several states together only none at all is a number for each.
      let none: Int64? = facts.together?.count == 0 ? 0 : nil
      members["sockets"] = .optional(facts.sockets?.value ?? none) { .integer($0) }
      members["sockets_at_most"] = .optional(facts.together?.count) { .integer($0) }
      members["calls"] = .strings(facts.calls)
    }
    if let inputs = explanation.queueInputs {
      let text = QueueFormulaText(inputs: inputs)
      members["formulas"] = .array(
        explanation.queueFormulas.map { formula in
          .object([
            "title": .string(text.title(of: formula)),
            "formula": .string(text.symbols(of: formula)),
            "note": .optional(text.note(on: formula), JSONValue.string),
            "listeners": .array(
              (inputs.listeners.value ?? []).map { queues in
                .object([
                  "listener": .string(queues.listener.name),
                  "filled": .string(text.filled(formula, queues)),
                ])
              }),
          ])
        })
    }
    return members
  }

  /// Numbers as a list, whatever their count; names and ports as one text.
  private static func content(_ content: KeyContent) -> JSONValue {
    switch content {
    case .numbers(let numbers): .array(numbers.map { .integer($0) })
    case .text(let text): .string(text)
    }
  }

  private static func state(_ state: Explanation.RuleFacts.State) -> String {
    switch state {
    case .notThisKernel: "not-this-kernel"
    case .fires: "fires"
    case .quiet: "quiet"
    case .undecided: "undecided"
    }
  }

  private static func section(_ section: Section) -> JSONValue {
    .object([
      "heading": .string(section.heading),
      "text": .array(
        section.blocks.map { block in
          switch block {
          case .paragraph(let text): .string(text)
          case .list(let items): .strings(items)
          case .code(_, let lines): .string(lines.joined(separator: "\n"))
          }
        }),
    ])
  }
}
