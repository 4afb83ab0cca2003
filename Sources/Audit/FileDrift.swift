public import Catalogue
public import Facts
import KernelModel
import Pages
public import SysctlConf

/// What was read of a host for `files`: the files, the kernel's keys, the command line.
public struct FilesInput: Sendable {
  /// The files.
  public var tree: FileTree
  /// The keys; nil where there is no /proc/sys, as in a repository.
  public var listing: KeyListing?
  /// The kernel's command line.
  public var arguments: KernelArguments
  /// The release; nil where none is known.
  public var release: KernelRelease?
  /// Whether it is this machine: of a recorded tree only /proc/sys/net is taken to be whole.
  public var isLive: Bool
  /// Whether files are meant for the network namespace whose values were read.
  public var isInitialNamespace: Reading<Bool>
  /// What could not be read.
  public var gaps: [Gap]
  /// The machine, by which the kernel's own values are known; nil where nobody asks for them.
  public var host: Host?
  /// Values that were laid over those that were read.
  public private(set) var assumed: [SysctlKey: String] = [:]

  /// What was read of a host.
  public init(
    tree: FileTree, listing: KeyListing?, arguments: KernelArguments, release: KernelRelease?,
    isLive: Bool, isInitialNamespace: Reading<Bool>, gaps: [Gap], host: Host? = nil
  ) {
    self.tree = tree
    self.listing = listing
    self.arguments = arguments
    self.release = release
    self.isLive = isLive
    self.isInitialNamespace = isInitialNamespace
    self.gaps = gaps
    self.host = host
  }

  /// Lays values over those that were read; there must be a listing.
  public mutating func assume(_ values: [SysctlKey: String]) {
    for (key, value) in values {
      let isWritable = listing?.keys[key.path]?.isWritable ?? true
      listing?.names.insert(key.path)
      listing?.keys[key.path] = KeyListing.Key(text: .known(value), isWritable: isWritable)
    }
    assumed.merge(values) { _, new in new }
  }

  /// Paths that tell which loaders a host has, of which only the kind matters.
  public static let marks = [
    "/etc/alpine-release", "/usr/lib/systemd/systemd-sysctl", "/lib/systemd/systemd-sysctl",
  ]
}

/// Joins files, kernel and pages: what each loader would leave, and what is wrong.
public struct FileDrift: Sendable {
  let input: FilesInput
  let catalogue: Catalogue
  let release: KernelRelease?
  let isAssumed: Bool
  let isNewest: Bool
  let isAlpine: Bool

  /// A join.
  ///
  /// - Parameters:
  ///   - input: what was read.
  ///   - catalogue: the pages, which tell what the kernel accepts.
  ///   - release: as if the host ran this one; nil for its own, or the newest that is known.
  public init(_ input: FilesInput, with catalogue: Catalogue, asIf release: KernelRelease? = nil) {
    self.input = input
    self.catalogue = catalogue
    let (major, minor) = KernelModel.newestKnown
    let newest = KernelRelease("\(major).\(minor)")
    isNewest = release == nil && input.release == nil
    isAssumed = release != nil || input.release == nil
    self.release = release ?? input.release ?? newest
    isAlpine =
      if case .found = input.tree.place("/etc/alpine-release") { true } else { false }
  }

  /// The report on all keys that files set, or on one.
  public func report(of key: SysctlKey? = nil) -> FilesReport {
    var report = report(of: Loader.all) { key == nil || $0 == key?.path }
    report.unnamed = unnamed(beside: report, key)
    report.note(input.assumed)
    if let key { report.keep(key) }
    return report
  }

  /// The loader that runs at boot here.
  var boot: Loader { isAlpine ? .alpine : Loader.all[0] }

  /// The report on some keys, by their paths, as these loaders see them.
  func report(of loaders: [Loader], where isKept: (String) -> Bool) -> FilesReport {
    let kernel = kernelTree()
    let runs = loaders.map {
      canonical($0.run(input.tree, over: kernel, after: input.arguments))
    }
    var keys = FileKeys(
      runs: runs, entries: ConfEntries.all(in: input.tree), kernel: kernel,
      files: ConfEntries.paths(in: input.tree))
    keys.keep(where: isKept)
    let found = keys.report(
      running: { running(of: $0) },
      isTunable: { path in
        SysctlKey(path).map { catalogue.pages.tunables.shape(of: $0) != nil } ?? false
      })
    var report = FilesReport(
      kernel: kernelWords, loaders: loaders.map { ($0.name, $0.title) }, boot: boot.name,
      system: Loader.all[1].name, fileCount: fileCount,
      notCompared: notCompared,
      keys: found, problems: [], gaps: input.gaps)
    report.problems = problems(of: runs, report)
    return report
  }

  /// The keys that no file names although they are changed now.
  private func unnamed(
    beside report: FilesReport, _ key: SysctlKey?
  ) -> [FilesReport.Unnamed] {
    guard report.comparesRunning, !isAssumed, report.knowsEveryLine, let host = input.host else {
      return []
    }
    var snapshot = Snapshot(host: host)
    for (path, key) in input.listing?.keys ?? [:] {
      if let name = SysctlKey(path) { snapshot.tunables[name] = key.text }
    }
    let facts = SnapshotFacts(snapshot, tunables: catalogue.pages.tunables, hasQueues: false)
    return facts.changedKeys(except: Set(report.keys.map(\.name))) {
      input.assumed[$0] == nil && (key == nil || $0 == key)
    }
  }

  private var notCompared: String? {
    if input.listing == nil { return "there is no /proc/sys beside these files" }
    return input.isInitialNamespace.value == false
      ? "this is another network namespace than the one that files are for" : nil
  }

  private var fileCount: Int {
    ConfEntries.paths(in: input.tree).count { path in
      if case .found = input.tree.place(path) { true } else { false }
    }
  }

  private var kernelWords: String {
    let name = release.map(\.description) ?? "of unknown release"
    guard isAssumed else { return "Linux \(name)" }
    return input.release == nil
      ? "the rules of Linux \(name)\(isNewest ? ", the newest that is known" : "")"
      : "as if it ran Linux \(name)"
  }

  private func running(of path: String) -> Reading<String> {
    guard let listing = input.listing else {
      return .notGathered("there is no /proc/sys beside the files")
    }
    if let key = listing.keys[path] { return key.text }
    if listing.names.contains(path) { return .notGathered("not looked at") }
    return .absent("no such key")
  }
}

extension Loader {
  /// The name with the version whose behaviour is shown.
  var title: String {
    switch self {
    case .systemd(let version): "systemd-sysctl \(version.rawValue)"
    case .procps(let version): "sysctl --system (procps \(version.rawValue))"
    case .alpine: "Alpine's start script (busybox)"
    }
  }
}
