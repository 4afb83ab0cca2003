import Audit
import Catalogue
import Facts
import HostFS
import Pages
import Rendering
import SysctlConf

extension Command {
  static let files = Command(
    name: "files", operands: "[KEY]",
    summary: "Which file sets what: running, after boot, after sysctl --system.",
    options: [.root, .kernel, .rules, .format, .color]
  ) { (arguments, tool) throws(Failure) in
    guard arguments.operands.count <= 1 else {
      throw .usage(
        "tcptune files: expected at most one key, found '\(arguments.operands[1])' after it")
    }
    let isJSON = try tool.isJSON(arguments)
    let style = try tool.style(arguments)
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    let key = try arguments.operands.first.map { text throws(Failure) in
      try catalogue.key(named: text)
    }
    let drift = FileDrift(
      try FilesSource.input(arguments, catalogue), with: catalogue,
      asIf: try FilesSource.release(arguments))
    let report = drift.report(of: key)
    return Outcome(
      isJSON ? FilesJSON.render(report) : FilesText.render(report, key: key, style: style),
      report.problems.isEmpty ? .done : .findings)
  }
}

/// Where the files and the kernel's keys come from.
private enum FilesSource {
  /// This machine's, or those below a folder: with proc/ a recorded host, without it a repository.
  static func input(
    _ arguments: Arguments, _ catalogue: Catalogue
  ) throws(Failure) -> FilesInput {
    let files = HostFS(root: arguments.value(.root) ?? "/")
    if let root = arguments.value(.root), !files.isFolder("") {
      throw .usage("--root: expected a folder with etc/ in it, found '\(root)'")
    }
    let read = files.sysctlFiles(
      folders: Loader.allFolders, files: [Loader.lastFile], marks: FilesInput.marks)
    let line = (try? files.bytes("proc/cmdline")) ?? []
    let words = KernelArguments(parsing: line)
    let isWanted = FileDrift.wanted(in: read.tree, words, catalogue.pages)
    let listing = files.keyListing(reading: isWanted)
    let (host, _) = files.host(tunables(listing))
    return FilesInput(
      tree: read.tree, listing: listing, arguments: words, release: host.release.value,
      isLive: files.isLive, isInitialNamespace: host.initialNamespace, gaps: read.gaps)
  }

  /// The host's facts are made of what was read of the keys.
  private static func tunables(_ listing: KeyListing?) -> Tunables {
    var tunables = Tunables()
    for (path, key) in listing?.keys ?? [:] {
      if let name = SysctlKey(path) { tunables.values[name] = key.text }
    }
    return tunables
  }

  static func release(_ arguments: Arguments) throws(Failure) -> KernelRelease? {
    guard let text = arguments.value(.kernel) else { return nil }
    guard let release = KernelRelease(text), release.isAtLeast(3, 10) else {
      throw .usage(
        "--kernel: expected a release since 3.10 as in '5.10' or '6.1.170', found '\(text)'")
    }
    return release
  }
}

extension Catalogue {
  /// The key that a user names, whole or by the end that one page's key has.
  fileprivate func key(named text: String) throws(Failure) -> SysctlKey {
    let short = pages.tunables.keys.filter { KeyName.isShort(text, for: $0) }
    if short.count == 1 { return short[0] }
    if let key = SysctlKey(text) { return key }
    let known = pages.tunables.keys.flatMap { [$0.name, String($0.lastComponent)] }
    throw .usage(
      "tcptune files: expected a key as in 'net.core.somaxconn', found '\(text)'"
        + Failure.hint(Spelling.nearest(to: text, among: known.sorted())))
  }
}
