import Foundation
import Support

/// A recorded host, and a folder for profiles of a test.
struct ProfileDesk {
  /// The names of the shipped profiles, as messages list them.
  static let shipped =
    "bulk-throughput, container-host, database, edge-proxy, high-conn, kernel-defaults, long-lived,"
    + " low-latency, syn-flood"

  /// The beginning of a profile's line that raises the cap on the backlog, without its number.
  static let cap = "# why\n# tcptune: at-least\nnet.core.somaxconn = "
  /// The beginning of a line for the time of FIN_WAIT2.
  static let fin = "# why\nnet.ipv4.tcp_fin_timeout = "

  struct Member: Decodable, Equatable {
    var name: String
    var origin: String
    var included_by: String?
  }

  struct Change: Decodable {
    var key: String
    var outcome: String?
    var `operator`: String
    var wanted: String?
    var after: String?
    var source: String?
  }

  let host: TestFolder
  let folder: TestFolder

  init() throws {
    host = try RecordedHost(name: "7.3.4+deb13-cloud-amd64").unpacked()
    folder = try TestFolder()
  }

  func profile(_ name: String, head: String = "", _ keys: String) throws -> String {
    try folder.write(
      text: "# title: \(name)\n# for: a test\n\(head)\n\(keys)", to: "\(name).conf")
  }

  func run(_ arguments: String...) throws -> BuiltProgram.Result {
    try BuiltProgram.run(arguments + ["--root", host.path])
  }

  func json<Document: Decodable>(_ result: BuiltProgram.Result) throws -> Document {
    try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
  }
}
