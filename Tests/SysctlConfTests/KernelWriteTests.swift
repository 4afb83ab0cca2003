import Foundation
import Support
import SysctlConf
import Testing

/// A text that is written to a key, and what becomes of it (sysctl-apply.md 2.1).
struct WriteCase: Sendable, CustomTestStringConvertible {
  var kind: KeyKind
  var present: String
  var text: String
  var outcome: KernelWrite.Outcome
  var value: String
  var failure: KernelWrite.Failure?

  init(
    _ kind: KeyKind, _ present: String, _ text: String, _ outcome: KernelWrite.Outcome,
    _ value: String, _ failure: KernelWrite.Failure? = nil
  ) {
    self.kind = kind
    self.present = present
    self.text = text
    self.outcome = outcome
    self.value = value
    self.failure = failure
  }

  var testDescription: String { text.prefix(40).debugDescription }
}

private let seconds = KeyKind.numbers(count: 1, range: -8589934...8589934)
private let small = KeyKind.numbers(count: 1, range: 0...255)
private let triple = KeyKind.numbers(count: 3, range: 1...Int64(Int32.max))
private let before = "4096\t131072\t6291456"
private let blanks = String(repeating: " ", count: 5000)

@Test(arguments: [
  WriteCase(seconds, "60", "30\n", .taken, "30"),
  WriteCase(seconds, "60", "30", .taken, "30"),
  WriteCase(seconds, "60", " \n\t30\n\n", .taken, "30"),
  WriteCase(seconds, "60", "0x1e\n", .taken, "30"),
  WriteCase(seconds, "60", "036\n", .taken, "30"),
  WriteCase(seconds, "60", "-5\n", .taken, "-5"),
  WriteCase(seconds, "60", "08\n", .refused, "60", .invalid),
  WriteCase(seconds, "60", "0x\n", .refused, "60", .invalid),
  WriteCase(seconds, "60", "+30\n", .refused, "60", .invalid),
  WriteCase(seconds, "60", "30.5\n", .refused, "60", .invalid),
  WriteCase(seconds, "60", "30\r\n", .refused, "60", .invalid),
  WriteCase(seconds, "60", "30\0", .refused, "60", .invalid),
  WriteCase(seconds, "60", "\n", .refused, "60", .invalid),
  WriteCase(seconds, "60", "", .taken, "60"),
  WriteCase(seconds, "60", "30 # x\n", .cut, "30"),
  WriteCase(seconds, "60", "30 40\n", .cut, "30"),
  WriteCase(seconds, "60", "8589935\n", .refused, "60", .invalid),
  WriteCase(seconds, "60", "00000000000000000000030\n", .refused, "60", .invalid),
  WriteCase(seconds, "60", "99999999999999999999\n", .refused, "60", .invalid),
  WriteCase(small, "1", "256\n", .refused, "1", .invalid),
  WriteCase(small, "1", "-1\n", .refused, "1", .invalid),
  WriteCase(triple, before, "8192\n", .partly, "8192\t131072\t6291456"),
  WriteCase(triple, before, "1 2 3\n", .taken, "1\t2\t3"),
  WriteCase(triple, before, "1 2 3 4\n", .cut, "1\t2\t3"),
  WriteCase(triple, before, "1 2 abc\n", .partly, "1\t2\t6291456", .invalid),
  WriteCase(triple, before, "0 2 3\n", .refused, before, .invalid),
  WriteCase(triple, before, "1 0 3\n", .partly, "1\t131072\t6291456", .invalid),
  WriteCase(triple, before, "4096\(blanks)87380 1\n", .partly, before),
  WriteCase(.portRange, "32768\t60999", "2000\n", .partly, "2000\t60999"),
  WriteCase(.portRange, "32768\t60999", "60000 20000\n", .refused, "32768\t60999", .invalid),
  WriteCase(.portRange, "32768\t60999", "1 65535\n", .refused, "32768\t60999", .invalid),
  WriteCase(.portRange, "32768\t60999", "2000 3000 5\n", .cut, "2000\t3000"),
  WriteCase(.portList, "8080", "9000-9010,9005,9011\n", .taken, "9000-9011"),
  WriteCase(.portList, "8080", "\n", .taken, ""),
  WriteCase(.portList, "8080", "9005, 9006\n", .refused, "8080", .invalid),
  WriteCase(.portList, "8080", "65536\n", .refused, "8080", .invalid),
  WriteCase(.portList, "8080", "9-8\n", .refused, "8080", .invalid),
])
func theKernelMakes(_ c: WriteCase) {
  let write = c.kind.write(Array(c.text.utf8), over: c.present)
  #expect(write.outcome == c.outcome)
  #expect(write.value == c.value)
  #expect(write.failure == c.failure)
}

@Test func namesMustExistAndBePermitted() {
  let rule = NameRule.congestionControl(
    available: ["reno", "cubic"], allowed: ["reno"], isInitial: false)
  let kind = KeyKind.name(rule)
  #expect(kind.write(Array("reno\n".utf8), over: "cubic").value == "reno")
  #expect(kind.write(Array("cubic\n".utf8), over: "reno").failure == .notPermitted)
  #expect(kind.write(Array("nosuch\n".utf8), over: "reno").failure == .noEntry)
  // The first namespace may choose any, and loads the module.
  let initial = NameRule.congestionControl(available: ["reno"], allowed: ["reno"], isInitial: true)
  #expect(KeyKind.name(initial).write(Array("bbr\n".utf8), over: "reno").outcome == .taken)
}

/// Random texts leave in this kernel what is predicted, byte for byte.
@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct KernelWriteLiveTests {
  private static let keys: [(path: String, kind: KeyKind)] = [
    ("net/ipv4/tcp_rmem", .numbers(count: 3, range: 1...Int64(Int32.max))),
    ("net/core/somaxconn", .numbers(count: 1, range: 0...Int64(Int32.max))),
    ("net/ipv4/conf/all/rp_filter", .numbers(count: 1, range: KeyKind.int32)),
    ("net/ipv4/ip_local_port_range", .portRange),
    ("net/ipv4/ip_unprivileged_port_start", .firstFreePort),
    ("net/ipv4/ip_local_reserved_ports", .portList),
  ]

  private static let pieces = [
    "1", "2", "30", "0", "-5", "-0", "0x1e", "0X1E", "0x", "036", "08", "+3", "4096", "65535",
    "65536",
    "2147483647", "2147483648", "-2147483648", "-2147483649", "000000000000000000001",
    "0000000000000000000001", "18446744073709551616", "99999999999999999999", " ", " ", " ", "\t",
    "\n", "\r", "\u{b}", "\u{c}", ",", "-", "#", "abc", "e", "1e3", "9000-9010", "8080,", "\0", ".",
  ]

  private static func text(_ generator: inout RandomFiles.Generator) -> [UInt8] {
    var text: [UInt8] = []
    for _ in 0..<Int.random(in: 1...7, using: &generator) {
      text += Array(pieces[Int.random(in: 0..<pieces.count, using: &generator)].utf8)
      if Bool.random(using: &generator) { text.append(0x20) }
    }
    if Int.random(in: 0..<60, using: &generator) == 0 {
      let count = Int.random(in: 4080...4100, using: &generator)
      text.insert(
        contentsOf: Array(repeating: 0x20, count: count),
        at: Int.random(in: 0...text.count, using: &generator))
    }
    if Bool.random(using: &generator) { text.append(0x0a) }
    return text
  }

  @Test(.timeLimit(.minutes(5))) func textsBecomeWhatIsPredicted() throws {
    let seed = UInt64.random(in: 0...0xffff_ffff)
    let rounds = Iterations.count(4000)
    let wrong = try PrivateNetwork.run { _ -> [String] in
      var generator = RandomFiles.Generator(state: seed)
      var wrong: [String] = []
      for _ in 0..<rounds {
        let (path, kind) = Self.keys[Int.random(in: 0..<Self.keys.count, using: &generator)]
        let text = Self.text(&generator)
        let present = Self.read(path)
        let context = WriteContext(
          firstFreePort: Int64(Self.read("net/ipv4/ip_unprivileged_port_start")) ?? -1,
          firstLocalPort: Self.read("net/ipv4/ip_local_port_range").split(separator: "\t").first
            .flatMap { Int64($0) } ?? -1)
        let predicted = kind.write(text, over: present, in: context)
        let failed = Self.write(text, path)
        let now = Self.read(path)
        if predicted.value != now || (predicted.failure != nil) != failed {
          wrong.append(
            "\(path), \(present), \(text.shown): expected \(predicted), found \(now), \(failed)")
        }
      }
      return wrong
    }
    #expect(wrong.isEmpty, "seed \(seed): \(wrong.prefix(5).joined(separator: "\n"))")
  }

  private static func read(_ path: String) -> String {
    let descriptor = open("/proc/sys/\(path)", O_RDONLY)
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = max(0, Glibc.read(descriptor, &buffer, buffer.count))
    return String(decoding: buffer[..<count].prefix { $0 != 0x0a }, as: UTF8.self)
  }

  /// Whether the one write(2) failed.
  private static func write(_ bytes: [UInt8], _ path: String) -> Bool {
    let descriptor = open("/proc/sys/\(path)", O_WRONLY)
    defer { close(descriptor) }
    return Glibc.write(descriptor, bytes, bytes.count) < 0
  }
}
