import Facts
import SnapshotFile
import Testing

/// Whether the reader can do without a member.
private func isOptional(_ member: Document.Member, in document: Document) -> Bool {
  // The tool is named for people; counters come and go with the kernels.
  if ["'tool'", "'values'", "'missing'", "'states'"].contains(member.parent) { return true }
  if member.name == "seconds" { return document.text.contains("\"since-boot\"") }
  let top = [
    "tool", "gaps", "counters_before", "states", "connections", "destinations", "files", "writers",
  ]
  if member.parent == "the snapshot" { return top.contains(member.name) }
  // What is not known of a line of a file is left out.
  if member.parent == "an item of 'problems'", member.name == "line" { return true }
  let unknown = ["there", "leaves", "effective", "not_compared"]
  if unknown.contains(member.name) { return true }
  if member.name == "outcome" { return member.parent == "an item of 'assignments'" }
  return ["release", "sampling", "network_namespace", "holders"].contains(member.name)
}

private let snapshots = ["whole": Snapshots.whole, "window": Snapshots.window]

/// Each member in turn taken out: the message names it and the object that lacks it, at its brace.
@Test(arguments: snapshots.keys.sorted()) func aMemberThatIsMissing(_ name: String) throws {
  let document = Document(try #require(snapshots[name]))
  #expect(document.members.count > 40)
  for member in document.members {
    let found = problem(document.removing(member))
    if isOptional(member, in: document) {
      #expect(found == nil, "\(member)")
    } else {
      #expect(found?.message == "expected '\(member.name)' in \(member.parent), found none")
      #expect(found?.place == document.placeOfParent(of: member), "\(member)")
    }
  }
}

/// Each member in turn of another type: one message that names it, at the value.
@Test(arguments: snapshots.keys.sorted()) func aMemberOfAnotherType(_ name: String) throws {
  let document = Document(try #require(snapshots[name]))
  for member in document.members where member.parent != "'tool'" && member.name != "tool" {
    if member.name == "seconds", name == "whole" { continue }
    let value = document.lines[member.lines.lowerBound].dropFirst(member.head.count)
    var others = [
      ("null", "null"), ("[]", "an array"), ("{}", "an object"), ("\"x\"", "\"x\""),
      ("-7.5", "-7.5"),
    ]
    // A text may be any text, and a list or an object empty, or the object says too little.
    switch value.first {
    case "\"": others.removeAll { $0.0 == "\"x\"" }
    case "[": others.removeAll { $0.0 == "[]" }
    case "{": others.removeAll { $0.0 == "{}" }
    default: break
    }
    // A number below 0 is of the right type; its range is another test's.
    if member.name == "uptime_seconds" { others.removeAll { $0.0 == "-7.5" } }
    for (bent, words) in others {
      let found = problem(document.replacing(member, with: bent))
      #expect(found?.place == document.place(of: member), "\(member.name): \(bent)")
      let message = found?.message ?? "none"
      #expect(
        message.hasPrefix("expected ")
          && message.hasSuffix(" for '\(member.name)', found \(words)"),
        "\(member.name): \(bent): \(message)")
    }
  }
}

/// A text cut off anywhere: one message, at a place that exists.
@Test(arguments: snapshots.keys.sorted()) func truncated(_ name: String) throws {
  let bytes = Array(SnapshotFile.text(try #require(snapshots[name])).utf8)
  // The newline at the end may be missing.
  for count in 0..<(bytes.count - 1) {
    let cut = Array(bytes[..<count])
    do {
      _ = try SnapshotFile.snapshot(from: cut)
      Issue.record("\(count) bytes are no snapshot")
    } catch {
      let place = error.place.split(separator: ":").compactMap { Int($0) }
      let lines = String(decoding: cut, as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false)
      try #require(place.count == 2, "\(error.place)")
      // Only half a word (nul, tru) is objected to at its beginning.
      #expect(place[0] == lines.count, "\(count) bytes: \(error)")
      #expect(place[1] <= lines[lines.count - 1].count + 1, "\(count) bytes: \(error)")
      #expect(error.message.hasPrefix("expected "), "\(count) bytes: \(error)")
      #expect(error.message.contains(", found "), "\(count) bytes: \(error)")
    }
  }
  #expect(throws: Never.self) { try SnapshotFile.snapshot(from: Array(bytes.dropLast())) }
}

/// Random bytes changed: a snapshot or a message, never a trap.
@Test func mutatedDocumentsNeverTrap() throws {
  var generator = SystemRandomNumberGenerator()
  let bytes = Array(SnapshotFile.text(Snapshots.window).utf8)
  let telling = Array("{}[]\",:0-.eE\\u\n".utf8)
  for _ in 0..<1000 {
    var bent = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let at = Int.random(in: 0..<bent.count, using: &generator)
      let byte =
        Bool.random(using: &generator)
        ? UInt8.random(in: 0...255, using: &generator)
        : telling[Int.random(in: 0..<telling.count, using: &generator)]
      switch Int.random(in: 0...2, using: &generator) {
      case 0: bent[at] = byte
      case 1: bent.insert(byte, at: at)
      default: bent.remove(at: at)
      }
    }
    do {
      let snapshot = try SnapshotFile.snapshot(from: bent)
      // What reads is a snapshot that reads back.
      #expect(try read(SnapshotFile.text(snapshot)) == snapshot)
    } catch {
      #expect("\(error)".contains("expected "), "\(String(decoding: bent, as: UTF8.self))")
    }
  }
}
