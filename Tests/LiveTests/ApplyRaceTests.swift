import Foundation
import Support
import Testing

/// Two that change the host at once, of which one may be no command of ours.
@Suite(.enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)))
struct ApplyRaceTests {
  private static let confirm = ["confirm", "--in-namespace"]
  private static let rollback = ["rollback", "--in-namespace"]
  private static let hasStrace = access("/usr/bin/strace", X_OK) == 0

  // MARK: Confirm against the deadline

  private struct Round: Sendable {
    var status: Int32
    var isKept: Bool
    var isTakenBack: Bool
    var isOver: Bool
    var errors: String
  }

  /// Milliseconds since boot, as deadlines are written.
  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private static func rounds(_ count: Int) throws -> [Round] {
    try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let stock = try faulty.scene()
      try faulty.make(faulty.applying("first", ["--no-trial"]))
      let first = try faulty.situation()
      // How long before the deadline confirm is started: where it wins, later the next time.
      var lead: Int64 = 80
      var rounds: [Round] = []
      for _ in 0..<count {
        _ = host.wait(5) { host.processes.isEmpty }
        try faulty.restore(stock)
        try faulty.make(faulty.applying("first", ["--trial", "1s"]))
        let journal = host.text(FaultyHost.journal) ?? ""
        let text = journal.firstMatch(of: #/"deadline_boottime_ms": ?([0-9]+)/#)?.1 ?? ""
        guard let deadline = Int64(text) else { throw FixtureFailure("no deadline: \(journal)") }
        let rest = deadline - lead - now
        if rest > 0 { usleep(UInt32(rest) * 1000) }
        let result = try host.tcptune(confirm)
        lead = max(0, lead + (result.status == 0 ? -7 : 11))
        let isOver = host.wait(5) { host.processes.isEmpty && faulty.leftovers.isEmpty }
        let now = try faulty.situation()
        rounds.append(
          Round(
            status: result.status, isKept: now == first, isTakenBack: now == stock.situation,
            isOver: isOver, errors: result.errors))
      }
      return rounds
    }
  }

  @Test func oneOfConfirmAndTheDeadlineWins() async throws {
    let count = Iterations.count(1) > 1 ? 50 : 5
    let rounds = try await withThrowingTaskGroup(of: [Round].self) { group in
      for _ in 0..<4 { group.addTask { try Self.rounds(count) } }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    for round in rounds {
      #expect(round.status == 0 || round.status == 8, "\(round)")
      #expect(round.isKept == (round.status == 0), "\(round)")
      #expect(round.isTakenBack == (round.status == 8), "\(round)")
      #expect(round.isOver, "\(round)")
    }
    #expect(rounds.count == 4 * count)
  }

  // MARK: Commands at once

  @Test func oneOfFiftyBegins() throws {
    let (statuses, isGone) = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let programs = try (0..<50).map { _ in
        try StartedProgram(faulty.applying("first", ["--trial", "900s"]))
      }
      let statuses = try programs.map { try $0.end(within: 60) }
      try faulty.make(Self.rollback)
      return (statuses.sorted(), host.wait(3) { host.processes.isEmpty })
    }
    // Those that looked at the values while another wrote them have nothing to do, or are refused.
    #expect(statuses == [0] + Array(repeating: 7, count: 49))
    #expect(isGone)
  }

  @Test func applyAgainstRollback() throws {
    struct Round: Sendable {
      var statuses: [Int32]
      var isWhole: Bool
      var leftovers: [String]
    }
    let rounds = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let stock = try faulty.scene()
      try faulty.make(faulty.applying("first", ["--no-trial"]))
      let first = try faulty.scene()
      try faulty.make(faulty.applying("second", ["--no-trial"]))
      let second = try faulty.situation()
      var rounds: [Round] = []
      for _ in 0..<Iterations.count(5) {
        _ = host.wait(5) { host.processes.isEmpty }
        try faulty.restore(first)
        let apply = try StartedProgram(faulty.applying("second", ["--no-trial"]))
        let back = try StartedProgram(Self.rollback)
        let statuses = [try apply.end(), try back.end()]
        _ = host.wait(5) { host.processes.isEmpty }
        let now = try faulty.situation()
        rounds.append(
          Round(
            statuses: statuses, isWhole: [stock.situation, first.situation, second].contains(now),
            leftovers: faulty.leftovers))
      }
      return rounds
    }
    for round in rounds {
      #expect(round.isWhole, "\(round)")
      // Refused: the values are not any more those that the plan was made from.
      #expect([0, 3].contains(round.statuses[0]) && round.statuses[1] == 0, "\(round)")
      #expect(round.leftovers == [], "\(round)")
    }
  }

  // MARK: Somebody else

  private static let foreign = "42"
  private static let key = FaultyHost.keys[0]

  /// Another writer comes between our write of a key and the look at all of them.
  @Test(.enabled(if: hasStrace, "needs strace")) func aWriterBetweenWriteAndLook() throws {
    let (status, values, stock, errors, leftovers) = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let stock = try faulty.scene()
      var found: (Int32, String)?
      for number in 1...60 where found == nil {
        try faulty.restore(stock)
        let words = faulty.applying("first", ["--no-trial"])
        guard let stop = try faulty.stop(words, at: "write", number) else { break }
        let now = try faulty.situation().values
        // Our first key is written, the last is not.
        if now[0] == "30", now[3] == stock.situation.values[3] {
          try host.set(Self.key, Self.foreign)
          found = (try stop.goOn(), stop.strace.errors)
        }
        stop.end()
      }
      return (
        found?.0, try faulty.situation().values, stock.situation.values, found?.1 ?? "",
        faulty.leftovers
      )
    }
    #expect(status == 5)
    #expect(values == [Self.foreign] + stock.dropFirst())
    #expect(errors.contains(Self.key), "\(errors)")
    #expect(leftovers == [])
  }

  @Test func aWriterDuringTheTrial() throws {
    let (confirmed, during, back, after, stock, leftovers) = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let stock = try faulty.situation()
      try faulty.make(faulty.applying("first", ["--trial", "900s"]))
      try host.set(Self.key, Self.foreign)
      let confirmed = try host.tcptune(Self.confirm)
      let during = try faulty.situation()
      let back = try host.tcptune(Self.rollback)
      _ = host.wait(2) { host.processes.isEmpty }
      return (confirmed, during, back, try faulty.situation(), stock, faulty.leftovers)
    }
    #expect(confirmed.status == 5)
    #expect(confirmed.errors.contains(Self.key) && confirmed.errors.contains("nothing was kept"))
    #expect(during.values == [Self.foreign, "1200", "8192 262144 8388608", "8192"])
    #expect(during.body == nil)
    #expect(back.status == 5)
    #expect((back.output + back.errors).contains(Self.key), "\(back)")
    #expect(after.values == [Self.foreign] + stock.values.dropFirst())
    #expect(after.body == nil)
    #expect(leftovers == [])
  }

  /// The person at the terminal presses Enter although somebody else has changed a key.
  @Test func aWriterInFrontOfATerminal() throws {
    let (status, text, values, stock) = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let stock = try faulty.situation().values
      let program = try TerminalProgram(
        faulty.applying("first", ["--trial", "900s", "--yes"]), columns: 120, rows: 40)
      guard program.wait(until: { $0.contains("Enter keeps") }) else {
        throw FixtureFailure("no trial: \(program.written)")
      }
      try host.set(Self.key, Self.foreign)
      program.type("\n")
      let status = try program.end()
      let back = try host.tcptune(Self.rollback)
      guard back.status == 5 else { throw FixtureFailure("rollback: \(back)") }
      return (status, program.written, try faulty.situation().values, stock)
    }
    #expect(status == 5)
    #expect(text.contains("nothing was kept"), "\(text)")
    #expect(values == [Self.foreign] + stock.dropFirst())
  }

  @Test func somebodyElseRemovesTheFileOrWritesItDuringTheTrial() throws {
    let (confirmed, body, back, values, first) = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      try faulty.make(faulty.applying("first", ["--no-trial"]))
      let first = try faulty.situation().values
      try faulty.make(faulty.applying("second", ["--trial", "900s"]))
      try host.write("# mine\n", to: FaultyHost.file)
      let confirmed = try host.tcptune(Self.confirm)
      let body = host.text(FaultyHost.file)
      let back = try host.tcptune(Self.rollback)
      return (confirmed, body, back, try faulty.situation().values, first)
    }
    #expect(confirmed.status == 3)
    #expect(confirmed.errors.contains("the trial goes on"))
    #expect(body == "# mine\n")
    // The keys are back, the file is somebody else's.
    #expect(back.status == 5)
    #expect((back.output + back.errors).contains(FaultyHost.file), "\(back)")
    #expect(values == first)
  }
}
