import Catalogue
public import Facts
public import Pages
public import SysctlConf

extension FileDrift {
  /// Keys that nobody may write, whatever mode a recorded tree has lost.
  private static let readOnly: Set<String> = [
    "net/ipv4/tcp_available_congestion_control", "net/ipv4/tcp_available_ulp",
    "net/ipv4/tcp_ehash_entries", "net/ipv4/udp_hash_entries", "net/netfilter/nf_conntrack_count",
  ]

  /// Keys whose content is nobody's business.
  private static let secrets: Set<String> = [
    "net/ipv4/tcp_fastopen_key", "net/core/netdev_rss_key",
  ]

  /// The kernel's keys: as they were read, or by the pages where there is no /proc/sys.
  func kernelTree() -> KernelTree {
    guard let listing = input.listing else { return kernelOfPages() }
    var tree = KernelTree()
    for name in listing.names {
      let text = listing.keys[name]?.text.value
      // No line writes what was not worth reading, and pages cost time.
      tree[name] = KernelTree.Key(
        text: text,
        kind: listing.keys[name] == nil ? KeyKind(of: name, showing: nil) : kind(of: name, text),
        isWritable: listing.keys[name]?.isWritable != false && !Self.readOnly.contains(name))
    }
    for folder in listing.folders where isTrusted(folder) { tree.markListed(folder) }
    return tree
  }

  private func isTrusted(_ folder: String) -> Bool {
    input.isLive || folder == "net" || folder.hasPrefix("net/")
  }

  /// What is not described may be there or not.
  private func kernelOfPages() -> KernelTree {
    var host = Host(unread: Absence(.notGathered, "no host was read"))
    if let release { host.release = .known(release) }
    let stock = Audit.stockHost(like: Snapshot(host: host), with: catalogue)
    var tree = KernelTree()
    for tunable in catalogue.pages.tunables.all {
      let path = tunable.key.path
      if let release, isMissing(tunable, in: release) {
        tree.markAbsent(path)
        continue
      }
      let text = stock.tunables[tunable.key]?.value?.substituting("\t", for: " ")
      tree[path] = KernelTree.Key(
        text: text, kind: kind(of: path, text), isWritable: tunable.access != .readOnly)
    }
    return tree
  }

  private func isMissing(_ tunable: Tunable, in release: KernelRelease) -> Bool {
    tunable.since.map { release < $0 } ?? false || tunable.removed.map { release >= $0 } ?? false
  }

  /// How a key is written: as its page says, or as its name and text show.
  private func kind(of path: String, _ text: String?) -> KeyKind {
    switch path {
    case "net/ipv4/tcp_congestion_control":
      return .name(
        .congestionControl(
          available: words("net/ipv4/tcp_available_congestion_control"),
          allowed: words("net/ipv4/tcp_allowed_congestion_control"),
          isInitial: input.isInitialNamespace.value ?? true))
    case "net/core/default_qdisc": return .name(.defaultDiscipline)
    case _ where Self.secrets.contains(path): return .secret
    default: break
    }
    let shown = KeyKind(of: path, showing: text)
    switch shown {
    case .numbers, .text: break
    case .portRange, .firstFreePort, .portList, .name, .secret: return shown
    }
    guard let tunable = SysctlKey(path).flatMap({ catalogue.tunable($0) }),
      tunable.form == .numbers
    else { return shown }
    let range = release.flatMap { tunable.range.value(for: $0) } ?? tunable.range.cases[0].value
    return .numbers(count: tunable.count, range: range)
  }

  private func words(_ path: String) -> Set<String>? {
    guard let text = input.listing?.keys[path]?.text.value else { return nil }
    return Set(text.utf8.split { $0 == 0x20 || $0 == 0x09 }.map { String(Substring($0)) })
  }

  /// Which keys are worth reading: those whose last piece some line names, those with a page, and
  /// those that decide about writes.
  ///
  /// - Parameters:
  ///   - tree: the files.
  ///   - arguments: the kernel's command line.
  ///   - pages: nil where keys that no line names are known otherwise.
  /// - Returns: whether to read a key, by its path below /proc/sys.
  public static func wanted(
    in tree: FileTree, _ arguments: KernelArguments, _ pages: PageSet?
  ) -> (String) -> Bool {
    var names = Set(pages?.tunables.keys.map { String($0.lastComponent) } ?? [])
    names.formUnion([
      "ip_unprivileged_port_start", "ip_local_port_range", "tcp_available_congestion_control",
      "tcp_allowed_congestion_control",
    ])
    let pieces = ConfEntries.lastPieces(in: tree, arguments)
    names.formUnion(pieces.names)
    let patterns = pieces.patterns
    return { path in
      let name = FileTree.name(of: path)
      if names.contains(name) { return true }
      let bytes = Array(name.utf8)
      return patterns.contains { $0.matches(bytes) }
    }
  }
}
