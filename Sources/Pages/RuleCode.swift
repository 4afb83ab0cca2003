import Expressions
import Facts

/// What an audit asks of every rule, in few words: for what it is evaluated, for which releases, to
/// which rules it gives way, and its condition.
///
/// The program that embeds the catalogue writes it beside the page, and the audit reads it at its
/// start in place of the header.
public struct RuleCode: Sendable {
  let subject: Subject
  let kernel: ReleaseRange
  let unless: [String]
  let when: Expression

  /// The four lines of a rule.
  public static func text(_ rule: Rule, kernel: String) -> String {
    [
      rule.subject.rawValue, kernel, rule.unless.joined(separator: ","),
      ExpressionCode.text(rule.when),
    ].joined(separator: "\n")
  }

  /// What the four lines say; nil for any other text.
  init?(_ text: String) {
    let lines = Array(text.utf8).split(
      separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
    guard lines.count == 4,
      let subject = Subject(rawValue: String(decoding: lines[0], as: UTF8.self)),
      let when = ExpressionCode.expression(lines[3])
    else { return nil }
    self.subject = subject
    self.when = when
    kernel = ReleaseRange(checked: String(decoding: lines[1], as: UTF8.self))
    unless =
      lines[2].isEmpty
      ? []
      : lines[2].split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
  }
}
