import Audit
import Catalogue
import Facts
import HostFS
import Pages
import Support
import SysctlConf

/// The shipped catalogue.
let catalogue = Catalogue.embedded()

/// A recorded host as the program would read it.
func snapshot(of host: RecordedHost) throws -> Snapshot {
  try snapshot(in: host.unpacked())
}

/// A host whose kernel files lie in a folder.
func snapshot(in folder: TestFolder) throws -> Snapshot {
  let files = HostFS(root: folder.path)
  let tunables = files.tunables(expected: catalogue.pages.tunables.keys)
  let counters = files.counters()
  var snapshot = Snapshot(host: files.host(tunables).host)
  snapshot.tunables = tunables.values
  snapshot.counters = counters.table
  snapshot.listeners = .known([])
  // The kernel of a recording was started without any sysctl file.
  snapshot.files = .known(noFiles)
  return snapshot
}

/// What an audit reads of a host without sysctl files.
private let noFiles = FileDrift(
  FilesInput(
    tree: FileTree(), listing: KeyListing(), arguments: KernelArguments(parsing: []), release: nil,
    isLive: false, isInitialNamespace: .known(true), gaps: []), with: catalogue
).summary()

/// The newest recorded host, idle and stock, with these listeners.
func stockSnapshot(_ listeners: [Listener] = []) throws -> Snapshot {
  guard let newest = RecordedHost.all.last else { throw FixtureFailure("no recorded host") }
  var snapshot = try snapshot(of: newest)
  // What the recording's own experiments have counted is not the matter of these tests.
  snapshot.counters.values["TcpExt.ListenOverflows"] = 0
  snapshot.counters.values["TcpExt.ListenDrops"] = 0
  // Nor are the connections that they left.
  for name in ["Tcp.CurrEstab", "sockstat.TCP.inuse", "sockstat6.TCP6.inuse"] {
    snapshot.counters.values[name] = 0
  }
  snapshot.listeners = .known(listeners)
  return snapshot
}

/// A listener with a queue.
func listener(
  _ port: Int64, length: Int64 = 0, limit: Int64, drops: Int64 = 0, program: String? = nil
) -> Listener {
  var listener = Listener(
    address: "0.0.0.0", port: port, family: .ipv4, length: length, limit: limit,
    drops: .known(drops), cookie: UInt64(port), inode: UInt32(port), uid: 0,
    cgroup: .absent("none"))
  listener.unit = .absent("none")
  if let program {
    listener.owner = .known(
      Listener.Owner(pid: 4711, name: .known(program), nofile: .known(1024)))
  }
  return listener
}

extension Snapshot {
  /// The snapshot with another text for a key.
  func with(_ key: String, _ value: String) -> Snapshot {
    var snapshot = self
    if let key = SysctlKey(key) { snapshot.tunables[key] = .known(value) }
    return snapshot
  }

  /// The snapshot as the end of a window of so many seconds in which a counter grew.
  func window(_ seconds: Int64, growth: [String: Int64] = [:]) -> Snapshot {
    var snapshot = self
    snapshot.window = .interval(seconds: Fraction(seconds))
    snapshot.countersBefore = snapshot.counters
    for (name, more) in growth { snapshot.counters.values[name, default: 0] += more }
    if case .known(var listeners) = snapshot.listeners {
      for index in listeners.indices where listeners[index].sampling == nil {
        listeners[index].sampling = Listener.Sampling(
          peak: listeners[index].length, samples: 10,
          fullSamples: listeners[index].length > listeners[index].limit ? 10 : 0,
          dropsBefore: listeners[index].drops)
      }
      snapshot.listeners = .known(listeners)
    }
    return snapshot
  }
}
