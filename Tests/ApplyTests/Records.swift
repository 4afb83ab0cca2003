import Facts
import Support

@testable import Apply

/// A change of one key, as a journal or the history has it.
func sampleRecord(
  id: String = "0123abcd", sequence: Int = 7, phase: ChangeRecord.Phase = .trial
) -> ChangeRecord {
  var record = ChangeRecord(
    id: id, sequence: sequence, kind: .apply, tool: "0.1", title: "web",
    origin: ChangeRecord.Origin(
      boot: "5f6d7c7e-3b1a-4c57-8f0e-000000000001", kernel: "6.18.0", memory: 4 << 30,
      namespaces: ChangeRecord.Namespaces(
        network: 4_026_531_840, mounts: 4_026_531_841, processes: 4_026_531_836),
      isInitialNetwork: true),
    caller: ChangeRecord.Caller(
      user: 0, loginUser: 1000, loginSession: 3, session: 4711, terminal: "/dev/pts/3"),
    began: 1_790_000_000_000, deadline: 86_400_000, trial: 120_000, alarm: .watcher,
    keys: [
      ChangeRecord.Key(
        key: SysctlKey(literal: "net.ipv4.tcp_rmem"), before: "4096\t131072\t6291456",
        after: "4096 131072 16777216", source: "web.conf:3")
    ],
    file: ChangeRecord.File(
      name: "99-tcptune.conf", before: nil,
      after: ChangeRecord.Content(text: "net.ipv4.tcp_rmem = 4096 131072 16777216\n")))
  record.phase = phase
  return record
}

extension ChangeRecord {
  /// A change of which everything that may be anything is random.
  static func random(_ generator: inout Seeded) -> ChangeRecord {
    func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number {
      let edges: [Number] = [.min, .max, 0, 1]
      return Bool.random(using: &generator)
        ? edges.randomElement(using: &generator) ?? 0
        : Number.random(in: .min ... .max, using: &generator)
    }
    func sometimes<Value>(_ value: () -> Value) -> Value? {
      Bool.random(using: &generator) ? value() : nil
    }
    /// Any characters: quotes, controls, line ends of every kind, beyond the first plane.
    func text() -> String {
      let some: [Unicode.Scalar] = [
        "a", "Z", "\"", "\\", "/", "\n", "\r", "\t", "\0", "\u{1b}", "\u{7f}", "\u{85}", "\u{a0}",
        "e", "\u{301}", "\u{e9}", "\u{2028}", "\u{202e}", "\u{feff}", "\u{fffd}", "\u{ffff}",
        "\u{1f600}", "\u{10ffff}",
      ]
      let length = Int.random(in: 0...12, using: &generator)
      var scalars = String.UnicodeScalarView()
      for _ in 0..<length { scalars.append(some.randomElement(using: &generator) ?? "a") }
      return String(scalars)
    }
    func value() -> String {
      let bytes = [0x09] + Array(UInt8(0x20)...0x7e)
      let length = Int.random(in: 0...20, using: &generator)
      return String(
        decoding: (0..<length).map { _ in bytes.randomElement(using: &generator) ?? 0x20 },
        as: UTF8.self)
    }
    func content() -> Content {
      Content(
        text: text(), mode: number(), owner: number(), group: number(), label: sometimes(text))
    }
    func identifier() -> String {
      String((0..<8).map { _ in "0123456789abcdef".randomElement(using: &generator) ?? "0" })
    }
    let names = ["net.core.somaxconn", "net.ipv4.conf.eth0/100.rp_filter", "net.ipv4.tcp_rmem"]
    let keys = names.map { name in
      Key(key: SysctlKey(name) ?? "", before: value(), after: value(), source: text())
    }.prefix(Int.random(in: 0...3, using: &generator))
    var record = ChangeRecord(
      id: identifier(), sequence: Int.random(in: 1...999_999, using: &generator),
      kind: Bool.random(using: &generator) ? .apply : .rollback(of: identifier()), tool: text(),
      title: text(),
      origin: Origin(
        boot: text(), kernel: text(), memory: number(),
        namespaces: Namespaces(network: number(), mounts: number(), processes: number()),
        isInitialNetwork: Bool.random(using: &generator)),
      caller: Caller(
        user: number(), loginUser: sometimes { number() }, loginSession: sometimes { number() },
        session: number(), terminal: sometimes(text)),
      began: number(), deadline: number(), trial: sometimes { number() },
      alarm: Alarm.allCases.randomElement(using: &generator) ?? .timer, keys: Array(keys),
      file: sometimes {
        File(name: "60-web.conf", before: sometimes(content), after: sometimes(content))
      })
    record.phase = Phase.allCases.randomElement(using: &generator) ?? .armed
    record.ending = sometimes { .kept }
    record.reason = sometimes(text)
    record.ended = sometimes { number() }
    record.conflicts = keys.map(\.key).filter { _ in Bool.random(using: &generator) }
    return record
  }
}

extension SysctlKey: ExpressibleByStringLiteral {
  /// A key of a test.
  public init(stringLiteral text: String) { self.init(literal: text) }
}
