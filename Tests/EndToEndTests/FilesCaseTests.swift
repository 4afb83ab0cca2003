import Foundation
import Support
import Testing

/// The recorded runs once more, through the program: a folder with the files and the keys, and what
/// `files --root` says of the three loaders.
struct FilesCase: Sendable, CustomTestStringConvertible {
  var name: String
  var testDescription: String { name }

  private nonisolated(unsafe) static let document: [String: Any] = {
    let url = Fixtures.folder.appending(path: "sysctl-cases.json")
    let data = (try? Data(contentsOf: url)) ?? Data()
    return (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
  }()

  private nonisolated(unsafe) static let records = document["cases"] as? [[String: Any]] ?? []

  private static let versions = [
    "systemd-sysctl": ("systemd-sysctl", "257"), "procps sysctl --system": ("procps", "4.0.4"),
    "busybox sysctl, Alpine OpenRC loop": ("alpine", "1.37.0"),
  ]

  /// What only a private namespace shows: which congestion control is permitted there.
  private static let elsewhere = ["restricted-congestion-control-in-netns"]

  static let all: [FilesCase] = {
    var names: [String] = []
    for record in records {
      guard let name = record["name"] as? String, !elsewhere.contains(name), !names.contains(name),
        versions[record["implementation"] as? String ?? ""] != nil
      else { continue }
      names.append(name)
    }
    return names.map { FilesCase(name: $0) }
  }()

  /// The records of the versions that the program shows, by its names of the loaders.
  var records: [(loader: String, record: [String: Any])] {
    Self.records.compactMap { record in
      guard record["name"] as? String == name,
        let (loader, version) = Self.versions[record["implementation"] as? String ?? ""],
        (record["versions"] as? [String])?.contains(version) == true
      else { return nil }
      return (loader, record)
    }
  }

  var baseline: [String: String] {
    var values = Self.document["baseline"] as? [String: String] ?? [:]
    let record = records.first?.record
    for (key, value) in record?["baseline"] as? [String: String] ?? [:] { values[key] = value }
    if record?["interface"] == nil { values["net/ipv4/conf/eth0.100/rp_filter"] = nil }
    return values
  }

  func lay(in folder: TestFolder) throws {
    for (path, value) in baseline { try folder.write(text: value + "\n", to: "proc/sys/\(path)") }
    for (path, content) in records.first?.record["files"] as? [String: Any] ?? [:] {
      let target = folder.path + path
      try FileManager.default.createDirectory(
        atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      if let text = content as? String {
        try folder.write(text: text, to: String(path.dropFirst()))
        continue
      }
      let object = content as? [String: Any] ?? [:]
      if let link = object["link"] as? String {
        try FileManager.default.createSymbolicLink(atPath: target, withDestinationPath: link)
      } else if object["dir"] != nil {
        try FileManager.default.createDirectory(
          atPath: target, withIntermediateDirectories: true)
      } else if object["fifo"] != nil {
        mkfifo(target, 0o644)
      } else if let base64 = object["base64"] as? String, let data = Data(base64Encoded: base64) {
        try folder.write(data, to: String(path.dropFirst()))
      } else if let made = object["generate"] as? [String: Any] {
        let text =
          (made["prefix"] as? String ?? "")
          + String(repeating: made["char"] as? String ?? "", count: made["count"] as? Int ?? 0)
          + (made["suffix"] as? String ?? "")
        try folder.write(text: text, to: String(path.dropFirst()))
      }
    }
  }
}

@Test(arguments: FilesCase.all) func filesSaysWhatWasRecorded(_ c: FilesCase) throws {
  let folder = try TestFolder()
  try c.lay(in: folder)
  let result = try BuiltProgram.run(["files", "--root", folder.path, "--format", "json"])
  let parsed = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
  let document = try #require(parsed as? [String: Any])
  let problems = document["problems"] as? [[String: Any]] ?? []
  #expect(result.status == (problems.isEmpty ? 0 : 1))
  var keys: [String: [String: Any]] = [:]
  for key in document["keys"] as? [[String: Any]] ?? [] {
    keys[key["key"] as? String ?? ""] = key["loaders"] as? [String: Any]
  }
  for (loader, record) in c.records {
    for (path, value) in record["effective"] as? [String: String] ?? [:]
    where !path.hasPrefix("file:") {
      let name = path.split(separator: "/").map { $0.replacing(".", with: "/") }
        .joined(separator: ".")
      let outcome = keys[name]?[loader] as? [String: Any]
      #expect(outcome?["effective"] as? String ?? c.baseline[path] == value, "\(loader) \(path)")
    }
    // A loader that waits for ever is told.
    if record["exit"] as? String == "timeout" {
      #expect(
        problems.contains {
          $0["kind"] as? String == "blocks-loader"
            && ($0["loaders"] as? [String])?.contains(loader) == true
        })
    }
  }
}
