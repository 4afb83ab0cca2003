import Foundation
import Support
import Testing

/// The process that takes a change back where systemd does not.
@Suite(.enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)))
struct ApplyWatcherTests {
  /// A host on which the first profile is on trial, and its watcher.
  private struct Trial {
    let faulty: FaultyHost
    let stock: Situation
    let watcher: pid_t

    init(_ host: PrivateHost, _ time: String = "900s") throws {
      faulty = try FaultyHost(host)
      stock = try faulty.situation()
      try faulty.make(faulty.applying("first", ["--trial", time]))
      guard try faulty.situation() != stock else { throw FixtureFailure("nothing was changed") }
      watcher = try faulty.watcher()
    }

    /// Whether everything is over within so many seconds: the values, the process, its file.
    func isGone(within seconds: Double) -> Bool {
      faulty.host.wait(seconds) { faulty.host.processes.isEmpty && faulty.leftovers.isEmpty }
    }
  }

  @Test func itHoldsNothingOfTheCommandThatStartedIt() throws {
    struct Process: Sendable {
      var files: [String] = []
      var folder = ""
      var name = ""
      var status = ""
      var spared = ""
      var environment: [String] = []
      var session: pid_t = 0
      var number: pid_t = 0
      var outlivesItsTerminal = false
    }
    let found = try PrivateHost.run { host in
      let trial = try Trial(host)
      let path = "/proc/\(trial.watcher)"
      // It closes its pipe a moment after the command that held the other end has ended.
      usleep(100_000)
      var process = Process(number: trial.watcher)
      process.files = host.names("\(path)/fd").map { name in
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/fd/\(name)")) ?? ""
      }
      process.folder = try FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/cwd")
      process.name = host.text("\(path)/comm") ?? ""
      process.status = host.text("\(path)/status") ?? ""
      process.spared = host.text("\(path)/oom_score_adj") ?? ""
      process.environment = (host.text("\(path)/environ") ?? "").split(separator: "\0")
        .map(String.init)
      process.session = getsid(trial.watcher)
      kill(trial.watcher, SIGHUP)
      usleep(200_000)
      process.outlivesItsTerminal =
        try host.processes == [trial.watcher] && trial.faulty.situation() != trial.stock
      return process
    }
    #expect(
      found.files.sorted() == [
        "/dev/null", "/dev/null", "/dev/null", "anon_inode:[signalfd]", "anon_inode:[timerfd]",
      ])
    #expect(found.folder == "/")
    #expect(found.name == "tcptune\n")
    // Where the machine lets nobody ask for it, as in some containers, it stays as it was.
    let asking = try BuiltProgram.run(
      ["-c", "echo -1000 > /proc/self/oom_score_adj"], program: "/bin/sh")
    if asking.status == 0 { #expect(found.spared == "-1000\n") }
    #expect(found.environment.sorted() == ["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
    #expect(found.session == found.number)
    #expect(found.outlivesItsTerminal)
    let ignored = found.status.firstMatch(of: #/SigIgn:\t([0-9a-f]+)/#)
    let signals = ignored.flatMap { UInt64($0.1, radix: 16) } ?? 0
    #expect(signals & 1 << UInt64(SIGHUP - 1) != 0)
    #expect(signals & 1 << UInt64(SIGPIPE - 1) != 0)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGQUIT])
  func askedToEndItTakesTheChangeBackAtOnce(_ signal: Int32) throws {
    let (isBack, isGone, status) = try PrivateHost.run { host in
      let trial = try Trial(host)
      kill(trial.watcher, signal)
      let isBack = try host.wait(2) { try trial.faulty.situation() == trial.stock }
      let isGone = trial.isGone(within: 2)
      return (isBack, isGone, try host.tcptune(["confirm", "--in-namespace"]).status)
    }
    #expect(isBack)
    #expect(isGone)
    #expect(status == 8)
  }

  @Test(arguments: ["confirm", "rollback"]) func itEndsWithTheTrial(_ command: String) throws {
    let isGone = try PrivateHost.run { host in
      let trial = try Trial(host)
      try trial.faulty.make([command, "--in-namespace"])
      return trial.isGone(within: 1)
    }
    #expect(isGone)
  }

  @Test func itTakesTheChangeBackAtTheDeadline() throws {
    let (early, isBack, isGone) = try PrivateHost.run { host in
      let trial = try Trial(host, "2s")
      usleep(1_000_000)
      let early = try trial.faulty.situation() == trial.stock
      let isBack = try host.wait(3) { try trial.faulty.situation() == trial.stock }
      return (early, isBack, trial.isGone(within: 2))
    }
    #expect(!early)
    #expect(isBack)
    #expect(isGone)
  }

  /// A command that is killed before its trial has begun leaves the host to the watcher, which does
  /// not wait for the deadline.
  @Test(
    .enabled(if: access("/usr/bin/strace", X_OK) == 0, "needs strace"),
    arguments: ["--trial", "--no-trial"])
  func itDoesNotWaitWhereTheCommandDied(_ way: String) throws {
    struct Look: Sendable {
      var at: String
      var isBack: Bool
      var isGone: Bool
      var phase: String?
    }
    let looks = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let stock = try faulty.scene()
      let words = faulty.applying("first", way == "--trial" ? [way, "900s"] : [way])
      var looks: [Look] = []
      for (call, numbers) in [("openat2", 1...40), ("renameat", 3...5), ("write", 3...9)] {
        for number in numbers where call != "openat2" || number % 5 == 0 {
          try faulty.restore(stock)
          let stop = try faulty.stop(words, at: call, number)
          guard let stop else { break }
          guard let phase = faulty.phase, (try? faulty.watcher()) != nil,
            phase == "armed"
              || phase == "applying"
          else {
            stop.end()
            continue
          }
          stop.kill()
          let isBack = try host.wait(1) {
            try faulty.situation() == stock.situation && faulty.phase == nil
          }
          let isGone = host.wait(2) { host.processes.isEmpty && faulty.leftovers.isEmpty }
          looks.append(
            Look(at: "\(call) \(number), \(phase)", isBack: isBack, isGone: isGone, phase: phase))
          stop.end()
        }
      }
      return looks
    }
    for look in looks {
      #expect(look.isBack, "\(look)")
      #expect(look.isGone, "\(look)")
    }
    #expect(Set(looks.map(\.phase)) == ["armed", "applying"])
    #expect(looks.count >= 4)
  }

  /// Its first look falls together with the writing of the phases that follow: a journal that is
  /// replaced behind its opening is read again, not taken for damaged.
  @Test(
    .enabled(if: access("/usr/bin/strace", X_OK) == 0, "needs strace"),
    arguments: [2_000, 5_000, 10_000, 20_000])
  func itStaysWhereTheJournalIsReplacedAsItLooks(_ microseconds: Int) throws {
    let (begins, stays) = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let slowed = [
        "-f", "-o", "/dev/null", "-P", "journal.json", "-e", "trace=openat", "-e",
        "inject=openat:delay_exit=\(microseconds)", "--", FaultyHost.program,
      ]
      let strace = try StartedProgram(
        slowed + faulty.applying("first", ["--trial", "900s"]), program: "/usr/bin/strace")
      let begins = host.wait(10) { faulty.phase == "trial" }
      // Time enough to give up.
      usleep(300_000)
      let stays = (try? faulty.watcher()) != nil
      faulty.end(strace)
      return (begins, stays)
    }
    #expect(begins)
    #expect(stays)
  }

  @Test func nothingAddsUp() throws {
    let (statuses, isGone, names) = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      var statuses: Set<Int32> = []
      for round in 0..<Iterations.count(4) {
        statuses.insert(try host.tcptune(faulty.applying("first", ["--trial", "900s"])).status)
        if round % 2 == 0 {
          statuses.insert(try host.tcptune(["confirm", "--in-namespace"]).status)
        }
        statuses.insert(try host.tcptune(["rollback", "--in-namespace"]).status)
      }
      let isGone = host.wait(2) { host.processes.isEmpty }
      return (statuses, isGone, host.names("/run/tcptune") + faulty.leftovers)
    }
    #expect(statuses == [0])
    #expect(isGone)
    #expect(names == [])
  }
}
