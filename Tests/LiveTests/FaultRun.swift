import Foundation
import Support

/// A command that is run with faults, from where, and where it may end.
struct FaultedCommand: Sendable {
  enum Kind: Equatable, Sendable {
    case look, apply, trial, watcherStart, watcher, confirm, rollback, trialRollback, settle
  }

  var name: String
  var kind: Kind
  var scene: Scene
  /// The two sets of which one must stand in the end.
  var old: Situation
  var new: Situation
  var arguments: [String]
}

/// What came of one point.
enum FaultVerdict: Sendable {
  case old, new
  /// The call was not made: nothing went wrong.
  case missed
  case wrong(String)
}

/// The commands on one private host, and what a fault in each of their system calls leaves.
struct FaultRun {
  let faulty: FaultyHost
  private(set) var commands: [FaultedCommand] = []
  private var host: PrivateHost { faulty.host }
  private var log: String { "\(faulty.folder.path)/log" }
  /// The first call of a watcher that waits.
  private static let watching = "timerfd_create("
  private static let settling = ["rollback", "--settle", "--in-namespace"]
  private static let rollingBack = ["rollback", "--in-namespace"]

  private let stock: Scene
  private let made = Date()

  /// Its scenes have trials of a quarter of an hour in them, which end by themselves.
  var isOld: Bool { Date().timeIntervalSince(made) > 600 }

  /// The same with new trials.
  func renewed() throws -> FaultRun {
    try faulty.restore(stock)
    return try FaultRun(host)
  }

  init(_ host: PrivateHost) throws {
    faulty = try FaultyHost(host)
    let stock = try faulty.scene()
    self.stock = stock
    let noTrial = { [faulty] in faulty.applying($0, ["--no-trial"]) }
    let trial = { [faulty] in faulty.applying($0, ["--trial", "900s"]) }
    let first = try scene(noTrial("first"), from: stock)
    let second = try scene(noTrial("second"), from: first)
    let firstOnTrial = try scene(trial("first"), from: stock)
    let secondOnTrial = try scene(trial("second"), from: first)
    func add(
      _ name: String, _ kind: FaultedCommand.Kind, _ scene: Scene, _ old: Scene, _ new: Scene,
      _ arguments: [String]
    ) {
      commands.append(
        FaultedCommand(
          name: name, kind: kind, scene: scene, old: old.situation, new: new.situation,
          arguments: arguments))
    }
    let confirm = ["confirm", "--in-namespace"]
    add("apply's look at the host", .look, first, first, second, noTrial("second"))
    add("apply", .apply, first, first, second, noTrial("second"))
    add("apply, first file", .apply, stock, stock, first, noTrial("first"))
    add("trial", .trial, first, first, second, trial("second"))
    add("watcher's start", .watcherStart, first, first, second, trial("second"))
    add("watcher", .watcher, first, first, second, trial("second"))
    add("confirm", .confirm, secondOnTrial, first, second, confirm)
    add("confirm, first file", .confirm, firstOnTrial, stock, first, confirm)
    add("rollback of a trial", .trialRollback, secondOnTrial, first, second, Self.rollingBack)
    add("rollback", .rollback, second, second, first, Self.rollingBack)
    add("rollback to no file", .rollback, first, first, stock, Self.rollingBack)
    let over = try scene(faulty.applying("second", ["--trial", "1s"]), from: first)
    usleep(1_100_000)
    var interrupted = ["trial over": over]
    for (arguments, begin, name) in [
      (noTrial("second"), first, "apply"), (Self.rollingBack, secondOnTrial, "rollback"),
    ] {
      for call in ["renameat", "renameat2", "write"] {
        for number in 1...20 {
          try faulty.restore(begin)
          guard let scene = try faulty.stopped(arguments, at: call, number, faulty.scene) else {
            break
          }
          guard let phase = scene.phase, phase != "trial" else { continue }
          let isNew = scene.situation == second.situation
          let isOld = scene.situation == first.situation
          let state = isNew ? "new" : isOld ? "old" : "between"
          interrupted["\(name), \(phase), \(state)"] = scene
        }
      }
    }
    for (name, scene) in interrupted.sorted(by: { $0.key < $1.key }) {
      let isConfirmed = scene.phase == "persisting" || scene.phase == "persisted"
      let end = isConfirmed ? second : first
      add("settle after \(name)", .settle, scene, end, end, Self.settling)
    }
  }

  /// What a command leaves that runs to its end; nothing of it goes on.
  private func scene(_ arguments: [String], from begin: Scene) throws -> Scene {
    try faulty.restore(begin)
    try faulty.make(arguments)
    if faulty.phase == nil {
      _ = host.wait(5) { host.processes.isEmpty }
    } else {
      host.endAll()
    }
    return try faulty.scene()
  }

  // MARK: Points

  /// Every point of a command: found by one run of it without faults.
  func points(of command: FaultedCommand) throws -> [FaultPoint] {
    try? FileManager.default.removeItem(atPath: log)
    try faulty.restore(command.scene)
    let writing = #"(AT_FDCWD, "/proc/sys", "#
    let words = command.kind == .watcherStart ? ["-f"] : []
    if command.kind == .watcher {
      try withWatcher(command, [], patience: 20) {}
    } else {
      let strace = try StartedProgram(
        words + ["-o", log, "--", FaultyHost.program] + command.arguments,
        program: "/usr/bin/strace")
      guard try end(of: strace, follows: !words.isEmpty) == 0 else {
        throw FixtureFailure("\(command.name): failed without a fault: \(strace.errors)")
      }
      if !words.isEmpty {
        _ = host.wait(5) { host.text(log)?.contains(Self.watching) ?? false }
      }
      faulty.end(strace)
    }
    let text = host.text(log) ?? ""
    let lines = words.isEmpty ? text.split(separator: "\n") : CallLog.lines(text, of: 1)
    let calls =
      switch command.kind {
      case .look: CallLog.calls(lines, from: "", to: writing)
      // Its look at the host is the same as without a trial.
      case .apply, .trial: CallLog.calls(lines, from: writing)
      case .watcherStart: CallLog.calls(lines, from: "", to: Self.watching)
      default: CallLog.calls(lines, from: "")
      }
    guard calls.count > 5 else { throw FixtureFailure("\(command.name): no calls in its log") }
    return calls.flatMap { call in
      Fault.all(of: call.name).map {
        FaultPoint(call: call.name, number: call.number, fault: $0)
      }
    }
  }

  /// The exit status of the program under strace, which waits for those that this one started.
  private func end(of strace: StartedProgram, follows: Bool) throws -> Int32 {
    guard follows else { return try strace.end(within: 40) }
    var status: Int32?
    _ = host.wait(40) {
      let text = host.text(log) ?? ""
      guard let line = CallLog.lines(text, of: 0).last, line.hasPrefix("+++ ") else { return false }
      status = line.hasPrefix("+++ exited with ") ? Int32(line.split(separator: " ")[3]) : 128 + 9
      return true
    }
    guard let status else { throw FixtureFailure("it did not end") }
    return status
  }

  /// Runs a trial, and strace beside its watcher, which is asked to end the trial.
  private func withWatcher(
    _ command: FaultedCommand, _ words: [String], patience: Double = 0.5, _ body: () throws -> Void
  ) throws {
    try faulty.make(command.arguments)
    let watcher = try faulty.watcher()
    let strace = try StartedProgram(
      ["-o", log] + words + ["-p", "\(watcher)"], program: "/usr/bin/strace")
    _ = host.wait(5) {
      host.text("/proc/\(watcher)/status")?.contains("TracerPid:\t\(strace.process)\n") ?? false
    }
    kill(watcher, SIGTERM)
    _ = host.wait(patience) { strace.ended() != nil }
    try body()
    if strace.ended() == nil { strace.send(SIGTERM) }
    _ = try strace.end(within: 5)
  }

  // MARK: Judging

  /// Runs a command with one fault, then finishes what it left, and looks at everything.
  func verdict(_ command: FaultedCommand, _ point: FaultPoint) -> FaultVerdict {
    do {
      try faulty.restore(command.scene)
      try? FileManager.default.removeItem(atPath: log)
      // With its first call: the log begins with the command, not with what that starts.
      let faults = ["-e", "trace=execve,\(point.call)", "-e", "inject=\(point.injection)"]
      var verdict = FaultVerdict.missed
      if command.kind == .watcher {
        try withWatcher(command, faults) { verdict = try settled(command) }
        verdict = try cleared(verdict, command)
      } else {
        let follows = command.kind == .watcherStart
        // Without a child to follow into, only the calls in question need stop the program; strace
        // sends no signal then.
        let isAlone =
          [.settle, .confirm, .trialRollback].contains(command.kind) && point.fault != .kill
        let way = follows ? ["-f"] : isAlone ? ["-f", "--seccomp-bpf"] : []
        let strace = try StartedProgram(
          way + faults + ["-o", log, "--", FaultyHost.program]
            + command.arguments,
          program: "/usr/bin/strace")
        let status = try end(of: strace, follows: follows)
        if let lie = try lie(command, point, status, strace.output + strace.errors) {
          host.endAll()
          return .wrong("\(command.name), \(point): \(lie); \(strace.errors)")
        }
        verdict = try settled(command)
        if strace.ended() == nil { strace.send(SIGTERM) }
        _ = try strace.end(within: 5)
        verdict = try cleared(verdict, command)
      }
      if case .wrong(let words) = verdict {
        host.endAll()
        return .wrong("\(command.name), \(point): \(words)")
      }
      let text = host.text(log) ?? ""
      return text.contains("INJECTED") || text.contains("SIGKILL") ? verdict : .missed
    } catch {
      host.endAll()
      return .wrong("\(command.name), \(point): \(error)")
    }
  }

  /// What is wrong with a command where two files cannot be swapped; nil where it does all the same
  /// what it was asked to.
  func lieWithoutSwapping(_ command: FaultedCommand) throws -> String? {
    try faulty.restore(command.scene)
    let point = FaultPoint(
      call: "renameat2", number: 1, fault: .error("EINVAL", forGood: true))
    let strace = try StartedProgram(
      [
        "-o", log, "-e", "trace=\(point.call)", "-e", "inject=\(point.injection)", "--",
        FaultyHost.program,
      ] + command.arguments, program: "/usr/bin/strace")
    let status = try strace.end(within: 40)
    defer { host.endAll() }
    guard status == 0 else { return "\(command.name): status \(status): \(strace.errors)" }
    return try lie(command, point, status, strace.output + strace.errors)
  }

  /// What an exit status says that is not so, nil where it is true.
  private func lie(
    _ command: FaultedCommand, _ point: FaultPoint, _ status: Int32, _ words: String
  ) throws -> String? {
    let now = try faulty.situation()
    let phase = faulty.phase
    let isSo: Bool
    switch (status, command.kind) {
    case (0, .trial), (0, .watcherStart):
      isSo = now.values == command.new.values && now.body == command.old.body && phase == "trial"
    case (0, .trialRollback), (0, .settle): isSo = now == command.old
    case (0, _): isSo = now == command.new
    // A library cannot be loaded, or the language's runtime does not find itself: it never began.
    case (127, _): isSo = now == command.scene.situation
    case (128 + SIGABRT, _):
      isSo =
        now == command.scene.situation && words.contains("Unable to obtain Swift runtime path")
    case (3, _), (2, _): isSo = now == command.scene.situation
    case (4, .rollback): isSo = now == command.scene.situation
    case (4, _): isSo = now == command.old
    // A lock that cannot be taken for ten seconds.
    case (7, _): isSo = point.call == "flock" && now == command.scene.situation
    case (5, _): isSo = !words.isEmpty || point.isMute
    case (128 + SIGKILL, _):
      // Its watcher puts the values back meanwhile, and the kernel writes a vector number by number:
      // a look may fall in between.
      isSo =
        isWhole(now, command)
        || host.wait(2) { (try? faulty.situation()).map { isWhole($0, command) } ?? false }
    default: isSo = false
    }
    return isSo ? nil : "status \(status) and \(now), phase \(phase ?? "none")"
  }

  /// Whether each value is one of the three that it may be.
  private func isWhole(_ now: Situation, _ command: FaultedCommand) -> Bool {
    let allowed = zip(command.scene.situation.values, zip(command.old.values, command.new.values))
    return zip(now.values, allowed).allSatisfy { $0 == $1.0 || $0 == $1.1.0 || $0 == $1.1.1 }
  }

  /// Finishes what is open, without faults, and looks.
  private func settled(_ command: FaultedCommand) throws -> FaultVerdict {
    // With no journal and nothing half done there is nothing to settle.
    if faulty.phase != nil || !leftovers(command).isEmpty {
      let settling = try faulty.tcptune(Self.settling)
      guard settling.status == 0 else {
        return .wrong("settling: status \(settling.status): \(settling.errors)")
      }
    }
    // A slow watcher may begin only now: it is waited for, and its change named, so that no other is
    // rolled back in its place.
    _ = host.wait(5) { faulty.phase == nil || faulty.phase == "trial" }
    if let phase = faulty.phase {
      guard phase == "trial", command.kind != .settle, command.kind != .apply else {
        return .wrong("phase \(phase) after settling")
      }
      let back = try faulty.tcptune(Self.rollingBack + (faulty.openID.map { [$0] } ?? []))
      _ = host.wait(5) { faulty.phase == nil }
      guard back.status == 0 || faulty.phase == nil else {
        return .wrong("rollback: status \(back.status): \(back.errors)")
      }
    }
    let now = try faulty.situation()
    if now == command.old { return .old }
    return now == command.new ? .new : .wrong("mixed: \(now)")
  }

  /// Nothing is left over: no process, no unfinished file, no journal.
  private func cleared(_ verdict: FaultVerdict, _ command: FaultedCommand) throws -> FaultVerdict {
    if case .wrong = verdict { return verdict }
    guard host.wait(6, until: { host.processes.isEmpty }) else {
      return .wrong("left over: processes \(host.processes)")
    }
    let leftovers = leftovers(command)
    return leftovers.isEmpty ? verdict : .wrong("left over: \(leftovers)")
  }
  /// What may not be there in the end; a scene's watcher is gone and would remove its file itself.
  private func leftovers(_ command: FaultedCommand) -> [String] {
    faulty.leftovers.filter { name in
      !(name.hasPrefix("/run/") && command.scene.files.contains { $0.path == name })
    }
  }
}
