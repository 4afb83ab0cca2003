import Facts

/// A timer's life drawn on one line, true to scale, with its numbers below it.
///
///     SYN    |||-|---|-------|---------------|-------------------------------x
///            0 3 7   15      31              63                           127 s
///     at     0, 1, 3, 7, 15, 31, 63 s
///     waits  1, 2, 4, 8, 16, 32, 64 s
///     end    127 s: connect() fails with ETIMEDOUT
struct TimelineText {
  /// The columns of the line, ends included.
  private let columns: Int
  private static let labelWidth = 7
  private static let margin = "    "
  /// Longer lists are cut in the middle.
  private static let mostNumbers = 18

  private let drawing: EffectiveLimit.Drawing
  private let sends: [Fraction]
  private let end: Fraction

  /// A drawing for a place: 77 columns with margin and label where there is room.
  init(_ drawing: EffectiveLimit.Drawing, style: TextStyle) {
    self.drawing = drawing
    let room = (style.width ?? 80) - Self.margin.count - Self.labelWidth - 2
    columns = min(65, max(20, room))
    sends = drawing.timeline.sends
    end = drawing.timeline.end
  }

  func write(to page: inout TextPage) {
    let (line, isCrowded) = self.line
    // What goes out may have a long name, which then stands above the line.
    let isLong = drawing.packet.count > Self.labelWidth
    if isLong { page.line(Self.margin + drawing.packet) }
    page.line(label(isLong ? "" : drawing.packet) + line)
    page.line(label("") + scale)
    row("at", sends.isEmpty ? "never" : "\(Self.list(sends)) s", &page)
    if sends.count > 1 { row("waits", "\(Self.list(waits)) s", &page) }
    row("end", "\(endWords): \(drawing.ending)", &page)
    if isCrowded {
      row("", "a digit: so many in one column of \(Units.number(step)) s", &page)
    }
  }

  private func label(_ label: String) -> String {
    Self.margin + label + String(repeating: " ", count: Self.labelWidth + 1 - label.count)
  }

  private func row(_ label: String, _ text: String, _ page: inout TextPage) {
    let first = self.label(label)
    page.wrapped(text, first: first, rest: first.count)
  }

  // MARK: Numbers

  /// Seconds between one packet and the next, and from the last to the end.
  private var waits: [Fraction] {
    zip(sends, sends.dropFirst() + [end]).map { $1.subtracting($0) ?? Fraction(0) }
  }

  private var endWords: String {
    let end = "\(Units.number(end)) s"
    guard let latest = drawing.timeline.latest else { return end }
    return "\(end) at the earliest, else one wait later, \(Units.number(latest)) s"
  }

  private static func list(_ numbers: [Fraction]) -> String {
    let words = numbers.map(Units.number)
    guard words.count > mostNumbers else { return words.joined(separator: ", ") }
    return (words.prefix(mostNumbers - 4) + ["..."] + words.suffix(2)).joined(separator: ", ")
  }

  // MARK: Drawing

  /// Seconds of one column.
  private var step: Fraction {
    end.divided(by: Fraction(Int64(columns - 1))) ?? Fraction(1)
  }

  private func column(_ moment: Fraction) -> Int {
    guard end.numerator > 0 else { return 0 }
    let share = moment.double / end.double
    return min(columns - 1, Int((share * Double(columns - 1)).rounded()))
  }

  /// The line, and whether several packets share a column.
  private var line: (text: String, isCrowded: Bool) {
    var counts: [Int: Int] = [:]
    for send in sends { counts[column(send), default: 0] += 1 }
    let last = column(end)
    var text = ""
    for index in 0..<last {
      switch counts[index] ?? 0 {
      case 0: text += "-"
      case 1: text += "|"
      case let many: text += many < 10 ? "\(many)" : "#"
      }
    }
    return (text + "x", counts.contains { $0.value > 1 })
  }

  /// Seconds below their ticks: the end, the beginning, then from the right as far as there is room.
  private var scale: String {
    let endText = "\(Units.number(end)) s"
    var cells = [Character](repeating: " ", count: columns + endText.count)
    let endStart = max(0, column(end) + 1 - endText.count)
    Self.put(endText, at: endStart, into: &cells)
    if endStart > 1 { Self.put("0", at: 0, into: &cells) }
    var free = endStart
    for send in sends.reversed() {
      let text = Units.number(send)
      let start = column(send)
      // A blank on either side keeps two numbers apart.
      guard start >= 2, start + text.count < free else { continue }
      Self.put(text, at: start, into: &cells)
      free = start
    }
    while cells.last == " " { cells.removeLast() }
    return String(cells)
  }

  private static func put(_ text: String, at start: Int, into cells: inout [Character]) {
    for (offset, character) in text.enumerated() where start + offset < cells.count {
      cells[start + offset] = character
    }
  }
}
