import Facts
import Testing

@testable import Prove

@Test func anExpectationAllowsWhatItNames() {
  #expect(Expected(512).value == .count(512))
  #expect(Expected(511, or: 512).value == .text("511 or 512"))
  #expect(Expected(511, or: 512).allows(511) && Expected(511, or: 512).allows(512))
  #expect(!Expected(511, or: 512).allows(510) && !Expected(511, or: 512).allows(513))
}

@Test func whatIsObservedSettlesWhatTheReleaseLeavesOpen() {
  var steps: [Proof.Step] = []
  steps.add("standing", "half-open requests", Expected(511, or: 512), 512)
  steps.add("standing", "half-open requests", Expected(511, or: 512), 510)
  #expect(steps[0].agrees && !steps[1].agrees)
  #expect(steps[0].title == "half-open requests (the release leaves open which)")
  #expect(steps[0].observed == .count(512))
}

private func queues(accept: Int64, syn: Int64, or most: Int64? = nil) -> PredictedQueues {
  PredictedQueues(
    accept: AcceptQueue(limit: accept - 1, capacity: accept, binding: .backlog, certain: true),
    syn: SynQueue(capacity: syn, capacityMax: most, binding: .backlog, formula: ""))
}

/// Backlog 0 with cookies off lets nobody in before 6.13.
@Test func withoutAPlaceForRequestsNobodyIsQueued() {
  #expect(queues(accept: 6, syn: 6).connections(cookies: 0) == Expected(6))
  #expect(queues(accept: 1, syn: 0).connections(cookies: 0) == Expected(0))
  #expect(queues(accept: 1, syn: 0).connections(cookies: 1) == Expected(1))
  #expect(queues(accept: 1, syn: 0, or: 1).connections(cookies: 0) == Expected(0, or: 1))
}

struct CounterCase: Sendable, CustomTestStringConvertible {
  var cookies: Int64
  var isLastQuarter = false
  var release: String
  /// TCPReqQFullDoCookies, SyncookiesSent, TCPReqQFullDrop, ListenDrops, ListenOverflows.
  var values: [Int64]
  var testDescription: String {
    "\(release), cookies \(cookies)\(isLastQuarter ? ", last quarter" : "")"
  }
}

@Test(arguments: [
  CounterCase(cookies: 1, release: "6.18.1", values: [20, 20, 0, 0, 0]),
  CounterCase(cookies: 2, release: "6.18.1", values: [20, 20, 0, 0, 0]),
  CounterCase(cookies: 1, release: "4.6.1", values: [20, 20, 0, 20, 0]),
  CounterCase(cookies: 0, release: "6.18.1", values: [0, 0, 20, 20, 0]),
  CounterCase(cookies: 0, isLastQuarter: true, release: "6.18.1", values: [0, 0, 0, 20, 0]),
  CounterCase(cookies: 0, isLastQuarter: true, release: "3.10.1", values: [0, 0, 0, 20, 0]),
  CounterCase(cookies: 0, release: "3.10.1", values: [0, 0, 20, 20, 0]),
])
func countersOfAFlood(_ c: CounterCase) throws {
  let release = try #require(KernelRelease(c.release))
  let counters = SynCounters(
    excess: 20, cookies: c.cookies, isLastQuarter: c.isLastQuarter, release: release)
  #expect(counters.values == c.values)
  #expect(SynCounters.names.count == c.values.count)
}

// MARK: The table of experiments

@Test func everyExperimentIsWellFormed() {
  let all = Experiment.all + [.randomQueues(40)]
  #expect(Set(all.map(\.id)).count == all.count)
  for experiment in all {
    #expect(experiment.id.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
    #expect(!experiment.title.hasSuffix(".") && !experiment.claims.isEmpty, "\(experiment.id)")
    let names = experiment.parameters.map(\.name)
    #expect(Set(names).count == names.count, "\(experiment.id)")
    for parameter in experiment.parameters where parameter.name != "seed" {
      #expect(
        parameter.range.contains(parameter.standard) && !parameter.help.hasSuffix("."),
        "\(experiment.id) --\(parameter.name)")
    }
  }
}

/// Whatever goes wrong, the usual run has an end.
@Test func theUsualRunEndsWithinAMinute() {
  for experiment in Experiment.all {
    #expect(Trial(experiment).patience <= 60, "\(experiment.id)")
    #expect(experiment.patience.slow >= experiment.patience.usual, "\(experiment.id)")
  }
}

@Test func aLongerRunHasMoreTime() {
  #expect(Trial(.randomQueues(1000), given: ["random": 1000, "seed": 1]).patience == 120)
}

@Test func aTrialTakesWhatIsGivenAndTheStandardForTheRest() {
  let trial = Trial(.acceptQueue, given: ["backlog": 17])
  #expect(trial.settings["backlog"] == 17)
  #expect(trial.settings["somaxconn"] == 4096)
  #expect(!trial.settings.isSlow)
  #expect(trial.proof.parameters.first == Proof.Parameter("backlog", 17))
}

// MARK: Random numbers

@Test func theGeneratorIsTheOneOfThePaper() {
  var generator = SplitMix(1_234_567)
  let numbers = (0..<3).map { _ in generator.next() }
  #expect(
    numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
}

@Test func aSeedRepeatsItsConfigurations() {
  func configurations(_ seed: UInt64) -> [Configuration] {
    var generator = SplitMix(seed)
    return (0..<200).map { _ in Configuration(from: &generator) }
  }
  #expect(configurations(1) == configurations(1))
  #expect(configurations(1) != configurations(2))
  for configuration in configurations(3) {
    #expect((-1...300).contains(configuration.backlog))
    #expect((0...300).contains(configuration.somaxconn))
    #expect((0...400).contains(configuration.maxSynBacklog))
    #expect((0...2).contains(configuration.cookies))
  }
  #expect(configurations(4).contains { $0.backlog == -1 })
}
