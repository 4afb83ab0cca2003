import Facts
import SnapshotFile

/// A written snapshot as lines: one member stands on each, so that a single one can be bent and the
/// place at which the reader must object is known beforehand.
struct Document {
  /// One member of an object of the document.
  struct Member {
    /// Its name.
    var name: String
    /// Its lines, counted from 0: more than one where an object or a list stands behind it.
    var lines: ClosedRange<Int>
    /// What stands before the value.
    var head: String
    /// The object in which it stands, in the words of a message.
    var parent: String
    /// The line of that object's brace, counted from 0.
    var parentLine: Int
  }

  var lines: [String]

  init(_ snapshot: Snapshot) {
    lines = SnapshotFile.text(snapshot).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }

  var text: String { lines.joined(separator: "\n") }

  /// Every member, from the top.
  var members: [Member] {
    lines.indices.compactMap { index in
      guard let (head, name) = Self.head(of: lines[index]) else { return nil }
      let parentLine = opening(above: index)
      return Member(
        name: name, lines: index...last(from: index), head: head, parent: self.name(at: parentLine),
        parentLine: parentLine)
    }
  }

  /// The document with another value for a member.
  func replacing(_ member: Member, with value: String) -> String {
    var lines = lines
    let comma = lines[member.lines.upperBound].hasSuffix(",") ? "," : ""
    lines.replaceSubrange(member.lines, with: [member.head + value + comma])
    return lines.joined(separator: "\n")
  }

  /// The document without a member.
  func removing(_ member: Member) -> String {
    var lines = lines
    let wasLast = !lines[member.lines.upperBound].hasSuffix(",")
    lines.removeSubrange(member.lines)
    let before = member.lines.lowerBound - 1
    if wasLast, lines[before].hasSuffix(",") { lines[before].removeLast() }
    return lines.joined(separator: "\n")
  }

  /// Where a member's value begins, as messages say it.
  func place(of member: Member) -> String {
    "\(member.lines.lowerBound + 1):\(member.head.count + 1)"
  }

  /// Where the object begins in which a member stands.
  func placeOfParent(of member: Member) -> String {
    let column = lines[member.parentLine].count
    return "\(member.parentLine + 1):\(column)"
  }

  private static func indent(_ line: String) -> Int { line.prefix { $0 == " " }.count }

  private static func head(of line: String) -> (head: String, name: String)? {
    let rest = line.drop { $0 == " " }
    guard rest.first == "\"" else { return nil }
    let name = rest.dropFirst().prefix { $0 != "\"" }
    let end = rest.index(name.endIndex, offsetBy: 1)
    guard rest[end...].hasPrefix(": ") else { return nil }
    return (line[..<end] + ": ", String(name))
  }

  /// The line that opens what a line stands in.
  private func opening(above index: Int) -> Int {
    lines[..<index].lastIndex { Self.indent($0) < Self.indent(lines[index]) } ?? 0
  }

  private func last(from index: Int) -> Int {
    guard lines[index].hasSuffix("{") || lines[index].hasSuffix("[") else { return index }
    return lines[(index + 1)...].firstIndex { Self.indent($0) == Self.indent(lines[index]) }
      ?? index
  }

  private func name(at line: Int) -> String {
    guard line > 0 else { return "the snapshot" }
    if let (_, name) = Self.head(of: lines[line]) { return "'\(name)'" }
    return "an item of \(name(at: opening(above: line)))"
  }
}
