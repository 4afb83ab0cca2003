import Facts
import Foundation
import Support
import SysctlConf
import Testing

/// The real patch(1), where it is installed.
private enum Patch {
  static let program: String? = ["/usr/bin/patch", "/bin/patch", "/usr/local/bin/patch"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  static let reason: Comment = "needs the program patch (package patch)"

  /// What patch makes of `old`, nil for no file, with the difference to `new`; nil where it leaves
  /// no file.
  static func apply(path: String, old: [UInt8]?, new: [UInt8]) throws -> [UInt8]? {
    let diff = UnifiedDiff(
      path: path, old: old.map { ConfFile(parsing: $0) }, new: ConfFile(parsing: new))
    let folder = try TestFolder()
    let patchFile = try folder.write(diff.bytes, to: "patch")
    if let old { try folder.write(old, to: "tree/\(path)") }
    try folder.write(text: "", to: "tree/keep")
    let result = try BuiltProgram.run(
      ["-p1", "--fuzz=0", "--no-backup-if-mismatch", "-d", folder.path + "/tree", "-i", patchFile],
      program: program ?? "")
    guard result.status == 0 else {
      throw FixtureFailure("patch: \(result.status): \(result.output)\(result.errors)")
    }
    // Offsets would mean that line numbers are wrong.
    guard !result.output.contains("offset") else { throw FixtureFailure("patch: \(result.output)") }
    return FileManager.default.contents(atPath: folder.path + "/tree/" + path).map { Array($0) }
  }
}

@Suite(.enabled(if: Patch.program != nil, Patch.reason))
struct PatchTests {
  /// patch turns the old file into the new one, for random pairs.
  @Test func turnsTheOldIntoTheNew() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<150 {
      let old = RandomConf.file(upTo: 60, &generator)
      let isNear = Int.random(in: 0...3, using: &generator) > 0
      let new =
        isNear ? RandomConf.mutated(old, &generator) : RandomConf.file(upTo: 60, &generator)
      // An empty difference is garbage to patch, and so is one that leaves nothing.
      guard old != new, !new.isEmpty else { continue }
      let pair: Comment = "\(old.shown) to \(new.shown)"
      do {
        #expect(try Patch.apply(path: "etc/sysctl.d/x.conf", old: old, new: new) == new, pair)
      } catch {
        Issue.record("\(error): \(pair)")
      }
    }
  }

  @Test(arguments: ["a\n", "a", "a\n\nb", "-- \n+++ b\n", "# one\r\nnet.core.somaxconn = 1\r\n"])
  func makesANewFile(_ text: String) throws {
    let new = Array(text.utf8)
    #expect(try Patch.apply(path: "etc/sysctl.d/x.conf", old: nil, new: new) == new)
  }

  @Test func emptiesAFile() throws {
    let left = try Patch.apply(path: "etc/sysctl.d/x.conf", old: Array("a\nb\n".utf8), new: [])
    #expect(left?.isEmpty != false)
  }

  /// Without a tab behind it, patch takes a file's name to end at the first blank.
  @Test func findsAFileWithABlankInItsName() throws {
    let new = Array("b\n".utf8)
    #expect(try Patch.apply(path: "etc/my host.conf", old: Array("a\n".utf8), new: new) == new)
    #expect(try Patch.apply(path: "etc/my host.conf", old: nil, new: new) == new)
  }

  /// Names that would end a line, or begin what patch reads as a quoted one.
  @Test(arguments: ["etc/a\"b.conf", "etc/a\\b \"c.conf", "etc/a\tb.conf", "etc/a\nb.conf"])
  func findsAFileWithAnOddName(_ path: String) throws {
    let new = Array("b\n".utf8)
    #expect(try Patch.apply(path: path, old: Array("a\n".utf8), new: new) == new)
    #expect(try Patch.apply(path: path, old: nil, new: new) == new)
  }

  /// What a finding proposes, as a user applies it.
  @Test func appliesWhatSettingMade() throws {
    var generator = SystemRandomNumberGenerator()
    let entry = try ConfEntry(
      key: SysctlKey(literal: "net.core.somaxconn"), value: "8192",
      comments: ["a reason", "another"])
    for _ in 0..<30 {
      let old = RandomConf.file(upTo: 60, &generator)
      let new = ConfFile(parsing: old).setting([entry]).bytes
      guard old != new else { continue }
      #expect(try Patch.apply(path: "etc/sysctl.conf", old: old, new: new) == new, "\(old.shown)")
    }
  }
}
