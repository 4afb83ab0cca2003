import Facts

/// The claims of the five documents and the other things that a page may cite.
enum Sources {
  /// How many claims each document makes; `Q2.7` is the seventh of document Q2.
  private static let claims = ["Q0": 7, "Q1": 10, "Q2": 11, "Q3": 14, "Q4": 20]

  /// Whether a reader can follow a source.
  ///
  /// - Parameter source: a claim (`Q1.1`), a file of the kernel's tree (`kernel:net/socket.c`), a
  ///   manual page (`man:listen(2)`), or a release on which it was measured (`measured:6.18`).
  /// - Returns: what is wrong with it, nil when it resolves.
  static func problem(_ source: String) -> String? {
    let parts = source.split(separator: ":", maxSplits: 1)
    if parts.count == 2 {
      let rest = parts[1]
      switch parts[0] {
      case "kernel":
        let isPath =
          rest.contains("/") && !rest.hasPrefix("/") && !rest.contains(" ")
          && !rest.has("..")
        return isPath
          ? nil
          : "expected a path in the kernel's tree as in 'kernel:net/socket.c', found '\(source)'"
      case "man":
        let isPage = rest.hasSuffix(")") && rest.contains("(") && !rest.contains(" ")
        return isPage ? nil : "expected a manual page as in 'man:listen(2)', found '\(source)'"
      case "measured":
        let isRelease = rest.contains(".") && rest.allSatisfy { $0.isNumber || $0 == "." }
        return isRelease ? nil : "expected a release as in 'measured:6.18', found '\(source)'"
      default: break
      }
    }
    let claim = source.split(separator: ".", omittingEmptySubsequences: false)
    if claim.count == 2, let last = claims[String(claim[0])], let number = Int(claim[1]),
      (1...last).contains(number)
    {
      return nil
    }
    return "expected a claim as in 'Q1.1', 'kernel:PATH', 'man:PAGE(N)' or 'measured:RELEASE',"
      + " found '\(source)'"
  }
}
