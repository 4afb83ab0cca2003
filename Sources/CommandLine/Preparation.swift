import Audit
import Catalogue
import Expressions
import Facts
import Rendering

/// What every reading command begins with: catalogue, snapshot, assumptions, style.
struct Preparation {
  let catalogue: Catalogue
  let audit: Audit
  let style: TextStyle
  let isJSON: Bool

  /// Reads what the options ask for.
  ///
  /// `effort` is what the command wants to know beside the cheap facts, `loaded` the catalogue where
  /// the command has it already.
  init(
    _ arguments: Arguments, _ tool: Tool, effort: Effort, catalogue loaded: Catalogue? = nil,
    isJSON: Bool? = nil
  ) throws(Failure) {
    if let isJSON { self.isJSON = isJSON } else { self.isJSON = try tool.isJSON(arguments) }
    let source = try Source(arguments)
    var style = try tool.style(arguments, repeating: source.options)
    style.namespaceEntry = source.namespaceEntry
    self.style = style
    let window = try arguments.time(.window)
    if let loaded {
      catalogue = loaded
    } else {
      catalogue = try Catalogue.load(adding: arguments.all(.rules))
    }
    if source.isLive, let remark = PendingChange.remark() { Streams.complain("tcptune: \(remark)") }
    let before = try source.earlier(arguments.value(.since), window: window)
    let progress = WindowProgress(isShown: tool.world.showsProgress && window != nil)
    var snapshot = try source.snapshot(
      for: catalogue, effort: effort, window: window, progress: progress.show)
    progress.clear()
    if let before { snapshot = try before.rates(to: snapshot) }
    audit = Audit(
      of: snapshot, with: catalogue,
      assuming: try Self.assumptions(arguments, catalogue, snapshot.host.release.value))
  }

  /// What `--set` lays over the host; every wrong one is told at once.
  static func assumptions(
    _ arguments: Arguments, _ catalogue: Catalogue, _ release: KernelRelease?
  ) throws(Failure) -> [SysctlKey: String] {
    var values: [SysctlKey: String] = [:]
    var problems: [String] = []
    for text in arguments.all(.set) {
      do {
        let assumption = try catalogue.assumption(text, for: release)
        values[assumption.key] = assumption.value
      } catch {
        problems.append("tcptune: --set: \(error.message)")
      }
    }
    guard problems.isEmpty else { throw .problems(problems) }
    return values
  }
}

extension Arguments {
  /// A time in a range of milliseconds, in seconds: `10s`, `500ms`, `1min`; nil where it was not
  /// given.
  func time(
    _ option: Option, in range: ClosedRange<Int64> = 100...3_600_000,
    named words: String = "100ms to 1h"
  ) throws(Failure) -> Fraction? {
    guard let text = value(option) else { return nil }
    guard
      case .literal(.number(let number), _)? = try? Expression(parsing: text),
      let quantity = number.quantity, quantity.dimension == .seconds,
      let time = quantity.amount.multiplied(by: Fraction(1000)),
      time >= Fraction(range.lowerBound), time <= Fraction(range.upperBound)
    else {
      throw .usage("\(option.name): expected a time from \(words) as in '10s', found '\(text)'")
    }
    return quantity.amount
  }
}

/// What a command works on; it lives as long as its outcome.
final class Work: Sendable {
  let preparation: Preparation
  let report: Report

  init(_ preparation: Preparation, _ report: Report) {
    self.preparation = preparation
    self.report = report
  }
}
