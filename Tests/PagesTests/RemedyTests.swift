import Facts
import Pages
import Testing

/// A rule, an example that fires, and whether its change makes that example quiet.
struct RemedyCase: Sendable, CustomTestStringConvertible {
  var name: String
  var when: String
  var set: [String]
  var fires: String
  var problem: String?
  var testDescription: String { name }
}

private let noisy = "expected the change to make the example quiet, found 'fires'"

@Test(arguments: [
  RemedyCase(
    name: "the value is enough", when: "net.core.somaxconn < host.ehash",
    set: ["net.core.somaxconn at-least host.ehash"],
    fires: "net.core.somaxconn = 128\nhost.ehash = 1024"),
  RemedyCase(
    name: "the value is too little", when: "net.core.somaxconn < host.ehash",
    set: ["net.core.somaxconn at-least host.ehash - 1"],
    fires: "net.core.somaxconn = 128\nhost.ehash = 1024", problem: noisy),
  RemedyCase(
    name: "the value is cut to what is sensible", when: "net.core.somaxconn < host.ehash",
    set: ["net.core.somaxconn at-least host.ehash"],
    fires: "net.core.somaxconn = 128\nhost.ehash = 65537", problem: noisy),
  RemedyCase(
    name: "a satisfied change changes nothing", when: "net.core.somaxconn > host.ehash",
    set: ["net.core.somaxconn at-least host.ehash"],
    fires: "net.core.somaxconn = 2048\nhost.ehash = 1024", problem: noisy),
  RemedyCase(
    name: "at-most lowers", when: "net.core.somaxconn > host.ehash",
    set: ["net.core.somaxconn at-most host.ehash"],
    fires: "net.core.somaxconn = 2048\nhost.ehash = 1024"),
  RemedyCase(
    name: "exactly lowers as well", when: "net.core.somaxconn != host.ehash",
    set: ["net.core.somaxconn exactly host.ehash"],
    fires: "net.core.somaxconn = 2048\nhost.ehash = 1024"),
  RemedyCase(
    name: "a value cannot be computed", when: "net.core.somaxconn < host.ehash",
    set: ["net.core.somaxconn at-least default(net.core.somaxconn)"],
    fires: "net.core.somaxconn = 128\nhost.ehash = 1024",
    problem: "expected a value for 'net.core.somaxconn', found not gathered: the example does not"
      + " give it"),
  RemedyCase(
    name: "what is not there is not set", when: "not ascending(net.ipv4.tcp_rmem)",
    set: [
      "net.ipv4.tcp_rmem.min at-most net.ipv4.tcp_rmem.default",
      "net.ipv4.tcp_mem.low at-most net.ipv4.tcp_mem.pressure",
    ], fires: "net.ipv4.tcp_rmem = 8KiB 4KiB 64KiB\nnet.ipv4.tcp_mem.low = absent"),
  RemedyCase(
    name: "one element of a vector", when: "not ascending(net.ipv4.tcp_rmem)",
    set: ["net.ipv4.tcp_rmem.max at-least net.ipv4.tcp_rmem.min"],
    fires: "net.ipv4.tcp_rmem = 4KiB 8KiB 4KiB", problem: noisy),
  RemedyCase(
    name: "two elements, computed from what was", when: "not ascending(net.ipv4.tcp_rmem)",
    set: [
      "net.ipv4.tcp_rmem.min exactly net.ipv4.tcp_rmem.max",
      "net.ipv4.tcp_rmem.max exactly net.ipv4.tcp_rmem.min",
    ], fires: "net.ipv4.tcp_rmem = 64KiB 8KiB 4KiB"),
  RemedyCase(
    name: "rates end", when: "rate(TcpExt.ListenOverflows) > 5/s",
    set: ["net.core.somaxconn at-least 1024"],
    fires: "rate(TcpExt.ListenOverflows) = 6/s\nnet.core.somaxconn = 128"),
  RemedyCase(
    name: "totals stay", when: "TcpExt.ListenOverflows > 5",
    set: ["net.core.somaxconn at-least 1024"],
    fires: "TcpExt.ListenOverflows = 6\nnet.core.somaxconn = 128", problem: noisy),
  RemedyCase(
    name: "nobody is counted whose rate had to be above 0",
    when: "count(listener where rate(listener.drops) > 0) > 1",
    set: ["net.core.somaxconn at-least 1024"],
    fires: "count(listener where rate(listener.drops) > 0) = 2\nnet.core.somaxconn = 128"),
  RemedyCase(
    name: "who was counted for a length is counted still",
    when: "count(listener where listener.length > 0) > 1",
    set: ["net.core.somaxconn at-least 1024"],
    fires: "count(listener where listener.length > 0) = 2\nnet.core.somaxconn = 128",
    problem: noisy),
])
func remedies(_ c: RemedyCase) throws {
  var text = try PageTexts.rule.bent("net.core.somaxconn < 1024", c.when)
    .bent(
      "set: net.core.somaxconn at-least 1024", c.set.map { "set: \($0)" }.joined(separator: "\n")
    )
    .bent("net.core.somaxconn = 128", c.fires)
  // The other examples are there for the checks that are not meant here.
  let place = try #require(text.place(of: "```quiet"))
  text = String(text[..<place.lowerBound])
  let found = try PageTexts.problems(text)
  let line = 30 + c.set.count - 1
  #expect(
    found.filter { $0.contains("\(noisy)") || $0.contains("a value for") }
      == (c.problem.map { ["cap-too-low.md:\(line):1: \($0)"] } ?? []))
}

// MARK: Listening anew

struct ListenCase: Sendable, CustomTestStringConvertible {
  var name: String
  var limit: Int
  var cap: Int
  var newCap: Int
  var newLimit: Int
  var testDescription: String { name }
}

/// After its next listen() a limit at the old cap follows the cap; any other is cut to it.
@Test(arguments: [
  ListenCase(name: "at the cap, raised", limit: 128, cap: 128, newCap: 1024, newLimit: 1024),
  ListenCase(name: "at the cap, lowered", limit: 4096, cap: 4096, newCap: 1024, newLimit: 1024),
  ListenCase(name: "below the cap, raised", limit: 64, cap: 128, newCap: 1024, newLimit: 64),
  ListenCase(name: "below the cap, lowered", limit: 2048, cap: 4096, newCap: 1024, newLimit: 1024),
  ListenCase(name: "above the old cap", limit: 1000, cap: 128, newCap: 1024, newLimit: 1000),
  ListenCase(name: "above both caps", limit: 2048, cap: 128, newCap: 1024, newLimit: 1024),
])
func listenersListenAnew(_ c: ListenCase) throws {
  // Quiet afterwards only where the limit is just that.
  for (limit, isRight) in [(c.newLimit, true), (c.newLimit + 1, false)] {
    let text = try PageTexts.rule
      .bent(
        "when: net.core.somaxconn < 1024",
        "for: listener\nwhen: listener.limit != \(limit) or net.core.somaxconn != \(c.newCap)"
      )
      .bent("at-least 1024", "exactly \(c.newCap)")
      .bent("somaxconn = 128", "somaxconn = \(c.cap)\nlistener.limit = \(c.limit)")
    let complaints = try PageTexts.problems(text).filter { $0.hasSuffix(noisy) }
    #expect(complaints.isEmpty == isRight, "\(limit)")
  }
}

@Test func nobodyIsAboveTheCapThatListensAnew() throws {
  let text = try PageTexts.rule
    .bent("when: net.core.somaxconn < 1024", "for: listener\nwhen: listener.above_cap")
    .bent("at-least 1024", "at-least listener.limit")
    .bent(
      "somaxconn = 128", "somaxconn = 128\nlistener.limit = 512\nlistener.above_cap = true"
    )
    .bent("net.core.somaxconn = 1024", "listener.above_cap = false")
  let found = try PageTexts.problems(text)
  #expect(found == [])
}
