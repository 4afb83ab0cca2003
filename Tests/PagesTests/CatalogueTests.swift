import Catalogue
import Facts
import Pages
import Testing

struct FindCase: Sendable, CustomTestStringConvertible {
  var word: String
  var page: String?
  var testDescription: String { word }

  init(_ word: String, _ page: String?) {
    self.word = word
    self.page = page
  }
}

@Test(arguments: [
  FindCase("net.core.somaxconn", "net.core.somaxconn"),
  FindCase("net/core/somaxconn", "net.core.somaxconn"),
  FindCase("NET.CORE.SOMAXCONN", "net.core.somaxconn"), FindCase("somaxconn", "net.core.somaxconn"),
  FindCase("tcp_fin_timeout", "net.ipv4.tcp_fin_timeout"),
  FindCase("fin_timeout", "net.ipv4.tcp_fin_timeout"),
  FindCase("accept-queue-capped-by-somaxconn", "accept-queue-capped-by-somaxconn"),
  FindCase("Listen Backlog", "backlog"), FindCase("全连接队列", "accept-queue"),
  FindCase("time-wait", "TIME_WAIT"), FindCase("Time Wait", "TIME_WAIT"),
  FindCase("econnreset", "ECONNRESET"), FindCase("listenoverflows", "TcpExt.ListenOverflows"),
  FindCase("12 times the listen queue of a socket overflowed", "TcpExt.ListenOverflows"),
  FindCase("半连接队列", "syn-queue"), FindCase("三次握手", "handshake"),
  FindCase("min exceeds max", "vector-not-ascending"),
  FindCase("no such page", nil), FindCase("", nil), FindCase("net", nil), FindCase("tcp_", nil),
])
func findingAPage(_ c: FindCase) {
  #expect(Catalogue.embedded().find(c.word)?.page.name == c.page)
}

/// Where a word fits several pages the tunable's comes first, and the others are named.
@Test func otherPagesThatFitAreNamed() throws {
  let found = try #require(Catalogue.embedded().find("time wait bucket table overflow"))
  #expect(found.page.name == "TcpExt.TCPTimeWaitOverflow")
  #expect(found.alsoFits == ["net.ipv4.tcp_max_tw_buckets", "time-wait-buckets-overflow"])
}

/// Every page is found by its own name and by each of its aliases.
@Test func everyPageIsFoundByItsNames() {
  let catalogue = Catalogue.embedded()
  func names(of word: String) -> [String] {
    catalogue.find(word).map { [$0.page.name] + $0.alsoFits } ?? []
  }
  for rule in catalogue.pages.rules {
    #expect(names(of: rule.id).first == rule.id)
    for alias in rule.aliases { #expect(names(of: alias).contains(rule.id), "\(alias)") }
    #expect(catalogue.title(of: rule.id) == rule.title)
  }
  for tunable in catalogue.pages.tunables.all {
    let name = tunable.key.name
    #expect(names(of: name) == [name])
    #expect(names(of: String(tunable.key.lastComponent)).contains(name))
    for alias in tunable.aliases { #expect(names(of: alias).contains(name), "\(alias)") }
    #expect(catalogue.title(of: name) == tunable.title)
  }
}

@Test(arguments: [
  ("somaxcon", "somaxconn"), ("net.core.somaxcon", "net.core.somaxconn"),
  ("fin_timeot", "fin_timeout"), ("syncookies-of", "syncookies-off"),
])
func theNearestName(_ word: String, _ name: String) {
  #expect(Catalogue.embedded().nearestName(to: word) == name)
}

@Test func nothingIsNearToNonsense() {
  #expect(Catalogue.embedded().nearestName(to: "xyzzyxyzzy") == nil)
}

// MARK: What users add

@Test func usersAddRules() throws {
  var catalogue = Catalogue.embedded()
  let page = try PageFile(path: "my/cap-too-low.md", text: PageTexts.rule)
  #expect(catalogue.add([page]) == [])
  #expect(catalogue.find("cap-too-low")?.page.name == "cap-too-low")
  #expect(
    catalogue.body(of: "cap-too-low")?.sections.first?.blocks == [.paragraph("What happens.")])
  // A built-in page stays what it is.
  let other = try PageFile(
    path: "my/syncookies-off.md", text: PageTexts.rule.bent("id: cap-too-low", "id: syncookies-off")
  )
  #expect(
    catalogue.add([other]).map(\.description) == [
      "my/syncookies-off.md:1:1: expected a name of its own, found 'syncookies-off', the name of"
        + " Rules/handshake/syncookies-off.md"
    ])
}

@Test func builtInProfilesHaveNames() throws {
  let catalogue = Catalogue.embedded()
  #expect(catalogue.profile("mine") == nil)
  #expect(catalogue.text(ofProfile: "mine") == nil)
  for name in catalogue.profileNames {
    let profile = try #require(catalogue.profile(name)?.profile)
    #expect(profile.origin == Profile.builtIn)
    #expect(profile.place(of: profile.entries[0]).hasPrefix("\(name).conf:"))
  }
}
