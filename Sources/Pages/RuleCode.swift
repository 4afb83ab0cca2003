import Expressions
import Facts

/// What an audit asks of every rule, in few words: for what it is evaluated, for which releases, to
/// which rules it gives way, and its condition.
///
/// The program that embeds the catalogue writes it beside the page, and the audit reads it at its
/// start in place of the header.
public struct RuleCode: Sendable {
  let subject: Subject
  let asksListenersForNumbersOnly: Bool
  let kernel: ReleaseRange
  let unless: [String]
  let screen: Int

  private static let newline = UInt8(ascii: "\n")

  /// The lines of a rule; its condition stands in the last.
  ///
  /// The first has its words at fixed places, for all rules are read at every start: subject, whether
  /// it asks listeners for numbers only, whether the second and the third line say anything, then
  /// digits.
  ///
  /// - Parameters:
  ///   - rule: the rule.
  ///   - kernel: the releases as its header has them.
  ///   - screen: where its condition begins in the catalogue's ``ScreenCode``.
  /// - Returns: four lines.
  public static func text(_ rule: Rule, kernel: String, screen: Int) -> String {
    let flags = [
      Subject.allCases.firstIndex(of: rule.subject) ?? 0,
      rule.asksListenersForNumbersOnly ? 1 : 0, kernel != ReleaseRange.anyWord ? 1 : 0,
      rule.unless.isEmpty ? 0 : 1,
    ]
    return [
      flags.map(String.init).joined() + String(screen), kernel,
      rule.unless.joined(separator: ","), ExpressionCode.text(rule.when),
    ].joined(separator: "\n")
  }

  /// What the lines say but for the condition; nil for any other text.
  init?(_ text: String) {
    var flags = (0, 0, 0, 0)
    var screen = 0
    var count = 0
    for byte in text.utf8 {
      if byte == Self.newline { break }
      let digit = Int(byte) - Int(UInt8(ascii: "0"))
      guard (0...9).contains(digit) else { return nil }
      switch count {
      case 0: flags.0 = digit
      case 1: flags.1 = digit
      case 2: flags.2 = digit
      case 3: flags.3 = digit
      default: screen = screen * 10 + digit
      }
      count += 1
    }
    guard count > 4, flags.0 < Self.subjects.count else { return nil }
    subject = Self.subjects[flags.0]
    asksListenersForNumbersOnly = flags.1 == 1
    self.screen = screen
    var rest = text.utf8.dropFirst(count + 1)
    let releases = rest.prefix { $0 != Self.newline }
    kernel = flags.2 == 1 ? ReleaseRange(checked: releases) : .any
    guard flags.3 == 1 else {
      unless = []
      return
    }
    rest = rest[releases.endIndex...].dropFirst().prefix { $0 != Self.newline }
    unless = rest.split(separator: UInt8(ascii: ",")).map { String(Substring($0)) }
  }

  private static let subjects = Subject.allCases

  /// The condition in the last of the lines; nil for any other text.
  static func condition(_ text: String) -> Expression? {
    var rest = Array(text.utf8)[...]
    for _ in 0..<3 {
      guard let end = rest.firstIndex(of: newline) else { return nil }
      rest = rest[(end + 1)...]
    }
    return ExpressionCode.expression(rest)
  }
}
