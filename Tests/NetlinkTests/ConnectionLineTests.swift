import Facts
import Testing

@testable import Netlink

/// Lines of /proc/net/tcp and tcp6 as x86-64 and arm64 print them.
@Test func aListenerOfTheFile() throws {
  let line: Substring =
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 4242 1 0000000000000000 100 0 0 10 5"
  let connection = try #require(Connection(line: line))
  #expect(connection.state == .listen)
  #expect(connection.localAddress == "127.0.0.1" && connection.localPort == 8080)
  #expect(connection.receiveQueue == 3)
  #expect(connection.sendQueue == nil)
  #expect(connection.timer == .none && connection.inode == 4242)
}

@Test func aTimeWaitSocketOfTheFile() throws {
  let line: Substring =
    "  12: 0100090A:0050 0200090A:C001 06 00000000:00000000 03:0000176F 00000000     0        0 0 3 0000000000000000"
  let connection = try #require(Connection(line: line))
  #expect(connection.state == .timeWait && connection.timer == .timeWait)
  #expect(connection.expires == 59_990)
  #expect(connection.peerAddress == "10.9.0.2" && connection.peerPort == 49_153)
}

@Test func aRequestOfTheFileInIPv6() throws {
  let line: Substring =
    "   1: 00000000000000000000000001000000:0016 0000000000000000FFFF00000100007F:D431 03 00000000:00000000 01:00000064 00000002     0        0 0 1 0000000000000000"
  let connection = try #require(Connection(line: line))
  #expect(connection.state == .synRecv && connection.timer == .retransmission)
  #expect(connection.localAddress == "::1" && connection.peerAddress == "::ffff:127.0.0.1")
  #expect(connection.expires == 1000 && connection.retransmissions == 2)
}

@Test(arguments: [
  "", "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout",
  "   0: 0100007F 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 4242",
  "   0: 0100007F:1F90 00000000:0000 FF 00000000:00000003 00:00000000 00000000  1000        0 4242",
  "   0: 0100007F:1F90 00000000:0000 0A 00000000 00:00000000 00000000  1000        0 4242",
  "   0: 0100007F:1F90 00000000:0000 0A",
])
func anotherLineIsNone(_ line: String) {
  #expect(Connection(line: line[...]) == nil)
}

@Test func prefixes() {
  #expect(Routing.Prefix("172.16.0.0/12")?.length == 12)
  #expect(Routing.Prefix("10.9.0.1")?.address == [10, 9, 0, 1])
  #expect(Routing.Prefix("10.9.0.1")?.length == 32)
  for text in ["", "10.9.0", "10.9.0.1/33", "10.9.0.256", "10.9.0.1/", "a.b.c.d", "10.9.0.1/8/8"] {
    #expect(Routing.Prefix(text) == nil, "\(text)")
  }
}
