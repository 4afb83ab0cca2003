/// Lines of text under construction.
struct TextPage {
  let style: TextStyle
  private(set) var text = ""
  /// The columns at which words are broken; nil where lines must not be broken.
  private let wordWidth: Int?

  /// An empty page.
  ///
  /// - Parameters:
  ///   - style: what is known of the place that it goes to.
  ///   - widest: the columns that sentences have at most, however wide the place is.
  init(_ style: TextStyle, widest: Int? = nil) {
    self.style = style
    wordWidth = style.width.map { min($0, widest ?? $0) }
  }

  mutating func line(_ line: String = "") {
    text += line
    text += "\n"
  }

  /// A heading with an empty line before it.
  mutating func heading(_ heading: String) {
    if !text.isEmpty { line() }
    line(style.paint(heading, .strong))
  }

  /// Words that are broken at the terminal's width; following lines are indented further.
  ///
  /// - Parameters:
  ///   - words: the text, one paragraph.
  ///   - first: what stands before the first line; it may be painted.
  ///   - firstWidth: the columns of `first`.
  ///   - rest: how far following lines are indented.
  mutating func wrapped(_ words: String, first: String = "", firstWidth: Int? = nil, rest: Int = 0)
  {
    wrap(words, first: first, firstWidth: firstWidth, rest: rest, at: wordWidth)
  }

  private mutating func wrap(
    _ words: String, first: String, firstWidth: Int?, rest: Int, at width: Int?
  ) {
    guard let width, width > rest + 20 else {
      line(first + words)
      return
    }
    var current = first
    var used = firstWidth ?? first.count
    var isEmpty = true
    for word in words.split(separator: " ", omittingEmptySubsequences: true) {
      let columns = TextStyle.columns(of: word)
      if !isEmpty, used + 1 + columns > width {
        line(current)
        current = String(repeating: " ", count: rest)
        used = rest
        isEmpty = true
      }
      if !isEmpty {
        current += " "
        used += 1
      }
      current += word
      used += columns
      isEmpty = false
    }
    line(current)
  }

  /// Rows in columns, two blanks between them.
  mutating func table(_ table: Table, indent: Int = 2) {
    for row in table.lines(style, indent: indent) { line(row) }
  }
}

extension TextPage {
  /// Names with a sentence for each beside them; a name that would leave no room for it has a line
  /// of its own.
  mutating func glossary(_ entries: [(name: String, sentence: String)]) {
    let longest = entries.map { $0.name.displayColumns }.max() ?? 0
    // Two fifths of a terminal leave the sentences enough.
    let column = 2 + min(longest, style.width.map { max(16, $0 * 2 / 5) } ?? longest)
    for entry in entries {
      let used = 2 + entry.name.displayColumns
      var first = "  \(entry.name)"
      if used > column {
        line(first)
        first = String(repeating: " ", count: column + 2)
      } else {
        first += String(repeating: " ", count: column + 2 - used)
      }
      wrap(
        entry.sentence, first: first, firstWidth: column + 2, rest: column + 2, at: style.width)
    }
  }

  /// Names alone, as many in a line as fit, in columns of one width.
  mutating func columns(_ names: [String], width: Int) {
    let column = 2 + (names.map(\.displayColumns).max() ?? 0)
    let perLine = max(1, (width - 2) / column)
    for start in stride(from: 0, to: names.count, by: perLine) {
      var row = " "
      for name in names[start..<min(start + perLine, names.count)] {
        row += " \(name)" + String(repeating: " ", count: column - name.displayColumns - 1)
      }
      while row.utf8.last == 0x20 { row.unicodeScalars.removeLast() }
      line(row)
    }
  }
}

/// Cells in rows; columns are as wide as their widest cell.
struct Table {
  enum Alignment {
    case left, right
  }

  struct Cell {
    var text: String
    var role: TextStyle.Role?

    init(_ text: String, _ role: TextStyle.Role? = nil) {
      self.text = text
      self.role = role
    }
  }

  private let alignments: [Alignment]
  private var header: [Cell]
  private var rows: [[Cell]] = []
  /// The column that gives way when the terminal is too narrow.
  private let flexible: Int?
  /// Whether its words go on in further lines rather than being cut.
  private let wraps: Bool

  /// A table with a title over each column; without titles there is no line for them.
  init(
    _ titles: [String] = [], _ alignments: [Alignment], flexible: Int? = nil, wraps: Bool = false
  ) {
    self.alignments = alignments
    self.flexible = flexible
    self.wraps = wraps
    header = titles.map { Cell($0, .faint) }
  }

  mutating func add(_ cells: [Cell]) { rows.append(cells) }

  mutating func add(_ cells: [String]) { rows.append(cells.map { Cell($0) }) }

  private var all: [[Cell]] { header.isEmpty ? rows : [header] + rows }

  /// The widest cell of each column.
  private var fullWidths: [Int] {
    var widths = [Int](repeating: 0, count: alignments.count)
    for row in all {
      for (column, cell) in row.enumerated() where column < widths.count {
        widths[column] = max(widths[column], cell.text.characterCount)
      }
    }
    return widths
  }

  private static func total(_ widths: [Int], _ indent: Int) -> Int {
    indent + widths.reduce(0, +) + 2 * (widths.count - 1)
  }

  /// Whether every other column leaves the flexible one so many columns, or all that it needs.
  func fits(_ style: TextStyle, indent: Int = 2, flexibleAtLeast least: Int) -> Bool {
    guard let width = style.width, let flexible else { return true }
    var widths = fullWidths
    widths[flexible] = min(widths[flexible], least)
    return Self.total(widths, indent) <= width
  }

  func lines(_ style: TextStyle, indent: Int) -> [String] {
    let all = all
    var widths = fullWidths
    if let width = style.width, let flexible {
      let total = Self.total(widths, indent)
      if total > width { widths[flexible] = max(8, widths[flexible] - (total - width)) }
    }
    return all.flatMap { row in
      wrapped(row, widths).map { line($0, widths, style, indent) }
    }
  }

  /// The row, and more below it for words that do not fit the flexible column.
  private func wrapped(_ row: [Cell], _ widths: [Int]) -> [[Cell]] {
    guard wraps, let flexible, flexible < row.count,
      row[flexible].text.characterCount > widths[flexible]
    else { return [row] }
    var lines: [String] = [""]
    for word in row[flexible].text.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if last.count + 1 + word.count <= widths[flexible] {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines.enumerated().map { number, text in
      var cells = number == 0 ? row : row.map { _ in Cell("") }
      cells[flexible] = Cell(text, row[flexible].role)
      return cells
    }
  }

  /// Adds blanks, a few at a time: tables have very many of them.
  private static func pad(_ line: inout String, _ count: Int) {
    var left = count
    while left >= 16 {
      line += "                "
      left -= 16
    }
    if left & 8 != 0 { line += "        " }
    if left & 4 != 0 { line += "    " }
    if left & 2 != 0 { line += "  " }
    if left & 1 != 0 { line += " " }
  }

  private func line(_ row: [Cell], _ widths: [Int], _ style: TextStyle, _ indent: Int) -> String {
    var line = ""
    Self.pad(&line, indent)
    for (column, cell) in row.enumerated() {
      let count = cell.text.characterCount
      let text =
        count > widths[column] ? String(cell.text.prefix(widths[column] - 1)) + "…" : cell.text
      let painted = cell.role.map { style.paint(text, $0) } ?? text
      let padding = max(0, widths[column] - count)
      let isLast = column == row.count - 1
      switch alignments[column] {
      case .left:
        line += painted
        if !isLast { Self.pad(&line, padding) }
      case .right:
        Self.pad(&line, padding)
        line += painted
      }
      if !isLast { line += "  " }
    }
    while line.utf8.last == 0x20 { line.unicodeScalars.removeLast() }
    return line
  }
}

extension String {
  /// How many characters it has, counted by bytes where each is one.
  fileprivate var characterCount: Int {
    utf8.allSatisfy { $0 < 0x80 && $0 != 0x0d } ? utf8.count : count
  }
}
