import Expressions
import Facts
import Pages
import Testing

private func problems(_ bent: BentPage) throws -> [String] {
  var set = PageSet()
  let text = try PageTexts.somaxconn.bent(bent.part, bent.other)
  return set.add([try PageFile(path: "net.core.somaxconn.md", text: text)]).map(\.description)
}

private let effects =
  "at-once, next-connection, next-socket, next-listen, new-namespaces, next-boot"
private let vectors = "'vector min default max', 'vector low pressure high', 'vector first last'"
private let units =
  "bytes pages s ms us ns percent none connections requests retries probes sockets packets ports"
  + " flows mode segments acks buckets rounds number"
private let keys =
  "key title type unit range sensible default namespaced since removed capacity effect counters"
  + " related sources aliases access"

@Test(arguments: [
  BentPage(
    "a key outside of net", "key: net.core.somaxconn", "key: vm.swappiness",
    "2:6: expected 'net.core.somaxconn', as the file is called, found 'vm.swappiness'",
    "2:6: expected a key below net, found 'vm.swappiness'"),
  BentPage(
    "no key at all", "key: net.core.somaxconn", "key: somaxconn",
    "2:6: expected 'net.core.somaxconn', as the file is called, found 'somaxconn'",
    "2:6: expected a key below net, found 'somaxconn'"),
  BentPage(
    "an unknown type", "type: integer", "type: word",
    "4:7: expected 'integer', 'text', 'ports' or \(vectors), found 'word'"),
  BentPage(
    "a vector with other elements", "type: integer", "type: vector low high",
    "4:7: expected 'integer', 'text', 'ports' or \(vectors), found 'vector low high'"),
  BentPage(
    "an unknown unit", "unit: connections", "unit: jiffies",
    "5:7: expected one of the units \(units), found 'jiffies'"),
  BentPage(
    "a range of one number", "4.1: 0..2147483647; 0..65535", "0",
    "6:8: expected a range as in '0..255', found '0'"),
  BentPage(
    "a range downwards", "; 0..65535", "; 9..1",
    "6:28: expected a range as in '0..255', found '9..1'"),
  BentPage(
    "a range beyond 64 bits", "2147483647;", "18446744073709551616;",
    "6:13: expected a range as in '0..255', found '0..18446744073709551616'"),
  BentPage(
    "a sensible range that is none", "sensible: 128..65536", "sensible: many",
    "7:11: expected a range as in '0..255', found 'many'"),
  BentPage(
    "neither yes nor no", "namespaced: 3.14: yes; no", "namespaced: 3.14: yes; perhaps",
    "9:24: expected 'yes' or 'no', found 'perhaps'"),
  BentPage(
    "since no release", "since: always", "since: ever",
    "10:8: expected a release or 'always', found 'ever'"),
  BentPage(
    "removed in no release", "removed: never", "removed: 5",
    "11:10: expected a release or 'never', found '5'"),
  BentPage(
    "capacity neither yes nor no", "capacity: yes", "capacity: true",
    "12:11: expected 'yes' or 'no', found 'true'"),
  BentPage(
    "an unknown effect", "effect: next-listen", "effect: now",
    "13:9: expected \(effects), found 'now'"),
  BentPage(
    "an unknown key", "since: always", "since: always\nwhen: true",
    "11:1: expected one of the keys \(keys), found 'when'"),
  BentPage(
    "a key missing", "capacity: yes\n", "",
    "1:1: expected the key 'capacity' in the header, found none"),
  BentPage(
    "a key twice", "since: always", "since: always\nsince: 5.4",
    "11:1: expected 'since' once, found it again"),
  BentPage(
    "an empty value", "counters: TcpExt.ListenOverflows", "counters:",
    "14:10: expected a value for 'counters', found none"),
])
func headersOfTunables(_ bent: BentPage) throws {
  let found = try problems(bent)
  #expect(found == bent.problems.map { "net.core.somaxconn.md:\($0)" })
}

@Test(arguments: [
  BentPage(
    "a default that does not parse", "5.4: 4096; 128", "5.4: 4096; 128 +",
    "8:26: expected a fact, a number or '(', found the end"),
  BentPage(
    "a default with too many numbers", "5.4: 4096; 128", "5.4: 4096; 128, 256",
    "8:21: expected one default value, found 2"),
  BentPage(
    "a default with another unit", "5.4: 4096; 128", "60s",
    "8:10: expected a number in the default '60s', found seconds"),
  BentPage(
    "an older default with another unit", "5.4: 4096; 128", "5.4: 4096;  60s",
    "8:22: expected a number in the default '60s', found seconds"),
  BentPage(
    "a default without a type", "5.4: 4096; 128", "5.4: max(1, 2 + 60s); 128",
    "8:24: expected units that '+' can join, found a number and seconds"),
  BentPage(
    "one default for a vector", "type: integer\nunit: connections",
    "type: vector min default max\nunit: bytes",
    "8:15: expected 3 default values parted by commas, found 1",
    "8:21: expected 3 default values parted by commas, found 1"),
  BentPage(
    "a related page behind another", "related: none", "related: net.core.somaxconn,net.core.x",
    "15:29: expected the name of a page in 'related', found 'net.core.x'"),
  BentPage(
    "a default of a listener", "5.4: 4096; 128", "listener.limit",
    "8:10: expected a fact of the host, found 'listener.limit'; such a fact needs 'for: listener'"
      + " or an aggregate"),
  BentPage(
    "a default by a key without a page", "5.4: 4096; 128", "net.core.nothing",
    "8:10: expected a key that a page describes, found 'net.core.nothing'"),
  BentPage(
    "another key than the file", "key: net.core.somaxconn", "key: net.core.other",
    "2:6: expected 'net.core.somaxconn', as the file is called, found 'net.core.other'"),
  BentPage(
    "a full stop behind the title", "of listen()", "of listen().",
    "3:42: expected a title without a full stop, found '.'"),
  BentPage(
    "sensible beyond the newest range", "sensible: 128..65536",
    "sensible: 128..2147483648",
    "7:11: expected a sensible range inside 0..2147483647, found 128..2147483648"),
  BentPage(
    "sensible below the newest range", "sensible: 128..65536", "sensible: -1..65536",
    "7:11: expected a sensible range inside 0..2147483647, found -1..65536"),
  BentPage(
    "a counter that is none", "counters: TcpExt.ListenOverflows",
    "counters: TcpExt.ListenOverflows, ListenDrops",
    "14:35: expected a counter as in 'TcpExt.ListenDrops', found 'ListenDrops'"),
  BentPage(
    "a fact that is no counter", "counters: TcpExt.ListenOverflows",
    "counters: sockets.orphans",
    "14:11: expected a counter as in 'TcpExt.ListenDrops', found 'sockets.orphans'"),
  BentPage(
    "a related page that is none", "related: none", "related: net.core.nothing",
    "15:10: expected the name of a page in 'related', found 'net.core.nothing'"),
  BentPage(
    "a source that does not resolve", "sources: Q1.1", "sources: Q1.1, kernel:socket.c",
    "16:16: expected a path in the kernel's tree as in 'kernel:net/socket.c', found"
      + " 'kernel:socket.c'"),
  BentPage(
    "a heading missing", "## When to change it\n\nText.\n\n", "",
    "32:1: expected the headings What it does, How it meets the others, How to see it at work,"
      + " When to change it, When to leave it alone, in this order, found What it does, How it"
      + " meets the others, How to see it at work, When to leave it alone"),
  BentPage(
    "an empty section", "## What it does\n\nText.", "## What it does",
    "20:1: expected text under 'What it does', found none"),
])
func checksOfTunables(_ bent: BentPage) throws {
  let found = try problems(bent)
  #expect(found == bent.problems.map { "net.core.somaxconn.md:\($0)" })
}

// MARK: Values

@Test func fieldsOfATunable() throws {
  let read = Tunable.read(
    try PageTexts.tunable(
      "net.ipv4.tcp_mem",
      [
        ("type", "vector low pressure high"), ("unit", "pages"), ("since", "4.15"),
        ("removed", "6.1.125"), ("capacity", "no"), ("effect", "at-once"),
        ("default", "1KiB, max(2KiB, 3KiB), 4KiB"),
        ("counters", "TcpExt.TW , Tcp.ActiveOpens"), ("related", "a,b"),
      ]))
  #expect(read.problems == [])
  let tunable = try #require(read.tunable)
  #expect(tunable.key.name == "net.ipv4.tcp_mem")
  #expect(tunable.title == "the cap on the backlog of listen()")
  #expect(tunable.elements == [.low, .pressure, .high])
  #expect(tunable.type == .vector(.bytes))
  #expect(tunable.count == 3)
  #expect(tunable.unit == .pages)
  #expect(tunable.sensible == 128...65536)
  #expect(tunable.since == KernelRelease("4.15"))
  #expect(tunable.removed == KernelRelease("6.1.125"))
  #expect(!tunable.capacity)
  #expect(tunable.effect == .atOnce)
  #expect(tunable.counters == ["TcpExt.TW", "Tcp.ActiveOpens"])
  #expect(tunable.related == ["a", "b"])
  #expect(tunable.aliases == [])
  #expect(tunable.sources == ["Q1.1"])
  let values = try #require(tunable.defaultValue.cases.first?.value)
  #expect(values.map(\.description) == ["1KiB", "max(2KiB, 3KiB)", "4KiB"])
}

@Test func wordsThatStandForNothing() throws {
  let read = Tunable.read(
    try PageTexts.tunable(
      "net.core.somaxconn", [("default", "5.4: unknown; 128"), ("counters", "none")]))
  let tunable = try #require(read.tunable)
  #expect(tunable.since == nil)
  #expect(tunable.removed == nil)
  #expect(tunable.counters == [])
  #expect(tunable.defaultValue.cases.map { $0.value == nil } == [true, false])
}
