extension StringProtocol {
  /// How many columns of a terminal the text takes: none for marks that stand on another character,
  /// two for ideographs and the like.
  var displayColumns: Int {
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return unicodeScalars.reduce(0) { $0 + $1.displayColumns }
  }

  /// The longest beginning that takes at most so many columns.
  func prefix(columns: Int) -> SubSequence {
    if utf8.count <= columns { return self[...] }
    var used = 0
    var end = startIndex
    for index in indices {
      used += self[index].unicodeScalars.reduce(0) { $0 + $1.displayColumns }
      guard used <= columns else { return self[..<end] }
      end = self.index(after: index)
    }
    return self[...]
  }
}

extension Unicode.Scalar {
  /// Ranges whose characters take two columns (East Asian Width W and F, and emoji).
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x231a...0x231b, 0x2329...0x232a, 0x23e9...0x23ec, 0x2e80...0x303e,
    0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
    0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f,
    0x1f680...0x1f6ff, 0x1f900...0x1f9ff, 0x20000...0x3fffd,
  ]

  fileprivate var displayColumns: Int {
    guard value >= 0x300 else { return 1 }
    // Blocks and lines that the program itself draws need no look into tables.
    if (0x2500...0x259f).contains(value) { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }
  }
}
