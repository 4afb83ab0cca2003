import Facts
import HostFS
import Support
import Testing

/// The reading of the table's size and the kind of namespace, which show in /proc/sys/net.
private func read(_ ipv4: [String: String]) throws -> Host {
  var contents = ["proc/sys/net/core/somaxconn": "4096\n"]
  for (name, text) in ipv4 { contents["proc/sys/net/ipv4/\(name)"] = text }
  return try SmallHost(contents).host().host
}

struct TableCase: Sendable, CustomTestStringConvertible {
  var text: String?
  var ehash: Reading<Int64>
  var testDescription: String { text ?? "no file" }
}

@Test(arguments: [
  TableCase(text: "16384", ehash: .known(16384)),
  TableCase(text: "-262144", ehash: .known(262_144)),
  TableCase(text: nil, ehash: .absent("kernels before 6.1 do not tell the size of the table")),
  TableCase(text: "0", ehash: .unreadable("'0' is not the size of a table")),
  TableCase(text: "x", ehash: .unreadable("'x' is not the size of a table")),
  TableCase(
    text: "-9223372036854775808",
    ehash: .unreadable("'-9223372036854775808' is not the size of a table")),
])
func sizeOfTheTable(_ c: TableCase) throws {
  var ipv4 = ["tcp_syn_retries": "6\n"]
  ipv4["tcp_ehash_entries"] = c.text.map { $0 + "\n" }
  #expect(try read(ipv4).ehash == c.ehash)
}

@Test func theFirstNamespaceHasTheHostWideKeys() throws {
  let first = try read(["tcp_mem": "1\t2\t3\n", "tcp_syn_retries": "6\n"])
  #expect(first.initialNamespace == .known(true))
}

@Test func anotherNamespaceLacksThem() throws {
  let other = try read(["tcp_syn_retries": "6\n"])
  #expect(other.initialNamespace == .known(false))
}

@Test func withoutKeysTheNamespaceIsOpen() throws {
  let open = try read([:])
  #expect(open.initialNamespace == .unreadable("/proc/sys/net/ipv4 could not be read"))
}

/// Where the folder cannot be read, nothing is known of the kernel's age.
@Test func withoutTheFolderTheTableIsUnreadable() throws {
  #expect(try read([:]).ehash.absence?.kind == .unreadable)
}

/// tcp_mem is there, so this is the first namespace, or at least not another one.
@Test func aHostWideKeyThatMayNotBeReadIsStillThere() throws {
  let small = try SmallHost([
    "proc/sys/net/core/somaxconn": "4096\n", "proc/sys/net/ipv4/tcp_syn_retries": "6\n",
  ])
  try small.folder.write(text: "1\t2\t3\n", to: "proc/sys/net/ipv4/tcp_mem", mode: 0o600)
  #expect(small.host().host.initialNamespace != .known(false))
}
