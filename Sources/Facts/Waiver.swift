/// A finding that somebody knows of and allows.
public struct Waiver: Hashable, Sendable {
  /// The rule whose findings it allows.
  public var rule: String
  /// The one subject that it is about, as findings name it; nil for every subject.
  ///
  /// For a line of a sysctl file its file alone will do.
  public var subject: String?
  /// Why, in the words of who allowed it; nil for one from the command line.
  public var reason: String?
  /// The last day on which it holds; nil for one without end.
  public var until: CalendarDate?
  /// Where it stands: `file:line`, or the option.
  public var source: String

  /// A waiver with its parts.
  public init(
    rule: String, subject: String? = nil, reason: String? = nil, until: CalendarDate? = nil,
    source: String
  ) {
    self.rule = rule
    self.subject = subject
    self.reason = reason
    self.until = until
    self.source = source
  }

  /// Whether it is about a subject of a finding of its rule.
  func covers(_ other: String) -> Bool {
    guard let subject else { return true }
    if other == subject { return true }
    // Lines move when a file is edited.
    guard subject.hasPrefix("/"), other.hasPrefix("\(subject):") else { return false }
    return other.dropFirst(subject.count + 1).allSatisfy(\.isNumber)
  }
}

/// What became of a waiver in an audit.
public struct WaiverUse: Equatable, Sendable {
  /// What became of it.
  public enum State: String, Sendable {
    /// A finding was allowed by it.
    case used
    /// Nothing was found that it would allow.
    case unused
    /// Its last day has passed.
    case expired
  }

  /// The waiver.
  public var waiver: Waiver
  /// What became of it.
  public var state: State

  /// A waiver with what became of it.
  public init(waiver: Waiver, state: State) {
    self.waiver = waiver
    self.state = state
  }
}

/// A finding, or the part of it about some subjects, that is allowed.
public struct WaivedFinding: Equatable, Sendable {
  /// What was found.
  public var finding: Finding
  /// By what it is allowed.
  public var waiver: Waiver

  /// A finding with its waiver.
  public init(finding: Finding, waiver: Waiver) {
    self.finding = finding
    self.waiver = waiver
  }
}

extension Report {
  /// Takes out of the findings what is allowed, and notes what became of each waiver.
  ///
  /// A waiver counts through its last day. The first that covers a subject takes it; a finding whose
  /// every subject is allowed is no finding any more.
  ///
  /// - Parameters:
  ///   - waivers: what is allowed, in the order of their files.
  ///   - today: the day of the audit.
  public mutating func allow(_ waivers: [Waiver], on today: CalendarDate) {
    let isValid = waivers.map { $0.until.map { today <= $0 } ?? true }
    var isUsed = waivers.map { _ in false }
    var left: [Finding] = []
    for finding in findings {
      var rest: Finding? = finding
      for (index, waiver) in waivers.enumerated() where waiver.rule == finding.rule {
        guard isValid[index], let present = rest else { continue }
        let (allowed, others) = present.split(by: waiver)
        rest = others
        guard let allowed else { continue }
        isUsed[index] = true
        waived.append(WaivedFinding(finding: allowed, waiver: waiver))
      }
      if let rest { left.append(rest) }
    }
    findings = left
    for (index, waiver) in waivers.enumerated() {
      self.waivers.append(
        WaiverUse(
          waiver: waiver,
          state: !isValid[index] ? .expired : isUsed[index] ? .used : .unused))
    }
  }
}

extension Finding {
  /// What a waiver takes of a finding, and what it leaves.
  fileprivate func split(by waiver: Waiver) -> (allowed: Finding?, rest: Finding?) {
    if waiver.subject == nil { return (self, nil) }
    let allowed = subjects.filter(waiver.covers)
    if allowed.isEmpty { return (nil, self) }
    if allowed.count == subjects.count { return (self, nil) }
    return (about(allowed), about(subjects.filter { !waiver.covers($0) }))
  }

  /// The finding as if only some of its subjects had it.
  private func about(_ subjects: [String]) -> Finding {
    var finding = self
    finding.subjects = subjects
    finding.evidence = evidence.filter { $0.subject.map(subjects.contains) ?? true }
    finding.removals = removals.filter { subjects.contains("\($0.file):\($0.line)") }
    return finding
  }
}
