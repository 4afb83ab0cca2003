import Audit
import Facts
import Pages
import Testing

private let vectors = ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_mem"]

/// Unpacked once: the tests below want it hundreds of times.
private let stock = Result { try stockSnapshot() }

private func mended(_ key: String, _ value: String) throws -> (target: String?, isMended: Bool) {
  let rule = "vector-not-ascending"
  let snapshot = try stock.get().with(key, value)
  let audit = Audit(of: snapshot, with: catalogue)
  let plan = audit.plan(for: audit.report().findings, onlyOf: rule)
  let target = plan.writes.first { $0.key.name == key }?.target
  let after = Audit(of: target.map { snapshot.with(key, $0) } ?? snapshot, with: catalogue)
  return (target, !after.report().findings.contains { $0.rule == rule })
}

@Test func absurdVectorsBecomeTheDefaults() throws {
  for key in vectors {
    let facts = Audit(of: try stockSnapshot(), with: catalogue)
    let row = facts.report().tunables.first { $0.key.name == key }
    #expect(try mended(key, "9 5 1").target == row?.defaultValue?.value, "\(key)")
  }
}

@Test func whatMakesSenseIsKept() throws {
  let key = "net.ipv4.tcp_rmem"
  #expect(try mended(key, "9000000 87380 4096").target == "4096 87380 87380")
  #expect(try mended(key, "4096 4194304 16384").target == "4096 4194304 4194304")
  // The middle one is absurd: it is raised to what is sensible, and so is what is cut to it.
  #expect(try mended(key, "2147483647 5 8192").target == "4096 4096 8192")
  #expect(try mended(key, "4096 131072 6291456").target == nil)
}

/// Whatever the numbers, the remedy leaves them in order, and within what is sensible where it
/// touches them.
@Test func everyRemedyLeavesAVectorAscending() throws {
  var generator = SystemRandomNumberGenerator()
  let telling: [Int64] = [0, 1, 5, 95, 96, 4095, 4096, 131_072, 6_291_456, 536_870_912]
  for _ in 0..<150 {
    let key = vectors[Int.random(in: 0..<3, using: &generator)]
    let numbers = (0..<3).map { _ in
      Bool.random(using: &generator)
        ? telling[Int.random(in: 0..<telling.count, using: &generator)]
        : Int64.random(in: 1...Int64(Int32.max), using: &generator)
    }
    let value = numbers.map(String.init).joined(separator: " ")
    let (target, isMended) = try mended(key, value)
    #expect(isMended, "\(key) = \(value) to \(target ?? "nothing")")
    let isAscending = numbers == numbers.sorted()
    #expect((target == nil) == isAscending, "\(key) = \(value)")
  }
}
