/// What the program's exit status says; the same for every command.
public enum ExitStatus: Int32, Sendable {
  /// Done, and nothing at or above the threshold.
  case done = 0
  /// Findings, or differences.
  case findings = 1
  /// Wrong usage or a bad input file; nothing was touched.
  case usage = 2
  /// Refused; nothing was changed.
  case refused = 3
  /// It failed, and the host is back as it was: verified.
  case takenBack = 4
  /// Some keys, or the file, are neither as before nor as planned.
  case uncertain = 5
  /// What is kept on disk is damaged or not ours.
  case damaged = 6
  /// Another command holds the lock, or a trial is open.
  case busy = 7
  /// The trial was over before it was confirmed.
  case tooLate = 8
  /// Interrupted by SIGINT before anything was changed.
  case interrupted = 130
  /// Interrupted by SIGQUIT before anything was changed.
  case quit = 131
  /// The reader of our output went away: 128 + SIGPIPE.
  case brokenPipe = 141
  /// Ended by SIGTERM before anything was changed.
  case terminated = 143
}
