import Apply
import Facts
import Glibc
import Rendering

/// What a command that changes the host leaves: one report, as text or JSON, and the exit status.
struct ChangeOutcome {
  let isJSON: Bool
  let style: TextStyle
  /// The plan that it began with, nil for commands without one.
  var plan: Plan?
  /// Whether the plan was printed already.
  var isPlanPrinted = false

  init(isJSON: Bool, style: TextStyle, plan: Plan?) {
    self.isJSON = isJSON
    self.style = style
    self.plan = plan
  }

  init(_ arguments: Arguments, _ tool: Tool) throws(Failure) {
    isJSON = try tool.isJSON(arguments)
    style = try tool.style(arguments)
  }

  /// The outcome of what went as it was meant to.
  func done(_ report: ChangeReport) -> Outcome {
    let status: ExitStatus = report.outcome == .uncertain ? .uncertain : .done
    return Self.aboutHost(
      Outcome(text(report), status, remarks: report.remarks.map { "tcptune: \($0)" }))
  }

  /// The outcome of what did not.
  func failed(_ failure: ApplyFailure) -> Outcome {
    var report = ChangeReport(
      Self.outcome(of: failure.kind), record: failure.record, reasons: failure.reasons)
    if let record = failure.record {
      report.path = Changes.path(of: record)
      report.keys = Changes.states(of: record)
    }
    let lines = failure.reasons.map { "tcptune: \($0)" }
    // A person reads the reasons; the table of keys is for what cannot be told in them.
    let isTable = failure.kind == .uncertain && !report.keys.isEmpty
    return Self.aboutHost(
      Outcome(
        isJSON ? text(report) : isTable ? ChangeText.keys(report, style: style) : "",
        Self.status(of: failure.kind), remarks: lines))
  }

  private static func aboutHost(_ outcome: Outcome) -> Outcome {
    var outcome = outcome
    outcome.isAboutHost = true
    return outcome
  }

  private func text(_ report: ChangeReport) -> String {
    if isJSON { return ChangeJSON.render(report, plan: plan) }
    let before =
      plan.map { isPlanPrinted ? "" : PlanText.render($0, style: style) } ?? ""
    let text = ChangeText.render(report, plan: plan, style: style)
    return before + (before.isEmpty || text.isEmpty ? "" : "\n") + text
  }

  private static func outcome(of kind: ApplyFailure.Kind) -> ChangeReport.Outcome {
    switch kind {
    case .nothingToDo: .nothing
    case .refused, .interrupted: .refused
    case .takenBack: .takenBack
    case .uncertain: .uncertain
    case .damaged: .damaged
    case .busy: .busy
    case .tooLate: .tooLate
    }
  }

  static func status(of kind: ApplyFailure.Kind) -> ExitStatus {
    switch kind {
    case .nothingToDo: .usage
    case .refused: .refused
    case .takenBack: .takenBack
    case .uncertain: .uncertain
    case .damaged: .damaged
    case .busy: .busy
    case .tooLate: .tooLate
    case .interrupted(SIGTERM): .terminated
    case .interrupted(SIGQUIT): .quit
    case .interrupted: .interrupted
    }
  }

  /// How a change stands after a command.
  static func report(_ settled: Settled) -> ChangeReport {
    let record = settled.record
    let conflicts = settled.conflicts
    let outcome: ChangeReport.Outcome
    switch record.ending {
    case nil: outcome = .trial
    case .kept: outcome = conflicts.isEmpty ? .kept : .uncertain
    case .reverted: outcome = conflicts.isEmpty ? .reverted : .uncertain
    }
    return ChangeReport(
      outcome, record: record, keys: Changes.withFile(settled.states, of: record),
      path: Changes.path(of: record),
      secondsLeft: record.ending == nil ? Changes.secondsLeft(of: record) : nil,
      deadline: record.ending == nil ? WallClock.time(in: Changes.rest(of: record)) : nil,
      reasons: conflicts, remarks: settled.remarks)
  }
}

extension Changes {
  /// Whole seconds that a trial still has, begun ones counted.
  static func secondsLeft(of record: ChangeRecord) -> Int64 { (rest(of: record) + 999) / 1000 }
}

/// Times as the clock on the wall shows them.
enum WallClock {
  /// The local time so many milliseconds from now: `14:03:12`.
  static func time(in milliseconds: Int64) -> String {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return text(Int64(now.tv_sec) * 1000 + milliseconds, "%H:%M:%S")
  }

  /// The local date and time of a moment, in milliseconds since 1970: `2026-11-21 14:03:12`.
  static func text(_ milliseconds: Int64, _ format: String = "%Y-%m-%d %H:%M:%S") -> String {
    var seconds = time_t(milliseconds / 1000)
    var parts = unsafe tm()
    unsafe localtime_r(&seconds, &parts)
    var room = [CChar](repeating: 0, count: 64)
    let length = unsafe strftime(&room, room.count, format, &parts)
    return String(decoding: room[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
