import Facts
import HostFS
import Support
import Testing

private let whole: [String: String] = [
  "proc/net/snmp": """
  Ip: Forwarding DefaultTTL
  Ip: 1 64
  Tcp: RtoAlgorithm MaxConn CurrEstab
  Tcp: 1 -1 44

  """,
  "proc/net/netstat": """
  TcpExt: ListenOverflows ListenDrops
  TcpExt: 12 13
  MPTcpExt: MPCapableSYNRX
  MPTcpExt: 0

  """,
  "proc/net/sockstat": """
  sockets: used 58
  TCP: inuse 52 orphan 0 tw 1 alloc 57 mem 0

  """,
  "proc/net/sockstat6": "TCP6: inuse 5\n",
]

@Test func everyNumberByItsName() throws {
  let counters = try SmallHost(whole).counters()
  #expect(
    counters.table
      == CounterTable(values: [
        "Ip.Forwarding": 1, "Ip.DefaultTTL": 64, "Tcp.RtoAlgorithm": 1, "Tcp.MaxConn": -1,
        "Tcp.CurrEstab": 44, "TcpExt.ListenOverflows": 12, "TcpExt.ListenDrops": 13,
        "MPTcpExt.MPCapableSYNRX": 0, "sockstat.sockets.used": 58, "sockstat.TCP.inuse": 52,
        "sockstat.TCP.orphan": 0, "sockstat.TCP.tw": 1, "sockstat.TCP.alloc": 57,
        "sockstat.TCP.mem": 0, "sockstat6.TCP6.inuse": 5,
      ]))
  #expect(counters.gaps.isEmpty)
}

struct CounterCase: Sendable, CustomTestStringConvertible {
  var name: String
  var file = "proc/net/netstat"
  var text: String
  /// The counters that the file gives.
  var values: [String: Int64]
  /// The reasons of the gaps.
  var reasons: [String] = []
  var testDescription: String { name }
}

@Test(arguments: [
  CounterCase(
    name: "a kernel without MPTCP", text: "TcpExt: A B\nTcpExt: 1 2\n",
    values: ["TcpExt.A": 1, "TcpExt.B": 2]),
  CounterCase(
    name: "a group that a new kernel adds", text: "TcpExt: A\nTcpExt: 1\nNewExt: X\nNewExt: 7\n",
    values: ["TcpExt.A": 1, "NewExt.X": 7]),
  CounterCase(
    name: "a group without counters", text: "TcpExt: A\nTcpExt: 1\nNewExt:\nNewExt:\n",
    values: ["TcpExt.A": 1]),
  CounterCase(
    name: "no newline at the end", text: "TcpExt: A\nTcpExt: 1", values: ["TcpExt.A": 1]),
  CounterCase(
    name: "the largest numbers", text: "TcpExt: A B\nTcpExt: 9223372036854775807 -1\n",
    values: ["TcpExt.A": .max, "TcpExt.B": -1]),
  CounterCase(
    name: "a number beyond 64 bits", text: "TcpExt: A B C\nTcpExt: 1 9223372036854775808 3\n",
    values: ["TcpExt.A": 1, "TcpExt.C": 3],
    reasons: ["line 2: expected a number for 'B', found '9223372036854775808'"]),
  CounterCase(
    name: "words for numbers", text: "TcpExt: A B C D\nTcpExt: x 0x1 +1 -\n", values: [:],
    reasons: [
      "line 2: expected a number for 'A', found 'x'",
      "line 2: expected a number for 'B', found '0x1'",
      "line 2: expected a number for 'C', found '+1'",
      "line 2: expected a number for 'D', found '-'",
    ]),
  CounterCase(
    name: "fewer numbers than names", text: "TcpExt: A B\nTcpExt: 1\nIpExt: C\nIpExt: 3\n",
    values: ["IpExt.C": 3], reasons: ["line 2: expected 2 numbers for 'TcpExt:', found '1'"]),
  CounterCase(
    name: "more numbers than names", text: "TcpExt: A\nTcpExt: 1 2\n", values: [:],
    reasons: ["line 2: expected 1 numbers for 'TcpExt:', found '2'"]),
  CounterCase(
    name: "names without numbers", text: "TcpExt: A\nIpExt: C\nIpExt: 3\n",
    values: ["IpExt.C": 3], reasons: ["line 2: expected numbers for 'TcpExt:', found 'IpExt:'"]),
  CounterCase(
    name: "names without numbers at the end", text: "IpExt: C\nIpExt: 3\nTcpExt: A\n",
    values: ["IpExt.C": 3],
    reasons: ["line 4: expected numbers for 'TcpExt:', found 'the end of the file'"]),
  CounterCase(
    name: "a line without a name", text: "hello world\nTcpExt: A\nTcpExt: 1\n",
    values: ["TcpExt.A": 1],
    reasons: ["line 1: expected a name with a colon, found 'hello world'"]),
  CounterCase(
    name: "lines are counted with the empty ones", text: "\nTcpExt: A\n\nTcpExt: x\n", values: [:],
    reasons: ["line 4: expected a number for 'A', found 'x'"]),
  CounterCase(
    name: "sockstat", file: "proc/net/sockstat", text: "TCP: inuse 5 mem 2\nRAW: inuse 0\n",
    values: ["sockstat.TCP.inuse": 5, "sockstat.TCP.mem": 2, "sockstat.RAW.inuse": 0]),
  CounterCase(
    name: "a name without a number in sockstat", file: "proc/net/sockstat",
    text: "TCP: inuse 5 mem\nUDP: inuse 1\n", values: ["sockstat.UDP.inuse": 1],
    reasons: ["line 1: expected a label, then names with numbers, found 'TCP: inuse 5 mem'"]),
  CounterCase(
    name: "a word for a number in sockstat", file: "proc/net/sockstat",
    text: "TCP: inuse x mem 2\n", values: ["sockstat.TCP.mem": 2],
    reasons: ["line 1: expected a number after 'inuse', found 'x'"]),
  CounterCase(
    name: "empty lines of sockstat count too", file: "proc/net/sockstat",
    text: "sockets: used 1\n\nTCP inuse 5\n", values: ["sockstat.sockets.used": 1],
    reasons: ["line 3: expected a label, then names with numbers, found 'TCP inuse 5'"]),
])
func countersOfAFile(_ c: CounterCase) throws {
  var contents = whole
  for other in contents.keys where other != c.file { contents[other] = "Other:\nOther:\n" }
  contents["proc/net/sockstat6"] = "OTHER:\n"
  if c.file != "proc/net/sockstat" { contents["proc/net/sockstat"] = "OTHER:\n" }
  contents[c.file] = c.text
  let host = try SmallHost(contents)
  let counters = host.counters()
  #expect(counters.table.values == c.values)
  #expect(counters.gaps == c.reasons.map { Gap(host.files.path(c.file), $0) })
}

/// Words in any order: no trap, no number that does not stand in the file, and gaps that say where.
@Test func oddFilesNeverTrap() throws {
  var generator = SystemRandomNumberGenerator()
  let words = ["TcpExt:", "A", "B", "1", "-5", "99999999999999999999", "\n", "\n", ":", "é", "\0"]
  for _ in 0..<100 {
    let text = (0..<Int.random(in: 1...20, using: &generator))
      .map { _ in words[Int.random(in: 0..<words.count, using: &generator)] }
      .joined(separator: " ")
    let host = try SmallHost([
      "proc/net/snmp": "Tcp: A\nTcp: 1\n", "proc/net/netstat": text, "proc/net/sockstat": text,
    ])
    let counters = host.counters()
    #expect(counters.table.values.values.allSatisfy { [1, -5].contains($0) }, "\(text)")
    #expect(counters.gaps.allSatisfy { $0.reason.hasPrefix("line ") }, "\(text)")
    #expect(counters.table.values["Tcp.A"] == 1, "\(text)")
  }
}
