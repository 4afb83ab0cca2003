import Audit
import Catalogue
import Facts
import Pages
import Support
import Testing

struct LookUpCase: Sendable, CustomTestStringConvertible {
  var word: String
  var page: String?
  var testDescription: String { word }
}

@Test(arguments: [
  LookUpCase(word: "net.core.somaxconn", page: "net.core.somaxconn"),
  LookUpCase(word: "net/core/somaxconn", page: "net.core.somaxconn"),
  LookUpCase(word: "somaxconn", page: "net.core.somaxconn"),
  LookUpCase(word: "SOMAXCONN", page: "net.core.somaxconn"),
  LookUpCase(word: "tcp_fin_timeout", page: "net.ipv4.tcp_fin_timeout"),
  LookUpCase(word: "fin_timeout", page: "net.ipv4.tcp_fin_timeout"),
  LookUpCase(word: "syncookies-off", page: "syncookies-off"),
  LookUpCase(word: "全连接队列", page: "accept-queue"),
  LookUpCase(
    word: "times the listen queue of a socket overflowed",
    page: "TcpExt.ListenOverflows"),
  LookUpCase(word: "somaxcon"),
  LookUpCase(word: ""),
])
func lookUp(_ c: LookUpCase) {
  #expect(catalogue.find(c.word)?.page.name == c.page)
}

@Test(arguments: [
  ("somaxcon", "somaxconn"), ("tcp_syncokies", "tcp_syncookies"),
  ("syncookies-of", "syncookies-off"), ("keepalive_tme", "keepalive_time"),
])
func nearMisses(_ word: String, _ meant: String) {
  #expect(catalogue.nearestName(to: word) == meant)
}

private func explanation(_ word: String, on snapshot: Snapshot) throws -> Explanation {
  let found = try #require(catalogue.find(word))
  return Audit(of: snapshot, with: catalogue).explanation(of: found)
}

@Test func aTunableWithItsHost() throws {
  let snapshot = try stockSnapshot([listener(80, length: 129, limit: 128, program: "nginx")])
    .with("net.core.somaxconn", "128")
  let explained = try explanation("somaxconn", on: snapshot)
  guard case .tunable(let facts) = explained.subject else {
    Issue.record("expected a tunable")
    return
  }
  #expect(facts.value == .known(.numbers([128])))
  #expect(facts.defaultValue == .known(.numbers([4096])))
  #expect(facts.defaultSince == KernelRelease("5.4"))
  #expect(facts.defaultBefore == ["128"])
  #expect(explained.queueFormulas == [.acceptQueue, .synQueue])
  #expect(explained.findings.map(\.rule) == ["accept-queue-capped-by-somaxconn"])
  #expect(explained.counters.map(\.name).contains("TcpExt.ListenOverflows"))
  #expect(explained.related.map(\.name).contains("accept-queue-capped-by-somaxconn"))
  #expect(explained.sections.count == 6)
}

/// Who comes with the documents' formula finds it first, then what the release does.
@Test func theDocumentsFormulaComesFirst() throws {
  let explained = try explanation("tcp_max_syn_backlog", on: try stockSnapshot())
  #expect(explained.queueFormulas == [.synQueueOfDocuments, .synQueue])
  #expect(explained.queueInputs?.isTableIdle == true)
  let off = try stockSnapshot().with("net.ipv4.tcp_syncookies", "0")
  #expect(try explanation("tcp_max_syn_backlog", on: off).queueInputs?.isTableIdle == false)
}

@Test func aRuleSaysWhatItSaysHere() throws {
  func state(_ snapshot: Snapshot) throws -> Explanation.RuleFacts.State? {
    guard case .rule(let facts) = try explanation("syncookies-off", on: snapshot).subject else {
      return nil
    }
    return facts.state
  }
  let stock = try stockSnapshot()
  #expect(try state(stock) == .quiet)
  #expect(try state(stock.with("net.ipv4.tcp_syncookies", "0")) == .fires)
  guard case .undecided = try state(stock.with("net.ipv4.tcp_syncookies", "")) else {
    Issue.record("expected an undecided rule")
    return
  }
}

/// Every page can be explained on every recorded host.
@Test(arguments: RecordedHost.all)
func everyPageIsExplained(_ host: RecordedHost) throws {
  let snapshot = try snapshot(of: host)
  let names = catalogue.pages.rules.map(\.id) + catalogue.pages.tunables.keys.map(\.name)
  for name in names {
    let explained = try explanation(name, on: snapshot)
    #expect(explained.sections.count >= 4, "\(name)")
    #expect(!explained.sources.isEmpty, "\(name)")
  }
}
