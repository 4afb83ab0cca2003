/// Reads numbers as the kernel does (`proc_get_long`, `strtoul_lenient`).
struct NumberReader {
  /// The kernel copies this many bytes of a number, of which the last must not be one of its digits.
  private static let longestNumber = 21

  private let bytes: [UInt8]
  private var next = 0
  private let end: Int
  /// Whether the write was longer than what the kernel looks at.
  private let isCut: Bool

  /// A reader of what is written in one write(2).
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    end = min(bytes.count, KeyKind.longestWrite)
    isCut = bytes.count > KeyKind.longestWrite
  }

  /// Whether all was used but blanks.
  var isAtEnd: Bool {
    !isCut && bytes[next..<end].allSatisfy(Self.isSpace)
  }

  /// The numbers until one is wrong, all are there, or the text ends.
  mutating func numbers(
    atMost count: Int, within range: ClosedRange<Int64>
  ) -> (numbers: [Int64], failed: Bool) {
    var numbers: [Int64] = []
    while numbers.count < count {
      while next < end, Self.isSpace(bytes[next]) { next += 1 }
      if next == end { break }
      guard let number = number(), range.contains(number) else { return (numbers, true) }
      numbers.append(number)
    }
    return (numbers, false)
  }

  private mutating func number() -> Int64? {
    let limit = min(end, next + Self.longestNumber)
    var place = next
    let isNegative = bytes[place] == UInt8(ascii: "-") && end - next > 1
    if isNegative { place += 1 }
    guard place < limit, Self.digit(bytes[place], base: 10) != nil else { return nil }
    var base: UInt64 = 10
    if bytes[place] == UInt8(ascii: "0") {
      base = 8
      if place + 2 < limit, bytes[place + 1] | 0x20 == UInt8(ascii: "x"),
        Self.digit(bytes[place + 2], base: 16) != nil
      {
        base = 16
        place += 2
      }
    }
    var value: UInt64 = 0
    while place < limit, let digit = Self.digit(bytes[place], base: base) {
      let (product, overflow) = value.multipliedReportingOverflow(by: base)
      let (sum, carry) = product.addingReportingOverflow(digit)
      guard !overflow, !carry else { return nil }
      value = sum
      place += 1
    }
    guard place - next < Self.longestNumber else { return nil }
    if place < end {
      let after = bytes[place]
      guard after == 0x20 || after == 0x09 || after == 0x0a else { return nil }
    }
    next = place
    guard value <= UInt64(Int64.max) else { return nil }
    return isNegative ? -Int64(value) : Int64(value)
  }

  private static func digit(_ byte: UInt8, base: UInt64) -> UInt64? {
    let value: UInt8
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): value = byte - UInt8(ascii: "A") + 10
    default: return nil
    }
    return UInt64(value) < base ? UInt64(value) : nil
  }

  /// Blank, tab, newline, vertical tab, form feed, carriage return, and the kernel's 0xa0.
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte) || byte == 0xa0
  }
}
