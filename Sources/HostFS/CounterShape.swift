import Facts
import Glibc

/// Where a file of counters has its numbers: a later reading in which all else is the same is read as
/// those alone.
///
/// On a host at work some counters move at every look, and the kernel spells the names of all 420 each
/// time.
struct CounterShape {
  /// More digits than these may not fit 64 bits: that is left to who reads the whole file.
  private static let mostDigits = 18

  /// The file as it was last read.
  private var bytes: [UInt8]
  /// Its numbers, one behind the other.
  private var spots: [Range<Int>]

  /// The shape of a file; nil where it has a line or a number that is not what we know, or two numbers
  /// for one name.
  init?(_ bytes: [UInt8], _ layout: CounterFile.Layout) {
    var file = CounterFile(bytes, layout)
    var builder = CounterTable.Builder()
    file.parse(into: &builder)
    guard file.failures.isEmpty, builder.count == file.spots.count else { return nil }
    self.bytes = bytes
    spots = file.spots
  }

  /// How many numbers there are.
  var count: Int { spots.count }

  /// The numbers of a later reading in their order, nil where anything else is not as it was; then the
  /// shape stays as it is.
  mutating func numbers(in later: [UInt8]) -> [Int64]? {
    var moved = spots
    var numbers: [Int64] = []
    numbers.reserveCapacity(spots.count)
    let isSame = unsafe bytes.withUnsafeBytes { old in
      unsafe later.withUnsafeBytes { new in
        unsafe Self.walk(old, new, &moved, &numbers)
      }
    }
    guard isSame else { return nil }
    bytes = later
    spots = moved
    return numbers
  }

  /// Goes over both at once; returns whether they differ in numbers only, which then stand where
  /// `spots` says.
  private static func walk(
    _ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer, _ spots: inout [Range<Int>],
    _ numbers: inout [Int64]
  ) -> Bool {
    var (oldAt, newAt) = (0, 0)
    func isSame(_ length: Int) -> Bool {
      guard newAt + length <= new.count else { return false }
      guard length > 0, let first = old.baseAddress, let second = new.baseAddress else {
        return true
      }
      return unsafe memcmp(first + oldAt, second + newAt, length) == 0
    }
    for place in spots.indices {
      let length = spots[place].lowerBound - oldAt
      guard isSame(length) else { return false }
      newAt += length
      let start = newAt
      let isNegative = unsafe newAt < new.count && new[newAt] == UInt8(ascii: "-")
      if isNegative { newAt += 1 }
      let digits = newAt
      var number: Int64 = 0
      while newAt < new.count {
        let digit = unsafe new[newAt] &- UInt8(ascii: "0")
        guard digit < 10 else { break }
        guard newAt - digits < mostDigits else { return false }
        number = number * 10 + Int64(digit)
        newAt += 1
      }
      guard newAt > digits else { return false }
      numbers.append(isNegative ? -number : number)
      oldAt = spots[place].upperBound
      spots[place] = start..<newAt
    }
    return old.count - oldAt == new.count - newAt && isSame(old.count - oldAt)
  }
}
