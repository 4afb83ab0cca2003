import Foundation

/// Output that is held against a file below Tests/Fixtures/golden.
public enum Golden {
  /// Compares with the file, or writes it under RECORD_GOLDEN=1.
  ///
  /// - Returns: nil where they are equal; else the first difference, or that a file was written: a
  ///   run that records fails, so that nobody accepts a change by accident.
  public static func difference(_ text: String, from name: String) throws -> String? {
    let file = Fixtures.folder.appending(path: "golden/\(name)")
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
      return "\(name) was written; look at it, then run without RECORD_GOLDEN"
    }
    guard let wanted = try? String(contentsOf: file, encoding: .utf8) else {
      return "\(name) is not there; RECORD_GOLDEN=1 writes it"
    }
    if wanted == text { return nil }
    let old = wanted.split(separator: "\n", omittingEmptySubsequences: false)
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(old, new).firstIndex { $0 != $1 } ?? min(old.count, new.count)
    let before = line < old.count ? old[line] : "(the end)"
    let after = line < new.count ? new[line] : "(the end)"
    return "\(name):\(line + 1): expected '\(before)', found '\(after)'; RECORD_GOLDEN=1 accepts it"
  }
}

extension Zip2Sequence {
  /// The index of the first pair for which the test holds.
  fileprivate func firstIndex(where test: (Element) -> Bool) -> Int? {
    for (index, pair) in enumerated() where test(pair) { return index }
    return nil
  }
}
