/// Something wrong in a page or profile, with its place.
public struct PageProblem: Error, Hashable, Sendable {
  /// The file as it was given to us.
  public var file: String
  /// The line, counted from 1.
  public var line: Int
  /// The column, counted in characters from 1.
  public var column: Int
  /// What was expected and what was found: lower case, no full stop.
  public var message: String

  /// A problem at a place.
  public init(file: String, line: Int, column: Int = 1, message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }
}

extension PageProblem: Comparable, CustomStringConvertible {
  /// Problems sort by file, then by place.
  public static func < (a: Self, b: Self) -> Bool {
    (a.file, a.line, a.column, a.message) < (b.file, b.line, b.column, b.message)
  }

  /// `file:line:column: message`, as compilers print it.
  public var description: String { "\(file):\(line):\(column): \(message)" }
}
