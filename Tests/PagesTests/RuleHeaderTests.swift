import Pages
import Testing

@Test func theRuleThatTestsBendIsRight() throws {
  #expect(try PageTexts.problems(PageTexts.rule) == [])
}

@Test(arguments: [
  ("", "1:1: expected '---' before the header, found ''"),
  ("id: x\n---\n", "1:1: expected '---' before the header, found 'id: x'"),
  (" ---\nid: x\n---\n", "1:1: expected '---' before the header, found ' ---'"),
  ("---\nid: x\ntitle: y\n", "4:1: expected '---' after the header, found the end"),
  ("---\nid: x\n ---\n", "4:1: expected '---' after the header, found the end"),
])
func headersWithoutFences(_ text: String, _ problem: String) {
  #expect {
    _ = try PageFile(path: "a.md", text: text)
  } throws: { error in
    (error as? PageProblem)?.description == "a.md:\(problem)"
  }
}

private let keys =
  "id title severity confidence when risk kernel sources for unless set unset effect act remedy aliases"
private let effects =
  "at-once, next-connection, next-socket, next-listen, new-namespaces, next-boot"

@Test(arguments: [
  BentPage(
    "a line that is no field", "risk: low", "risk: low\nlow risk",
    "10:1: expected 'key: value', found 'low risk'"),
  BentPage(
    "an unknown key", "risk: low", "risk: low\ncolour: red",
    "10:1: expected one of the keys \(keys), found 'colour'"),
  BentPage(
    "a key with a blank before the colon", "risk: low", "risk: low\neffect : at-once",
    "10:1: expected one of the keys \(keys), found 'effect '"),
  BentPage(
    "a rule to give way to that is not there", "risk: low", "risk: low\nunless: no-such-rule",
    "10:9: expected a rule for 'host' or the host without 'unless' of its own, found 'no-such-rule'"
  ),
  BentPage(
    "a rule that gives way to itself", "risk: low", "risk: low\nunless: cap-too-low",
    "10:9: expected a rule for 'host' or the host without 'unless' of its own, found 'cap-too-low'"),
  BentPage(
    "a key twice", "risk: low", "risk: low\nrisk: high",
    "10:1: expected 'risk' once, found it again"),
  BentPage(
    "no title", "title: the cap is lower than it need be\n", "",
    "1:1: expected the key 'title' in the header, found none"),
  BentPage(
    "no severity", "severity: warning\n", "",
    "1:1: expected the key 'severity' in the header, found none"),
  BentPage(
    "no confidence", "confidence: high\n", "",
    "1:1: expected the key 'confidence' in the header, found none"),
  BentPage(
    "no condition", "when: net.core.somaxconn < 1024\n", "",
    "1:1: expected the key 'when' in the header, found none"),
  BentPage("no risk", "risk: low\n", "", "1:1: expected the key 'risk' in the header, found none"),
  BentPage(
    "no kernel", "kernel: any\n", "", "1:1: expected the key 'kernel' in the header, found none"),
  BentPage(
    "no sources", "sources: Q1.1, kernel:net/socket.c\n", "",
    "1:1: expected the key 'sources' in the header, found none"),
  BentPage(
    "two keys missing", "risk: low\nkernel: any\n", "",
    "1:1: expected the key 'kernel' in the header, found none",
    "1:1: expected the key 'risk' in the header, found none"),
  BentPage(
    "an empty title", "title: the cap is lower than it need be", "title:",
    "3:7: expected a value for 'title', found none"),
  // An empty value is one problem, not one more for each that reads it.
  BentPage(
    "an empty condition", "when: net.core.somaxconn < 1024", "when:",
    "6:6: expected a value for 'when', found none"),
  BentPage(
    "an empty kernel", "kernel: any", "kernel:  ",
    "10:10: expected a value for 'kernel', found none"),
  BentPage(
    "an empty effect", "effect: next-listen", "effect:",
    "8:8: expected a value for 'effect', found none"),
  BentPage(
    "an empty change", "set: net.core.somaxconn at-least 1024", "set:",
    "7:5: expected a value for 'set', found none"),
])
func keysOfARule(_ bent: BentPage) throws {
  let text = try PageTexts.rule.bent(bent.part, bent.other)
  let found = try PageTexts.problems(text)
  #expect(found == bent.problems.map { "cap-too-low.md:\($0)" })
}

@Test(arguments: [
  BentPage(
    "severity", "severity: warning", "severity: fatal",
    "4:11: expected note, warning, error, found 'fatal'"),
  BentPage(
    "confidence, blanks before it", "confidence: high", "confidence:   sure",
    "5:15: expected high, medium, low, found 'sure'"),
  BentPage(
    "effect", "effect: next-listen", "effect: soon",
    "8:9: expected \(effects), found 'soon'"),
  BentPage("risk", "risk: low", "risk: none", "9:7: expected low, medium, high, found 'none'"),
  BentPage(
    "for", "risk: low", "risk: low\nfor: socket",
    "10:6: expected host, listener, destination, entry, found 'socket'"),
  BentPage(
    "act", "risk: low", "risk: low\nact: kernel\nremedy: wait",
    "10:6: expected application, network, administrator, nobody, found 'kernel'"),
  BentPage(
    "kernel", "kernel: any", "kernel: 4.10",
    "10:9: expected 'any' or a comparison as in '>= 4.10', found '4.10'"),
  BentPage(
    "the second bound", "kernel: any", "kernel: >= 4.10, 6.5",
    "10:18: expected 'any' or a comparison as in '>= 4.10', found '6.5'"),
  BentPage(
    "a bound that is no release", "kernel: any", "kernel: >= new",
    "10:9: expected 'any' or a comparison as in '>= 4.10', found '>= new'"),
  BentPage(
    "a bound with a suffix", "kernel: any", "kernel: >= 6.5-rc1",
    "10:9: expected 'any' or a comparison as in '>= 4.10', found '>= 6.5-rc1'"),
])
func wordsOfARule(_ bent: BentPage) throws {
  let text = try PageTexts.rule.bent(bent.part, bent.other)
  let found = try PageTexts.problems(text)
  #expect(found == bent.problems.map { "cap-too-low.md:\($0)" })
}

private let set = "set: net.core.somaxconn at-least 1024"

@Test(arguments: [
  BentPage(
    "a condition that does not parse", "somaxconn < 1024", "somaxconn = 1024",
    "6:26: expected a fact, a number or an operator, found '='; equality is '=='"),
  BentPage(
    "unknown names in a condition", "somaxconn < 1024",
    "somaxconn < 1024 and host.cpu > 1 and host.memry > 0",
    "6:37: expected a fact, found 'host.cpu'; did you mean 'host.cpus'?",
    "6:54: expected a fact, found 'host.memry'; did you mean 'host.memory'?"),
  BentPage(
    "a change without an operator", set, "set: net.core.somaxconn 1024",
    "7:6: expected 'KEY OPERATOR VALUE' with the operator exactly, at-least, at-most,"
      + " found 'net.core.somaxconn 1024'"),
  BentPage(
    "a change with an unknown operator", set, "set: net.core.somaxconn above 1024",
    "7:6: expected 'KEY OPERATOR VALUE' with the operator exactly, at-least, at-most,"
      + " found 'net.core.somaxconn above 1024'"),
  BentPage(
    "a change of no key", set, "set: host.memory at-least 1024",
    "7:6: expected a sysctl key, found 'host.memory'"),
  BentPage(
    "a value that does not parse", set, "\(set) +",
    "7:40: expected a fact, a number or '(', found the end"),
  BentPage(
    "neither change nor act", "\(set)\neffect: next-listen\n", "",
    "1:1: expected 'set', 'unset', or 'act' with 'remedy', in the header, found none"),
  BentPage(
    "a change without effect", "effect: next-listen\n", "",
    "7:1: expected 'effect' beside 'set', found none"),
  BentPage(
    "act without remedy", "\(set)\neffect: next-listen", "act: application",
    "7:1: expected 'remedy' beside 'act', found none"),
  BentPage(
    "a number in the remedy", "\(set)\neffect: next-listen",
    "act: application\nremedy: raise its backlog to 512",
    "8:30: expected a remedy without numbers, which belong to 'set', found '512'"),
])
func conditionsAndChangesOfARule(_ bent: BentPage) throws {
  let text = try PageTexts.rule.bent(bent.part, bent.other)
  let found = try PageTexts.problems(text)
  #expect(found == bent.problems.map { "cap-too-low.md:\($0)" })
}

@Test func severalChangesMayStand() throws {
  let text = try PageTexts.rule.bent(set, "\(set)\nset: net.ipv4.tcp_fin_timeout at-most 60s")
  let found = try PageTexts.problems(text)
  #expect(found == [])
}

@Test func aRuleWithoutAKeyToSetSaysWhoActs() throws {
  let text = try PageTexts.rule.bent(
    "\(set)\neffect: next-listen", "act: application\nremedy: reload it")
  let found = try PageTexts.problems(text)
  #expect(found == [])
}
