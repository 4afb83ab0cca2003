import Foundation
import Support
import Testing

private struct SizedDocument: Decodable {
  struct Key: Decodable {
    var key: String
    var wanted: String
    var reason: String
    var sizing: Sizing?
  }
  struct Sizing: Decodable, Equatable {
    var element: String?
    var formula: String
    var result: String
    var value: String
  }
  struct Parameter: Decodable, Equatable {
    var name: String
    var text: String
    var value: Double
    var unit: String
  }
  var keys: [Key]
  var parameters: [Parameter]
}

@Test func bulkTransfersAreSizedByLineAndWay() throws {
  let desk = try ProfileDesk()
  let show = ["profiles", "show", "bulk-throughput", "--format", "json", "--root", desk.host.path]
  let stated: SizedDocument = try desk.json(try BuiltProgram.run(show))
  #expect(stated.parameters.map(\.text) == ["100 ms", "1 Gbit/s"])
  #expect(stated.keys.first { $0.key == "net.ipv4.tcp_rmem" }?.wanted == "4096 131072 33554432")
  let other: SizedDocument = try desk.json(
    try BuiltProgram.run(show + ["--rtt", "40ms", "--bandwidth", "10Gbit"]))
  #expect(
    other.parameters == [
      .init(name: "rtt", text: "40 ms", value: 0.04, unit: "s"),
      .init(name: "bandwidth", text: "10 Gbit/s", value: 1_250_000_000, unit: "B/s"),
    ])
  let receive = try #require(other.keys.first { $0.key == "net.ipv4.tcp_rmem" })
  #expect(receive.wanted == "4096 131072 134217728")
  #expect(receive.sizing?.element == "max" && receive.sizing?.value == "134217728")
  #expect(receive.reason.contains("rtt 40 ms * bandwidth 10 Gbit/s = 50 MB under way;"))
  #expect(receive.reason.hasSuffix("= 134217728)"))
  #expect(other.keys.filter { $0.sizing == nil }.contains { $0.key == "net.ipv4.tcp_sack" })
}

/// Each command that takes a profile takes its sizes, and shows what came of them.
@Test(arguments: [
  ["diff", "--profile", "bulk-throughput"],
  ["audit", "--no-owners", "--profile", "bulk-throughput"],
  ["apply", "--dry-run", "--profile", "bulk-throughput"], ["profiles", "show", "bulk-throughput"],
])
func everyCommandTakesSizes(_ words: [String]) throws {
  let desk = try ProfileDesk()
  let result = try BuiltProgram.run(
    words + ["--root", desk.host.path, "--rtt", "40ms", "--bandwidth", "10Gbit"])
  #expect(result.output.contains("134217728"))
  let plain = try BuiltProgram.run(words + ["--root", desk.host.path])
  #expect(!plain.output.contains("134217728"))
}

/// A line that no buffer can fill is said to be one.
@Test func aLineBeyondAllBuffers() throws {
  let desk = try ProfileDesk()
  let result = try desk.run(
    "apply", "--dry-run", "--profile", "bulk-throughput", "--rtt", "10s", "--bandwidth", "1000Gbit")
  #expect(result.output.contains("= 4398046511104, cut to 536870912, the most that makes sense)"))
  #expect(result.output.contains("one connection would need 4398046511104 for that line and way"))
  #expect(
    result.output.contains("one connection could hold 536870912 bytes, more than a sixteenth"))
}

private let withoutRTT = "expected a profile with the line '# parameter: rtt …', found"

@Test(arguments: [
  (
    ["diff", "--profile", "bulk-throughput", "--rtt", "40"],
    "tcptune: --rtt: expected a time from 10us to 10s as in '40ms' (us, ms or s), found '40'"
  ),
  (
    ["diff", "--profile", "bulk-throughput", "--bandwidth", "10Gbps"],
    "tcptune: --bandwidth: expected a rate from 64Kbit to 1000Gbit a second as in '10Gbit' (Kbit,"
      + " Mbit or Gbit), found '10Gbps'"
  ),
  (
    ["diff", "--profile", "high-conn", "--rtt", "40ms"],
    "tcptune: --rtt: \(withoutRTT) high-conn without it"
  ),
  (
    ["profiles", "show", "database", "--rtt", "40ms"],
    "tcptune: --rtt: \(withoutRTT) database without it"
  ),
  (["diff", "--rtt", "40ms"], "tcptune: --rtt: expected --profile beside it, found none"),
  (
    ["audit", "--bandwidth", "1Gbit"],
    "tcptune: --bandwidth: expected --profile beside it, found none"
  ),
  (
    ["apply", "--findings", "--dry-run", "--rtt", "1ms"],
    "tcptune: --rtt: expected --profile beside it, found none"
  ),
  (
    ["audit", "--all-netns", "--rtt", "1ms"],
    "tcptune: --all-netns: expected without --rtt, found both"
  ),
  (
    ["profiles", "list", "--rtt", "1ms"],
    "tcptune profiles list: expected no host, found --rtt"
  ),
])
func sizesThatAreRefused(_ words: [String], _ message: String) throws {
  let result = try BuiltProgram.run(words)
  #expect(result.errors == message + "\n")
  #expect(result.status == 2)
}

/// Of several profiles only one needs to know the parameter, and an included one counts.
@Test func sizesReachIncludedProfiles() throws {
  let desk = try ProfileDesk()
  let path = try desk.profile(
    "mirror", head: "# includes: bulk-throughput", "\n# why\nnet.core.somaxconn = 4096\n")
  for names in [["--profile", path], ["--profile", "high-conn", "--profile", "bulk-throughput"]] {
    let result = try BuiltProgram.run(
      ["diff"] + names + ["--rtt", "200ms", "--root", desk.host.path])
    #expect(result.output.contains("net.ipv4.tcp_rmem = 4096 131072 67108864\n"))
  }
}
