import Facts
import Testing

@testable import Prove

@Test func aTimeMayBeLateButNotEarly() {
  let tolerance = TimerTolerance()
  for (predicted, observed, holds) in [
    (0.0, 0.0, true), (0, 0.35, true), (0, 0.36, false), (0.2, 0.21, true), (0.2, 0.14, false),
    (0.2, 0.6, false), (0.6, 0.65, true), (0.6, 0.2, false), (7, 7.2, true), (7, 6.96, true),
    (7, 6.9, false), (7, 8.2, true), (7, 8.3, false), (15, 19, false), (60, 61.1, true),
    (60, 5, false), (2, 61, false),
  ] {
    #expect(tolerance.holds(observed, for: predicted) == holds, "\(predicted): \(observed)")
  }
}

/// Where the first wait is longer than the model's, all that follows may be, but need not.
@Test func aLongFirstWaitStretches() {
  let tolerance = TimerTolerance(stretch: 1.5)
  #expect(tolerance.holds(3, for: 3) && tolerance.holds(4.5, for: 3) && tolerance.holds(5, for: 3))
  #expect(!tolerance.holds(2.9, for: 3) && !tolerance.holds(5.5, for: 3))
  #expect(TimerTolerance(stretch: 0.5).holds(3, for: 3), "it never makes a time shorter")
}

@Test func timelinesAgreeTimeByTime() {
  let tolerance = TimerTolerance()
  #expect(tolerance.holds([0, 1.01, 3.05], for: [0, 1, 3]))
  #expect(!tolerance.holds([0, 1.01], for: [0, 1, 3]))
  #expect(!tolerance.holds([0, 1.01, 3.05, 7.1], for: [0, 1, 3]))
  #expect(!tolerance.holds([0, 1, 2], for: [0, 1, 3]))
  #expect(tolerance.holds([], for: []))
}

@Test func stepsSayWhetherTheyAgree() {
  #expect(Proof.Step.count("a", "b", 1, 1).agrees && !Proof.Step.count("a", "b", 1, 2).agrees)
  #expect(Proof.Step.text("a", "b", "RST", "RST").agrees)
  #expect(!Proof.Step.text("a", "b", "RST", "FIN").agrees)
  let late = Proof.Step.seconds("a", "b", 7, 7.10249)
  #expect(late.agrees && late.observed == .seconds(7.102))
  let never = Proof.Step.seconds("a", "b", 7, nil)
  #expect(!never.agrees && never.observed == .text("not in time"))
  let timeline = Proof.Step.timeline("a", "b", [0, 1], [0, 1.00049])
  #expect(timeline.agrees && timeline.observed == .timeline([0, 1]))
}

/// Few retries end one timer late, as measured: 1.4 s and 3 s; many may end at either of two; and a
/// long round trip makes an end early.
@Test func whenOrphansAreGivenUp() {
  func ends(_ retries: Int64, stretch: Double = 1) -> [Double] {
    Orphan.endings(retries: retries, longestWait: 120_000, TimerTolerance(stretch: stretch))
      .map(\.end)
  }
  #expect(ends(1) == [1.4])
  #expect(ends(2) == [3])
  #expect(ends(3) == [3, 6.2])
  #expect(ends(8) == [102.2, 204.6] && ends(0) == ends(8))
  #expect(ends(1, stretch: 1.5) == [0.6])
  #expect(ends(2, stretch: 1.2) == [1.4])
}

/// Experiments are found by their names, and so are their parameters.
@Test func experimentsAreWellFormed() {
  let all = Experiment.timers
  #expect(Set(all.map(\.id)).count == all.count)
  for experiment in all {
    #expect(!experiment.claims.isEmpty && !experiment.title.hasSuffix("."), "\(experiment.id)")
    #expect(experiment.id.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
    #expect(experiment.patience.usual > 0 && experiment.patience.slow > 0)
    for parameter in experiment.parameters {
      #expect(parameter.range.contains(parameter.standard), "\(experiment.id) --\(parameter.name)")
    }
  }
}
