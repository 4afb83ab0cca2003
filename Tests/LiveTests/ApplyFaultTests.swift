import Foundation
import Support
import Testing

/// The fault loops: every system call of every command that changes the host fails, once and for
/// good, or is the last; the host is whole afterwards, and the exit status was true.
@Suite(
  .enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)),
  .enabled(if: access("/usr/bin/strace", X_OK) == 0, "needs strace"))
struct ApplyFaultTests {
  /// So many points in an ordinary run.
  private static let sample = 300
  private static let workers = 2

  private struct Tally: Sendable {
    var (old, new, missed) = (0, 0, 0)
    var wrong: [String] = []
    var points: Int { old + new + wrong.count }

    mutating func add(_ verdict: FaultVerdict) {
      switch verdict {
      case .old: old += 1
      case .new: new += 1
      case .missed: missed += 1
      case .wrong(let words): wrong.append(words)
      }
    }
  }

  private static func tally(_ worker: Int) throws -> Tally {
    try PrivateHost.run { host in
      let run = try FaultRun(host)
      var points: [(FaultedCommand, FaultPoint)] = []
      for command in run.commands {
        points += try run.points(of: command).map { (command, $0) }
      }
      var numbers = Seeded(state: 20)
      points.shuffle(using: &numbers)
      if Iterations.count(1) == 1 { points = Array(points.prefix(sample * 11 / 10)) }
      var tally = Tally()
      for (index, (command, point)) in points.enumerated() where index % workers == worker {
        tally.add(run.verdict(command, point))
      }
      return tally
    }
  }

  @Test func theHostIsWholeWhateverFails() async throws {
    let tallies = try await withThrowingTaskGroup(of: Tally.self) { group in
      for worker in 0..<Self.workers { group.addTask { try Self.tally(worker) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    var all = Tally()
    for tally in tallies {
      all.old += tally.old
      all.new += tally.new
      all.missed += tally.missed
      all.wrong += tally.wrong
    }
    print(
      "\(all.points) points: \(all.old) old, \(all.new) new, \(all.wrong.count) mixed"
        + " (\(all.missed) calls were not made)")
    #expect(all.wrong.isEmpty, "\(all.wrong.prefix(20).joined(separator: "\n"))")
    #expect(all.points >= Self.sample)
    #expect(all.missed <= all.points / 20)
  }

  /// NFS and older ZFS swap no files, and do not see that a name is free.
  @Test func aFileSystemThatCannotSwap() throws {
    let lies = try PrivateHost.run { host in
      let run = try FaultRun(host)
      return try run.commands.filter { $0.kind != .watcher && $0.kind != .watcherStart }
        .compactMap { try run.lieWithoutSwapping($0) }
    }
    #expect(lies == [])
  }

  /// Of several numbers the kernel has taken those before the one that it refuses.
  @Test func aVectorThatIsTakenInPart() throws {
    let (status, errors, now, stock) = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let stock = try faulty.scene()
      let words = faulty.applying("first", ["--no-trial"])
      for number in 1...60 {
        try faulty.restore(stock)
        let isWritten = try faulty.stopped(words, at: "write", number) {
          try faulty.value("net.ipv4.tcp_rmem") == "8192 262144 8388608"
        }
        guard isWritten != nil else { break }
        guard isWritten == true else { continue }
        try faulty.restore(stock)
        guard let stop = try faulty.stop(words, at: "write", number, failing: "EINVAL") else {
          break
        }
        defer { stop.end() }
        try host.set("net.ipv4.tcp_rmem", "8192")
        return (try stop.goOn(), stop.strace.errors, try faulty.situation(), stock.situation)
      }
      throw FixtureFailure("the key was never written")
    }
    #expect(status == 4, "\(errors)")
    #expect(errors.contains("tcp_rmem: Invalid argument"), "\(errors)")
    #expect(now == stock)
  }
}
