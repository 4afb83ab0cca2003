import Facts
import HostFS
import Support
import Testing

/// A host with these files in /proc/sys/net/ipv4: the table's size and the kind of namespace show
/// there.
private func host(_ ipv4: [String: String]) throws -> SmallHost {
  var contents = ["proc/sys/net/core/somaxconn": "4096\n"]
  for (name, text) in ipv4 { contents["proc/sys/net/ipv4/\(name)"] = text }
  return try SmallHost(contents)
}

private func read(_ ipv4: [String: String]) throws -> Host { try host(ipv4).host().host }

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

/// A recorded tree may have other keys only.
@Test func withoutKeysTheNamespaceIsOpen() throws {
  let small = try host(["tcp_sack": "1\n"])
  #expect(
    small.host().host.initialNamespace
      == .unreadable(
        "\(small.files.path("proc/sys/net/ipv4")) has neither tcp_mem nor tcp_syn_retries"))
}

/// Where the folder cannot be listed, nothing is known of the kernel's age, nor of the namespace;
/// nor does it matter which keys were expected.
@Test(arguments: [[], ["net.ipv4.tcp_mem", "net.ipv4.tcp_ehash_entries"]])
func withoutTheFolderBothAreUnreadable(_ expected: [String]) throws {
  let small = try host([:])
  let reason = "\(small.files.path("proc/sys/net/ipv4")): No such file or directory"
  let keys = try expected.map { try #require(SysctlKey($0)) }
  let found = small.files.host(small.tunables(expected: keys)).host
  #expect(found.ehash == .unreadable(reason))
  #expect(found.initialNamespace == .unreadable(reason))
}

/// Expected keys that are not there are absent by name; that is no other answer.
@Test func expectedKeysThatAreNotThere() throws {
  let small = try host(["tcp_syn_retries": "6\n"])
  let keys = ["net.ipv4.tcp_mem", "net.ipv4.tcp_ehash_entries"].compactMap { SysctlKey($0) }
  let found = small.files.host(small.tunables(expected: keys)).host
  #expect(found.ehash == .absent("kernels before 6.1 do not tell the size of the table"))
  #expect(found.initialNamespace == .known(false))
}

/// The kernel lists tcp_mem in the first namespace only: what it says does not matter.
@Test func aHostWideKeyThatMayNotBeReadIsStillThere() throws {
  let small = try host(["tcp_syn_retries": "6\n"])
  try small.folder.write(text: "1\t2\t3\n", to: "proc/sys/net/ipv4/tcp_mem", mode: 0o600)
  #expect(small.host().host.initialNamespace == .known(true))
}

/// As where a security module lets nobody open what is listed.
@Test func aHostWideKeyThatCannotBeReadIsStillThere() throws {
  let small = try host(["tcp_syn_retries": "6\n"])
  var tunables = small.tunables()
  tunables.values[SysctlKey(literal: "net.ipv4.tcp_mem")] = .unreadable("Permission denied")
  tunables.values[SysctlKey(literal: "net.ipv4.tcp_syn_retries")] = .unreadable("Permission denied")
  #expect(small.files.host(tunables).host.initialNamespace == .known(true))
}
