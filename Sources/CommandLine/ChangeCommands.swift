import Apply
import Catalogue
import Facts
import Glibc
import Pages
import Rendering

extension Command {
  static let confirm = Command(
    name: "confirm", operands: "[ID]",
    summary: "Keep the change that is on trial; best from a new login.",
    options: [.yes, .inNamespace, .format, .color]
  ) { (arguments, tool) throws(Failure) in
    let id = try arguments.changeID("confirm")
    let outcome = try ChangeOutcome(arguments, tool)
    let changes = Changes.ofThisHost()
    if let reason = changes.namespaceReason(isForNamespace: arguments.has(.inNamespace)) {
      return outcome.failed(ApplyFailure(.refused, [reason]))
    }
    do throws(ApplyFailure) {
      let remark = try changes.state().open.map { Login.remark($0.caller, Changes.caller()) }
      if let remark, remark.isSame, !arguments.has(.yes), !outcome.isJSON, tool.world.canAsk {
        Streams.complain("tcptune: \(remark.text)")
        guard Question.isYes("Keep it all the same?") else {
          return Outcome("", .refused, remarks: ["tcptune: nothing was kept; the trial goes on"])
        }
      }
      var report = ChangeOutcome.report(try changes.confirm(id))
      if let remark { report.remarks.insert(remark.text, at: 0) }
      return outcome.done(report)
    } catch {
      return outcome.failed(error)
    }
  }

  static let rollback = Command(
    name: "rollback", operands: "[ID]",
    summary: "Take back the change on trial, else the last that was kept.",
    options: [.settle, .yes, .watcher, .inNamespace, .format, .color]
  ) { (arguments, tool) throws(Failure) in
    let id = try arguments.changeID("rollback")
    if arguments.has(.settle), let id {
      throw .usage("tcptune rollback: expected --settle or an id, found both ('\(id)')")
    }
    let outcome = try ChangeOutcome(arguments, tool)
    let changes = Changes.ofThisHost()
    if let reason = changes.namespaceReason(isForNamespace: arguments.has(.inNamespace)) {
      return outcome.failed(ApplyFailure(.refused, [reason]))
    }
    do throws(ApplyFailure) {
      guard !arguments.has(.settle) else {
        guard let settled = try changes.settle() else {
          return outcome.done(
            ChangeReport(.unchanged, remarks: ["no change was interrupted: nothing to settle"]))
        }
        return outcome.done(ChangeOutcome.report(settled))
      }
      if tool.world.canAsk, !outcome.isJSON, !arguments.has(.yes),
        let target = try changes.rollbackTarget(id)
      {
        let report = ChangeReport(
          .kept, record: target.record, keys: target.states, path: Changes.path(of: target.record))
        show(ChangeText.wayBack(report, style: outcome.style))
        guard Question.isYes("Put these values back?") else {
          return Outcome("", .refused, remarks: ["tcptune: nothing was changed"])
        }
      }
      return outcome.done(
        ChangeOutcome.report(
          try changes.rollBack(id, prefersWatcher: arguments.has(.watcher))))
    } catch {
      return outcome.failed(error)
    }
  }

  static let status = Command(
    name: "status", summary: "The change on trial or kept, key by key: before, ours, now, file.",
    options: [.format, .color]
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("status")
    let outcome = try ChangeOutcome(arguments, tool)
    do throws(ApplyFailure) {
      let changes = Changes.ofThisHost()
      var report = StatusReport.make(try changes.state())
      var isFileAsKept = true
      var isArmed = true
      if let record = report.record {
        report.remarks += [changes.elsewhere(record)].compactMap { $0 }
        if report.outcome == .trial {
          if let remark = changes.alarmRemark(on: record) {
            isArmed = false
            report.remarks.append(remark)
          }
        }
        if report.outcome == .kept, let remark = changes.fileRemark(on: record) {
          isFileAsKept = false
          report.remarks.append("\(report.path ?? "the file"): \(remark)")
        }
      }
      return Outcome(
        outcome.isJSON
          ? ChangeJSON.render(report, plan: nil)
          : ChangeText.status(
            report, isFileAsKept: isFileAsKept, isArmed: isArmed, style: outcome.style))
    } catch {
      return outcome.failed(error)
    }
  }

  static let history = Command(
    name: "history", summary: "Every change that was made here, the newest last.",
    options: [.format, .color]
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("history")
    let outcome = try ChangeOutcome(arguments, tool)
    do throws(ApplyFailure) {
      let state = try Changes.ofThisHost().state()
      let times = state.history.map { WallClock.text($0.began) }
      let ends = state.history.map { record in
        // The day is told once.
        record.ended.map { end in
          let isSameDay = WallClock.text(end, "%F") == WallClock.text(record.began, "%F")
          return WallClock.text(end, isSameDay ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S")
        } ?? ""
      }
      return Outcome(
        outcome.isJSON
          ? ChangeJSON.history(state.history)
          : HistoryText.render(
            state.history, times: times, ends: ends, style: outcome.style))
    } catch {
      return outcome.failed(error)
    }
  }

  /// Beside the question, on standard error: the result is not there yet.
  private static func show(_ text: String) {
    try? Streams.write(Array(text.utf8), to: STDERR_FILENO)
  }
}

// MARK: Hidden

extension Command {
  /// What systemd's timer runs.
  static let revert = Command(
    name: "revert", operands: "--transaction ID --if-unconfirmed",
    summary: "Take a change back unless it was confirmed; run by a timer.",
    options: [.transaction, .ifUnconfirmed]
  ) { (arguments, _) throws(Failure) in
    try arguments.expectNoOperands("revert")
    guard let id = arguments.value(.transaction), arguments.has(.ifUnconfirmed) else {
      throw .usage("tcptune revert: expected --transaction ID --if-unconfirmed")
    }
    switch Changes.ofThisHost().takeBack(id, unlessInTrial: true) {
    case .over: return Outcome("")
    // The timer's service is started again until it is over.
    case .inTrial, .failed: return Outcome("", .takenBack)
    }
  }

  /// What the watcher does.
  static let watchChange = Command(
    name: Watcher.command, operands: "ID", summary: "Watch a change; run by apply.", options: []
  ) { (arguments, _) throws(Failure) in
    let id = try arguments.changeID(Watcher.command) ?? ""
    return Outcome("", Watcher.watch(id, Changes.ofThisHost()) ? .done : .uncertain)
  }
}

extension Option {
  static let settle = Option(
    name: "--settle", value: nil, help: "Finish an interrupted change and do nothing else.")
  static let transaction = Option(name: "--transaction", value: "ID", help: "Which change.")
  static let ifUnconfirmed = Option(
    name: "--if-unconfirmed", value: nil, help: "Only if nobody confirmed it.")
}

extension Arguments {
  /// The id of a change, where one was given.
  fileprivate func changeID(_ command: String) throws(Failure) -> String? {
    guard operands.count <= 1 else {
      throw .usage("tcptune \(command): expected at most one id, found '\(operands[1])' after it")
    }
    guard let id = operands.first else { return nil }
    guard Changes.isID(id) else {
      throw .usage(
        "tcptune \(command): expected the id of a change as in '3f2a9c1e', found '\(id)'")
    }
    return id
  }
}

extension Changes {
  /// The changes of the machine that the program runs on.
  ///
  /// Only keys of the built-in pages are written: the way back must not depend on a page that
  /// somebody edits meanwhile.
  static func ofThisHost() -> Changes {
    let tunables = Catalogue.embedded().pages.tunables
    return Changes(tool: ToolIdentity.version) { tunables.shape(of: $0) != nil }
  }
}

/// What can be said of two logins.
enum Login {
  /// Whether they are the same, and in words what that shows.
  static func remark(
    _ then: ChangeRecord.Caller, _ now: ChangeRecord.Caller
  ) -> (isSame: Bool, text: String) {
    let isSame =
      then.session == now.session
      || then.loginSession != nil && then.loginSession == now.loginSession
      || then.terminal != nil && then.terminal == now.terminal
    return isSame
      ? (true, "this is the login that began it: it does not show that a new one still works")
      : (false, "this is another session than the one that began it")
  }
}

/// How the host's changes stand, all that are kept together.
enum StatusReport {
  static func make(_ state: Changes.State) -> ChangeReport {
    if let open = state.open {
      return ChangeReport(
        state.needsSettling ? .interrupted : .trial, record: open,
        keys: Changes.states(of: open), path: Changes.path(of: open),
        secondsLeft: state.needsSettling ? nil : Changes.secondsLeft(of: open),
        deadline: state.needsSettling ? nil : WallClock.time(in: Changes.rest(of: open)))
    }
    let kept = state.history.kept
    guard let last = kept.last else { return ChangeReport(.nothing) }
    var seen: Set<SysctlKey> = []
    var keys: [KeyState] = []
    for record in kept.reversed() {
      keys += Changes.states(of: record).filter { seen.insert($0.key.key).inserted }
    }
    return ChangeReport(
      .kept, record: last, keys: keys,
      path: kept.reversed().lazy.compactMap { Changes.path(of: $0) }.first)
  }
}
