import Expressions
import Facts
import Testing

/// Four keys with pages: a count, seconds, and two vectors.
func checker(for subject: Subject = .host) -> TypeChecker {
  let vectors: [String: [VectorElement]] = [
    "net.ipv4.tcp_rmem": [.min, .default, .max], "net.ipv4.tcp_mem": [.low, .pressure, .high],
  ]
  return TypeChecker(
    subject: subject,
    keyType: { key in
      switch key.name {
      case "net.core.somaxconn": .quantity(.pure)
      case "net.ipv4.tcp_fin_timeout": .quantity(.seconds)
      case let name: vectors[name].map { _ in .vector(.bytes) }
      }
    },
    elements: { vectors[$0.name] ?? [] })
}

struct TypeCase: Sendable, CustomTestStringConvertible {
  var text: String
  var type: FactType
  var subject: Subject
  var testDescription: String { text }

  init(_ text: String, _ type: FactType, for subject: Subject = .host) {
    self.text = text
    self.type = type
    self.subject = subject
  }
}

private let number = FactType.quantity(.pure)
private let seconds = FactType.quantity(.seconds)
private let bytes = FactType.quantity(.bytes)
private let rate = FactType.quantity(.perSecond)
private let byteRate = FactType.quantity(.bytesPerSecond)

@Test(arguments: [
  TypeCase("net.core.somaxconn", number), TypeCase("net.ipv4.tcp_fin_timeout", seconds),
  TypeCase("net.ipv4.tcp_rmem.max", bytes), TypeCase("net.ipv4.tcp_mem.pressure", bytes),
  TypeCase("default(net.core.somaxconn)", number), TypeCase("net.ipv4.tcp_rmem", .vector(.bytes)),
  TypeCase("default(net.ipv4.tcp_rmem)", .vector(.bytes)),
  TypeCase("default(net.ipv4.tcp_rmem.max)", bytes), TypeCase("host.memory", bytes),
  TypeCase("host.uptime", seconds), TypeCase("host.release", .release),
  TypeCase("host.vendor_kernel", .boolean), TypeCase("sockets.memory", bytes),
  TypeCase("limits.connect_timeout", seconds), TypeCase("TcpExt.ListenDrops", number),
  TypeCase("rate(TcpExt.ListenDrops)", rate),
  TypeCase("rate(listener.drops)", rate, for: .listener),
  TypeCase("listener.full", number, for: .listener),
  TypeCase("listener.unit", .text, for: .listener),
  TypeCase("destination.local_ports", number, for: .destination),
  TypeCase("entry.removed_in", .release, for: .entry),
])
func typesOfFacts(_ c: TypeCase) throws {
  let (type, problems) = checker(for: c.subject).check(try Expression(parsing: c.text))
  #expect(problems == [])
  #expect(type == c.type)
}

@Test(arguments: [
  TypeCase("60s + 1min", seconds), TypeCase("1KiB - 1B", bytes), TypeCase("-60s", seconds),
  TypeCase("0 + 60s", seconds), TypeCase("60s - 0", seconds), TypeCase("0 - 5/s", rate),
  TypeCase("2 * 60s", seconds), TypeCase("1KiB * 2", bytes), TypeCase("60s / 2", seconds),
  TypeCase("80% * 4", number), TypeCase("60s / 1min", number), TypeCase("1GiB / 1KiB", number),
  TypeCase("5/s / 2/s", number), TypeCase("10 / 5s", rate), TypeCase("10MiB / 5s", byteRate),
  TypeCase("5/s * 60s", number), TypeCase("60s * 5/s", number),
  TypeCase("10KiB/s * 60s", bytes), TypeCase("1min * 10B/s", bytes),
  TypeCase("TcpExt.ListenDrops / host.uptime", rate), TypeCase("5/s * 2", rate),
  TypeCase("max(60s, 0)", seconds), TypeCase("max(0, 60s, 1min)", seconds),
  TypeCase("min(1KiB, host.memory / 64)", bytes), TypeCase("next-power-of-two(3KiB)", bytes),
  TypeCase("next-power-of-two(2 * net.core.somaxconn)", number),
  TypeCase("count(listener where listener.peak > listener.limit)", number),
  TypeCase("any(listener where listener.peak > listener.limit)", .boolean),
  TypeCase("sum(listener.drops where true)", number),
  TypeCase("max(listener.full where listener.unit contains \"nginx\")", number),
])
func typesOfValues(_ c: TypeCase) throws {
  let (type, problems) = checker(for: c.subject).check(try Expression(parsing: c.text))
  #expect(problems == [])
  #expect(type == c.type)
}

/// What a rule may ask; each of them has no problem and is true or false.
@Test(arguments: [
  TypeCase("net.ipv4.tcp_fin_timeout > 0", .boolean),
  TypeCase("0.0 < rate(TcpExt.ListenDrops)", .boolean), TypeCase("0 == host.memory", .boolean),
  TypeCase("host.memory in {0, 1GiB}", .boolean), TypeCase("host.release >= 5.4", .boolean),
  TypeCase("host.release < 6.1.125", .boolean), TypeCase("5 <= host.release", .boolean),
  TypeCase("host.release in {5.4, 6.1.125}", .boolean), TypeCase("5.4 < 5.10", .boolean),
  TypeCase("entry.removed_in == 4.12", .boolean, for: .entry),
  TypeCase("entry.removed_in <= host.release", .boolean, for: .entry),
  TypeCase("entry.key == \"net.core.somaxconn\"", .boolean, for: .entry),
  TypeCase("entry.file contains \"/etc/\"", .boolean, for: .entry),
  TypeCase("entry.outcome in {\"cut\", \"refused\"}", .boolean, for: .entry),
  TypeCase("listener.certain == true", .boolean, for: .listener),
  TypeCase("listener.certain != listener.above_cap", .boolean, for: .listener),
  TypeCase("listener.certain in {true, false}", .boolean, for: .listener),
  TypeCase("listener.full > 80%", .boolean, for: .listener),
  TypeCase("listener.full > 0.8", .boolean, for: .listener),
  TypeCase("rate(TcpExt.ListenDrops) > 5/s", .boolean),
  TypeCase("present(net.ipv4.tcp_mem)", .boolean),
  TypeCase("ascending(net.ipv4.tcp_rmem)", .boolean), TypeCase("not (1 > 2) == true", .boolean),
  TypeCase("count(listener where listener.port == 80) == 1", .boolean, for: .entry),
  TypeCase("any(destination where count(listener where true) > 0)", .boolean),
])
func conditions(_ c: TypeCase) throws {
  let expression = try Expression(parsing: c.text)
  #expect(checker(for: c.subject).problems(ofCondition: expression) == [])
  #expect(checker(for: c.subject).check(expression).type == c.type)
}
