import Foundation

/// The files below Tests/Fixtures.
public enum Fixtures {
  /// The folder of the whole package.
  public static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The folder of the fixtures.
  public static let folder = package.appending(path: "Tests/Fixtures")

  /// A file of the package as text.
  public static func text(_ path: String) throws -> String {
    try String(contentsOf: package.appending(path: path), encoding: .utf8)
  }
}

/// A folder for one test, removed when nobody holds it any more.
public final class TestFolder: Sendable {
  /// The folder.
  public let url: URL

  /// Makes a folder.
  public init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "tcptune-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  /// The folder's path without a slash at its end.
  public var path: String {
    let path = url.path(percentEncoded: false)
    return path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// Writes a file, with the folders above it.
  @discardableResult
  public func write(_ content: some DataProtocol, to path: String, mode: Int = 0o644) throws
    -> String
  {
    let file = url.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content).write(to: file)
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: file.path(percentEncoded: false))
    return file.path(percentEncoded: false)
  }

  /// Writes a text file.
  @discardableResult
  public func write(text: String, to path: String, mode: Int = 0o644) throws -> String {
    try write(Data(text.utf8), to: path, mode: mode)
  }
}

/// A host whose kernel files were recorded.
public struct RecordedHost: Sendable, CustomStringConvertible {
  /// The kernel release by which the fixture is called.
  public let name: String

  /// Every recorded host, oldest kernel first.
  public static let all: [RecordedHost] = {
    let folder = Fixtures.folder.appending(path: "hosts")
    let files = try? FileManager.default.contentsOfDirectory(
      atPath: folder.path(percentEncoded: false))
    return (files ?? []).filter { $0.hasSuffix(".host") }.sorted { $0.isOlder(than: $1) }
      .map { RecordedHost(name: String($0.dropLast(".host".count))) }
  }()

  /// The host of that name.
  public init(name: String) {
    self.name = name
  }

  /// The name, for the list of test cases.
  public var description: String { name }

  /// Writes the host's files into a folder of their own, with the modes they had.
  public func unpacked() throws -> TestFolder {
    let file = Fixtures.folder.appending(path: "hosts/\(name).host")
    var rest = try Data(contentsOf: file)[...]
    let folder = try TestFolder()
    while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = String(decoding: rest[..<newline], as: UTF8.self)
      rest = rest[(newline + 1)...]
      if line.hasPrefix("#") { continue }
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count == 3, let mode = Int(words[0], radix: 8), let length = Int(words[1]),
        rest.count > length
      else { throw FixtureFailure("\(name): expected 'MODE LENGTH PATH', found '\(line)'") }
      try folder.write(rest.prefix(length), to: String(words[2]), mode: mode)
      rest = rest.dropFirst(length + 1)
    }
    return folder
  }
}

/// A fixture that is not as it should be.
public struct FixtureFailure: Error, CustomStringConvertible {
  /// What was expected and what was found.
  public let description: String

  /// A failure with its words.
  public init(_ description: String) {
    self.description = description
  }
}

extension String {
  /// Whether the numbers at the beginning name an older release.
  fileprivate func isOlder(than other: String) -> Bool {
    compare(other, options: .numeric) == .orderedAscending
  }
}
