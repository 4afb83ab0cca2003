import Audit
import Catalogue
import Facts
import Pages
import Support
import Testing

/// The defaults on the pages, held against what fifteen stock kernels have.
///
/// Where the kernel computes with free memory, ours is within a tenth; where it is known exactly, it
/// must be equal.
@Test(arguments: RecordedHost.all)
func defaultsAreWhatStockKernelsHave(_ host: RecordedHost) throws {
  let snapshot = try snapshot(of: host)
  let report = Audit(of: snapshot, with: catalogue).report()
  var compared = 0
  for row in report.tunables {
    guard let reading = row.defaultValue, case .known(let value) = row.value else { continue }
    guard case .known(let expected) = reading else {
      // Kernels before 6.1 do not tell the size of the table of connections.
      #expect(reading.absence?.kind == .absent, "\(row.key)")
      continue
    }
    compared += 1
    guard catalogue.tunable(row.key)?.form == .numbers else {
      #expect(value == expected, "\(row.key)")
      continue
    }
    let numbers = Snapshot.numbers(in: value) ?? []
    let defaults = Snapshot.numbers(in: expected) ?? []
    #expect(numbers.count == defaults.count, "\(row.key)")
    for (number, byDefault) in zip(numbers, defaults) {
      let isNear = abs(Double(number - byDefault)) <= Double(byDefault) / 10
      let dependsOnMemory = ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_mem"]
      #expect(
        dependsOnMemory.contains(row.key.name) ? isNear : number == byDefault,
        "\(row.key): \(value), by the page \(expected)")
    }
  }
  #expect(compared >= 80, "only \(compared) keys had a default to compare")
}

/// A stock host needs no change to become a stock host.
@Test(arguments: RecordedHost.all)
func kernelDefaultsHoldOnStockHosts(_ host: RecordedHost) throws {
  let profile = try #require(catalogue.profile("kernel-defaults")?.profile)
  let plan = Audit(of: try snapshot(of: host), with: catalogue).plan(for: [profile])
  #expect(plan.writes.map(\.key) == [])
  #expect(plan.refusals == [])
}
