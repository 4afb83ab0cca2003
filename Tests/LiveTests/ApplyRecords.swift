import Facts
import Foundation
import Support
import SysctlConf

@testable import Apply

/// Changes as a program of another moment, or of another hand, would have left them.
enum LeftBehind {
  static let file = ChangeRecord.File(
    name: "99-tcptune.conf", before: nil,
    after: ChangeRecord.Content(
      text: String(
        decoding: OwnedText.stamped(
          transaction: "0123abcd", body: Array("net.core.somaxconn = 8192\n".utf8)), as: UTF8.self))
  )

  /// A change of one key that was begun here and now.
  static func record(
    _ phase: ChangeRecord.Phase, boot: String? = nil, network: UInt64? = nil,
    deadline: Int64 = 1, keys: [(key: String, before: String, after: String)]? = nil,
    isFirstNetwork: Bool = false
  ) throws -> ChangeRecord {
    let here = try KeyFolder()
    var origin = try Surroundings.origin(here)
    origin.boot = boot ?? origin.boot
    origin.namespaces.network = network ?? origin.namespaces.network
    origin.isInitialNetwork = isFirstNetwork
    let keys = keys ?? [(key: "net.core.somaxconn", before: "4096", after: "8192")]
    var record = ChangeRecord(
      id: "0123abcd", sequence: 1, kind: .apply, tool: "0.1", title: "web", origin: origin,
      caller: Surroundings.caller(), began: 1_790_000_000_000, deadline: deadline, trial: 60_000,
      alarm: .watcher,
      keys: keys.compactMap { change in
        SysctlKey(change.key).map {
          ChangeRecord.Key(key: $0, before: change.before, after: change.after, source: "web:1")
        }
      }, file: file)
    record.phase = phase
    return record
  }
}

extension PrivateHost {
  /// Makes the folder of the state as the program leaves it, with a change that is open.
  func leave(_ journal: ChangeRecord) throws {
    try makeState()
    try write(
      String(decoding: RecordJSON.bytes(of: journal), as: UTF8.self), to: Self.journal, mode: 0o600)
  }

  /// Makes the folder of the state with a change that has ended.
  func leave(history record: ChangeRecord) throws {
    try makeState()
    let folder = "\(Self.state)/history"
    if !exists(folder) { guard mkdir(folder, 0o700) == 0 else { throw FixtureFailure(folder) } }
    let digits = String(record.sequence)
    let name = String(repeating: "0", count: 6 - digits.count) + "\(digits)-\(record.id).json"
    try write(
      String(decoding: RecordJSON.bytes(of: record), as: UTF8.self), to: "\(folder)/\(name)",
      mode: 0o600)
  }

  private func makeState() throws {
    if exists(Self.state) { return }
    guard mkdir(Self.state, 0o700) == 0 else { throw FixtureFailure(Self.state) }
    try write("1\n", to: "\(Self.state)/format", mode: 0o600)
  }
}
