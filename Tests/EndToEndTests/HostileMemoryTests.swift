import Foundation
import Support
import Testing

/// Trees that somebody made to exhaust us, by what is in etc/sysctl.d.
enum HostileTree: String, CaseIterable, Sendable {
  case giantFile, millionLines, manyFiles, longKey, patterns

  func fill(_ folder: TestFolder) throws {
    switch self {
    case .giantFile:
      let path = try folder.write(text: "", to: "etc/sysctl.d/a.conf")
      guard truncate(path, 1 << 30) == 0 else { throw FixtureFailure("truncate: \(errno)") }
    case .millionLines:
      let lines = String(repeating: "net.core.x = 5\n", count: 1_000_000)
      try folder.write(text: lines, to: "etc/sysctl.d/a.conf")
      try folder.write(text: lines, to: "etc/sysctl.d/b.conf")
    case .manyFiles:
      for number in 0..<Iterations.count(2_000) {
        try folder.write(text: "net.core.somaxconn = 5\n", to: "etc/sysctl.d/\(number).conf")
      }
    case .longKey:
      let key = String(repeating: "a.", count: 8_000_000)
      try folder.write(text: "net.ipv4.\(key) = 1\n", to: "etc/sysctl.d/a.conf")
    case .patterns:
      let lines = String(repeating: "net.ipv4.* = 1\n", count: 1_000)
      try folder.write(text: "net.*.* = 1\n\(lines)", to: "etc/sysctl.d/a.conf")
    }
  }
}

/// The program gets by with memory that does not grow with what it is shown: 512 MiB of addresses,
/// of which its release build touched at most 200 MB when this was written.
@Test(
  arguments: zip(HostileTree.allCases, ["files", "audit", "audit", "files", "audit"]))
func hostileTreesTakeBoundedMemory(_ tree: HostileTree, _ command: String) throws {
  let host = try #require(RecordedHost.all.last)
  let folder = try host.unpacked()
  try tree.fill(folder)
  let result = try BuiltProgram.run(
    [
      "-c", "ulimit -v 524288 && exec \"$0\" \"$@\"", BuiltProgram.path, command, "--root",
      folder.path, "--format", "json",
    ], program: "/bin/sh")
  #expect(result.status == 0 || result.status == 1, "\(result.errors)")
  #expect(result.output.hasPrefix("{\n") && result.output.hasSuffix("}\n"))
}
