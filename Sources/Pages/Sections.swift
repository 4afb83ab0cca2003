import Facts

/// Holds a body's headings against those that its kind of page has.
enum Sections {
  static func problems(of body: Body, file: String, expected: [String]) -> [PageProblem] {
    let found = body.placed.map(\.section.heading)
    var problems = body.problems
    // What stands behind a fence that is open is not seen as headings.
    if body.isClosed, found != expected {
      let line =
        zip(body.placed, expected).first { $0.0.section.heading != $0.1 }?.0.line
        ?? body.placed.last?.line ?? 1
      let names = expected.filter { !$0.isEmpty }.joined(separator: ", ")
      let have = found.filter { !$0.isEmpty }.joined(separator: ", ")
      problems.append(
        PageProblem(
          file: file, line: line,
          message: "expected the headings \(names), in this order, found \(have)"))
    }
    for placed in body.placed where placed.section.blocks.isEmpty {
      let name = placed.section.heading
      problems.append(
        PageProblem(
          file: file, line: placed.line,
          message: name.isEmpty
            ? "expected a paragraph before the first heading, found none"
            : "expected text under '\(name)', found none"))
    }
    return problems
  }
}
