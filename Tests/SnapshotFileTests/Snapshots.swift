import Facts
import Foundation
import SnapshotFile
import Testing

/// Snapshots for tests: with everything known, with everything missing, and random ones.
enum Snapshots {
  /// Every field has a value; no two numbers are the same, so that none can stand for another.
  static let whole: Snapshot = {
    var host = Facts.Host(unread: Absence(.notGathered, "-"))
    host.name = .known("guest")
    host.release =
      KernelRelease("6.1.0-47-cloud-amd64", version: "SMP Debian 6.1.170-3")
      .map(Reading.known) ?? .absent("-")
    host.memory = .known(2_064_158_720)
    host.cpus = .known(2)
    host.uptime = Fraction(672, 100).map(Reading.known) ?? .absent("-")
    host.pageSize = 65536
    host.ehash = .known(16384)
    host.initialNamespace = .known(true)
    host.namespace = .known("net:[4026531833]")
    host.bootID = .known("1ae17206-8073-407d-afe7-001027bbca3f")
    var snapshot = Snapshot(host: host)
    snapshot.tunables = [
      SysctlKey(literal: "net.core.somaxconn"): .known("4096"),
      SysctlKey(literal: "net.ipv4.tcp_rmem"): .known("4096\t131072\t6291456"),
      SysctlKey(literal: "net.ipv4.conf.eth0/100.rp_filter"): .known("2"),
    ]
    snapshot.counters = CounterTable(values: ["TcpExt.ListenDrops": 12, "Tcp.MaxConn": -1])
    snapshot.listeners = .known([listener])
    snapshot.walk = .known(.init(synRecv: 36, closeWaitUnaccepted: 37, closeWaitHeld: 38))
    snapshot.states = .known(StateCounts([.established: 39, .finWait2: 40]))
    snapshot.connections = .known(
      ConnectionCounts(
        established: 41, unread: .known(42), unacknowledged: .known(48), synSentRetrying: 43,
        keepalive: 44, timerless: 45))
    snapshot.destinations = .known([
      Destination(address: "192.0.2.1", port: 443, localPorts: 46, timeWait: 47)
    ])
    snapshot.files = .known(files)
    snapshot.writers = [
      SysctlWriter(
        name: "ufw", seenAt: "/etc/ufw/sysctl.conf",
        namedKeys: [SysctlKey(literal: "net.ipv4.tcp_sack")])
    ]
    return snapshot
  }()

  /// Lines of two files for one key, a key that is not there, and a named pipe.
  static let files: FilesReport = {
    let place = FilesReport.Source(file: "/etc/sysctl.d/50-a.conf", line: 3)
    var line = FilesReport.Assignment(
      source: place, value: "1024 # k", roles: ["procps": "wins", "systemd-sysctl": "not read"])
    line.outcome = "cut"
    line.leaves = "1024"
    line.ignoredBy = ["systemd-sysctl"]
    var key = FilesReport.Key(
      name: "net.core.somaxconn", running: .known("4096"), isTunable: true,
      loaders: [
        "procps": FilesReport.Outcome(
          value: "1024 # k", effective: "1024", outcome: "cut", source: place)
      ], assignments: [line])
    key.isThere = true
    let other = FilesReport.Key(
      name: "net.ipv4.tcp_no_such", running: .known("0"), isTunable: false,
      loaders: [
        "procps": FilesReport.Outcome(
          value: "1", effective: nil, outcome: "refused", source: place)
      ],
      assignments: [FilesReport.Assignment(source: place, value: "1", roles: [:])])
    return FilesReport(
      kernel: "Linux 6.1", loaders: [("systemd-sysctl", "a title"), ("procps", "another")],
      boot: "systemd-sysctl", system: "procps", fileCount: 2, notCompared: "for a reason",
      keys: [key, other],
      problems: [
        FilesReport.Problem(
          file: "/etc/sysctl.d/pipe.conf", line: nil, kind: "blocks-loader", message: "waits",
          loaders: ["procps"]),
        FilesReport.Problem(
          file: "/etc/sysctl.d/50-a.conf", line: 9, kind: "long-line", message: "long",
          loaders: []),
      ], gaps: [Gap("/run/sysctl.d", "Permission denied")])
  }()

  /// A listener with an owner, a unit and a walk's counts.
  static let listener: Listener = {
    var listener = Listener(
      address: "fe80::1%lo", port: 8443, family: .ipv6, length: 129, limit: 128, drops: .known(7),
      cookie: .max, inode: .max, uid: 1000, cgroup: .known(9_007_199_254_740_993))
    listener.unit = .known("nginx.service")
    listener.owner = .known(
      .init(pid: 4711, name: .known("nginx"), nofile: .known(1024), holders: .known(9)))
    listener.attached = .known(.init(synRecv: 3, closeWaitUnaccepted: 4, closeWaitHeld: 5))
    return listener
  }()

  /// The same over a window: counters before it, and what the samples showed.
  static let window: Snapshot = {
    var snapshot = whole
    snapshot.window = Fraction(10_001, 1000).map(Window.interval) ?? .sinceBoot
    snapshot.countersBefore = CounterTable(values: ["TcpExt.ListenDrops": 11])
    var sampled = listener
    sampled.sampling = .init(peak: 130, samples: 100, fullSamples: 6, dropsBefore: .known(2))
    snapshot.listeners = .known([sampled])
    snapshot.gaps = [Gap("/proc/net/snmp", "line 2: expected a number, found 'x'")]
    return snapshot
  }()

  /// Nothing has a value, for each of the four reasons in turn.
  static let missing: Snapshot = {
    func reason(_ kind: Absence.Kind) -> Absence { Absence(kind, "because of \(kind.rawValue)") }
    var host = Facts.Host(unread: reason(.absent))
    host.memory = .missing(reason(.unreadable))
    host.cpus = .missing(reason(.notGathered))
    host.uptime = .missing(reason(.noWindow))
    var snapshot = Snapshot(host: host)
    snapshot.tunables = [SysctlKey(literal: "net.core.somaxconn"): .missing(reason(.unreadable))]
    snapshot.counters = CounterTable(missing: [
      "Tcp": reason(.absent), "TcpExt": reason(.unreadable),
    ])
    var bare = Listener(
      address: "0.0.0.0", port: 0, family: .ipv4, length: 0, limit: 0,
      drops: .missing(reason(.absent)), cookie: 0, inode: 0, uid: 0,
      cgroup: .missing(reason(.absent)))
    bare.unit = .missing(reason(.absent))
    bare.owner = .missing(reason(.notGathered))
    bare.attached = .missing(reason(.notGathered))
    var owned = bare
    owned.owner = .known(
      .init(pid: 1, name: .missing(reason(.absent)), nofile: .missing(reason(.unreadable))))
    owned.sampling = .init(
      peak: 0, samples: 0, fullSamples: 0, dropsBefore: .missing(reason(.noWindow)))
    snapshot.listeners = .known([bare, owned])
    var report = files
    report.notCompared = nil
    report.keys[1].running = .missing(reason(.absent))
    snapshot.files = .known(report)
    snapshot.walk = .missing(reason(.notGathered))
    snapshot.states = .missing(reason(.unreadable))
    snapshot.connections = .missing(reason(.notGathered))
    snapshot.destinations = .missing(reason(.absent))
    snapshot.countersBefore = CounterTable(missing: ["sockstat": reason(.absent)])
    return snapshot
  }()
}

/// Reads a document.
func read(_ text: String) throws(SnapshotFile.Problem) -> Snapshot {
  try SnapshotFile.snapshot(from: Array(text.utf8))
}

/// What is wrong with a document, nil when nothing is.
func problem(_ text: String) -> SnapshotFile.Problem? {
  do {
    _ = try read(text)
    return nil
  } catch {
    return error
  }
}
