import Audit
import Catalogue
import Facts
import HostFS
import SysctlConf

/// Reads the sysctl files of a host for an audit, where they are the host's and the kernel's keys
/// are those that they are for.
struct FileGathering {
  let files: HostFS
  let catalogue: Catalogue

  /// Adds what the files say, or why they were not read.
  func add(to snapshot: inout Snapshot, as effort: Effort) {
    if case .unread(let reason) = effort.files {
      snapshot.files = .notGathered(reason)
      return
    }
    switch snapshot.host.initialNamespace {
    case .known(true): break
    case .known(false):
      snapshot.files = .absent("files are for the host's first network namespace, not for this one")
      return
    case .missing(let absence):
      snapshot.files = .missing(
        Absence(absence.kind, "whether files are for this network namespace: \(absence.reason)"))
      return
    }
    guard files.isLive || files.isFolder("etc") else {
      snapshot.files = .absent("\(files.path("etc")): no sysctl files were recorded")
      return
    }
    snapshot.files = .known(summary(of: read(), snapshot))
    snapshot.writers = files.sysctlWriters()
  }

  /// What the files would say if one of them held these bytes; nil where they are not read.
  func summary(
    _ snapshot: Snapshot, as file: (path: String, bytes: [UInt8])
  ) -> FilesReport? {
    guard snapshot.files.value != nil else { return nil }
    var read = read()
    read.tree[file.path] = .file(file.bytes)
    return summary(of: read, snapshot)
  }

  private func read() -> SysctlFiles {
    files.sysctlFiles(
      folders: Loader.allFolders, files: [Loader.lastFile], marks: FilesInput.marks)
  }

  private func summary(of read: SysctlFiles, _ snapshot: Snapshot) -> FilesReport {
    let words = KernelArguments(parsing: (try? files.bytes("proc/cmdline")) ?? [])
    var listing: KeyListing? = KeyListing()
    // Most hosts' files name no key of the network's, and then the kernel's need no reading.
    if FileDrift.namesAudited(read.tree, words) {
      let isWanted = FileDrift.wanted(in: read.tree, words, nil)
      listing = files.keyListing(
        reading: { FileDrift.isAudited($0) && isWanted($0) },
        entering: FileDrift.isAuditedFolder)
    }
    let input = FilesInput(
      tree: read.tree, listing: listing, arguments: words, release: snapshot.host.release.value,
      isLive: files.isLive, isInitialNamespace: snapshot.host.initialNamespace, gaps: read.gaps)
    var report = FileDrift(input, with: catalogue).summary()
    switch files.seesHostFiles() {
    case .known(true): break
    case .known(false):
      report.notCompared = "these files are a container's or a service's own, not the host's"
    case .missing(let absence):
      report.notCompared = "whether these files are the host's is not known: \(absence.reason)"
    }
    return report
  }
}
