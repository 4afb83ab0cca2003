import Foundation
import Support
import Testing

private struct Document: Decodable {
  struct Finding: Decodable {
    var rule: String
    var severity: String
    var subjects: [String]
  }
  var findings: [Finding]
}

/// What distributions ship in files and values is a note at most: somebody chose it.
@Test(arguments: MadeHost.all)
func whatDistributionsShipIsANote(_ host: MadeHost) throws {
  let folder = try host.unpacked()
  let result = try BuiltProgram.run(["audit", "--root", folder.path, "--format", "json"])
  let found = try JSONDecoder().decode(Document.self, from: Data(result.output.utf8)).findings
  #expect(result.status == 0, "\(found)")
  #expect(found.allSatisfy { $0.severity == "note" }, "\(found)")
}
