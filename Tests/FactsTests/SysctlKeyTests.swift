import Facts
import Support
import Testing

struct KeyCase: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var path: String?
  var printed: String?
  var testDescription: String { name }
}

@Test(arguments: [
  KeyCase(
    name: "dots", text: "net.ipv4.tcp_rmem", path: "net/ipv4/tcp_rmem",
    printed: "net.ipv4.tcp_rmem"),
  KeyCase(
    name: "slashes", text: "net/core/somaxconn", path: "net/core/somaxconn",
    printed: "net.core.somaxconn"),
  KeyCase(
    name: "slashes keep the dot of a VLAN", text: "net/ipv4/conf/eth0.100/rp_filter",
    path: "net/ipv4/conf/eth0.100/rp_filter", printed: "net.ipv4.conf.eth0/100.rp_filter"),
  KeyCase(
    name: "dots spell that dot as a slash", text: "net.ipv4.conf.eth0/100.rp_filter",
    path: "net/ipv4/conf/eth0.100/rp_filter", printed: "net.ipv4.conf.eth0/100.rp_filter"),
  KeyCase(name: "an empty part", text: "net..tcp_rmem"),
  KeyCase(name: "a leading slash", text: "/net/core/somaxconn"),
  KeyCase(name: "a trailing dot", text: "net.core."),
  KeyCase(name: "no separator", text: "somaxconn"),
  KeyCase(name: "nothing", text: ""),
  KeyCase(name: "a climb with slashes", text: "net/../../etc/passwd"),
  KeyCase(name: "a climb with dots for slashes", text: "net.//.//.etc.passwd"),
  KeyCase(name: "a blank", text: "net.core.so maxconn"),
  KeyCase(name: "a control character", text: "net.core.so\u{1b}maxconn"),
  KeyCase(name: "a letter beyond ASCII", text: "net.core.sömaxconn"),
])
func sysctlKey(_ c: KeyCase) {
  let key = SysctlKey(c.text)
  #expect(key?.path == c.path)
  #expect(key?.name == c.printed)
}

@Test func theLastComponentIsTheFile() {
  #expect(SysctlKey("net.ipv4.conf.eth0/100.rp_filter")?.lastComponent == "rp_filter")
}

/// Printing a key and reading it again gives the same key, for random spellings.
@Test func aKeySurvivesPrinting() {
  var generator = SystemRandomNumberGenerator()
  let letters = Array("abz_09./")
  for _ in 0..<Iterations.count(2000) {
    let length = Int.random(in: 1...12, using: &generator)
    let text = String((0..<length).map { _ in letters.randomElement(using: &generator)! })
    guard let key = SysctlKey(text) else { continue }
    #expect(SysctlKey(key.name) == key, "\(text)")
    #expect(!key.path.split(separator: "/").contains(".."), "\(text)")
  }
}
