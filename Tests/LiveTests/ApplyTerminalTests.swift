import Foundation
import Support
import Testing

/// A change as the person at a terminal makes it.
@Suite(.enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)))
struct ApplyTerminalTests {
  private static let plain = ["TERM=xterm", "LC_ALL=C.UTF-8", "NO_COLOR=1"]

  /// The program at a terminal, asked and answered up to the trial.
  private static func inTrial(
    _ host: PrivateHost, _ seen: Seen, trial: String = "60s", line: UInt = #line
  ) throws -> TerminalProgram {
    let program = try TerminalProgram(
      ["apply", "--profile", Tried.profile, "--in-namespace", "--trial", trial], columns: 100,
      rows: 40, environment: Self.plain)
    seen.expect(program.wait { $0.contains("[y/N] ") }, program.written, line: line)
    seen.expect(host.keys, is: Tried.before, "before the answer:", line: line)
    program.type("y\n")
    seen.expect(program.wait { $0.contains("Enter keeps") }, program.written, line: line)
    seen.expect(host.keys, is: Tried.after, "in the trial:", line: line)
    return program
  }

  private static func expectBack(_ host: PrivateHost, _ seen: Seen, line: UInt = #line) {
    seen.expect(host.keys, is: Tried.before, "", line: line)
    seen.expect(host.names("/etc/sysctl.d"), is: [], "", line: line)
    seen.expect(host.exists(PrivateHost.journal), is: false, "the journal:", line: line)
    seen.expectNobody(host, line: line)
  }

  private static func expectKept(_ host: PrivateHost, _ seen: Seen, line: UInt = #line) {
    seen.expect(host.keys, is: Tried.after, "", line: line)
    seen.expect(host.names("/etc/sysctl.d"), is: ["99-tcptune.conf"], "", line: line)
    seen.expect(host.exists(PrivateHost.journal), is: false, "the journal:", line: line)
    seen.expectNobody(host, line: line)
  }

  @Test(arguments: ["n\n", "\n", "x\n", "\u{4}", "nay\n"])
  func anythingButYesIsNo(_ answer: String) throws {
    try onPrivateHost { host, seen in
      let program = try TerminalProgram(
        ["apply", "--profile", Tried.profile, "--in-namespace"], columns: 100, rows: 40,
        environment: Self.plain)
      seen.expect(program.wait { $0.contains("Write these values, on trial? [y/N] ") })
      program.type(answer)
      seen.expect(try program.end(), is: 3)
      seen.expect(program.written.contains("nothing was changed"), program.written)
      Self.expectBack(host, seen)
      seen.expect(host.names("/var/lib"), is: [])
    }
  }

  @Test func ctrlCAtTheQuestion() throws {
    try onPrivateHost { host, seen in
      let program = try TerminalProgram(
        ["apply", "--profile", Tried.profile, "--in-namespace"], columns: 100, rows: 40,
        environment: Self.plain)
      seen.expect(program.wait { $0.contains("[y/N] ") })
      program.type("\u{3}")
      seen.expect(try program.end(), is: 130)
      Self.expectBack(host, seen)
    }
  }

  @Test func enterKeeps() throws {
    try onPrivateHost { host, seen in
      let program = try Self.inTrial(host, seen)
      seen.expect(program.written.contains("sudo tcptune confirm "), program.written)
      program.type("\n")
      seen.expect(try program.end(), is: 0, program.written)
      seen.expect(program.written.contains("kept: change "), program.written)
      Self.expectKept(host, seen)
    }
  }

  /// A key that was pressed once too often before the values were in force keeps nothing.
  @Test func whatWasTypedBeforeTheTrialIsNoAnswer() throws {
    try onPrivateHost { host, seen in
      let program = try TerminalProgram(
        ["apply", "--profile", Tried.profile, "--in-namespace", "--trial", "60s"], columns: 100,
        rows: 40, environment: Self.plain)
      seen.expect(program.wait { $0.contains("[y/N] ") })
      program.type("y\n\n\n")
      seen.expect(program.wait { $0.contains("Enter keeps") }, program.written)
      // It looks at the line every second.
      let isLater = program.wait { text in
        (50...58).contains { text.contains("\($0) s left") }
      }
      seen.expect(isLater, program.written)
      seen.expect(host.exists(PrivateHost.journal), "it was kept")
      program.type("\u{3}")
      seen.expect(try program.end(), is: 4)
      Self.expectBack(host, seen)
    }
  }

  /// Who types no means no, and only an empty line or yes keeps.
  @Test(arguments: ["n\n", "No\n", "q\n"])
  func noPutsBack(_ answer: String) throws {
    try onPrivateHost { host, seen in
      let program = try Self.inTrial(host, seen)
      program.type("what\n")
      program.type(answer)
      seen.expect(try program.end(), is: 4, program.written)
      Self.expectBack(host, seen)
    }
  }

  @Test func ctrlCPutsBack() throws {
    try onPrivateHost { host, seen in
      let program = try Self.inTrial(host, seen)
      program.type("\u{3}")
      seen.expect(try program.end(), is: 4, program.written)
      seen.expect(program.written.contains("put back: change "), program.written)
      Self.expectBack(host, seen)
    }
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGQUIT])
  func aSignalPutsBack(_ signal: Int32) throws {
    try onPrivateHost { host, seen in
      let program = try Self.inTrial(host, seen)
      program.send(signal)
      seen.expect(try program.end(), is: 4, program.written)
      Self.expectBack(host, seen)
    }
  }

  @Test func confirmedFromElsewhere() throws {
    try onPrivateHost { host, seen in
      let program = try Self.inTrial(host, seen)
      let confirm = try host.change(["confirm"])
      seen.expect(confirm, ends: 0, "another session than the one that began it")
      seen.expect(try program.end(), is: 0, program.written)
      seen.expect(program.written.contains("kept: change "), program.written)
      Self.expectKept(host, seen)
    }
  }

  @Test func rolledBackFromElsewhere() throws {
    try onPrivateHost { host, seen in
      let program = try Self.inTrial(host, seen)
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(try program.end(), is: 4, program.written)
      Self.expectBack(host, seen)
    }
  }

  @Test func theDeadlineTakesItBack() throws {
    try onPrivateHost { host, seen in
      let program = try Self.inTrial(host, seen, trial: "4s")
      seen.expect(try program.end(), is: 4, program.written)
      seen.expect(program.written.contains("nobody confirmed it in time"), program.written)
      Self.expectBack(host, seen)
      seen.expect(try host.change(["confirm"]), ends: 8)
    }
  }

  /// The connection may be what broke: the trial goes on, so that a new one can confirm it.
  @Test func theWindowIsClosed() throws {
    try onPrivateHost { host, seen in
      let program = try Self.inTrial(host, seen, trial: "6s")
      program.closeWindow()
      usleep(500_000)
      seen.expect(host.keys, is: Tried.after, "the trial goes on:")
      seen.expect(host.exists(PrivateHost.journal))
      seen.expect(try program.end(), is: 4)
      Self.expectBack(host, seen)
    }
  }

  @Test func theWindowIsClosedAndAnotherConfirms() throws {
    try onPrivateHost { host, seen in
      let program = try Self.inTrial(host, seen)
      program.closeWindow()
      seen.expect(try host.change(["confirm"]), ends: 0)
      seen.expect(try program.end(), is: 0)
      Self.expectKept(host, seen)
    }
  }

  @Test func theProgramIsKilled() throws {
    try onPrivateHost { host, seen in
      let program = try Self.inTrial(host, seen, trial: "4s")
      program.send(SIGKILL)
      seen.expect(try program.end(), is: 128 + SIGKILL)
      seen.expect(host.keys, is: Tried.after, "the trial goes on:")
      seen.expect(host.wait { host.keys == Tried.before }, "nothing took it back")
      seen.expect(host.wait { !host.exists(PrivateHost.journal) })
      Self.expectBack(host, seen)
      seen.expect(try host.change(["confirm"]), ends: 8, "nobody confirmed it in time")
    }
  }

  /// That the old login still works shows nothing.
  @Test(arguments: [("n\n", Int32(3)), ("y\n", Int32(0))])
  func theSameLoginIsAsked(_ answer: String, _ status: Int32) throws {
    try onPrivateHost { host, seen in
      let apply = "apply --profile \(Tried.profile) --in-namespace --trial 60s"
      let script =
        "\(BuiltProgram.path) \(apply) </dev/null && exec \(BuiltProgram.path) confirm --in-namespace"
      let program = try TerminalProgram(
        ["-c", script], columns: 100, rows: 40, environment: Self.plain, program: "/bin/sh")
      seen.expect(program.wait { $0.contains("Keep it all the same? [y/N] ") }, program.written)
      seen.expect(program.written.contains("this is the login that began it"), program.written)
      program.type(answer)
      seen.expect(try program.end(), is: status, program.written)
      if status == 0 {
        Self.expectKept(host, seen)
      } else {
        seen.expect(host.exists(PrivateHost.journal), "the trial goes on")
        seen.expect(try host.change(["rollback"]), ends: 0)
        Self.expectBack(host, seen)
      }
    }
  }

  @Test func aRollbackAsks() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--no-trial"), ends: 0)
      for (answer, status) in [("n\n", 3), ("y\n", 0)] as [(String, Int32)] {
        let program = try TerminalProgram(
          ["rollback", "--in-namespace"], columns: 100, rows: 40, environment: Self.plain)
        seen.expect(program.wait { $0.contains("Put these values back? [y/N] ") })
        seen.expect(program.written.contains("net.core.somaxconn  8192 -> 4096"))
        program.type(answer)
        seen.expect(try program.end(), is: status, program.written)
        if status != 0 { Self.expectKept(host, seen) }
      }
      Self.expectBack(host, seen)
    }
  }
}
