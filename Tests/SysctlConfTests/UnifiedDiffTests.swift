import SysctlConf
import Testing

struct DiffCase: Sendable, CustomTestStringConvertible {
  var name: String
  /// nil for a file that is not there.
  var old: String?
  var new: String
  var diff: String
  var testDescription: String { name }
}

private let head = "--- a/etc/x.conf\n+++ b/etc/x.conf\n"
private let missing = "\\ No newline at end of file\n"

/// Lines of the numbers in order, some of them exchanged.
private func numbers(_ range: ClosedRange<Int>, _ other: [Int: String] = [:]) -> String {
  range.map { "\(other[$0] ?? "\($0)")\n" }.joined()
}

@Test(arguments: [
  DiffCase(name: "equal files", old: "a\nb\n", new: "a\nb\n", diff: ""),
  DiffCase(name: "equal files without a final newline", old: "a", new: "a", diff: ""),
  DiffCase(name: "no file and an empty one", old: nil, new: "", diff: ""),
  DiffCase(
    name: "a new file", old: nil, new: "a\nb\n",
    diff: "--- /dev/null\n+++ b/etc/x.conf\n@@ -0,0 +1,2 @@\n+a\n+b\n"),
  DiffCase(
    name: "a new file without a final newline", old: nil, new: "a",
    diff: "--- /dev/null\n+++ b/etc/x.conf\n@@ -0,0 +1,1 @@\n+a\n" + missing),
  DiffCase(name: "an empty file filled", old: "", new: "a\n", diff: head + "@@ -0,0 +1,1 @@\n+a\n"),
  DiffCase(name: "a file emptied", old: "a\n", new: "", diff: head + "@@ -1,1 +0,0 @@\n-a\n"),
  DiffCase(
    name: "a line replaced", old: "a\nb\nc\n", new: "a\nB\nc\n",
    diff: head + "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"),
  DiffCase(
    name: "three lines of context", old: numbers(1...9), new: numbers(1...9, [5: "x"]),
    diff: head + "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"),
  DiffCase(
    name: "a line appended", old: numbers(1...9), new: numbers(1...9) + "x\n",
    diff: head + "@@ -7,3 +7,4 @@\n 7\n 8\n 9\n+x\n"),
  DiffCase(
    name: "a line put first", old: numbers(1...9), new: "x\n" + numbers(1...9),
    diff: head + "@@ -1,3 +1,4 @@\n+x\n 1\n 2\n 3\n"),
  DiffCase(
    name: "near changes share a hunk", old: numbers(1...12),
    new: numbers(1...12, [2: "x", 9: "y"]),
    diff: head + "@@ -1,12 +1,12 @@\n 1\n-2\n+x\n 3\n 4\n 5\n 6\n 7\n 8\n-9\n+y\n 10\n 11\n 12\n"),
  DiffCase(
    name: "far changes have hunks of their own", old: numbers(1...12),
    new: numbers(2...12, [10: "y\ny"]),
    diff: head + "@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n"
      + "@@ -7,6 +6,7 @@\n 7\n 8\n 9\n-10\n+y\n+y\n 11\n 12\n"),
  DiffCase(
    name: "a final newline added", old: "a\nb", new: "a\nb\n",
    diff: head + "@@ -1,2 +1,2 @@\n a\n-b\n" + missing + "+b\n"),
  DiffCase(
    name: "a final newline taken away", old: "a\nb\n", new: "a\nb",
    diff: head + "@@ -1,2 +1,2 @@\n a\n-b\n+b\n" + missing),
  DiffCase(
    name: "a line without newline as context", old: "a\nb", new: "A\nb",
    diff: head + "@@ -1,2 +1,2 @@\n-a\n+A\n b\n" + missing),
  DiffCase(
    name: "a carriage return is a difference", old: "a\r\n", new: "a\n",
    diff: head + "@@ -1,1 +1,1 @@\n-a\r\n+a\n"),
])
func unifiedDiff(_ c: DiffCase) {
  let diff = UnifiedDiff(
    path: "etc/x.conf", old: c.old.map { ConfFile(parsing: Array($0.utf8)) },
    new: ConfFile(parsing: Array(c.new.utf8)))
  #expect(String(decoding: diff.bytes, as: UTF8.self) == c.diff)
  #expect(diff.isEmpty == c.diff.isEmpty)
}

/// GNU diff does so too; patch takes the tab away.
@Test func aNameWithABlankEndsInATab() {
  let (old, new) = (ConfFile(parsing: Array("a\n".utf8)), ConfFile(parsing: Array("b\n".utf8)))
  let hunk = "@@ -1,1 +1,1 @@\n-a\n+b\n"
  #expect(
    String(decoding: UnifiedDiff(path: "etc/my x.conf", old: old, new: new).bytes, as: UTF8.self)
      == "--- a/etc/my x.conf\t\n+++ b/etc/my x.conf\t\n" + hunk)
  #expect(
    String(decoding: UnifiedDiff(path: "my x.conf", old: nil, new: new).bytes, as: UTF8.self)
      == "--- /dev/null\n+++ b/my x.conf\t\n@@ -0,0 +1,1 @@\n+b\n")
}

@Test func noDifferenceBetweenEqualFiles() {
  var generator = SystemRandomNumberGenerator()
  for _ in 0..<300 {
    let bytes = RandomConf.file(&generator)
    let file = ConfFile(parsing: bytes)
    #expect(UnifiedDiff(path: "x", old: file, new: file).isEmpty, "\(bytes.shown)")
    let other = RandomConf.mutated(bytes, &generator)
    let diff = UnifiedDiff(path: "x", old: file, new: ConfFile(parsing: other))
    #expect(diff.isEmpty == (bytes == other), "\(bytes.shown) to \(other.shown)")
  }
}
