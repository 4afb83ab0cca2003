import Facts
import Foundation
import HostFS
import Support
import Synchronization

/// A host of a few files for one test; the folder goes when the host does.
struct SmallHost {
  let folder: TestFolder
  let files: HostFS

  init(_ contents: [String: String] = [:]) throws {
    folder = try TestFolder()
    for (path, text) in contents { try folder.write(text: text, to: path) }
    files = HostFS(root: folder.path)
  }

  // The readers; the folder must live until they are done.

  func counters() -> Counters { withExtendedLifetime(folder) { files.counters() } }

  func tunables(expected: [SysctlKey] = []) -> Tunables {
    withExtendedLifetime(folder) { files.tunables(expected: expected) }
  }

  func host() -> (host: Facts.Host, gaps: [Gap]) {
    withExtendedLifetime(folder) { files.host(files.tunables(expected: [])) }
  }

  /// A FIFO among the host's files.
  func makeFIFO(_ path: String) throws -> FIFO { try FIFO("\(folder.path)/\(path)") }
}

/// A FIFO that nobody writes to: a careless reader waits at it.
///
/// After some seconds such a reader is let go, so that its test fails instead of never ending.
final class FIFO: Sendable {
  private static let patience = 5.0

  private let path: String
  private let waited = Mutex(false)

  /// Whether a reader had to be let go.
  var hasMadeWait: Bool { waited.withLock { $0 } }

  init(_ path: String) throws {
    self.path = path
    guard mkfifo(path, 0o644) == 0 else {
      throw FixtureFailure("mkfifo: \(String(cString: strerror(errno)))")
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { [weak self] in
      self?.letGo()
    }
  }

  /// Opens the other end, which succeeds only where somebody waits at this one.
  private func letGo() {
    // Whoever was let go finds the lock taken until it is noted that he waited.
    waited.withLock { waited in
      let descriptor = open(path, O_WRONLY | O_NONBLOCK)
      guard descriptor >= 0 else { return }
      waited = true
      close(descriptor)
    }
  }
}

/// A recorded host with its files, read by everything that reads files.
struct ReadHost {
  let folder: TestFolder
  let tunables: Tunables
  let host: Facts.Host
  let gaps: [Gap]
  let counters: Counters

  /// Unpacks a host and reads it, with these keys expected besides.
  init(_ recorded: RecordedHost, expected: [SysctlKey] = []) throws {
    self.init(folder: try recorded.unpacked(), expected: expected)
  }

  /// Reads the host in a folder.
  init(folder: TestFolder, expected: [SysctlKey]) {
    self.folder = folder
    let files = HostFS(root: folder.path)
    tunables = files.tunables(expected: expected)
    (host, gaps) = files.host(tunables)
    counters = files.counters()
  }

  /// A file of the recorded tree, as it is.
  func text(_ path: String) throws -> String {
    try String(contentsOf: folder.url.appending(path: path), encoding: .utf8)
  }

  /// The files below a folder, and their modes.
  func modes(below path: String) throws -> [(path: String, mode: Int)] {
    let base = folder.path + "/" + path
    return try FileManager.default.subpathsOfDirectory(atPath: base).sorted().compactMap { below in
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(base)/\(below)")
      guard attributes[.type] as? FileAttributeType == .typeRegular else { return nil }
      return ("\(path)/\(below)", attributes[.posixPermissions] as? Int ?? 0)
    }
  }
}

extension RecordedHost {
  /// The comment lines with which a recording begins.
  func comments() throws -> [String] {
    let data = try Data(contentsOf: Fixtures.folder.appending(path: "hosts/\(name).host"))
    return data.split(separator: UInt8(ascii: "\n")).prefix { $0.first == UInt8(ascii: "#") }
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
