import Facts

/// Listeners as rows of a screen: who, how full, how it came to that, what was dropped.
struct WatchListeners {
  let view: WatchView
  let style: TextStyle
  let glyphs: Glyphs

  /// The columns of a screen of that width; 0 leaves one out.
  private struct Widths {
    var name = 0
    var program = 0
    var queue = 0
    var bar = 0
    var curve = 0
    var peak = 0
    var drops = 0
  }

  private static let gap = 2

  /// A heading and a row for each that is shown, of so many.
  func lines(_ shown: [WatchedListener], of all: Int, absence: Absence?) -> [String] {
    guard !shown.isEmpty else {
      var line = ScreenLine(view.columns, style, glyphs)
      line.add("listeners  ", .faint)
      line.add(absence?.description.printable ?? "none")
      return [line.text]
    }
    let widths = widths(shown)
    var lines = [heading(widths, shown: shown.count, of: all)]
    for item in shown { lines.append(row(item, widths)) }
    return lines
  }

  /// Names and numbers get what they need; bars, programs and curves share the rest.
  private func widths(_ shown: [WatchedListener]) -> Widths {
    var widths = Widths()
    for item in shown {
      let listener = item.queues.listener
      widths.name = max(widths.name, name(item).displayColumns)
      widths.program = max(widths.program, ListenerTable.service(listener).displayColumns)
      widths.queue = max(widths.queue, queue(item).count)
    }
    widths.name = max(8, min(widths.name, max(15, view.columns / 4)))
    widths.queue = max(widths.queue, 11)
    widths.drops = 7
    let program = widths.program
    widths.program = 0
    var rest = view.columns - widths.name - widths.queue - widths.drops - 2 * Self.gap
    func take(_ wanted: Int, ifLeft least: Int = 0) -> Int {
      guard rest >= wanted + Self.gap + least else { return 0 }
      rest -= wanted + Self.gap
      return wanted
    }
    widths.bar = take(view.columns >= 120 ? 16 : view.columns >= 72 ? 8 : 5)
    widths.peak = take(5, ifLeft: 20)
    if program > 1 { widths.program = take(max(7, min(program, rest / 2 - 4)), ifLeft: 6) }
    if rest >= 6 + Self.gap { widths.curve = take(min(rest - Self.gap, 120)) }
    return widths
  }

  private func heading(_ widths: Widths, shown: Int, of all: Int) -> String {
    var line = ScreenLine(view.columns, style, glyphs)
    let title = shown < all ? "\(shown) of \(all)" : "listener"
    cell(&line, title, widths.name, .left, .faint, isFirst: true)
    cell(&line, "program", widths.program, .left, .faint)
    cell(&line, "queue/limit", widths.queue, .right, .faint)
    cell(&line, "full", widths.bar, .left, .faint)
    cell(&line, "history", widths.curve, .left, .faint)
    cell(&line, "peak", widths.peak, .right, .faint)
    cell(&line, "drops/s", widths.drops, .right, .faint)
    return line.text
  }

  private func row(_ item: WatchedListener, _ widths: Widths) -> String {
    let listener = item.queues.listener
    let role = role(of: item.occupancy(listener.length))
    var line = ScreenLine(view.columns, style, glyphs)
    cell(&line, name(item), widths.name, .left, nil, isFirst: true)
    cell(&line, ListenerTable.service(listener), widths.program, .left, .faint)
    cell(&line, queue(item), widths.queue, .right, role)
    if widths.bar > 0 {
      let bar = glyphs.bar(item.occupancy(listener.length), widths.bar)
      line.blanks(Self.gap)
      line.add(bar.filled, role ?? .good)
      line.add(bar.empty, .faint)
    }
    curve(&line, item, widths.curve)
    cell(&line, "\(item.peak)", widths.peak, .right, self.role(of: item.occupancy(item.peak)))
    let drops = item.dropRate.value.map(WatchNumbers.rate) ?? "?"
    let isDropping = item.dropRate.value ?? Fraction(0) > Fraction(0)
    cell(&line, drops, widths.drops, .right, isDropping ? .warning : .faint)
    return line.text
  }

  /// The lengths of the last samples, the newest at the right; red where the queue was full.
  private func curve(_ line: inout ScreenLine, _ item: WatchedListener, _ columns: Int) {
    guard columns > 0 else { return }
    let lengths = item.lengths.suffix(columns)
    line.blanks(Self.gap + columns - lengths.count)
    var run = ""
    var wasFull = false
    for length in lengths {
      let share = item.occupancy(length)
      if wasFull != (share >= 1) {
        line.add(run, wasFull ? .error : .faint)
        run = ""
        wasFull = share >= 1
      }
      run += glyphs.height(share)
    }
    line.add(run, wasFull ? .error : .faint)
  }

  private func cell(
    _ line: inout ScreenLine, _ text: String, _ columns: Int, _ alignment: ScreenLine.Alignment,
    _ role: TextStyle.Role?, isFirst: Bool = false
  ) {
    guard columns > 0 else { return }
    if !isFirst { line.blanks(Self.gap) }
    line.add(text, in: columns, alignment, role)
  }

  /// The listener's name; for a group with how many members share it.
  private func name(_ item: WatchedListener) -> String {
    let name = item.queues.listener.name.printable
    let count = item.queues.groupSize
    return count > 1 ? "\(name) \(view.isUnicode ? "×" : "x")\(count)" : name
  }

  private func queue(_ item: WatchedListener) -> String {
    "\(item.queues.listener.length)/\(item.queues.listener.limit)"
  }

  private func role(of occupancy: Double) -> TextStyle.Role? {
    occupancy >= 1 ? .error : occupancy >= 0.75 ? .warning : nil
  }
}
