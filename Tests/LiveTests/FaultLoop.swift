import Foundation
import Support

/// Every fault at every call of every command, or a part of them, on some hosts at once.
///
/// An ordinary run takes a sample, TCPTUNE_TESTS=full all of them; TCPTUNE_FAULTS=FROM..<TO takes
/// those of a range of numbers, so that a long run can be made in parts whose closing lines add up.
struct FaultLoop: Sendable {
  struct Tally: Sendable {
    var (old, new, missed) = (0, 0, 0)
    var wrong: [String] = []
    /// Which points were asked for, of how many there are.
    var range = 0..<0
    var whole = 0
    var count: Int { old + new + wrong.count }

    var closingLine: String {
      "\(count) points: \(old) old, \(new) new, \(wrong.count) mixed"
        + " (\(missed) calls were not made; \(range.lowerBound)..<\(range.upperBound) of \(whole))"
    }
  }

  /// So many points in an ordinary run.
  private static let sample = 330
  /// A point is often a wait: for a watcher that ends, for a look that comes again.
  private static let workers = 4
  private static let pace = 1000

  /// Which points, nil for all.
  let range: Range<Int>?
  /// So many must have been made.
  let least: Int

  init() throws {
    guard let text = ProcessInfo.processInfo.environment["TCPTUNE_FAULTS"] else {
      range = Iterations.count(1) == 1 ? 0..<Self.sample : nil
      least = 300
      return
    }
    let ends = text.components(separatedBy: "..<").map { Int($0) }
    guard ends.count == 2, let from = ends[0], let to = ends[1], 0 <= from, from < to else {
      throw FixtureFailure("TCPTUNE_FAULTS: expected FROM..<TO as in 0..<1000, found '\(text)'")
    }
    range = from..<to
    least = 1
  }

  /// Runs the points.
  ///
  /// - Throws: where a host cannot be prepared.
  func run() throws -> Tally {
    let board = Board()
    let group = DispatchGroup()
    for worker in 0..<Self.workers {
      group.enter()
      // Threads: each worker waits for its host's own thread.
      let thread = Thread {
        board.close(Result { try PrivateHost.run { host in try work(worker, host, board) } })
        group.leave()
      }
      thread.start()
    }
    group.wait()
    return try board.tally()
  }

  private func work(_ worker: Int, _ host: PrivateHost, _ board: Board) throws {
    var run = try FaultRun(host)
    var commands = Dictionary(uniqueKeysWithValues: run.commands.map { ($0.name, $0) })
    // The look at the host asks each of its processes, so that hosts differ: one list for all.
    let points = try board.points(in: range) {
      var points: [Named] = []
      for command in run.commands {
        points += try run.points(of: command).map { Named(command.name, $0) }
      }
      return points.sorted { $0.rank < $1.rank }
    }
    for index in points.indices where index % Self.workers == worker {
      if run.isOld {
        run = try run.renewed()
        commands = Dictionary(uniqueKeysWithValues: run.commands.map { ($0.name, $0) })
      }
      guard let command = commands[points[index].command] else {
        board.add(.missed)
        continue
      }
      board.add(run.verdict(command, points[index].point))
    }
  }

  private struct Named: Sendable {
    var command: String
    var point: FaultPoint
    var rank: UInt64

    init(_ command: String, _ point: FaultPoint) {
      (self.command, self.point) = (command, point)
      rank = point.rank(in: command)
    }
  }

  /// Where the workers write what came of their points.
  private final class Board: @unchecked Sendable {
    private let lock = NSLock()
    private let began = Date()
    private var sum = Tally()
    private var failure: (any Error)?
    private var list: ArraySlice<Named>?

    /// Those that are to be run; whoever comes first makes the list.
    func points(in range: Range<Int>?, of all: () throws -> [Named]) throws -> ArraySlice<Named> {
      try lock.withLock {
        if let list { return list }
        let all = try all()
        let part = (range ?? all.indices).clamped(to: all.indices)
        (sum.range, sum.whole) = (part, all.count)
        say("\(part.count) of \(all.count) points")
        list = all[part]
        return all[part]
      }
    }

    func add(_ verdict: FaultVerdict) {
      lock.withLock {
        switch verdict {
        case .old: sum.old += 1
        case .new: sum.new += 1
        case .missed: sum.missed += 1
        case .wrong(let words):
          sum.wrong.append(words)
          say(words)
        }
        let done = sum.count + sum.missed
        guard done % FaultLoop.pace == 0 else { return }
        let seconds = Int(Date().timeIntervalSince(began))
        say(
          "\(done) of \(sum.range.count) after \(seconds) s,"
            + " \(sum.wrong.count) mixed")
      }
    }

    /// At once, whoever reads it: a long run is watched.
    private func say(_ words: String) {
      FileHandle.standardOutput.write(Data("fault loop: \(words)\n".utf8))
    }

    func close(_ result: Result<Void, any Error>) {
      if case .failure(let error) = result { lock.withLock { failure = failure ?? error } }
    }

    func tally() throws -> Tally {
      try lock.withLock {
        if let failure { throw failure }
        return sum
      }
    }
  }
}
