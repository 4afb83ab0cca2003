import Facts
import Foundation
import HostFS
import Support
import Testing

struct AbsentCase: Sendable, CustomTestStringConvertible {
  /// What stands in the file's place.
  enum Place: Sendable {
    case missing, empty, folder
    case text(String)
  }

  var name: String
  var file: String
  var place: Place
  var counter: String
  var kind: Absence.Kind
  /// Behind the file's path, a colon and a blank, or a blank where it begins with `is`.
  var reason: String
  var gap: String?
  var testDescription: String { name }
}

private let noFile = "No such file or directory"

@Test(arguments: [
  AbsentCase(
    name: "no snmp", file: "proc/net/snmp", place: .missing, counter: "Tcp.CurrEstab",
    kind: .absent, reason: ": \(noFile)", gap: noFile),
  AbsentCase(
    name: "no netstat", file: "proc/net/netstat", place: .missing,
    counter: "TcpExt.ListenDrops", kind: .absent, reason: ": \(noFile)", gap: noFile),
  AbsentCase(
    name: "no netstat, so no MPTCP", file: "proc/net/netstat", place: .missing,
    counter: "MPTcpExt.MPCapableSYNRX", kind: .absent, reason: ": \(noFile)", gap: noFile),
  AbsentCase(
    name: "no sockstat", file: "proc/net/sockstat", place: .missing,
    counter: "sockstat.TCP.inuse", kind: .absent, reason: ": \(noFile)", gap: noFile),
  AbsentCase(
    name: "a kernel without IPv6 is no gap", file: "proc/net/sockstat6", place: .missing,
    counter: "sockstat6.TCP6.inuse", kind: .absent, reason: ": \(noFile)", gap: nil),
  AbsentCase(
    name: "an empty file", file: "proc/net/snmp", place: .empty, counter: "Tcp.CurrEstab",
    kind: .unreadable, reason: " is empty", gap: "expected counters, found an empty file"),
  AbsentCase(
    name: "an empty sockstat6", file: "proc/net/sockstat6", place: .empty,
    counter: "sockstat6.TCP6.inuse", kind: .unreadable, reason: " is empty",
    gap: "expected counters, found an empty file"),
  AbsentCase(
    name: "a folder in its place", file: "proc/net/netstat", place: .folder,
    counter: "TcpExt.ListenDrops", kind: .unreadable, reason: ": Is a directory",
    gap: "Is a directory"),
  AbsentCase(
    name: "a group whose line is odd", file: "proc/net/snmp",
    place: .text("Tcp: CurrEstab\nTcp: 1 2\n"), counter: "Tcp.CurrEstab", kind: .unreadable,
    reason: ": line 2: expected 1 numbers for 'Tcp:', found '2'",
    gap: "line 2: expected 1 numbers for 'Tcp:', found '2'"),
])
func whyACounterIsMissing(_ c: AbsentCase) throws {
  let host = try SmallHost([
    "proc/net/snmp": "Tcp: CurrEstab\nTcp: 1\n",
    "proc/net/netstat": "TcpExt: ListenDrops\nTcpExt: 1\nMPTcpExt: X\nMPTcpExt: 1\n",
    "proc/net/sockstat": "TCP: inuse 1\n", "proc/net/sockstat6": "TCP6: inuse 1\n",
  ])
  let path = host.files.path(c.file)
  try FileManager.default.removeItem(atPath: path)
  switch c.place {
  case .missing: break
  case .empty: try host.folder.write(text: "", to: c.file)
  case .folder:
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  case .text(let text): try host.folder.write(text: text, to: c.file)
  }
  let counters = host.counters()
  #expect(counters.table.reading(c.counter) == .missing(Absence(c.kind, path + c.reason)))
  #expect(counters.gaps == (c.gap.map { [Gap(path, $0)] } ?? []))
}

@Test func aCounterThatTheKernelDoesNotHave() throws {
  let table = try SmallHost(["proc/net/netstat": "TcpExt: A\nTcpExt: 1\n"]).counters().table
  #expect(table.reading("TcpExt.B") == .absent("this kernel has no such counter"))
  #expect(table.reading("MPTcpExt.MPCapableSYNRX") == .absent("this kernel has no such counter"))
}

/// The kernel has the counter: a rule that asks whether it is present must not hear "no".
@Test(arguments: [
  ("proc/net/netstat", "TcpExt: A B\nTcpExt: 1 99999999999999999999\n", "TcpExt.B"),
  ("proc/net/sockstat", "TCP: inuse x mem 1\nUDP: inuse 1\n", "sockstat.TCP.inuse"),
  ("proc/net/sockstat", "TCP: inuse 1 mem\nUDP: inuse 1\n", "sockstat.TCP.inuse"),
])
func aCounterThatIsThereAndOddIsUnreadable(
  _ file: String, _ text: String, _ counter: String
) throws {
  let table = try SmallHost([file: text]).counters().table
  #expect(table.reading(counter).absence?.kind == .unreadable)
}

/// Each group's absence names the line at which that group was lost.
@Test func eachGroupHasItsOwnReason() throws {
  let host = try SmallHost([
    "proc/net/netstat": "TcpExt: A\nTcpExt: 1 2\nMPTcpExt: X Y\nMPTcpExt: 1\n"
  ])
  let path = host.files.path("proc/net/netstat")
  let table = host.counters().table
  #expect(
    table.reading("TcpExt.A")
      == .unreadable("\(path): line 2: expected 1 numbers for 'TcpExt:', found '2'"))
  #expect(
    table.reading("MPTcpExt.X")
      == .unreadable("\(path): line 4: expected 2 numbers for 'MPTcpExt:', found '1'"))
}
