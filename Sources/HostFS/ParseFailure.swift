/// A line of a kernel file that is not what we know.
public struct ParseFailure: Error, Equatable, Sendable {
  /// The file below the root.
  public var file: String
  /// The line, counted from 1.
  public var line: Int
  /// What should stand there.
  public var expected: String
  /// What stands there.
  public var found: String

  /// What went wrong without the file's name.
  public var reason: String { "line \(line): expected \(expected), found '\(found)'" }
}
