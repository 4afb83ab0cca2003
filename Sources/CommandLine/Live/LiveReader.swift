import Catalogue
import Facts
import HostFS
import KernelModel
import Netlink
import Pages

/// Reads this host: kernel files, one dump of listeners, who holds them, and one walk at most.
///
/// Everything is read in the network namespace of the calling thread.
struct LiveReader {
  let catalogue: Catalogue
  let effort: Effort
  /// Told how many seconds of a window have passed.
  var progress: (@Sendable (_ passed: Int64, _ of: Int64) -> Void)?

  /// What the files of a host tell, without its sockets.
  static func files(_ files: HostFS, _ catalogue: Catalogue) -> Snapshot {
    let tunables = files.tunables(
      expected: catalogue.pages.tunables.keys + KernelModel.furtherKeys)
    let (host, gaps) = files.host(tunables)
    let counters = files.counters()
    var snapshot = Snapshot(host: host)
    snapshot.tunables = tunables.values
    snapshot.counters = counters.table
    snapshot.gaps = tunables.gaps + gaps + counters.gaps
    return snapshot
  }

  /// All listeners, or why they cannot be had.
  static func listeners() -> (listeners: Reading<[Listener]>, gaps: [Gap]) {
    do {
      var dump = SocketDump(over: try NetlinkSocket())
      let (listeners, gaps) = try dump.listeners()
      return (.known(listeners), gaps)
    } catch {
      return (.unreadable(error.reason), [])
    }
  }

  /// The host now, or over a window of so many seconds.
  func snapshot(window: Fraction?) -> Snapshot {
    let files = HostFS()
    let first = Self.listeners()
    var snapshot = Self.files(files, catalogue)
    snapshot.gaps += first.gaps
    FileGathering(files: files, catalogue: catalogue).add(to: &snapshot, as: effort)
    snapshot.listeners = first.listeners
    var walking = Walking(catalogue: catalogue, effort: effort)
    if let window {
      walking.begin(&snapshot)
      watch(&snapshot, files, for: window)
    }
    if case .known(var listeners) = snapshot.listeners {
      name(&listeners)
      snapshot.listeners = .known(listeners)
    }
    walking.finish(&snapshot)
    return snapshot
  }

  // MARK: Names

  /// Units by cgroup, which needs no privilege, and owners by descriptors.
  private func name(_ listeners: inout [Listener]) {
    var cgroups = Cgroups()
    for index in listeners.indices {
      listeners[index].unit = listeners[index].cgroup.flatMap { cgroups.unit(of: $0) }
    }
    guard effort.owners else {
      for index in listeners.indices {
        listeners[index].owner = .notGathered("--no-owners")
      }
      return
    }
    let owners = ListenerOwners(inodes: listeners.map(\.inode))
      .owners(of: listeners, in: &cgroups)
    for index in listeners.indices {
      listeners[index].owner =
        owners[listeners[index].inode] ?? .absent("no process can hold it")
    }
  }
}
