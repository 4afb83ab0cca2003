import Facts
import Pages
import Testing

private let right = """
  # title: a test
  # for: tests
  # parameter: rtt 100ms
  # parameter:   bandwidth 1Gbit

  # Twice what is under way.
  # tcptune: at-least
  # tcptune: max = next-power-of-two(2 * bandwidth * rtt)
  net.ipv4.tcp_rmem = 4096 131072 33554432

  # Thirty round trips.
  # tcptune: value = 300 * rtt
  net.ipv4.tcp_fin_timeout = 30

  """

private func read(_ text: String) throws -> (profile: Profile?, problems: [String]) {
  let read = Profile.read(
    name: "test", origin: "test.conf", bytes: Array(text.utf8),
    tunables: try PageTexts.set().tunables, isShipped: false)
  return (read.profile, read.problems.sorted().map(\.description))
}

private func sized(
  _ profile: Profile, _ rtt: String, _ bandwidth: String
) throws -> (profile: Profile, problems: [PageProblem]) {
  profile.sized(
    by: [
      .rtt: try #require(SizingParameter.rtt.value(rtt)),
      .bandwidth: try #require(SizingParameter.bandwidth.value(bandwidth)),
    ], tunables: try PageTexts.set().tunables)
}

@Test func parametersAndFormulas() throws {
  let (found, problems) = try read(right)
  #expect(problems == [])
  let profile = try #require(found)
  #expect(profile.parameters.map(\.parameter) == [.rtt, .bandwidth])
  #expect(profile.parameters.map(\.text) == ["100 ms", "1 Gbit/s"])
  #expect(profile.entries.map(\.operator) == [.value(.atLeast), .value(.exactly)])
  #expect(profile.entries[0].reason == "Twice what is under way.")
  let sizing = try #require(profile.entries[0].sizing)
  #expect(sizing.element == .max && sizing.result == 33_554_432 && sizing.value == 33_554_432)
  #expect(sizing.formula == "next-power-of-two(2 * bandwidth * rtt)")
  #expect(sizing.bytesUnderWay == Fraction(12_500_000))
  #expect(profile.entries[1].sizing?.parameters.map(\.parameter) == [.rtt])
  #expect(profile.entries[1].sizing?.bytesUnderWay == nil)
}

@Test func otherAmountsGiveOtherNumbers() throws {
  let profile = try #require(try read(right).profile)
  let (other, problems) = try sized(profile, "40ms", "10Gbit")
  #expect(problems == [])
  #expect(other.entries[0].content == .numbers([4096, 131072, 134_217_728]))
  #expect(other.entries[0].sizing?.bytesUnderWay == Fraction(50_000_000))
  #expect(other.entries[1].content == .numbers([12]))
  // The amounts that are not given stay.
  let one = profile.sized(
    by: [.rtt: try #require(SizingParameter.rtt.value("200ms"))],
    tunables: try PageTexts.set().tunables)
  #expect(one.profile.entries[0].content == .numbers([4096, 131072, 67_108_864]))
  #expect(one.profile.parameters.map(\.text) == ["200 ms", "1 Gbit/s"])
}

/// A number beyond what makes sense of the key is cut, and the sizing knows what it was.
@Test func numbersAreCutToWhatMakesSense() throws {
  let profile = try #require(try read(right).profile)
  let sensible = try #require(
    try PageTexts.set().tunables[SysctlKey(literal: "net.ipv4.tcp_rmem")]?.sensible)
  let (most, _) = try sized(profile, "10s", "1000Gbit")
  #expect(most.entries[0].sizing?.result == 4_398_046_511_104)
  #expect(most.entries[0].sizing?.value == sensible.upperBound)
  #expect(most.entries[0].content == .numbers([4096, 131072, sensible.upperBound]))
  let (least, _) = try sized(profile, "10us", "64Kbit")
  #expect(least.entries[0].sizing?.result == 1)
  #expect(least.entries[0].sizing?.value == sensible.lowerBound)
}

/// at-least rounds up, all else down: 300 * 33.35 ms = 10.005 s.
@Test func whichWayNumbersAreRounded() throws {
  for (operation, seconds) in [
    ("", 10), ("# tcptune: at-least\n", 11), ("# tcptune: at-most\n", 10),
  ] {
    let text = try right.bent("# tcptune: value", "\(operation)# tcptune: value")
    let profile = try #require(try read(text).profile)
    #expect(
      try sized(profile, "33.35ms", "1Gbit").profile.entries[1].content
        == .numbers([Int64(seconds)]))
  }
}

@Test(arguments: [
  BentPage(
    "an unknown parameter", "# parameter: rtt 100ms",
    "# parameter: rtt 100ms\n# parameter: loss 1%",
    "4:14: expected the parameter 'rtt' or 'bandwidth', found 'loss'"),
  BentPage(
    "a parameter without an amount", "rtt 100ms", "rtt",
    "3:14: expected a time from 10us to 10s as in '40ms' (us, ms or s), found ''"),
  BentPage(
    "a parameter of nothing", "# parameter: rtt 100ms", "# parameter:",
    "3:3: expected words behind '# parameter:', found none"),
  BentPage(
    "an amount without a unit", "rtt 100ms", "rtt 100",
    "3:18: expected a time from 10us to 10s as in '40ms' (us, ms or s), found '100'"),
  BentPage(
    "an amount in bytes", "bandwidth 1Gbit", "bandwidth 1GB",
    "4:26: expected a rate from 64Kbit to 1000Gbit a second as in '10Gbit' (Kbit, Mbit or Gbit),"
      + " found '1GB'"),
  BentPage(
    "a parameter twice", "# parameter: rtt 100ms", "# parameter: rtt 100ms\n# parameter: rtt 1ms",
    "4:14: expected 'rtt' once, found it again"),
  BentPage(
    "a misspelled parameter in a formula", "2 * bandwidth", "2 * bandwith",
    "8:40: expected a number or a parameter (bandwidth, rtt), found 'bandwith'; did you mean"
      + " 'bandwidth'?"),
  BentPage(
    "a fact in a formula", "300 * rtt", "30 * net.ipv4.tcp_fin_timeout",
    "12:25: expected a number or a parameter (bandwidth, rtt), found 'net.ipv4.tcp_fin_timeout'"),
  BentPage(
    "a default in a formula", "300 * rtt", "default(net.ipv4.tcp_fin_timeout)",
    "12:28: expected a number or a parameter (bandwidth, rtt), found 'net.ipv4.tcp_fin_timeout'"),
  BentPage(
    "a formula that is none", "300 * rtt", "300 * * rtt",
    "12:26: expected a fact, a number or '(', found '*'"),
  BentPage(
    "a formula of nothing", "300 * rtt", "",
    "12:19: expected a fact, a number or '(', found the end"),
  BentPage(
    "a formula in another unit", "300 * rtt", "300 * bandwidth",
    "12:20: expected seconds for 'net.ipv4.tcp_fin_timeout', found bytes per second"),
  BentPage(
    "units that do not join", "300 * rtt", "rtt + bandwidth",
    "12:24: expected units that '+' can join, found seconds and bytes per second"),
  BentPage(
    "a division by zero", "300 * rtt", "rtt / 0",
    "12:20: expected a number of 64 bits, found none: division by zero, or too large"),
  BentPage(
    "a product beyond 64 bits", "300 * rtt", "9223372036854775807 * 9223372036854775807 * rtt",
    "12:20: expected a number of 64 bits, found none: division by zero, or too large"),
  BentPage(
    "another number in the file", "131072 33554432", "131072 25000000",
    "9:21: expected 33554432 for 'net.ipv4.tcp_rmem', as 'next-power-of-two(2 * bandwidth * rtt)'"
      + " gives, found 25000000"),
  BentPage(
    "an element that the key does not have", "tcptune: max =", "tcptune: high =",
    "8:12: expected 'min' or 'default' or 'max' before '=' for 'net.ipv4.tcp_rmem', found 'high'"),
  BentPage(
    "an element of a single number", "tcptune: value =", "tcptune: max =",
    "12:12: expected 'value' before '=' for 'net.ipv4.tcp_fin_timeout', found 'max'"),
  BentPage(
    "no element", "tcptune: value =", "tcptune: =",
    "12:12: expected 'value' before '=' for 'net.ipv4.tcp_fin_timeout', found ''"),
  BentPage(
    "two formulas", "# tcptune: value = 300 * rtt",
    "# tcptune: value = 30s\n# tcptune: value = 300 * rtt",
    "13:3: expected one formula above a key, found 'tcptune: value = 300 * rtt' below 'tcptune: value ="
      + " 30s'"),
  BentPage(
    "a formula of no key", "300 * rtt\n", "300 * rtt\n\n# So.\n",
    "12:3: expected a key below '# tcptune: value = 300 * rtt', found a blank line"),
  BentPage(
    "a formula beside the default", "# tcptune: value", "# tcptune: default\n# tcptune: value",
    "13:12: expected no formula beside 'tcptune: default', found 'value'"),
  BentPage(
    "a formula in pages", "net.ipv4.tcp_fin_timeout = 30", "net.ipv4.tcp_mem = 1 2 3",
    "12:12: expected no formula above 'net.ipv4.tcp_mem', whose pages differ from host to host"),
  BentPage(
    "a parameter that sizes nothing", "next-power-of-two(2 * bandwidth * rtt)", "33554432B",
    "4:16: expected a formula with 'bandwidth', found none"),
])
func formulasOfProfiles(_ bent: BentPage) throws {
  let found = try read(try right.bent(bent.part, bent.other))
  #expect(found.problems == bent.problems.map { "test.conf:\($0)" })
  #expect(found.profile == nil)
}

@Test func namesThatMayBeMissing() throws {
  let text = "# title: a\n# for: b\n\n# why\n# tcptune: if-available\n"
  let misplaced = try read(text + "net.core.somaxconn = 4096\n")
  #expect(
    misplaced.problems == [
      "test.conf:5:3: expected '# tcptune: if-available' above 'net.ipv4.tcp_congestion_control', of"
        + " whose names the kernel has a list, found it above 'net.core.somaxconn'"
    ])
  #expect(
    try read(text).problems == [
      "test.conf:5:1: expected a key, found none",
      "test.conf:5:3: expected a key below '# tcptune: if-available', found the end",
    ])
}

/// What is shipped says the same with tcptune as without: the checks hold each number of a file
/// against its formula, and every parameter moves one.
@Test func shippedFormulasMove() throws {
  let tunables = try ShippedPages.pageSet().tunables
  var count = 0
  for (path, text) in try ShippedPages.files("Profiles", "conf") {
    let read = Profile.read(
      name: path, origin: path, bytes: Array(text.utf8), tunables: tunables, isShipped: true)
    let profile = try #require(read.profile, "\(path): \(read.problems)")
    for parameter in profile.parameters {
      count += 1
      let word = parameter.parameter == .rtt ? "1s" : "100Gbit"
      let other = profile.sized(
        by: [parameter.parameter: try #require(parameter.parameter.value(word))], tunables: tunables
      )
      #expect(other.problems == [])
      #expect(other.profile.entries.map(\.content) != profile.entries.map(\.content))
    }
    // With its own amounts nothing moves.
    let same = profile.sized(by: [:], tunables: tunables)
    #expect(
      same.problems == [] && same.profile.entries.map(\.content) == profile.entries.map(\.content))
  }
  #expect(count >= 2)
}
