import Facts
import JSON

/// What experiments showed, as JSON.
public enum ProofJSON {
  /// The report as one document.
  public static func render(_ report: ProofReport) -> String {
    JSONText.document([
      "tool": .object([
        "name": .string(ToolIdentity.name), "version": .string(ToolIdentity.version),
      ]),
      "kernel": .string(report.kernel),
      "version": .string(report.version),
      "predicted_for": .string(report.rules ?? report.kernel),
      "experiments": .array(report.proofs.map { experiment($0, report) }),
      "summary": .object([
        "experiments": .integer(report.proofs.count),
        "agree": .integer(report.proofs.count { $0.agrees == true }),
        "disagree": .integer(report.disagreeing.count),
        "failed": .integer(report.failed.count),
        "not_applicable": .integer(report.notApplicable.count),
      ]),
    ])
  }

  private static func experiment(_ proof: Proof, _ report: ProofReport) -> JSONValue {
    let (outcome, reason): (String, String?) =
      switch proof.outcome {
      case .done: ("done", nil)
      case .notApplicable(let reason): ("not-applicable", reason)
      case .failed(let reason): ("failed", reason)
      }
    return .object([
      "id": .string(proof.id), "title": .string(proof.title), "claims": .strings(proof.claims),
      "parameters": members(proof.parameters.map { ($0.name, .integer($0.value)) }),
      "predicted": members(proof.steps.map { ($0.id, value($0.predicted)) }),
      "observed": members(proof.steps.map { ($0.id, value($0.observed)) }),
      "agrees": .optional(proof.agrees) { .boolean($0) },
      "disagreements": .strings(proof.steps.filter { !$0.agrees }.map(\.id)),
      "outcome": .string(outcome), "reason": .optional(reason, JSONValue.string),
      "command": .string(ProofText.command(proof, report)),
    ])
  }

  private static func members(_ pairs: [(String, JSONValue)]) -> JSONValue {
    .object(Dictionary(pairs) { first, _ in first })
  }

  /// A number, an array of numbers or a text; a time that never came is null.
  private static func value(_ value: Proof.Value) -> JSONValue {
    switch value {
    case .count(let count): .integer(count)
    case .seconds(let seconds): number(seconds)
    case .timeline(let times): .array(times.map(number))
    case .text(let text): .string(text)
    }
  }

  private static func number(_ seconds: Double) -> JSONValue {
    seconds.isFinite ? .number("\((seconds * 1000).rounded() / 1000)") : .null
  }
}
