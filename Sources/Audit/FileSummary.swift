public import Facts
public import SysctlConf

extension FileDrift {
  /// Whether an audit speaks of a key, by its path below /proc/sys: all below net but those of
  /// single interfaces and neighbour tables, which other programs set and which are no tunables of
  /// connections.
  public static func isAudited(_ path: String) -> Bool {
    path.hasPrefix("net/") && !perInterface.contains { path.hasPrefix($0) }
  }

  private static let perInterface = [
    "net/ipv4/conf/", "net/ipv6/conf/", "net/ipv4/neigh/", "net/ipv6/neigh/", "net/mpls/conf/",
  ]

  /// Whether a folder of /proc/sys holds keys that an audit speaks of.
  public static func isAuditedFolder(_ path: String) -> Bool {
    let depth = path.utf8.count { $0 == UInt8(ascii: "/") }
    return path == "net" || depth == 1 && path.hasPrefix("net/")
  }

  /// Whether some line may name a key that an audit speaks of; a pattern may name any.
  public static func namesAudited(_ tree: FileTree, _ arguments: KernelArguments) -> Bool {
    arguments.values.contains { isAudited($0.path) }
      || ConfEntries.all(in: tree).contains { entry in
        let path = entry.key.path
        return isAudited(path)
          || ConfEntries.isPattern(String(path.prefix { $0 != "/" }))
      }
  }

  /// What an audit needs of the files: the keys that it speaks of, by the loader that boots the host
  /// and by `sysctl --system`; of what is wrong, what concerns files and not keys.
  public func summary() -> FilesReport {
    var report = report(of: [boot, Loader.all[1]], where: Self.isAudited)
    report.problems = report.problems.filter { problem in
      ConfProblem.Kind(rawValue: problem.kind).map { Self.fileFaults.contains($0) } ?? false
    }
    bound(&report)
    return report
  }

  /// Of so many lines for one key those that win are judged, and as many of the others.
  private static let mostLines = 16
  /// Of so many keys those that the kernel has come first.
  private static let mostKeys = 1_000

  /// Files that name everything ten thousand times are told, and not judged line by line.
  private func bound(_ report: inout FilesReport) {
    for index in report.keys.indices where report.keys[index].assignments.count > Self.mostLines {
      let key = report.keys[index]
      let winners = Set(key.loaders.values.map(\.source))
      let others = key.assignments.filter { !winners.contains($0.source) }.prefix(Self.mostLines)
      let kept = winners.union(others.map(\.source))
      report.keys[index].assignments.removeAll { !kept.contains($0.source) }
      report.gaps.append(
        Gap(key.name, "\(key.assignments.count) lines set it; \(kept.count) of them are judged"))
    }
    guard report.keys.count > Self.mostKeys else { return }
    report.gaps.append(
      Gap("sysctl files", "\(report.keys.count) keys are named; \(Self.mostKeys) are judged"))
    let known = report.keys.filter { $0.isThere == true }
    let others = report.keys.filter { $0.isThere != true }
    report.keys = Array((known + others).prefix(Self.mostKeys)).sorted { $0.name < $1.name }
  }

  private static let fileFaults: Set<ConfProblem.Kind> = [
    .blocksLoader, .folder, .specialFile, .danglingLink, .linkLoop, .unread, .hiddenFile, .tooMany,
    .longLine, .byteOrderMark,
  ]
}
