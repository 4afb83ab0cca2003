import Foundation
import Pages
import Support
import Testing

/// The pages and profiles in the package's folders, read anew.
enum ShippedPages {
  /// Every file with that ending below a folder of the package, by its path.
  static func files(_ folder: String, _ ending: String) throws -> [String: String] {
    let root = Fixtures.package.appending(path: folder)
    let walker = try #require(
      FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    var files: [String: String] = [:]
    for case let file as URL in walker where file.pathExtension == ending {
      // README.md is an index for readers.
      guard file.lastPathComponent != "README.md" else { continue }
      let path = folder + file.path.dropFirst(root.path.count)
      files[path] = try String(contentsOf: file, encoding: .utf8)
    }
    return files
  }

  static func pageFiles() throws -> [PageFile] {
    try files("Rules", "md").sorted { $0.key < $1.key }.map {
      try PageFile(path: $0.key, text: $0.value)
    }
  }

  static func pageSet() throws -> PageSet {
    var set = PageSet()
    let problems = set.add(try pageFiles())
    #expect(problems == [])
    return set
  }
}
