import Facts
import Testing

@testable import Prove

private let values: [Proof.Value] = [
  .count(0), .count(-1), .count(.max), .seconds(0), .seconds(1.0625), .seconds(0.1),
  .timeline([]), .timeline([0, 1, 3.001, 7]), .text(""), .text("511 or 512"),
  .text("\"quoted\"\n\u{1}"),
]

private func steps() -> [Proof.Step] {
  values.enumerated().map { index, value in
    Proof.Step(
      "step_\(index)", "a step", predicted: value, observed: values[values.count - 1 - index],
      agrees: index % 2 == 0)
  }
}

@Test(
  arguments: [
    .refused("unshare: Operation not permitted"), .ended([], .done), .ended(steps(), .done),
    .ended(steps(), .notApplicable("no such key")), .ended([], .failed("it did not end")),
  ] as [ProofDocument])
func whatAChildSaysArrives(_ document: ProofDocument) throws {
  #expect(try ProofDocument(parsing: Array(document.text.utf8)) == document)
}

@Test func aTimeThatIsNoNumberArrivesAsInfinity() throws {
  let step = Proof.Step(
    "id", "title", predicted: .seconds(.nan), observed: .timeline([-.infinity]), agrees: false)
  let document = try ProofDocument(parsing: Array(ProofDocument.ended([step], .done).text.utf8))
  guard case .ended(let steps, .done) = document else {
    Issue.record("\(document)")
    return
  }
  #expect(steps[0].predicted == .seconds(.infinity))
  #expect(steps[0].observed == .timeline([.infinity]))
}

/// A child may die while it writes.
@Test func everyBeginningOfADocumentIsAProblem() {
  let bytes = Array(ProofDocument.ended(steps(), .done).text.utf8)
  // The newline at the end may be missing.
  for count in 0..<(bytes.count - 1) {
    #expect(throws: ProofDocument.Problem.self) {
      try ProofDocument(parsing: Array(bytes[..<count]))
    }
  }
}

@Test(arguments: [
  "[]", "1", "{}", "{\"steps\": 1}", "{\"steps\": [1]}",
  "{\"steps\": [{\"id\": \"a\", \"title\": \"b\", \"agrees\": true}]}",
  "{\"steps\": [{\"id\": \"a\", \"title\": \"b\", \"agrees\": true,"
    + " \"predicted\": {\"count\": 1.5}, \"observed\": {\"count\": 1}}]}",
])
func anotherDocumentIsAProblem(_ text: String) {
  #expect(throws: ProofDocument.Problem.self) { try ProofDocument(parsing: Array(text.utf8)) }
}
