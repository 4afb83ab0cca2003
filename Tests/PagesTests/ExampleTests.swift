import Pages
import Testing

private func problems(_ bent: BentPage) throws -> [String] {
  try PageTexts.problems(try PageTexts.rule.bent(bent.part, bent.other))
}

private let quiet = "```quiet\nnet.core.somaxconn = 1024\n```\n"

private func with(_ example: String) -> String { "\(quiet)\n\(example)\n```\n" }

@Test(arguments: [
  BentPage(
    "none fires", "```fires\nnet.core.somaxconn = 128", "```unknown\nnet.core.somaxconn = absent",
    "1:1: expected an example '```fires', found none",
    "1:1: expected an example in which 'net.core.somaxconn < 1024' holds, found none"),
  BentPage(
    "none is quiet", quiet, "",
    "1:1: expected an example '```quiet', found none",
    "1:1: expected an example in which 'net.core.somaxconn < 1024' does not hold, found none"),
  BentPage(
    "one is quiet and not as it says", quiet, with("```fires\nnet.core.somaxconn = 4096"),
    "38:1: expected the outcome 'fires', found 'quiet'"),
  BentPage(
    "one fires and not as it says", quiet, with("```quiet\nnet.core.somaxconn = 1023"),
    "38:1: expected the outcome 'quiet', found 'fires'"),
  BentPage(
    "one is unknown and not as it says", quiet, with("```quiet"),
    "38:1: expected the outcome 'quiet', found 'unknown' for want of net.core.somaxconn"),
  BentPage(
    "one is known and not as it says", quiet, with("```unknown\nnet.core.somaxconn = 0"),
    "38:1: expected the outcome 'unknown', found 'fires'"),
  BentPage(
    "a fact that nobody asked for", quiet,
    with("```quiet\nnet.core.somaxconn = 2048\nhost.cpus = 2"),
    "39:1: expected a fact that 'when' or 'set' uses, found 'host.cpus'"),
])
func outcomes(_ bent: BentPage) throws {
  let found = try problems(bent)
  #expect(found == bent.problems.map { "cap-too-low.md:\($0)" })
}

private let values = "or absent, unreadable, not-gathered, no-window, found"

@Test(arguments: [
  BentPage(
    "no sign", quiet, with("```quiet\nnet.core.somaxconn: 2048"),
    "38:1: expected 'fact = value', found 'net.core.somaxconn: 2048'"),
  BentPage(
    "a fact twice", quiet,
    with("```quiet\nnet.core.somaxconn = 2048\nnet.core.somaxconn = 4096"),
    "39:1: expected 'net.core.somaxconn' once, found it again"),
  BentPage(
    "no value", quiet, with("```quiet\nnet.core.somaxconn = "),
    "38:22: expected a number \(values) ''"),
  BentPage(
    "another unit", quiet, with("```quiet\nnet.core.somaxconn = 60s"),
    "38:22: expected a number \(values) '60s'"),
  BentPage(
    "blanks before a wrong value", quiet, with("```quiet\nnet.core.somaxconn  =   many"),
    "38:25: expected a number \(values) 'many'"),
  BentPage(
    "an unknown fact", quiet, with("```quiet\nhost.cpu = 2"),
    "38:1: expected a fact, found 'host.cpu'; did you mean 'host.cpus'?"),
  BentPage(
    "a key without a page", quiet, with("```quiet\nnet.core.nothing = 2"),
    "38:1: expected a key that a page describes, found 'net.core.nothing'"),
  BentPage(
    "no fact at all", quiet, with("```quiet\n1 + 1 = 2"),
    "38:1: expected a fact, rate(fact), default(key) or an aggregate, found '1 + 1'"),
  BentPage(
    "bytes without their unit", quiet, with("```quiet\nhost.memory = 4096"),
    "38:15: expected bytes \(values) '4096'"),
  BentPage(
    "a part of a vector without its unit", quiet,
    with("```quiet\nnet.ipv4.tcp_rmem = 1B 2 3B"),
    "38:21: expected a vector \(values) '1B 2 3B'"),
  BentPage(
    "a release that is none", quiet, with("```quiet\nhost.release = 6"),
    "38:16: expected a kernel release \(values) '6'"),
  BentPage(
    "a boolean in quotes", quiet, with("```quiet\nhost.vendor_kernel = \"true\""),
    "38:22: expected true or false \(values) '\"true\"'"),
])
func linesOfExamples(_ bent: BentPage) throws {
  let found = try problems(bent)
  #expect(found == bent.problems.map { "cap-too-low.md:\($0)" })
}

/// Every line of an example that says what a value can be.
@Test(
  arguments: [
    ("host.memory > 1GiB", "host.memory = 2GiB", "host.memory = 0"),
    ("host.uptime < -5s", "host.uptime = -6s", "host.uptime = 0"),
    ("host.release >= 6.1.125", "host.release = 6.1.125", "host.release = 6.1.124"),
    ("host.release < 5.10", "host.release = 5.4", "host.release = 5.10"),
    ("host.vendor_kernel", "host.vendor_kernel = true", "host.vendor_kernel = false"),
    (
      "rate(TcpExt.ListenDrops) > 5/s", "rate(TcpExt.ListenDrops) = 6/s",
      "rate(TcpExt.ListenDrops) = 0"
    ),
    (
      "not ascending(net.ipv4.tcp_rmem)", "net.ipv4.tcp_rmem = 3B 2B 1KiB",
      "net.ipv4.tcp_rmem = 1B 2B 1KiB"
    ),
    (
      "not present(net.ipv4.tcp_mem)", "net.ipv4.tcp_mem = absent",
      "net.ipv4.tcp_mem = 4KiB 8KiB 12KiB"
    ),
    (
      "net.core.somaxconn < default(net.core.somaxconn)",
      "net.core.somaxconn = 5\ndefault(net.core.somaxconn) = 6",
      "net.core.somaxconn = 6\ndefault(net.core.somaxconn) = 6"
    ),
    (
      "count(listener where listener.peak > 5) > 1",
      "count(listener where listener.peak > 5) = 2", "count( listener where (listener.peak>5) ) = 1"
    ),
    (
      "any(entry where entry.repeated > 1)", "any(entry where entry.repeated > 1) = true",
      "any(entry where entry.repeated > 1) = false"
    ),
    (
      "any(listener where listener.unit == \"a b\")",
      "any(listener where listener.unit == \"a b\") = true",
      "any(listener where listener.unit == \"a b\") = false"
    ),
  ] as [(String, String, String)])
func valuesOfExamples(_ when: String, _ fires: String, _ quiet: String) throws {
  let text = try PageTexts.rule
    .bent("when: net.core.somaxconn < 1024", "when: \(when)")
    .bent(
      "set: net.core.somaxconn at-least 1024\neffect: next-listen",
      "act: nobody\nremedy: wait"
    )
    .bent("net.core.somaxconn = 128", fires).bent("net.core.somaxconn = 1024", quiet)
  let found = try PageTexts.problems(text)
  #expect(found == [])
}

@Test func textsOfExamples() throws {
  let text = try PageTexts.rule
    .bent("when: net.core.somaxconn < 1024", "for: listener\nwhen: listener.unit == \"a = b\"")
    .bent(
      "set: net.core.somaxconn at-least 1024\neffect: next-listen",
      "act: nobody\nremedy: wait"
    )
    .bent("net.core.somaxconn = 128", "listener.unit = \"a = b\"")
    .bent("net.core.somaxconn = 1024", "listener.unit = \"c\"")
  let found = try PageTexts.problems(text)
  #expect(found == [])
}

/// Each comparison with a number needs an example on either side; others do not.
@Test(
  arguments: [
    (
      "net.core.somaxconn < 1024 and host.cpus > 1", "host.cpus = 2", "host.cpus = 2",
      ["'host.cpus > 1' does not hold"]
    ),
    ("net.core.somaxconn < 1024 and host.cpus > 1", "host.cpus = 2", "host.cpus = 1", []),
    (
      "net.core.somaxconn < 1024 and 1 < host.cpus", "host.cpus = 2", "host.cpus = 2",
      ["'1 < host.cpus' does not hold"]
    ),
    (
      "net.core.somaxconn < 1024 or host.cpus == -1", "host.cpus = 2", "host.cpus = 2",
      ["'host.cpus == -1' holds"]
    ),
    (
      "net.core.somaxconn < 1024 and host.cpus < host.ehash", "host.cpus = 2\nhost.ehash = 3",
      "host.cpus = 2\nhost.ehash = 3", []
    ),
    // A number as a factor is a threshold too.
    (
      "net.core.somaxconn < 1024 and host.cpus < 50% * host.ehash", "host.cpus = 2\nhost.ehash = 5",
      "host.cpus = 2\nhost.ehash = 5", ["'host.cpus < 50% * host.ehash' does not hold"]
    ),
    (
      "net.core.somaxconn < 1024 and host.cpus < 50% * host.ehash", "host.cpus = 2\nhost.ehash = 5",
      "host.cpus = 2\nhost.ehash = 4", []
    ),
    (
      "net.core.somaxconn < 1024 and not (host.cpus > 9)", "host.cpus = 2", "host.cpus = 2",
      ["'host.cpus > 9' holds"]
    ),
  ] as [(String, String, String, [String])])
func boundaries(_ when: String, _ fires: String, _ quiet: String, _ lacking: [String]) throws {
  let text = try PageTexts.rule.bent("when: net.core.somaxconn < 1024", "when: \(when)")
    .bent("net.core.somaxconn = 128", "net.core.somaxconn = 128\n\(fires)")
    .bent("net.core.somaxconn = 1024\n```", "net.core.somaxconn = 1024\n\(quiet)\n```")
  #expect(
    try PageTexts.problems(text)
      == lacking.map { "cap-too-low.md:1:1: expected an example in which \($0), found none" })
}

/// A page that is wrong in several ways says all of them: the examples are checked although a
/// source does not resolve.
@Test func allProblemsAreReported() throws {
  let text = try PageTexts.rule.bent("kernel:net/socket.c", "Q9.9")
    .bent(quiet, with("```fires\nnet.core.somaxconn = 4096"))
  #expect(
    try PageTexts.problems(text) == [
      "cap-too-low.md:11:16: expected a claim as in 'Q1.1', 'kernel:PATH', 'man:PAGE(N)' or"
        + " 'measured:RELEASE', found 'Q9.9'",
      "cap-too-low.md:38:1: expected the outcome 'fires', found 'quiet'",
    ])
}
