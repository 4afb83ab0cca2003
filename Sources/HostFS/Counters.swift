public import Facts

/// What was read of the counters' files.
public struct Counters: Equatable, Sendable {
  /// Every number by its name.
  public var table = CounterTable()
  /// Files that are missing, and lines that are not what we know.
  public var gaps: [Gap] = []
}

extension HostFS {
  /// Every number of /proc/net/snmp, netstat, sockstat and sockstat6, by the names in the files.
  ///
  /// A counter that a new kernel adds is there without a new release of ours. A line that is not as
  /// expected leaves out that line's numbers and says so.
  public func counters() -> Counters {
    var counters = Counters()
    for (file, groups) in [
      ("proc/net/snmp", ["Tcp"]), ("proc/net/netstat", ["TcpExt", "MPTcpExt"]),
    ] {
      read(file, groups: groups, into: &counters) { CounterTable.headed($0, file: file) }
    }
    for (file, group) in [
      ("proc/net/sockstat", "sockstat"), ("proc/net/sockstat6", "sockstat6"),
    ] {
      read(file, groups: [group], into: &counters) {
        CounterTable.labelled($0, file: file, group: group)
      }
    }
    return counters
  }

  private func read(
    _ file: String, groups: [String], into counters: inout Counters,
    _ parse: ([UInt8]) -> (values: [String: Int64], failures: [ParseFailure])
  ) {
    let bytes: [UInt8]
    do {
      bytes = try self.bytes(file)
    } catch {
      for group in groups {
        counters.table.missing[group] = Absence(
          error.isAbsent ? .absent : .unreadable, "\(error.path): \(error.reason)")
      }
      // A kernel without IPv6 has no sockstat6; that is no gap.
      if !(error.isAbsent && file.hasSuffix("6")) {
        counters.gaps.append(Gap(error.path, error.reason))
      }
      return
    }
    guard !bytes.isEmpty else {
      for group in groups {
        counters.table.missing[group] = Absence(.unreadable, "\(path(file)) is empty")
      }
      counters.gaps.append(Gap(path(file), "expected counters, found an empty file"))
      return
    }
    let (values, failures) = parse(bytes)
    counters.table.values.merge(values) { _, new in new }
    for failure in failures {
      counters.gaps.append(Gap(path(file), failure.reason))
    }
    for group in groups where !values.keys.contains(where: { $0.hasPrefix("\(group).") }) {
      if let failure = failures.first {
        counters.table.missing[group] = Absence(
          .unreadable, "\(path(file)): \(failure.reason)")
      }
    }
  }
}

extension CounterTable {
  typealias Parsed = (values: [String: Int64], failures: [ParseFailure])

  /// Pairs of lines, names over numbers: `TcpExt: A B` over `TcpExt: 1 2` (snmp, netstat).
  static func headed(_ bytes: [UInt8], file: String) -> Parsed {
    var parsed: Parsed = ([:], [])
    var names: [ArraySlice<UInt8>] = []
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      number += 1
      let words = line.split(separator: 0x20)
      guard let first = words.first, first.last == UInt8(ascii: ":") else {
        parsed.failures.append(
          ParseFailure(
            file: file, line: number, expected: "a name with a colon", found: text(line)))
        names = []
        continue
      }
      guard names.first == first else {
        if let earlier = names.first {
          parsed.failures.append(
            ParseFailure(
              file: file, line: number, expected: "numbers for '\(text(earlier))'",
              found: text(first)))
        }
        names = words
        continue
      }
      if words.count != names.count {
        parsed.failures.append(
          ParseFailure(
            file: file, line: number,
            expected: "\(names.count - 1) numbers for '\(text(first))'",
            found: "\(words.count - 1)"))
      } else {
        let group = text(first.dropLast()) + "."
        for (name, word) in zip(names, words).dropFirst() {
          guard let value = integer(word) else {
            parsed.failures.append(
              ParseFailure(
                file: file, line: number, expected: "a number for '\(text(name))'",
                found: text(word)))
            continue
          }
          parsed.values[group + text(name)] = value
        }
      }
      names = []
    }
    if let first = names.first {
      parsed.failures.append(
        ParseFailure(
          file: file, line: number + 1, expected: "numbers for '\(text(first))'",
          found: "the end of the file"))
    }
    return parsed
  }

  /// Labelled lines of names and numbers: `TCP: inuse 5 orphan 0` (sockstat, sockstat6).
  static func labelled(_ bytes: [UInt8], file: String, group: String) -> Parsed {
    var parsed: Parsed = ([:], [])
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      let words = line.split(separator: 0x20)
      guard let first = words.first, first.last == UInt8(ascii: ":"), words.count % 2 == 1 else {
        parsed.failures.append(
          ParseFailure(
            file: file, line: index + 1, expected: "a label, then names with numbers",
            found: text(line)))
        continue
      }
      let label = "\(group).\(text(first.dropLast()))."
      for pair in stride(from: 1, to: words.count, by: 2) {
        guard let value = integer(words[pair + 1]) else {
          parsed.failures.append(
            ParseFailure(
              file: file, line: index + 1, expected: "a number after '\(text(words[pair]))'",
              found: text(words[pair + 1])))
          continue
        }
        parsed.values[label + text(words[pair])] = value
      }
    }
    return parsed
  }

  /// A decimal number of 64 bits.
  private static func integer(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    let digits = isNegative ? bytes.dropFirst() : bytes
    guard !digits.isEmpty, digits.count < 19 else { return Int64(text(bytes)) }
    var number: Int64 = 0
    for byte in digits {
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      number = number * 10 + Int64(digit)
    }
    return isNegative ? -number : number
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}
