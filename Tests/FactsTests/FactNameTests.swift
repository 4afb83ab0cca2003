import Facts
import Support
import Testing

@Test func everyFactOfTheSchemaReadsBack() {
  for name in FactName.allClosed {
    #expect(FactName(name.description) == name)
    #expect(name.info != nil)
    #expect(!name.source.isEmpty)
  }
}

@Test(arguments: [
  "net.core.somaxconn", "net.ipv4.tcp_rmem.max", "net.ipv4.conf.eth0/100.rp_filter",
  "TcpExt.ListenOverflows", "Tcp.CurrEstab", "MPTcpExt.MPCapableSYNRX",
])
func openNamesReadBack(_ text: String) {
  #expect(FactName(text)?.description == text)
}

@Test func anElementIsPartOfItsVector() throws {
  let key = try #require(SysctlKey("net.ipv4.tcp_rmem"))
  #expect(FactName("net.ipv4.tcp_rmem.max") == .element(key, .max))
  #expect(FactName("net.ipv4.tcp_rmem") == .key(key))
}

@Test(arguments: [
  "", "listener", "listener.", "listener.pique", "Ip.InReceives", "TcpExt.", "TcpExt.A.B",
  "vm.swappiness", "limits.nothing",
])
func noFactOfThatName(_ text: String) {
  #expect(FactName(text) == nil)
}

@Test(arguments: [
  ("somaxcon", "somaxconn"), ("exlpain", "explain"), ("tcp_fin_timout", "tcp_fin_timeout"),
])
func nearestName(_ word: String, _ meant: String) {
  let candidates = ["somaxconn", "explain", "tcp_fin_timeout", "audit"]
  #expect(Spelling.nearest(to: word, among: candidates) == meant)
}

@Test func nothingIsNearToNonsense() {
  #expect(Spelling.nearest(to: "xyzzy", among: ["audit", "explain"]) == nil)
}

@Test func plainSearch() {
  #expect("a, b, c".substituting("; ", for: ", ") == "a; b; c")
  #expect("min(x)".has("(x"))
  #expect(!"min".has("minimum"))
  #expect("".substituting("x", for: "y").isEmpty)
}
