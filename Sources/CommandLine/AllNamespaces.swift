import Audit
import Catalogue
import Facts
import HostFS
import KernelModel
import Rendering

/// `audit --all-netns`: every network namespace in a table.
struct AllNamespaces {
  let catalogue: Catalogue

  /// What cannot stand beside `--all-netns`, and why.
  static func check(_ arguments: Arguments) throws(Failure) {
    let options: [Option] = [
      .netns, .snapshot, .root, .window, .since, .set, .states, .connections, .profile,
      .allow, .allowFile,
    ]
    for option in options + Option.sizes where arguments.has(option) {
      throw .usage("--all-netns: expected without \(option.name), found both")
    }
    let walk = try arguments.word(.walk, Effort.Walk.self)
    if let walk, walk != .never {
      throw .usage(
        "--all-netns: expected --walk never, found '\(walk.rawValue)': each namespace would cost a"
          + " walk of the whole table")
    }
  }

  /// Looks at each in turn; the thread is back in its own namespace afterwards.
  func reports() throws(Failure) -> (all: [NamespaceReport], gaps: [Gap]) {
    let list = NamespaceList.seenFromHere()
    do {
      let own = try NetworkNamespace(named: "/proc/thread-self/ns/net")
      var reports: [NamespaceReport] = []
      for entry in list.entries { reports.append(report(of: entry)) }
      try own.join()
      return (Self.compared(reports), list.gaps)
    } catch {
      throw .refused("--all-netns: \(error.reason)")
    }
  }

  private func report(of entry: NamespaceList.Entry) -> NamespaceReport {
    NamespaceReport(
      inode: entry.inode, names: entry.names, processes: entry.processes, first: entry.first,
      report: reading(of: entry))
  }

  private func reading(of entry: NamespaceList.Entry) -> Reading<Report> {
    do {
      let namespace = try NetworkNamespace(named: entry.path)
      // The process may have ended, and its number be another's.
      guard namespace.inode == entry.inode else { return .absent("it is gone") }
      try namespace.join()
    } catch {
      if case .unknown = error { return .absent("it is gone") }
      return .unreadable(
        error.isPermission ? "not permitted to look into it; root may" : error.reason)
    }
    var effort = Effort(owners: false, walk: .never)
    effort.files = .unread("--all-netns")
    let snapshot = LiveReader(catalogue: catalogue, effort: effort).snapshot(window: nil)
    return .known(Audit(of: snapshot, with: catalogue).report(isComplete: true))
  }

  /// Adds to each which of its own keys have other values than in the first.
  private static func compared(_ reports: [NamespaceReport]) -> [NamespaceReport] {
    guard let first = reports.first?.report.value else { return reports }
    let values = Dictionary(uniqueKeysWithValues: first.tunables.map { ($0.key, $0.value.value) })
    return reports.map { namespace in
      var namespace = namespace
      namespace.differing = (namespace.report.value?.tunables ?? []).filter { row in
        // A namespace that shares the host's table shows its size with a minus sign.
        guard row.isHostWide != true, row.key != .tableSize, let value = row.value.value,
          let other = values[row.key]
        else { return false }
        return other != nil && value != other
      }.map(\.key)
      return namespace
    }
  }
}
