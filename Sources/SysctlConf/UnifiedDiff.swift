/// The difference of two files in the form that patch(1) reads.
public struct UnifiedDiff: Equatable, Sendable {
  /// The lines of the difference, each with its newline; empty when the files are equal.
  public let bytes: [UInt8]

  /// How many unchanged lines surround a change.
  private static let context = 3

  /// The difference from `old` to `new`.
  ///
  /// - Parameters:
  ///   - path: the file's path without a leading slash; `a/` and `b/` are put before it, so that
  ///     `patch -p1` in the folder that the path starts from finds it.
  ///   - old: the content before; nil for a file that does not exist.
  ///   - new: the content after.
  public init(path: String, old: ConfFile?, new: ConfFile) {
    let before = old.map(Self.lines) ?? []
    let after = Self.lines(new)
    guard before != after else {
      bytes = []
      return
    }
    let oldName = old == nil ? "/dev/null" : Self.name("a/\(path)")
    var text = Array("--- \(oldName)\n+++ \(Self.name("b/\(path)"))\n".utf8)
    for hunk in Self.hunks(Self.script(from: before, to: after)) { text += hunk }
    bytes = text
  }

  /// Whether the files are equal.
  public var isEmpty: Bool { bytes.isEmpty }

  /// A file's name as patch reads it.
  ///
  /// It takes a name to end at its first blank, unless a tab ends it; one with quotes, backslashes
  /// or control characters stands in quotes as in C.
  private static func name(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy {
      $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    guard !isPlain else { return path.contains(" ") ? "\(path)\t" : path }
    var quoted: [UInt8] = []
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
      case 0..<0x20, 0x7f:
        let digits = [byte >> 6, byte >> 3 & 7, byte & 7].map { UInt8(ascii: "0") + $0 }
        quoted += [UInt8(ascii: "\\")] + digits
      default: quoted.append(byte)
      }
    }
    return "\"\(String(decoding: quoted, as: UTF8.self))\""
  }

  /// The lines with what ends them, so that a missing final newline is a difference.
  private static func lines(_ file: ConfFile) -> [[UInt8]] {
    file.lines.enumerated().map { index, line in
      index < file.lines.count - 1 || file.endsInNewline
        ? line.bytes + [UInt8(ascii: "\n")] : line.bytes
    }
  }

  private struct Step {
    /// A blank, `-` or `+`.
    var mark: UInt8
    var line: [UInt8]
  }

  /// Every line of both files in order, each marked.
  private static func script(from before: [[UInt8]], to after: [[UInt8]]) -> [Step] {
    let difference = after.difference(from: before)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var steps: [Step] = []
    var (i, j) = (0, 0)
    while i < before.count || j < after.count {
      if i < before.count, removed.contains(i) {
        steps.append(Step(mark: UInt8(ascii: "-"), line: before[i]))
        i += 1
      } else if j < after.count, inserted.contains(j) {
        steps.append(Step(mark: UInt8(ascii: "+"), line: after[j]))
        j += 1
      } else {
        steps.append(Step(mark: UInt8(ascii: " "), line: before[i]))
        i += 1
        j += 1
      }
    }
    return steps
  }

  /// The script cut into hunks with their headers.
  private static func hunks(_ steps: [Step]) -> [[UInt8]] {
    let changed = steps.indices.filter { steps[$0].mark != UInt8(ascii: " ") }
    var ranges: [Range<Int>] = []
    for index in changed {
      let range = max(0, index - context)..<min(steps.count, index + context + 1)
      if let last = ranges.last, range.lowerBound <= last.upperBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    var (old, new, at) = (0, 0, 0)
    return ranges.map { range in
      let skipped = range.lowerBound - at
      old += skipped
      new += skipped
      let hunk = hunk(steps[range], old: &old, new: &new)
      at = range.upperBound
      return hunk
    }
  }

  /// One hunk; `old` and `new` count the lines of either file before it, and after it.
  private static func hunk(_ steps: ArraySlice<Step>, old: inout Int, new: inout Int) -> [UInt8] {
    let (fromOld, fromNew) = (old, new)
    var body: [UInt8] = []
    for step in steps {
      if step.mark != UInt8(ascii: "+") { old += 1 }
      if step.mark != UInt8(ascii: "-") { new += 1 }
      body.append(step.mark)
      body += step.line
      if step.line.last != UInt8(ascii: "\n") {
        body += "\n\\ No newline at end of file\n".utf8
      }
    }
    let header = "@@ -\(range(fromOld, old)) +\(range(fromNew, new)) @@\n"
    return Array(header.utf8) + body
  }

  /// `first,count`; an empty range names the line before it.
  private static func range(_ from: Int, _ to: Int) -> String {
    from == to ? "\(from),0" : "\(from + 1),\(to - from)"
  }
}
