import Expressions
import Testing

/// The spelling in which conditions are printed is the one that a page would use.
@Test(arguments: [
  "listener.peak > listener.limit and listener.limit == net.core.somaxconn",
  "(true or false) and not (true and false)",
  "not (not true)",
  "8 - (4 - 2) == -(-6)",
  "(8 + 4) * (2 - 1) / 3 >= 80%",
  "(1 < 2) == (2 > 1)",
  "listener.unit contains \"nginx\" or listener.unit in {\"a\", \"b\"}",
  "max(0, next-power-of-two(2 * listener.limit)) <= min(host.cpus, 4)",
  "count(listener where rate(listener.drops) > 5/s) == 1",
  "sum(entry.repeated where entry.known and not entry.ascending) != 0",
  "host.release in {5.4, 6.1.125}",
  "present(net.ipv4.tcp_mem) and not ascending(net.ipv4.tcp_mem)",
  "default(net.ipv4.tcp_rmem.max) < 32MiB",
])
func normalSpellings(_ text: String) throws {
  #expect(try Expression(parsing: text).description == text)
}

@Test(arguments: [
  ("((1))<2", "1 < 2"),
  ("1 + (2 * 3) == 7", "1 + 2 * 3 == 7"),
  ("not(true)", "not true"),
  ("(true and false) or true", "true and false or true"),
  ("count( listener where ( true ) )>0", "count(listener where true) > 0"),
])
func needlessWordsAreLeftOut(_ text: String, _ printed: String) throws {
  #expect(try Expression(parsing: text).description == printed)
}

/// What is printed parses to the same expression, for random expressions of every kind.
@Test func printingAndParsingAgainIsIdentity() throws {
  var random = RandomExpressions(naming: [
    "net.core.somaxconn", "net.ipv4.conf.eth0/100.rp_filter", "net.ipv4.conf.br-lan.rp_filter",
    "net.ipv4.tcp_rmem.max", "TcpExt.ListenDrops", "listener.syn_capacity", "entry.removed_in",
    "destination.local_ports", "host.release", "limits.connect_timeout",
    "connections.syn_sent_retrying",
  ])
  var tried = 0
  for round in 0..<4000 {
    let expression = random.next(depth: round % 4)
    let printed = expression.description
    guard printed.utf8.count <= 1000 else { continue }
    tried += 1
    let again = try? Expression(parsing: printed)
    #expect(again?.withoutPlaces == expression, "\(printed)")
    #expect(again?.description == printed, "\(printed)")
  }
  #expect(tried > 3000)
}

/// The place of an expression is the place of its operator or first word.
@Test func placesAreThoseOfTheText() throws {
  let text = "host.cpus + 1 > 2 and not (3 in {4})"
  let expression = try Expression(parsing: text)
  var places: [Int] = []
  expression.visit { places.append($0.offset) }
  #expect(places == [18, 14, 10, 0, 12, 16, 22, 29, 27, 33])
}

/// The words in which the program carries its conditions are read back to the same expression.
@Test func codingAndReadingAgainIsIdentity() throws {
  var random = RandomExpressions(naming: [
    "net.core.somaxconn", "net.ipv4.conf.eth0/100.rp_filter", "net.ipv4.tcp_rmem.max",
    "TcpExt.ListenDrops", "listener.syn_capacity", "entry.removed_in", "host.release",
    "destination.local_ports", "limits.connect_timeout", "connections.syn_sent_retrying",
  ])
  for round in 0..<4000 {
    let expression = random.next(depth: round % 5)
    let code = ExpressionCode.text(expression)
    #expect(ExpressionCode.expression(Array(code.utf8)[...]) == expression, "\(code)")
  }
}

@Test(arguments: [
  "", " ", "x", "v", "vnet", "vno.such", "lnand b1 b1", "land b1", "land b1 b1 b1", "n", "n5",
  "n5:parsec", "t0", "tzz", "f2:min b1", "fx:min b1", "gcount:listener", "gcount:nobody: b1",
  "gsum:listener:no.such b1", "i2 b1 b1", "!", "c> n1:", "l0 b1", "l9 b1 b1", "c9 n1: n1:",
  "vs999", "vl-1", "ve9net.core.somaxconn", "n5:99", "f0", "f09 n1:", "g0", "g09 b1", "g01x9 b1",
  "i99999999999999999999 b1 b1",
])
func wordsThatAreNoCode(_ code: String) {
  #expect(ExpressionCode.expression(Array(code.utf8)[...]) == nil)
}
