/// Ports as the kernel keeps them: sorted, without doubles, neighbours joined.
public struct PortList {
  private var ranges: [ClosedRange<Int>] = []

  /// The list that a text names; nil where the kernel refuses it.
  public init?(parsing bytes: some Collection<UInt8>) {
    let text = Array(bytes)
    var next = 0
    while true {
      while next < text.count, text[next] == 0x0a { next += 1 }
      if next == text.count { break }
      guard let low = Self.port(text, &next, before: [0x2d, 0x2c, 0x0a]) else { return nil }
      var high = low
      if next < text.count {
        let separator = text[next]
        next += 1
        if separator == 0x2d {
          guard let end = Self.port(text, &next, before: [0x2c, 0x0a, 0]), end >= low else {
            return nil
          }
          high = end
          if next < text.count { next += 1 }
        }
      }
      ranges.append(low...high)
    }
  }

  private static func port(
    _ text: [UInt8], _ next: inout Int, before separators: [UInt8]
  ) -> Int? {
    let end = text[next...].firstIndex { !isDigit($0) } ?? text.count
    var reader = NumberReader(Array(text[next..<end]))
    let read = reader.numbers(atMost: 1, within: 0...65535)
    guard !read.failed, let port = read.numbers.first else { return nil }
    guard end == text.count || separators.contains(text[end]) else { return nil }
    next = end
    return Int(port)
  }

  /// Digits of any base: the number reader says whether they make a number.
  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "x"), UInt8(ascii: "X"):
      true
    default: false
    }
  }

  /// The list as the kernel prints it: `8080,9000-9011`.
  public var text: String {
    var joined: [ClosedRange<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joined.last, range.lowerBound <= last.upperBound + 1 {
        joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    return joined.map { $0.count > 1 ? "\($0.lowerBound)-\($0.upperBound)" : "\($0.lowerBound)" }
      .joined(separator: ",")
  }
}
