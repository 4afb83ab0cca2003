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
    options: [.set, .snapshot, .root, .netns, .kernel, .rules, .format, .color]
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
    let report = try FilesSource.report(of: key, arguments, catalogue)
    return Outcome(
      isJSON ? FilesJSON.render(report) : FilesText.render(report, key: key, style: style),
      report.problems.isEmpty ? .done : .findings)
  }
}

/// Where the files and the kernel's keys come from.
private enum FilesSource {
  /// What files make of a key, or of all: this machine's files, those below a folder, those in a
  /// snapshot.
  static func report(
    of key: SysctlKey?, _ arguments: Arguments, _ catalogue: Catalogue
  ) throws(Failure) -> FilesReport {
    let source = try Source(arguments)
    guard case .saved(let path) = source else {
      var input = try input(source, catalogue)
      let release = try release(arguments)
      let assumed = try Preparation.assumptions(arguments, catalogue, release ?? input.release)
      guard assumed.isEmpty || input.listing != nil else {
        throw .usage("--set: expected a host, found files without /proc/sys beside them")
      }
      input.assume(assumed)
      return FileDrift(input, with: catalogue, asIf: release).report(of: key)
    }
    guard arguments.value(.kernel) == nil else {
      throw .usage("--kernel: a snapshot carries what its own kernel made of the files")
    }
    let snapshot = try Source.saved(path)
    let assumed = try Preparation.assumptions(arguments, catalogue, snapshot.host.release.value)
    switch Audit(of: snapshot, with: catalogue, assuming: assumed).files(of: key) {
    case .known(let report): return report
    case .missing(let absence):
      throw .usage("\(path == "-" ? "standard input" : path): no sysctl files: \(absence.reason)")
    }
  }

  /// This machine's, or those below a folder: with proc/ a recorded host, without it a repository.
  ///
  /// Another network namespace has values of its own, and the files stay those of the host.
  private static func input(
    _ source: Source, _ catalogue: Catalogue
  ) throws(Failure) -> FilesInput {
    var root: String?
    switch source {
    case .live(let namespace): if let namespace { try Source.join(namespace) }
    case .recorded(let folder): root = folder
    case .saved: break
    }
    let files = HostFS(root: root ?? "/")
    if let root, !files.isFolder("") {
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
      isLive: files.isLive, isInitialNamespace: host.initialNamespace, gaps: read.gaps,
      host: files.seesHostFiles().value == true ? host : nil)
  }

  /// The host's facts are made of what was read of the keys.
  private static func tunables(_ listing: KeyListing?) -> Tunables {
    var tunables = Tunables()
    for (path, key) in listing?.keys ?? [:] {
      if let name = SysctlKey(path) { tunables.values[name] = key.text }
    }
    return tunables
  }

  private static func release(_ arguments: Arguments) throws(Failure) -> KernelRelease? {
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
