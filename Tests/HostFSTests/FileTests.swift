import Foundation
import Support
import Testing

@testable import HostFS

@Test func rootsAreFolders() throws {
  #expect(HostFS().isLive)
  #expect(HostFS(root: "///").isLive)
  #expect(HostFS().path("proc/uptime") == "/proc/uptime")
  let files = HostFS(root: "/some/where//")
  #expect(!files.isLive)
  #expect(files.path("proc/uptime") == "/some/where/proc/uptime")
}

@Test func partsOfAFile() throws {
  let small = try SmallHost(["a": " one \t\r\ntwo\n", "empty": "", "folder/b": "x"])
  #expect(try small.files.bytes("a") == Array(" one \t\r\ntwo\n".utf8))
  #expect(try small.files.text("a") == " one \t\r\ntwo\n")
  #expect(try small.files.line("a") == "one")
  #expect(try small.files.line("empty") == "")
  #expect(small.files.isFolder("folder"))
  #expect(!small.files.isFolder("a"))
  #expect(!small.files.isFolder("nothing"))
}

@Test func aFileThatCannotBeRead() throws {
  let small = try SmallHost(["a": "x"])
  let missing = HostFS.Failure(path: small.files.path("b"), errno: ENOENT)
  #expect(throws: missing) { try small.files.bytes("b") }
  #expect(missing.isAbsent)
  #expect(missing.reason == "No such file or directory")
  let below = HostFS.Failure(path: small.files.path("a/b"), errno: ENOTDIR)
  #expect(throws: below) { try small.files.line("a/b") }
  #expect(below.isAbsent)
  let folder = HostFS.Failure(path: small.files.path("."), errno: EISDIR)
  #expect(throws: folder) { try small.files.text(".") }
  #expect(!folder.isAbsent)
}

/// Larger than one read(2) gives, from a disk and from /proc.
@Test func largeFilesAreReadWhole() throws {
  let small = try SmallHost()
  let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
  try small.folder.write(bytes, to: "large")
  #expect(try small.files.bytes("large") == bytes)
  let maps = try HostFS().text("proc/self/maps")
  #expect(maps.utf8.count > 4096)
  #expect(maps.hasSuffix("\n"))
}

// MARK: What users name

@Test func aUsersFile() throws {
  let small = try SmallHost(["a": "text"])
  #expect(try UserFiles.bytes(small.files.path("a")) == Array("text".utf8))
  #expect(try UserFiles.bytes(small.files.path("a"), kind: .regularOrPipe) == Array("text".utf8))
}

@Test(arguments: [UserFiles.Kind.regular, .regularOrPipe])
func aUsersFileThatIsMissing(_ kind: UserFiles.Kind) throws {
  let path = try SmallHost().files.path("a")
  let failure = UserFiles.Failure.system(HostFS.Failure(path: path, errno: ENOENT))
  #expect(throws: failure) { try UserFiles.bytes(path, kind: kind) }
  #expect(failure.isAbsent)
  #expect(failure.reason == "\(path): No such file or directory")
}

@Test(arguments: [UserFiles.Kind.regular, .regularOrPipe])
func aFolderInAFilesPlace(_ kind: UserFiles.Kind) throws {
  let small = try SmallHost()
  let failure = UserFiles.Failure.system(HostFS.Failure(path: small.folder.path, errno: EISDIR))
  #expect(throws: failure) { try UserFiles.bytes(small.folder.path, kind: kind) }
  #expect(!failure.isAbsent)
  #expect(failure.reason == "\(small.folder.path): Is a directory")
}

/// Nobody writes into it: a reader that opened it as it does others would wait for ever.
@Test func aPipeInAFilesPlace() throws {
  let small = try SmallHost()
  let pipe = try small.makeFIFO("pipe")
  let path = small.files.path("pipe")
  let failure = UserFiles.Failure.notRegular(path: path, found: "a pipe")
  #expect(throws: failure) { try UserFiles.bytes(path) }
  #expect(!pipe.hasMadeWait)
  #expect(!failure.isAbsent)
  #expect(failure.reason == "\(path): expected a regular file, found a pipe")
}

/// Reading a device can act on it.
@Test func aDeviceInAFilesPlace() {
  let failure = UserFiles.Failure.notRegular(path: "/dev/null", found: "a device")
  #expect(throws: failure) { try UserFiles.bytes("/dev/null") }
}

@Test func aFileThatIsTooLarge() throws {
  let small = try SmallHost(["a": ""])
  let path = small.files.path("a")
  try #require(truncate(path, UserFiles.largestFile + 1) == 0)
  let failure = UserFiles.Failure.tooLarge(path: path)
  #expect(throws: failure) { try UserFiles.bytes(path) }
  #expect(failure.reason == "\(path): expected at most 64 MiB, found more")
}

/// As a shell's `<(…)` hands it over.
@Test func aPipeWhereOneMayStand() throws {
  var ends: [Int32] = [0, 0]
  try #require(pipe(&ends) == 0)
  defer { close(ends[0]) }
  #expect(write(ends[1], "snapshot", 8) == 8)
  close(ends[1])
  let path = "/proc/self/fd/\(ends[0])"
  #expect(try UserFiles.bytes(path, kind: .regularOrPipe) == Array("snapshot".utf8))
}

@Test func filesBelowAFolder() throws {
  let small = try SmallHost([
    "rules/b.md": "", "rules/a/c.md": "", "rules/README.md": "", "rules/a/README.md": "",
    "rules/.hidden.md": "", "rules/.git/d.md": "", "rules/x.txt": "", "rules/a.md": "",
  ])
  let root = small.files.path("rules")
  let wanted = ["a.md", "a/c.md", "b.md"].map { "\(root)/\($0)" }
  #expect(try UserFiles.files(below: root, suffix: ".md") == wanted)
  #expect(try UserFiles.files(below: root + "/", suffix: ".md") == wanted)
  #expect(try UserFiles.files(below: root, suffix: ".conf") == [])
  let missing = small.files.path("nothing")
  #expect(throws: UserFiles.Failure.system(HostFS.Failure(path: missing, errno: ENOENT))) {
    try UserFiles.files(below: missing, suffix: ".md")
  }
}
