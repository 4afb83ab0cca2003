import Facts
import HostFS
import Support
import Testing

private let retries = SysctlKey(literal: "net.ipv4.tcp_syn_retries")
private let missing = SysctlKey(literal: "net.ipv4.tcp_no_such_key")

/// What is held tells the same as what is opened anew.
@Test func heldFilesTellTheSame() throws {
  var held = HeldFiles(expected: [retries, missing])
  for _ in 0..<20 {
    let now = HostFS().tunables(expected: [retries, missing])
    var read = held.readTunables()
    // Another program may have changed this one in between.
    read.values[HostFS.conntrackKeys[1]] = now.values[HostFS.conntrackKeys[1]]
    #expect(read == now)
  }
  let counters = held.readCounters()
  #expect(Set(counters.table.values.keys) == Set(HostFS().counters().table.values.keys))
  #expect(counters.gaps == HostFS().counters().gaps)
}

@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct HeldFilesInANamespaceTests {
  @Test func aChangeIsSeen() throws {
    let seen = try PrivateNetwork.run { network in
      var held = HeldFiles(expected: [retries])
      var seen = [held.readTunables().values[retries]?.value]
      try network.set("net.ipv4.tcp_syn_retries", "3")
      seen.append(held.readTunables().values[retries]?.value)
      return seen
    }
    #expect(seen == ["6", "3"])
  }

  @Test func countersGoOn() throws {
    let (before, after) = try PrivateNetwork.run { network in
      var held = HeldFiles(expected: [retries])
      let before = held.readCounters().table.reading("Tcp.PassiveOpens").value
      let listener = try network.listen(port: 7000, backlog: 8)
      let clients = try network.connect(count: 3, to: 7000)
      var after: Int64?
      _ = network.wait {
        after = held.readCounters().table.reading("Tcp.PassiveOpens").value
        return after == 3
      }
      withExtendedLifetime((listener, clients)) {}
      return (before, after)
    }
    #expect(before == 0)
    #expect(after == 3)
  }
}
