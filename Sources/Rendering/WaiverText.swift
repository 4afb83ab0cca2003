import Facts

/// What became of the waivers, in text.
enum WaiverText {
  static func write(_ report: Report, _ page: inout TextPage) {
    guard !report.waivers.isEmpty else { return }
    page.heading("Waived")
    for use in report.waivers { page.wrapped(line(use), first: "  ", rest: 4) }
  }

  private static func line(_ use: WaiverUse) -> String {
    let waiver = use.waiver
    var text = waiver.rule
    if let subject = waiver.subject { text += " \(subject)" }
    switch use.state {
    case .used:
      if let reason = waiver.reason { text += ": \(reason)" }
      if let until = waiver.until { text += ", until \(until)" }
    case .unused: text += ": unused, nothing was found that it allows"
    case .expired:
      text += ": expired\(waiver.until.map { " after \($0)" } ?? ""), and allows nothing any more"
    }
    return "\(text) (\(waiver.source))".printable
  }
}
