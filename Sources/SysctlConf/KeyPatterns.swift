/// The keys that patterns name in one tree, each pattern and folder looked at once.
struct KeyPatterns {
  private let tree: KernelTree
  private var found: [String: [String]] = [:]
  private var names: [String: [Globbing.Name]] = [:]

  init(_ tree: KernelTree) { self.tree = tree }

  /// The paths below /proc/sys that a pattern names, in order.
  mutating func paths(matching pattern: String) -> [String] {
    if let known = found[pattern] { return known }
    var names = names
    let paths = Globbing.paths(
      matching: pattern,
      names: { folder in
        if let known = names[folder] { return known }
        let list = tree.names(in: folder).map { Globbing.Name($0) }
        names[folder] = list
        return list
      },
      exists: { tree.presence(of: $0) == .key || tree.presence(of: $0) == .folder })
    self.names = names
    found[pattern] = paths
    return paths
  }
}
