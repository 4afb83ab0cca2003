import Facts

/// Reads one file of counters, byte by byte: an audit reads four of them at every start.
struct CounterFile {
  /// How a file is laid out.
  enum Layout {
    /// Pairs of lines, names over numbers: `TcpExt: A B` over `TcpExt: 1 2` (snmp, netstat).
    case headed
    /// Labelled lines of names and numbers, `TCP: inuse 5 orphan 0` (sockstat), whose names begin
    /// with this word.
    case labelled(String)
  }

  /// A line or a number that is not what we know.
  struct Failure {
    /// The counter or the group of counters that is lost with it, nil where that cannot be told.
    var name: String?
    /// The line and what was expected there.
    var reason: String
  }

  private typealias Word = Range<Int>

  private let bytes: [UInt8]
  private let layout: Layout
  private(set) var failures: [Failure] = []
  /// Where the numbers stand that were put into the table, in that order.
  private(set) var spots: [Range<Int>] = []
  /// The name of a counter, put together.
  private var name: [UInt8] = []

  init(_ bytes: [UInt8], _ layout: Layout) {
    self.bytes = bytes
    self.layout = layout
  }

  /// Puts every number that can be read into the table.
  mutating func parse(into values: inout CounterTable.Builder) {
    var names: [Word] = []
    var words: [Word] = []
    var number = 0
    var start = 0
    while start < bytes.count {
      number += 1
      var end = start
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      split(start..<end, into: &words)
      switch layout {
      case _ where start == end: break
      case .headed: headed(start..<end, number, &names, &words, &values)
      case .labelled(let group): labelled(start..<end, number, words, group, &values)
      }
      start = end + 1
    }
    if let first = names.first {
      fail(group(first), number + 1, "numbers for '\(text(first))'", "the end of the file")
    }
  }

  /// One line of a pair; `names` is the line over it, empty where there is none.
  private mutating func headed(
    _ line: Word, _ number: Int, _ names: inout [Word], _ words: inout [Word],
    _ values: inout CounterTable.Builder
  ) {
    guard let first = words.first, isLabel(first) else {
      fail(nil, number, "a name with a colon", text(line))
      names.removeAll(keepingCapacity: true)
      return
    }
    guard let label = names.first, bytes[label].elementsEqual(bytes[first]) else {
      if let label = names.first {
        fail(group(label), number, "numbers for '\(text(label))'", text(first))
      }
      swap(&names, &words)
      return
    }
    if words.count == names.count {
      begin("", first)
      for index in 1..<words.count {
        if let value = integer(words[index]) {
          add(names[index], behind: first.count, value, at: words[index], &values)
        } else {
          let name = text(names[index])
          fail("\(group(first)).\(name)", number, "a number for '\(name)'", text(words[index]))
        }
      }
    } else {
      let count = names.count - 1
      fail(group(first), number, "\(count) numbers for '\(text(first))'", "\(words.count - 1)")
    }
    names.removeAll(keepingCapacity: true)
  }

  private mutating func labelled(
    _ line: Word, _ number: Int, _ words: [Word], _ group: String,
    _ values: inout CounterTable.Builder
  ) {
    guard let first = words.first, isLabel(first), words.count % 2 == 1 else {
      let lost = words.first.flatMap { isLabel($0) ? "\(group).\(self.group($0))" : nil }
      fail(lost, number, "a label, then names with numbers", text(line))
      return
    }
    begin("\(group).", first)
    let length = name.count
    for index in stride(from: 1, to: words.count, by: 2) {
      if let value = integer(words[index + 1]) {
        add(words[index], behind: length, value, at: words[index + 1], &values)
      } else {
        let name = text(words[index])
        fail(
          "\(group).\(self.group(first)).\(name)", number, "a number after '\(name)'",
          text(words[index + 1]))
      }
    }
  }

  private mutating func fail(_ name: String?, _ line: Int, _ expected: String, _ found: String) {
    failures.append(
      Failure(name: name, reason: "line \(line): expected \(expected), found '\(found)'"))
  }

  // MARK: Words

  private func split(_ line: Word, into words: inout [Word]) {
    words.removeAll(keepingCapacity: true)
    var start = line.lowerBound
    for index in line where bytes[index] == 0x20 {
      if index > start { words.append(start..<index) }
      start = index + 1
    }
    if line.upperBound > start { words.append(start..<line.upperBound) }
  }

  private func isLabel(_ word: Word) -> Bool { bytes[word.upperBound - 1] == UInt8(ascii: ":") }

  private func text(_ word: Word) -> String { String(decoding: bytes[word], as: UTF8.self) }

  /// The label without its colon.
  private func group(_ label: Word) -> String { text(label.lowerBound..<label.upperBound - 1) }

  /// Begins names with what they have in common: `TcpExt.` of `TcpExt:`.
  private mutating func begin(_ prefix: String, _ label: Word) {
    name.removeAll(keepingCapacity: true)
    name.append(contentsOf: prefix.utf8)
    name.append(contentsOf: bytes[label])
    name[name.count - 1] = UInt8(ascii: ".")
  }

  /// Adds the counter whose name is the word behind so many bytes of what was begun.
  private mutating func add(
    _ word: Word, behind length: Int, _ value: Int64, at spot: Word,
    _ values: inout CounterTable.Builder
  ) {
    name.removeLast(name.count - length)
    name.append(contentsOf: bytes[word])
    values.add(name, value)
    spots.append(spot)
  }

  /// A decimal number of 64 bits.
  private func integer(_ word: Word) -> Int64? {
    let isNegative = bytes[word.lowerBound] == UInt8(ascii: "-")
    let digits = isNegative ? word.dropFirst() : word[...]
    guard !digits.isEmpty else { return nil }
    var number: Int64 = 0
    for index in digits {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.subtractingReportingOverflow(Int64(digit))
      guard !isTooLarge, !overflows else { return nil }
      number = sum
    }
    // Counted downwards, for there is one more negative number than positive ones.
    if isNegative { return number }
    return number == .min ? nil : -number
  }
}
