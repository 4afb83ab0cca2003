/// One piece of a page's text.
public enum Block: Equatable, Sendable {
  /// Sentences that are wrapped together.
  case paragraph(String)
  /// Items, one bullet each.
  case list([String])
  /// Lines that stand as they are, with the word after the fence.
  case code(language: String, lines: [String])
}

/// A headed part of a page; the first part of a page has no heading.
public struct Section: Equatable, Sendable {
  /// The heading, empty for the text before the first one.
  public var heading: String
  /// The text.
  public var blocks: [Block]

  /// A section of a page.
  public init(heading: String, blocks: [Block]) {
    self.heading = heading
    self.blocks = blocks
  }
}
