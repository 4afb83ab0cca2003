import Facts

/// What experiments showed, as text.
public enum ProofText {
  /// An experiment as `prove list` shows it.
  public struct Entry: Sendable {
    var id: String
    var title: String
    var claims: [String]
    var parameters: [(option: String, help: String)]

    /// An experiment with its parameters.
    public init(
      id: String, title: String, claims: [String], parameters: [(option: String, help: String)]
    ) {
      self.id = id
      self.title = title
      self.claims = claims
      self.parameters = parameters
    }
  }

  /// Of so many steps only those are shown that disagree.
  private static let mostSteps = 40

  /// The experiments with what can be chosen and what is taken otherwise.
  public static func list(_ entries: [Entry], style: TextStyle) -> String {
    var page = TextPage(style)
    for entry in entries {
      page.wrapped(
        entry.title, first: "\(page.style.paint(entry.id, .strong))  ",
        firstWidth: entry.id.count + 2, rest: 4)
      var table = Table([], [.left, .left])
      for parameter in entry.parameters { table.add([parameter.option, parameter.help]) }
      page.table(table, indent: 4)
    }
    return page.text
  }

  /// The verdict, then each experiment.
  public static func render(_ report: ProofReport, style: TextStyle) -> String {
    var page = TextPage(style)
    let verdict = verdict(report)
    page.wrapped(
      verdict.rest, first: page.style.paint(verdict.count, report.agrees ? .good : .error) + " ",
      firstWidth: verdict.count.count + 1, rest: 2)
    for proof in report.proofs { write(proof, &page) }
    if !report.agrees { write(toReport: report, &page) }
    return page.text
  }

  // MARK: Verdict

  /// `16 experiments` and `agree with Linux 6.18.44`.
  private static func verdict(_ report: ProofReport) -> (count: String, rest: String) {
    let all = report.proofs.count
    let (bad, failed, idle) = (
      report.disagreeing.count, report.failed.count, report.notApplicable.count
    )
    let kernel = "Linux \(report.kernel)".printable
    let rules = report.rules.map { ", predicted by the rules of \($0)".printable } ?? ""
    let fine = all - bad - failed - idle
    var clauses: [String] = []
    let count: String
    if bad > 0 {
      count = all == 1 ? "1 experiment" : "\(bad) of \(all) experiments"
      clauses.append("\(bad == 1 ? "disagrees" : "disagree") with \(kernel)\(rules)")
    } else if failed > 0 {
      count = all == 1 ? "1 experiment" : "\(failed) of \(all) experiments"
      clauses.append("could not be finished on \(kernel)\(rules)")
    } else {
      count = idle > 0 ? "\(fine) of \(all) experiments" : fine.counted("experiment")
      clauses.append("\(fine == 1 ? "agrees" : "agree") with \(kernel)\(rules)")
    }
    if bad > 0, failed > 0 { clauses.append("\(failed) could not be finished") }
    if idle > 0 {
      clauses.append("\(idle) \(idle == 1 ? "does" : "do") not apply here")
    }
    return (count, clauses.joined(separator: "; "))
  }

  private static func write(toReport report: ProofReport, _ page: inout TextPage) {
    page.heading("To report")
    page.wrapped(report.kernel.printable, first: "  kernel      ", rest: 14)
    page.wrapped(report.version.printable, first: "  version     ", rest: 14)
    page.wrapped(
      "\(ToolIdentity.name) \(ToolIdentity.version)", first: "  tool        ", rest: 14)
    for proof in report.disagreeing + report.failed {
      page.line("  to repeat   \(command(proof, report))")
    }
  }

  /// The command line that repeats one experiment with the same numbers.
  static func command(_ proof: Proof, _ report: ProofReport) -> String {
    let rules = report.rules.map { " --kernel \($0)" } ?? ""
    let slow = report.command.hasSuffix(" --slow") || report.command.contains(" --slow ")
    let name = proof.parameters.contains { $0.name == "random" } ? "" : " \(proof.id)"
    let numbers = proof.parameters.map { " --\($0.name) \($0.value)" }.joined()
    return "tcptune prove\(name)\(numbers)\(slow ? " --slow" : "")\(rules)".printable
  }

  // MARK: Experiments

  private static func write(_ proof: Proof, _ page: inout TextPage) {
    page.line()
    let word: String
    let role: TextStyle.Role
    switch (proof.outcome, proof.agrees) {
    case (.notApplicable, _): (word, role) = ("does not apply", .faint)
    case (.failed, _), (.done, nil): (word, role) = ("not finished", .error)
    case (.done, true?): (word, role) = ("agrees", .good)
    case (.done, false?): (word, role) = ("DISAGREES", .error)
    }
    page.wrapped(
      "\(proof.title) (\(proof.claims.joined(separator: ", ")))",
      first: "\(page.style.paint(proof.id, .strong)) \(page.style.paint(word, role)): ",
      firstWidth: proof.id.count + word.count + 3, rest: 2)
    if !proof.parameters.isEmpty {
      page.wrapped(
        proof.parameters.map { "--\($0.name) \($0.value)" }.joined(separator: " "), first: "  ",
        rest: 4)
    }
    switch proof.outcome {
    case .notApplicable(let reason), .failed(let reason):
      page.wrapped(reason.printable, first: "  ", rest: 4)
    case .done: break
    }
    var steps = proof.steps
    if steps.count > mostSteps {
      let agreeing = steps.count { $0.agrees }
      page.line("  \(agreeing) of \(steps.count) predictions came true")
      steps = Array(steps.filter { !$0.agrees }.prefix(mostSteps))
    }
    guard !steps.isEmpty else { return }
    page.table(table(steps, page.style))
  }

  private static func table(_ steps: [Proof.Step], _ style: TextStyle) -> Table {
    var table = Table(["", "predicted", "observed", ""], [.left, .right, .right, .left])
    // What the two values, the verdict and the blanks between them leave for the titles.
    let values = steps.map { (text($0.predicted), text($0.observed)) }
    let predicted = max(9, values.map(\.0.count).max() ?? 0)
    let observed = max(8, values.map(\.1.count).max() ?? 0)
    let room = max(20, (style.width ?? .max) - predicted - observed - 13)
    for (step, value) in zip(steps, values) {
      var lines = lines(of: step.title.printable, room)
      let last = lines.removeLast()
      for line in lines { table.add([line]) }
      table.add([
        Table.Cell(last), Table.Cell(value.0),
        Table.Cell(value.1, step.agrees ? nil : .error),
        Table.Cell(step.agrees ? "yes" : "NO", step.agrees ? .good : .error),
      ])
    }
    return table
  }

  /// A title in lines of at most so many columns, the later ones indented; never none.
  private static func lines(of title: String, _ room: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in title.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > room {
        lines.append(line)
        line = "  " + word
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    return lines + [line]
  }

  /// A value as people read it: `0 1 3 7 s`.
  static func text(_ value: Proof.Value) -> String {
    switch value {
    case .count(let count): "\(count)"
    case .seconds(let seconds): "\(number(seconds)) s"
    case .timeline(let times):
      times.isEmpty ? "nothing" : times.map(number).joined(separator: " ") + " s"
    case .text(let text): text.printable
    }
  }

  /// Seconds to the hundredth, whole ones without a point.
  private static func number(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e12 else { return "?" }
    let hundredths = Int64((seconds * 100).rounded())
    let whole = "\(hundredths / 100)"
    let rest = abs(hundredths % 100)
    if rest == 0 { return whole }
    let sign = hundredths < 0 && hundredths > -100 ? "-" : ""
    return sign + whole + (rest % 10 == 0 ? ".\(rest / 10)" : rest < 10 ? ".0\(rest)" : ".\(rest)")
  }
}
