import CLinux
import Facts
import Glibc
import HostFS
import KernelModel
import Netlink

extension Experiment {
  static let finTimeline = Experiment(
    id: "fin-timeline", title: "FINs to a peer gone silent, and when the kernel gives up",
    claims: ["Q1.7"],
    parameters: [
      Parameter(
        "retries", "tcp_orphan_retries, 0 acts as 8; --slow takes the kernel's own", Orphan.usual,
        0...8)
    ],
    patience: (usual: 260, slow: 260)
  ) { (lab, settings) throws(LabFailure) in
    let retries = try Orphan.retries(lab, settings)
    let wire = try Wire()
    let connection = try WireConnection(wire, to: Orphan.peer, lab)
    let (peer, tolerance) = (connection.peer, connection.tolerance)
    let before = lab.counters()
    connection.socket.close()
    return try Orphan.steps(lab, wire, peer, tolerance, retries: retries, since: before)
  }

  static let killedProcess = Experiment(
    id: "killed-process",
    title: "a process killed against a peer gone silent: the kernel closes in its stead",
    claims: ["Q4.11"],
    parameters: [
      Parameter(
        "retries", "tcp_orphan_retries, 0 acts as 8; --slow takes the kernel's own", Orphan.usual,
        0...8)
    ],
    patience: (usual: 260, slow: 260)
  ) { (lab, settings) throws(LabFailure) in
    let retries = try Orphan.retries(lab, settings)
    let wire = try Wire()
    // Its peer is silent too, but its process lives.
    let idle = try WireConnection(wire, to: Orphan.otherPeer, lab)
    let connection = try WireConnection(wire, to: Orphan.peer, lab)
    let (peer, tolerance) = (connection.peer, connection.tolerance)
    let holder = try Orphan.holder()
    connection.socket.close()
    wire.drain()
    let before = lab.counters()
    let killed = lab.now
    kill(holder, SIGKILL)
    _ = waitpid(holder, nil, 0)
    var steps = try Orphan.steps(
      lab, wire, peer, tolerance, retries: retries, since: before, killed: killed)
    steps.append(
      .text(
        "idle_state", "meanwhile, a connection with a silent peer and a live process is",
        "ESTABLISHED",
        try lab.count(.established, at: idle.peer.other.port) == 1 ? "ESTABLISHED" : "gone"))
    return steps
  }
}

/// Connections that nobody holds any more while their FIN is unanswered.
enum Orphan {
  /// The usual number of tcp_orphan_retries: three seconds.
  static let usual: Int64 = 2
  static let peer = "172.16.0.1"
  static let otherPeer = "172.16.0.2"
  private static let key = "net.ipv4.tcp_orphan_retries"
  private static let counter = "TcpExt.TCPAbortOnTimeout"

  /// What the user chose, or with `--slow` what the key holds already.
  static func retries(
    _ lab: Lab, _ settings: Experiment.Settings
  ) throws(LabFailure) -> Int64 {
    if settings.isSlow, settings["retries"] == usual { return try lab.number(key) }
    try lab.set(key, settings["retries"])
    return settings["retries"]
  }

  /// A process that holds every descriptor of this one and does nothing.
  static func holder() throws(LabFailure) -> CInt {
    let parent = getpid()
    let process = tcptune_fork()
    guard process >= 0 else { throw .failed("fork: \(HostFS.words(for: errno))") }
    if process == 0 {
      _ = tcptune_die_with_parent()
      // This one may have ended before that.
      while getppid() == parent { pause() }
      _exit(0)
    }
    return process
  }

  /// The two moments at which the kernel may give up, with the FINs up to then.
  ///
  /// It looks only when a timer fires, and gives up when the model's time has passed since the first
  /// retransmission. Whether that is so at the first timer after the last retry depends on how much
  /// longer than the model's the real waits are.
  static func endings(
    retries: Int64, longestWait: Int64, _ tolerance: TimerTolerance
  ) -> [(fins: [Double], end: Double)] {
    let timeline = KernelModel.orphanTimeline(retries: retries, rtoMaxMilliseconds: longestWait)
    let fins = timeline.sends.map(\.double)
    let end = timeline.end.double
    let late = (fins: fins + [end], end: timeline.latest?.double ?? end)
    let sinceFirst = (end - WireConnection.modelWait) * tolerance.stretch
    if sinceFirst * (1 + TimerTolerance.rounding) < end { return [late] }
    return sinceFirst >= end ? [(fins, end)] : [(fins, end), late]
  }

  /// Watches a socket that has just lost its program.
  ///
  /// - Throws: ``LabFailure`` where no FIN was seen.
  static func steps(
    _ lab: Lab, _ wire: borrowing Wire, _ peer: WirePeer, _ tolerance: TimerTolerance,
    retries: Int64, since before: CounterTable, killed: Double? = nil
  ) throws(LabFailure) -> [Proof.Step] {
    let orphans = try lab.connections(in: [.finWait1])
      .filter { $0.localPort == peer.other.port && $0.inode == 0 }
    let endings = endings(retries: retries, longestWait: try lab.longestWait(), tolerance)
    let longest = endings.map(\.end).max() ?? 0
    let seen = try wire.watch(lab, tolerance.patience(longest), every: 40) {
      () throws(LabFailure) in
      try lab.growth(counter, since: before) > 0
    }
    let fins = seen.captures.filter { peer.isMine($0.packet) && $0.packet.flags.contains(.fin) }
    guard let first = fins.first else { throw .failed("no FIN was seen") }
    let predicted = endings.first { $0.fins.count == fins.count } ?? endings[0]
    var steps: [Proof.Step] = []
    if let killed {
      steps.append(
        .seconds("first_fin", "the kernel sends FIN after", 0, (first.time - killed) / 1000))
    }
    return steps + [
      .text(
        "state", "the socket that no program holds is in", "FIN_WAIT1",
        orphans.isEmpty ? "another state" : "FIN_WAIT1"),
      .timeline(
        "fins", "FINs go out at, with tcp_orphan_retries \(retries)", predicted.fins,
        fins.seconds { _ in true }, tolerance),
      .seconds(
        "given_up", "the socket is given up after", predicted.end,
        seen.over.map { ($0 - first.time) / 1000 }, tolerance),
      .count(
        "abort_on_timeout", "TCPAbortOnTimeout grows by", 1,
        try lab.growth(counter, since: before)),
      .count(
        "left", "sockets left", 0,
        Int64(
          try lab.connections(in: [.finWait1, .finWait2, .timeWait, .closing, .lastAck])
            .count { $0.localPort == peer.other.port })),
    ]
  }
}
