import Foundation

/// How long tests with random input go on.
public enum Iterations {
  /// So many rounds in an ordinary run, fifty times as many in `Tests/run --full`.
  public static func count(_ ordinary: Int) -> Int {
    ProcessInfo.processInfo.environment["TCPTUNE_TESTS"] == "full" ? 50 * ordinary : ordinary
  }
}
