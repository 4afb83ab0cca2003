import Facts
import Netlink

/// What a walk of the table of connections will cost, from what is known before it is made.
///
/// The figures were measured and are good to about a third; they err on the dear side.
struct WalkCost {
  /// What may be spent without being asked for, in nanoseconds (facts.md 3).
  static let budget: Int64 = 50_000_000
  /// Each bucket of the table, in nanoseconds.
  private static let perBucket: Int64 = 1
  /// Each socket of the machine, for every walk visits all of them whatever it looks for.
  private static let perSocket: Int64 = 140
  /// Each socket that is copied out of the kernel.
  private static let perCopy: Int64 = 900
  /// Kernels before 6.1 do not tell the table's size; by default it is not larger than this.
  private static let largestTable: Int64 = 512 << 10

  /// The walk itself, in nanoseconds; nil where the number of sockets cannot be read.
  let walk: Int64?
  /// Copying every connection of the namespace out, in nanoseconds.
  let dump: Int64?

  init(_ snapshot: Snapshot) {
    // All are the kernel's own numbers: far from what 64 bits hold.
    let counters = snapshot.counters
    let buckets = snapshot.host.ehash.value ?? Self.largestTable
    walk = counters.reading("sockstat.TCP.alloc").value.map {
      buckets &* Self.perBucket &+ $0 &* Self.perSocket
    }
    let full = counters.reading("sockstat.TCP.inuse").value
    let full6 = counters.reading("sockstat6.TCP6.inuse").value ?? 0
    let timeWait = counters.reading("sockstat.TCP.tw").value
    dump = full.flatMap { full in
      timeWait.map { (full &+ full6 &+ $0) &* Self.perCopy }
    }
  }

  /// Why a walk is not made within the budget, nil where it is; `copying` adds the price of a dump.
  func refusal(copying: Bool, walkIsPaid: Bool, remedy: String) -> Absence? {
    guard let walk, let dump else {
      return Absence(.notGathered, "a walk of unknown cost; \(remedy)")
    }
    let cost = (walkIsPaid ? 0 : walk) &+ (copying ? dump : 0)
    guard cost > Self.budget else { return nil }
    return Absence(
      .notGathered,
      "a walk of about \(cost / 1_000_000) ms, more than \(Self.budget / 1_000_000); \(remedy)")
  }
}
