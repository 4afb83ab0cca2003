import Expressions
import Testing

@Test func everyUnknownNameIsReported() {
  let text = "listener.peek > listener.limt and rate(swappiness) > 0"
  #expect(
    parserProblems(text) == [
      Shown(
        column: 1,
        message: "expected a fact, found 'listener.peek'; did you mean 'listener.peak'?"),
      Shown(
        column: 17,
        message: "expected a fact, found 'listener.limt'; did you mean 'listener.limit'?"),
      Shown(column: 40, message: "expected a fact, found 'swappiness'"),
    ])
}

@Test func unknownNamesStandBeforeTheGrammarsEnd() {
  #expect(
    parserProblems("xyzzy > 1 and") == [
      Shown(column: 1, message: "expected a fact, found 'xyzzy'"),
      Shown(column: 14, message: "expected a fact, a number or '(', found the end"),
    ])
}

@Test func aBlankEndsAName() {
  #expect(
    parserProblems("net.ipv4.conf.br - lan > 0") == [
      Shown(column: 20, message: "expected a fact, found 'lan'")
    ])
}

@Test func anAggregateKnowsItsFields() {
  #expect(
    parserProblems("sum(listener.xyzzyxyzzy where listener.certan) > 0") == [
      Shown(column: 5, message: "expected a fact, found 'listener.xyzzyxyzzy'"),
      Shown(
        column: 31,
        message: "expected a fact, found 'listener.certan'; did you mean 'listener.certain'?"),
    ])
}

// MARK: Queries of examples

@Test(arguments: [
  "listener.peak", "rate(TcpExt.ListenDrops)", "default(net.core.somaxconn)",
  "net.ipv4.conf.eth0/100.rp_filter",
])
func queriesReadBack(_ text: String) throws {
  #expect(try Query(parsing: text).description == text)
}

@Test(arguments: ["1", "present(net.ipv4.tcp_mem)", "-listener.peak", "listener.peak > 1"])
func noQuery(_ text: String) {
  let message = "expected a fact, rate(fact) or default(key), found '\(text)'"
  #expect {
    _ = try Query(parsing: text)
  } throws: { error in
    (error as? Problems)?.all == [Problem(at: 0, message)]
  }
}
