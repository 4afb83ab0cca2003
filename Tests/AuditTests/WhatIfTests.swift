import Audit
import Catalogue
import Facts
import Pages
import Support
import Testing

/// Every program has called listen() again: a limit at the old cap follows it, others are cut.
@Test func assumedValuesReachTheListeners() throws {
  let snapshot = try stockSnapshot([
    listener(80, length: 129, limit: 128), listener(81, limit: 100), listener(82, limit: 5000),
  ]).with("net.core.somaxconn", "128")
  func limits(_ values: [String: String]) throws -> [Int64] {
    let keyed = try Dictionary(
      uniqueKeysWithValues: values.map { (try #require(SysctlKey($0)), $1) })
    return snapshot.assuming(keyed).listeners.value?.map(\.limit) ?? []
  }
  #expect(try limits(["net.core.somaxconn": "1024"]) == [1024, 100, 1024])
  #expect(try limits(["net.core.somaxconn": "64"]) == [64, 64, 64])
  #expect(try limits(["net.ipv4.tcp_syncookies": "0"]) == [128, 100, 128])
  #expect(try limits([:]) == [128, 100, 5000])
}

@Test func anAssumedCapHealsAFullQueue() throws {
  let snapshot = try stockSnapshot([listener(80, length: 129, limit: 128)])
    .with("net.core.somaxconn", "128")
  let cap = try #require(SysctlKey("net.core.somaxconn"))
  let report = Audit(of: snapshot, with: catalogue, assuming: [cap: "1024"]).report()
  #expect(report.findings == [])
  #expect(report.assumed == [cap: "1024"])
  #expect(report.listeners.value?[0].acceptQueue.certain == false)
}

struct AssumptionCase: Sendable, CustomTestStringConvertible {
  var text: String
  var value: String?
  var message: String?
  var testDescription: String { text }
}

@Test(arguments: [
  AssumptionCase(text: "net.core.somaxconn=1024", value: "1024"),
  AssumptionCase(text: "somaxconn=1024", value: "1024"),
  AssumptionCase(text: "fin_timeout=30", value: "30"),
  AssumptionCase(text: "tcp_rto_max_ms=1000", value: "1000"),
  AssumptionCase(text: "rmem_max=4194304", value: "4194304"),
  AssumptionCase(
    text: "rto_max_ms=10",
    message: "expected 1000 to 120000 for 'net.ipv4.tcp_rto_max_ms', found 10"),
  AssumptionCase(text: "net/ipv4/tcp_rmem=4096 131072 6291456", value: "4096 131072 6291456"),
  AssumptionCase(text: "ip_local_port_range=1024,65535", value: "1024 65535"),
  AssumptionCase(text: "tcp_congestion_control=bbr", value: "bbr"),
  AssumptionCase(
    text: "congestion_control=",
    message: "expected a name for 'net.ipv4.tcp_congestion_control', found none"),
  AssumptionCase(text: "ip_local_reserved_ports=8080,9000-9010", value: "8080,9000-9010"),
  AssumptionCase(text: "ip_local_reserved_ports=", value: ""),
  AssumptionCase(
    text: "ip_local_reserved_ports=9010-9000",
    message: "expected ports as in '8080,9000-9010' for 'net.ipv4.ip_local_reserved_ports',"
      + " found '9010-9000'"),
  AssumptionCase(
    text: "tcp_ehash_entries=1024",
    message: "expected a key that can be written, found 'net.ipv4.tcp_ehash_entries', read-only"),
  AssumptionCase(
    text: "tcp_fastopen_key=1-2-3-4",
    message: "expected a key that can be written, found 'net.ipv4.tcp_fastopen_key', whose value"
      + " is nobody's business"),
  AssumptionCase(text: "somaxconn", message: "expected KEY=VALUE, found 'somaxconn'"),
  AssumptionCase(text: "=5", message: "expected KEY=VALUE, found '=5'"),
  AssumptionCase(
    text: "somaxconn=", message: "expected a number for 'net.core.somaxconn', found ''"),
  AssumptionCase(
    text: "somaxconn=4k", message: "expected a number for 'net.core.somaxconn', found '4k'"),
  AssumptionCase(
    text: "somaxconn=1 2", message: "expected a number for 'net.core.somaxconn', found '1 2'"),
  AssumptionCase(
    text: "somaxconn=-1",
    message: "expected 0 to 2147483647 for 'net.core.somaxconn', found -1"),
  AssumptionCase(
    text: "tcp_rmem=4096 87380",
    message: "expected 3 numbers (min default max) for 'net.ipv4.tcp_rmem', found '4096 87380'"),
  AssumptionCase(
    text: "somaxcon=1",
    message: "expected a key that a page describes, found 'somaxcon'; did you mean 'somaxconn'?"),
  AssumptionCase(
    text: "vm.swappiness=1",
    message: "expected a key that a page describes, found 'vm.swappiness'"),
])
func assumptions(_ c: AssumptionCase) throws {
  do {
    let assumption = try catalogue.assumption(c.text, for: KernelRelease("6.18"))
    #expect(assumption.value == c.value)
  } catch {
    #expect(error.message == c.message)
  }
}

/// What the kernel accepted changed: 65536 does not fit the cap of 3.14.
@Test func rangesGoByRelease() throws {
  #expect(throws: Assumption.Failure.self) {
    try catalogue.assumption("somaxconn=65536", for: KernelRelease("3.19.8"))
  }
  #expect(try catalogue.assumption("somaxconn=65536", for: KernelRelease("4.4")).value == "65536")
}

/// A stock host of another release has that release's defaults and lacks what came later.
@Test func stockHostsOfOtherReleases() throws {
  var snapshot = try stockSnapshot()
  snapshot.host.release = .known(try #require(KernelRelease("5.3.1")))
  let stock = Audit.stockHost(like: snapshot, with: catalogue)
  func text(_ key: String) throws -> Reading<String> {
    stock.text(of: try #require(SysctlKey(key)))
  }
  #expect(try text("net.core.somaxconn") == .known("128"))
  #expect(try text("net.ipv4.tcp_max_syn_backlog") == .known("128"))
  #expect(try text("net.ipv4.tcp_tw_reuse") == .known("2"))
  #expect(try text("net.ipv4.tcp_syn_linear_timeouts").absence?.kind == .absent)
  let audit = Audit(of: stock, with: catalogue)
  #expect(
    audit.limits().first { $0.id == "connect_timeout" }?.value.value == Quantity(127, .seconds))
  let queues = audit.queues(ofBacklog: 511)
  #expect(queues.acceptQueue.value?.limit == 128)
  #expect(queues.synQueue.value?.capacity == 128)
}
