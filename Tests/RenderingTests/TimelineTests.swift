import Facts
import Testing

@testable import Rendering

private func lines(_ sends: [Int64], end: Int64, latest: Int64? = nil, width: Int?) -> [String] {
  var page = TextPage(TextStyle(width: width, isColored: false))
  let timeline = Timeline(
    sends: sends.map { Fraction($0) }, end: Fraction(end), latest: latest.map { Fraction($0) })
  let drawing = EffectiveLimit.Drawing("SYN", timeline, ending: "ETIMEDOUT")
  TimelineText(drawing, style: TextStyle(width: width, isColored: false)).write(to: &page)
  return page.text.split(separator: "\n").map(String.init)
}

/// Q2.6: whoever looks at it sees that each wait is twice the one before.
@Test func sevenSYNsAreDrawn() {
  #expect(
    lines([0, 1, 3, 7, 15, 31, 63], end: 127, width: 80) == [
      "    SYN     |||-|---|-------|---------------|-------------------------------x",
      "            0 3 7   15      31              63                          127 s",
      "    at      0, 1, 3, 7, 15, 31, 63 s",
      "    waits   1, 2, 4, 8, 16, 32, 64 s",
      "    end     127 s: ETIMEDOUT",
    ])
}

/// Several packets in one column are counted, and a missed end is told.
@Test func crowdedTimelines() {
  let crowded = lines([0, 1, 2, 3, 900], end: 1000, latest: 1200, width: 80)
  #expect(crowded[0].hasPrefix("    SYN     4-"))
  #expect(crowded.last == "            a digit: so many in one column of 15.63 s")
  #expect(
    crowded[4]
      == "    end     1000 s at the earliest, else one wait later, 1200 s: ETIMEDOUT")
}

@Test func emptyAndInstantTimelines() {
  #expect(lines([], end: 2, width: 80)[2] == "    at      never")
  let instant = lines([0], end: 0, width: 80)
  #expect(instant[0] == "    SYN     x")
  #expect(instant[1] == "            0 s")
}

/// Long lists are cut, and no drawing is wider than the terminal or than 80 columns.
@Test(arguments: [40, 60, 72, 80, 200])
func drawingsFit(_ width: Int) {
  for sends in [[0, 1, 3, 7, 15, 31, 63], Array(0..<127), [7200, 7275, 7350]] as [[Int64]] {
    let drawn = lines(sends, end: 7875, width: width)
    #expect(drawn.allSatisfy { $0.count <= min(width, 80) || width > 80 })
    #expect(drawn[0].count <= 80 && drawn[1].count <= 80)
    #expect(drawn[0].last == "x" && drawn[1].hasSuffix("7875 s"))
    #expect(drawn[0].count == drawn[1].count, "the end stands below its mark")
  }
  #expect(lines(Array(0..<127), end: 7875, width: nil)[2].contains("13, ..., 125, 126 s"))
}
