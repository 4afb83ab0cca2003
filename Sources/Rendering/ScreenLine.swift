/// One line of a screen under construction; it never gets wider than the screen.
struct ScreenLine {
  enum Alignment {
    case left, right
  }

  private let width: Int
  private let style: TextStyle
  private let glyphs: Glyphs
  private(set) var text = ""
  private(set) var columns = 0

  init(_ width: Int, _ style: TextStyle, _ glyphs: Glyphs) {
    self.width = width
    self.style = style
    self.glyphs = glyphs
  }

  /// Appends text; what does not fit is cut with a mark.
  mutating func add(_ text: String, _ role: TextStyle.Role? = nil) {
    let (fitting, used) = cut(text, to: width - columns)
    self.text += role.map { style.paint(fitting, $0) } ?? fitting
    columns += used
  }

  /// Appends a cell of so many columns.
  mutating func add(
    _ text: String, in cell: Int, _ alignment: Alignment = .left, _ role: TextStyle.Role? = nil
  ) {
    let room = min(cell, width - columns)
    guard room > 0 else { return }
    let (fitting, used) = cut(text, to: room)
    if alignment == .right { blanks(room - used) }
    self.text += role.map { style.paint(fitting, $0) } ?? fitting
    columns += used
    if alignment == .left { blanks(room - used) }
  }

  mutating func blanks(_ count: Int) {
    let fitting = min(count, width - columns)
    guard fitting > 0 else { return }
    text += String(repeating: " ", count: fitting)
    columns += fitting
  }

  private func cut(_ text: String, to room: Int) -> (text: String, columns: Int) {
    let columns = text.displayColumns
    if columns <= room { return (text, columns) }
    guard room > 0 else { return ("", 0) }
    let beginning = text.prefix(columns: room - 1)
    return (beginning + glyphs.ellipsis, beginning.displayColumns + 1)
  }
}

/// The characters that bars and curves are made of.
struct Glyphs {
  /// Heights of a curve, the lowest first.
  let heights: [String]
  let filled: String
  let empty: String
  /// Stands for what was cut; one column.
  let ellipsis: String
  /// Between facts on a line.
  let separator: String

  /// For terminals that show UTF-8, or any.
  init(isUnicode: Bool) {
    if isUnicode {
      heights = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
      (filled, empty, ellipsis, separator) = ("█", "░", "…", " · ")
    } else {
      heights = ["_", ".", ":", "-", "=", "+", "*", "#"]
      (filled, empty, ellipsis, separator) = ("#", ".", "~", " | ")
    }
  }

  /// A bar of so many columns; something is more than nothing, and only what is full looks full.
  func bar(_ share: Double, _ columns: Int) -> (filled: String, empty: String) {
    let exact = Int((share * Double(columns)).rounded())
    let count =
      share >= 1 ? columns : share <= 0 ? 0 : min(max(1, exact), max(1, columns - 1))
    return (
      String(repeating: filled, count: count), String(repeating: empty, count: columns - count)
    )
  }

  /// The height that stands for a share.
  func height(_ share: Double) -> String {
    guard share > 0 else { return heights[0] }
    guard share < 1 else { return heights[heights.count - 1] }
    return heights[1 + Int(share * Double(heights.count - 2))]
  }
}
