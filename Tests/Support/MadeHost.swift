import Foundation

/// A host that could not be recorded, made from a recorded one by what is known of it.
///
/// A `.made` file says, a line each: `base NAME`, the recorded host that it starts from; `release R`;
/// `key KEY = VALUE`, what the key shows; `absent KEY`; `file PATH` with its lines below, indented by
/// two blanks; `link PATH TARGET`. Counters are set to zero: nothing has happened there yet.
public struct MadeHost: Sendable, CustomStringConvertible {
  /// The name of its file.
  public let name: String

  /// Every made host.
  public static let all: [MadeHost] = {
    let folder = Fixtures.folder.appending(path: "made")
    let files = try? FileManager.default.contentsOfDirectory(
      atPath: folder.path(percentEncoded: false))
    return (files ?? []).filter { $0.hasSuffix(".made") }.sorted()
      .map { MadeHost(name: String($0.dropLast(".made".count))) }
  }()

  /// The name, for the list of test cases.
  public var description: String { "made-\(name)" }

  /// Writes the host's files into a folder of their own.
  public func unpacked() throws -> TestFolder {
    let text = try Fixtures.text("Tests/Fixtures/made/\(name).made")
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    guard let base = lines.first, base.hasPrefix("base ") else {
      throw FixtureFailure("\(name): expected 'base NAME' first")
    }
    let folder = try RecordedHost(name: String(base.dropFirst("base ".count))).unpacked()
    try Self.forgetCounters(in: folder)
    var file: String?
    var content = ""
    func finish() throws {
      if let file { try folder.write(text: content, to: file) }
      (file, content) = (nil, "")
    }
    for line in lines.dropFirst() {
      if line.hasPrefix("  ") {
        content += line.dropFirst(2) + "\n"
        continue
      }
      try finish()
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      guard words.count == 2 else {
        throw FixtureFailure("\(name): expected a word and more, '\(line)'")
      }
      switch words[0] {
      case "release":
        try folder.write(text: words[1] + "\n", to: "proc/sys/kernel/osrelease")
        try folder.write(text: "Linux version \(words[1])\n", to: "proc/version")
      case "key":
        let parts = words[1].split(separator: "=", maxSplits: 1)
          .map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 2 else {
          throw FixtureFailure("\(name): expected KEY = VALUE, '\(line)'")
        }
        try folder.write(text: parts[1] + "\n", to: Self.path(of: parts[0]))
      case "absent":
        try FileManager.default.removeItem(at: folder.url.appending(path: Self.path(of: words[1])))
      case "file": file = words[1]
      case "link":
        let parts = words[1].split(separator: " ").map(String.init)
        guard parts.count == 2 else {
          throw FixtureFailure("\(name): expected PATH TARGET, '\(line)'")
        }
        let link = folder.url.appending(path: parts[0])
        try FileManager.default.createDirectory(
          at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
          atPath: link.path(percentEncoded: false), withDestinationPath: parts[1])
      default: throw FixtureFailure("\(name): '\(words[0])' is no word of a made host")
      }
    }
    try finish()
    return folder
  }

  private static func path(of key: String) -> String {
    "proc/sys/" + key.replacing(".", with: "/")
  }

  /// Sets every number of the counters to zero, under the names that the kernel gave them.
  private static func forgetCounters(in folder: TestFolder) throws {
    for file in ["proc/net/snmp", "proc/net/netstat"] {
      let text = try String(contentsOf: folder.url.appending(path: file), encoding: .utf8)
      let lines = text.split(separator: "\n").enumerated().map { index, line in
        guard index % 2 == 1 else { return String(line) }
        let words = line.split(separator: " ")
        return ([String(words[0])] + words.dropFirst().map { _ in "0" }).joined(separator: " ")
      }
      try folder.write(text: lines.joined(separator: "\n") + "\n", to: file)
    }
  }
}
