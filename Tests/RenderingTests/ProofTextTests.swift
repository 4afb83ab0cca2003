import Facts
import Testing

@testable import Rendering

private func proof(_ id: String, _ agrees: [Bool], _ outcome: Proof.Outcome = .done) -> Proof {
  var proof = Proof(
    id: id, title: "what it shows", claims: ["Q1", "Q2.1"],
    parameters: [Proof.Parameter("backlog", 5)])
  for (index, agrees) in agrees.enumerated() {
    proof.steps.append(
      Proof.Step(
        "step_\(index)", "connections", predicted: .count(6), observed: .count(agrees ? 6 : 5),
        agrees: agrees))
  }
  proof.outcome = outcome
  return proof
}

private func report(_ proofs: [Proof], rules: String? = nil, slow: Bool = false) -> ProofReport {
  ProofReport(
    proofs: proofs, kernel: "6.18.1", rules: rules, version: "Linux version 6.18.1 (a@b)",
    command: "tcptune prove" + (slow ? " --slow" : ""))
}

private func text(_ report: ProofReport, width: Int? = nil) -> [String] {
  ProofText.render(report, style: TextStyle(width: width, isColored: false))
    .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}

struct VerdictCase: Sendable, CustomTestStringConvertible {
  var proofs: [Proof]
  var agrees: Bool
  var line: String
  var testDescription: String { line }
}

private let fine = proof("fine", [true])
private let bad = proof("bad", [true, false])
private let idle = proof("idle", [], .notApplicable("this kernel has no such key"))
private let broken = proof("broken", [], .failed("signal 9 ended it"))

@Test(arguments: [
  VerdictCase(proofs: [fine, fine], agrees: true, line: "2 experiments agree with Linux 6.18.1"),
  VerdictCase(proofs: [fine], agrees: true, line: "1 experiment agrees with Linux 6.18.1"),
  VerdictCase(
    proofs: [fine, bad, fine], agrees: false,
    line: "1 of 3 experiments disagrees with Linux 6.18.1"),
  VerdictCase(
    proofs: [bad, bad, fine, broken, idle], agrees: false,
    line: "2 of 5 experiments disagree with Linux 6.18.1; 1 could not be finished;"
      + " 1 does not apply here"),
  VerdictCase(proofs: [bad], agrees: false, line: "1 experiment disagrees with Linux 6.18.1"),
  VerdictCase(
    proofs: [fine, idle], agrees: true,
    line: "1 of 2 experiments agrees with Linux 6.18.1; 1 does not apply here"),
  VerdictCase(
    proofs: [fine, broken], agrees: false,
    line: "1 of 2 experiments could not be finished on Linux 6.18.1"),
  // An experiment that looked at nothing shows nothing.
  VerdictCase(
    proofs: [proof("empty", [])], agrees: false,
    line: "1 experiment could not be finished on Linux 6.18.1"),
])
func verdicts(_ c: VerdictCase) {
  let report = report(c.proofs)
  #expect(report.agrees == c.agrees)
  #expect(text(report).first == c.line)
}

@Test func aDisagreementSaysWhatToReport() {
  let lines = text(report([fine, bad], rules: "5.10", slow: true))
  #expect(
    lines[0] == "1 of 2 experiments disagrees with Linux 6.18.1, predicted by the rules of 5.10")
  #expect(lines.contains("  connections          6         5  NO"))
  #expect(lines.contains("bad DISAGREES: what it shows (Q1, Q2.1)"))
  #expect(lines.contains("  kernel      6.18.1"))
  #expect(lines.contains("  version     Linux version 6.18.1 (a@b)"))
  #expect(lines.contains("  to repeat   tcptune prove bad --backlog 5 --slow --kernel 5.10"))
  #expect(!lines.contains { $0.contains("prove fine") })
}

@Test func whatStoodInTheWayIsShown() {
  let lines = text(report([idle, broken]))
  #expect(lines.contains("idle does not apply: what it shows (Q1, Q2.1)"))
  #expect(lines.contains("  this kernel has no such key"))
  #expect(lines.contains("broken not finished: what it shows (Q1, Q2.1)"))
  #expect(lines.contains("  signal 9 ended it"))
}

/// A thousand configurations are told by their number, and those that disagree one by one.
@Test func ofManyStepsOnlyDisagreementsAreShown() {
  let lines = text(report([proof("many", Array(repeating: true, count: 99) + [false])]))
  #expect(lines.contains("  99 of 100 predictions came true"))
  #expect(lines.count { $0.hasSuffix("yes") } == 0)
  #expect(lines.count { $0.hasSuffix("NO") } == 1)
}

@Test func nothingIsWiderThanTheTerminal() {
  var wide = proof("wide", [])
  wide.steps = [
    Proof.Step(
      "a", "the socket that no program holds is, as long as its peer keeps silent, in state",
      predicted: .timeline([0, 1, 3, 7.25, 15.005]), observed: .text("ESTABLISHED"), agrees: true)
  ]
  let lines = text(report([wide]), width: 80)
  for line in lines { #expect(line.count <= 80, "\(line)") }
  #expect(lines.contains { $0.hasSuffix("0 1 3 7.25 15.01 s  ESTABLISHED  yes") })
  #expect(lines.contains { $0.hasPrefix("  the socket that no program holds") })
}

@Test func valuesAsPeopleReadThem() {
  #expect(ProofText.text(.seconds(60)) == "60 s")
  #expect(ProofText.text(.seconds(7.1)) == "7.1 s")
  #expect(ProofText.text(.seconds(0.05)) == "0.05 s")
  #expect(ProofText.text(.seconds(-0.05)) == "-0.05 s")
  #expect(ProofText.text(.seconds(.infinity)) == "? s")
  #expect(ProofText.text(.timeline([])) == "nothing")
  #expect(ProofText.text(.timeline([0, 1.014, 3])) == "0 1.01 3 s")
  #expect(ProofText.text(.text("\u{1B}[31mred")) == "\\u{1b}[31mred")
}

@Test func theDocumentHasItsNames() {
  let document = ProofJSON.render(report([fine, bad, idle]))
  for part in [
    "\"kernel\": \"6.18.1\"", "\"format_version\": \"1.0\"", "\"agrees\": true",
    "\"agrees\": false", "\"agrees\": null", "\"outcome\": \"not-applicable\"",
    "\"disagreements\": [\"step_1\"]", "\"reason\": \"this kernel has no such key\"",
    "\"backlog\": 5", "\"step_0\": 6",
  ] {
    #expect(document.contains(part), "\(part)")
  }
}
