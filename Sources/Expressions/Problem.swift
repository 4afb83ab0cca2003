/// Something wrong in a condition, with its place.
public struct Problem: Error, Hashable, Sendable {
  /// How many UTF-8 bytes of the text stand before the place.
  public var offset: Int
  /// What was expected and what was found: lower case, no full stop.
  public var message: String

  /// A problem at a place.
  public init(at offset: Int, _ message: String) {
    self.offset = offset
    self.message = message
  }

  /// The place in `text`, which may be a part of a longer one.
  public func place(in text: Substring) -> String.Index {
    text.utf8.index(text.utf8.startIndex, offsetBy: min(offset, text.utf8.count))
  }

  /// The place as a column of `text`, counted in characters from 1.
  public func column(in text: String) -> Int { text[..<place(in: text[...])].count + 1 }
}

/// All that is wrong in one text.
public struct Problems: Error, Hashable, Sendable {
  /// In the order of the text, never empty.
  public var all: [Problem]

  init(_ all: [Problem]) {
    self.all = all
  }
}
