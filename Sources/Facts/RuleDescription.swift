/// A rule as a list shows it.
public struct RuleDescription: Equatable, Sendable {
  /// The name in findings.
  public var id: String
  /// What is wrong where it fires, one line.
  public var title: String
  /// How bad that is.
  public var severity: Severity
  /// How sure.
  public var confidence: Confidence
  /// What it is evaluated for: `host`, `listener` and so on.
  public var subject: String
  /// When it fires, in the language of rules.
  public var condition: String
  /// What it sets: `net.core.somaxconn at-least 4096`.
  public var changes: [String]
  /// When that begins to matter.
  public var effect: Effect?
  /// Who must act where no tunable helps.
  public var act: Actor?
  /// How much can go wrong: `low`, `medium` or `high`.
  public var risk: String
  /// The page's file.
  public var file: String

  /// A rule's description.
  public init(
    id: String, title: String, severity: Severity, confidence: Confidence, subject: String,
    condition: String, changes: [String], effect: Effect?, act: Actor?, risk: String, file: String
  ) {
    self.id = id
    self.title = title
    self.severity = severity
    self.confidence = confidence
    self.subject = subject
    self.condition = condition
    self.changes = changes
    self.effect = effect
    self.act = act
    self.risk = risk
    self.file = file
  }
}
