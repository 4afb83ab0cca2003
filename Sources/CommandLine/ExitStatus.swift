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
  /// The reader of our output went away: 128 + SIGPIPE.
  case brokenPipe = 141
}
