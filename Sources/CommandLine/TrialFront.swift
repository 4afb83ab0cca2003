import Apply
import CLinux
import Facts
import Glibc
import Rendering

/// A question to the person at the terminal.
enum Question {
  /// Asks; anything but yes is no.
  static func isYes(_ question: String) -> Bool {
    try? Streams.write(Array("\(question) [y/N] ".utf8), to: STDERR_FILENO)
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(STDIN_FILENO, &bytes, bytes.count)
    let answer = String(decoding: bytes[..<max(0, count)], as: UTF8.self).lowercased()
      .split { $0 == "\n" || $0 == " " }.first
    return answer == "y" || answer == "yes"
  }
}

/// The trial as the person at the terminal sees it: Enter keeps, Ctrl-C puts back.
///
/// What happens elsewhere (`confirm` from a new login, the deadline) is seen too. Where the terminal
/// goes away it waits for the end all the same, so that the exit status is true.
struct TrialFront {
  private let changes: Changes
  private let outcome: ChangeOutcome
  private let trial: Settled

  init(_ changes: Changes, _ outcome: ChangeOutcome, _ trial: Settled) {
    self.changes = changes
    self.outcome = outcome
    self.trial = trial
  }

  private enum Event {
    case enter, putBack, gone, tick
  }

  private var id: String { trial.record.id }

  func wait() throws(ApplyFailure) -> Outcome {
    let report = ChangeOutcome.report(trial)
    let text = ChangeText.render(report, plan: outcome.plan, style: outcome.style) + "\n"
    try? Streams.write(Array(text.utf8), to: STDOUT_FILENO)
    let signals = unsafe tcptune_hold_signals([SIGINT, SIGTERM, SIGQUIT, SIGHUP], 4)
    // Ignored while values were written, it would not be told here.
    signal(SIGHUP, SIG_DFL)
    // What was typed before is no answer to what is asked now.
    tcflush(STDIN_FILENO, TCIFLUSH)
    defer { if signals >= 0 { close(signals) } }
    var isWatched = true
    while try changes.isOpen(id) {
      let rest = Changes.rest(of: trial.record)
      if rest == 0 {
        // The watcher tries it too; neither does it without a pause.
        if case .failed = changes.takeBack(id, unlessInTrial: false) { sleep(1) }
        continue
      }
      if isWatched {
        show("Enter keeps, Ctrl-C puts back, \(Changes.secondsLeft(of: trial.record)) s left ")
      }
      switch next(signals, isWatched, min(rest, 1000)) {
      case .tick: break
      case .gone: isWatched = false
      case .enter:
        show("")
        do throws(ApplyFailure) {
          return ended(try changes.confirm(id))
        } catch {
          // Not kept, and still in force.
          guard error.kind == .refused else { throw error }
          for reason in error.reasons { Streams.complain("tcptune: \(reason)") }
        }
      case .putBack:
        show("")
        return ended(try changes.rollBack(id))
      }
    }
    if isWatched { show("") }
    return try endedElsewhere()
  }

  /// Writes over the line that the person looks at.
  private func show(_ line: String) {
    try? Streams.write(Array((ScreenCodes.rewritten + line).utf8), to: STDERR_FILENO)
  }

  private func next(_ signals: CInt, _ isWatched: Bool, _ milliseconds: Int64) -> Event {
    var waited = [
      pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
      pollfd(fd: isWatched ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
    ]
    guard unsafe poll(&waited, 2, CInt(clamping: milliseconds)) > 0 else { return .tick }
    if waited[0].revents != 0 {
      switch tcptune_next_signal(signals) {
      case 0: break
      case SIGHUP: return .gone
      default: return .putBack
      }
    }
    guard waited[1].revents != 0 else { return .tick }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(STDIN_FILENO, &bytes, bytes.count)
    guard count > 0 else { return .gone }
    guard bytes[..<count].contains(0x0a) else { return .tick }
    let answer = String(decoding: bytes[..<count], as: UTF8.self).lowercased()
      .split { $0 == "\n" || $0 == " " }.first
    switch answer {
    case nil, "y", "yes": return .enter
    case "n", "no", "q": return .putBack
    default: return .tick
    }
  }

  private func ended(_ settled: Settled) -> Outcome {
    var end = outcome
    end.isPlanPrinted = true
    var result = end.done(ChangeOutcome.report(settled))
    // The host is back as it was; what was asked for has not come about.
    if settled.record.ending == .reverted, result.status == .done { result.status = .takenBack }
    return result
  }

  private func endedElsewhere() throws(ApplyFailure) -> Outcome {
    guard let record = try changes.state().history.last(where: { $0.id == id }) else {
      throw ApplyFailure(.uncertain, ["change \(id) is neither open nor in the history"])
    }
    return ended(changes.settled(record))
  }
}
