import Facts
import SnapshotFile
import Testing

/// A later minor version adds members; whatever they hold, they are passed over.
@Test(arguments: ["5", "null", "\"x\"", "[1, {\"a\": []}]", "{\"b\": {\"missing\": 7}}", "false"])
func aLaterMinorVersion(_ addition: String) throws {
  for snapshot in [Snapshots.whole, Snapshots.window, Snapshots.missing] {
    var document = Document(snapshot)
    var added = 0
    for index in document.lines.indices.reversed() where document.lines[index].hasSuffix("{") {
      // In a table of counters, every member is a counter.
      if document.lines[index].hasSuffix("\"values\": {") { continue }
      if document.lines[index].hasSuffix("\"missing\": {") { continue }
      document.lines.insert("\"something_new\": \(addition),", at: index + 1)
      added += 1
    }
    #expect(added > 5)
    let later = document.text.replacing("_version\": \"1.0\"", with: "_version\": \"1.9\"")
    #expect(later != document.text)
    #expect(try read(later) == snapshot)
  }
}

/// The release is the kernel's name where an older version of the format did not tell it.
@Test func aSnapshotWithoutTheStableNumber() throws {
  let document = Document(Snapshots.whole)
  let member = try #require(document.members.first { $0.name == "release" })
  let release = try read(document.removing(member)).host.release.value
  #expect(release?.text == "6.1.0-47-cloud-amd64")
  #expect(release?.description == "6.1")
}

struct TextCase: Sendable, CustomTestStringConvertible {
  var text: String
  var place: String
  var message: String
  var testDescription: String { text.debugDescription }
}

@Test(arguments: [
  TextCase(text: "", place: "1:1", message: "expected a value, found the end of the text"),
  TextCase(text: " \n\n", place: "3:1", message: "expected a value, found the end of the text"),
  TextCase(
    text: "[]", place: "1:1", message: "expected an object for the snapshot, found an array"),
  TextCase(text: "\n 7", place: "2:2", message: "expected an object for the snapshot, found 7"),
  TextCase(
    text: "{}", place: "1:1", message: "expected 'format_version' in the snapshot, found none"),
  TextCase(
    text: "{\"format_version\": \"1.0\"}", place: "1:1",
    message: "expected 'host' in the snapshot, found none"),
  TextCase(
    text: "{\"format_version\": \"2.0\", \"host\": 5}", place: "1:20",
    message:
      "expected snapshot format 1.x, which this program reads for 'format_version', found \"2.0\""),
  // Columns are characters, not bytes.
  TextCase(
    text: "{\"\u{e9}\u{961f}\u{1f600}\": 1, \"format_version\": 1}", place: "1:30",
    message: "expected a string for 'format_version', found 1"),
  TextCase(
    text: "{\"format_version\": \"1.0\", \"format_version\": \"1.0\"}", place: "1:27",
    message: "expected \"format_version\" once, found it again"),
  TextCase(
    text: "{\"format_version\": \"1.0\"} x", place: "1:27",
    message: "expected the end of the document, found 'x'"),
])
func textsThatAreNoSnapshot(_ c: TextCase) {
  let found = problem(c.text)
  #expect(found?.place == c.place)
  #expect(found?.message == c.message)
}

@Test func bytesThatAreNotUTF8() {
  let bytes = Array("{\n  \"format_version\": \"".utf8) + [0xff, 0x22, 0x7d]
  #expect {
    _ = try SnapshotFile.snapshot(from: bytes)
  } throws: { error in
    let problem = error as? SnapshotFile.Problem
    return problem?.place == "2:22"
      && problem?.message == "expected UTF-8, found other bytes in a string"
  }
}
