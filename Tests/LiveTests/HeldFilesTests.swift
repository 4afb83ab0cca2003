import Facts
import Foundation
import HostFS
import Support
import Testing

private let retries = SysctlKey(literal: "net.ipv4.tcp_syn_retries")
private let ip = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"].first {
  FileManager.default.isExecutableFile(atPath: $0)
}
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

  /// With turns a change is seen in one of so many readings, whichever key it is.
  @Test func keysTakeTurns() throws {
    let keys = ["net.ipv4.tcp_syn_retries", "net.ipv4.tcp_retries2", "net.core.somaxconn"]
    let seen = try PrivateNetwork.run { network in
      var held = HeldFiles(expected: [retries], turns: 5)
      return try keys.map { key in
        try network.set(key, "7")
        return (1...5).first { _ in
          held.readTunables().values[SysctlKey(literal: key)]?.value == "7"
        }
      }
    }
    #expect(seen.allSatisfy { $0 != nil }, "\(seen)")
    #expect(seen.contains { $0 != 1 }, "\(seen)")
  }

  /// The keys of an interface go with it, and another of its name has keys of its own.
  @Test(.enabled(if: ip != nil, "needs ip, of iproute2"))
  func aKeyGoesAndComesBack() throws {
    let ip = try #require(ip)
    let seen = try PrivateNetwork.run { _ in
      let key = SysctlKey(literal: "net.ipv4.conf.ends.rp_filter")
      let add = ["link", "add", "ends", "type", "veth", "peer", "name", "other"]
      var seen: [Reading<String>?] = [
        .known("added \(try BuiltProgram.run(add, program: ip).status)")
      ]
      var held = HeldFiles(expected: [key])
      seen.append(held.readTunables().values[key].map { $0.map { $0.isEmpty ? "" : "a value" } })
      _ = try BuiltProgram.run(["link", "del", "ends"], program: ip)
      seen.append(held.readTunables().values[key])
      _ = try BuiltProgram.run(add, program: ip)
      // One of the missing keys is looked for at a time.
      for _ in 0..<2000 { _ = held.readTunables() }
      seen.append(held.readTunables().values[key].map { $0.map { $0.isEmpty ? "" : "a value" } })
      return seen
    }
    #expect(
      seen == [.known("added 0"), .known("a value"), .absent("no such file"), .known("a value")])
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

  /// Reading after reading the held files show what a reader that has just come sees.
  @Test func countersAreThoseOfANewcomer() throws {
    let differing = try PrivateNetwork.run { network in
      var held = HeldFiles(expected: [retries])
      let listener = try network.listen(port: 7000, backlog: 64)
      var differing: [String] = []
      for round in 0..<12 {
        let clients = try network.connect(count: round % 3, to: 7000)
        // A connection may go on between the two looks, but not for ever.
        var last: [String] = []
        let isSame = network.wait {
          let (now, fresh) = (held.readCounters(), HostFS().counters())
          last = fresh.table.values.filter { now.table.values[$0.key] != $0.value }.keys.sorted()
          return now.table == fresh.table && now.gaps == fresh.gaps
        }
        if !isSame { differing += last.map { "\(round): \($0)" } + ["\(round)"] }
        withExtendedLifetime(clients) {}
      }
      withExtendedLifetime(listener) {}
      return differing
    }
    #expect(differing.isEmpty, "\(differing)")
  }
}
