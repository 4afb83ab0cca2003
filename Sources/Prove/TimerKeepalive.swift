import Facts
import Glibc
import KernelModel
import Netlink

extension Experiment {
  static let keepalive = Experiment(
    id: "keepalive", title: "a dead peer is noticed after time + interval * probes",
    claims: ["Q3.3", "Q4.12"],
    parameters: [
      Parameter("time", "tcp_keepalive_time, seconds", 2, 1...30),
      Parameter("interval", "tcp_keepalive_intvl, seconds", 1, 1...10),
      Parameter("probes", "tcp_keepalive_probes", 3, 0...9),
    ],
    patience: (usual: 150, slow: 150)
  ) { (lab, settings) throws(LabFailure) in
    try Keepalive.steps(
      lab, time: settings["time"], interval: settings["interval"], probes: settings["probes"])
  }
}

/// An idle connection to a peer that is gone.
private enum Keepalive {
  static func steps(
    _ lab: Lab, time: Int64, interval: Int64, probes: Int64
  ) throws(LabFailure) -> [Proof.Step] {
    try lab.set("net.ipv4.tcp_keepalive_time", time)
    try lab.set("net.ipv4.tcp_keepalive_intvl", interval)
    try lab.set("net.ipv4.tcp_keepalive_probes", probes)
    guard
      let predicted = KernelModel.keepaliveTimeline(time: time, interval: interval, probes: probes)
    else { throw .failed("no prediction: the sum does not fit 64 bits") }
    let wire = try Wire()
    let silent = try WireConnection(wire, to: "172.16.0.2", lab)
    let connection = try WireConnection(wire, to: "172.16.0.1", lab)
    let peer = connection.peer
    let before = lab.counters()
    // The timer runs from here: the handshake ended a moment ago.
    try connection.socket.keepAlive()
    let start = lab.now
    let seen = try wire.watch(lab, TimerTolerance().patience(predicted.end.double)) {
      () throws(LabFailure) in
      connection.socket.poll() & (POLLERR | POLLHUP) != 0
    }
    // A probe repeats the last byte that was acknowledged, to make the peer answer.
    let sent = seen.captures.seconds(since: start) {
      peer.isMine($0) && !$0.flags.contains(.reset) && $0.payload.isEmpty
        && $0.acknowledged == peer.sequence && $0.sequence != peer.expected
    }
    let error = seen.over == nil ? "nothing" : ErrorName.of(connection.socket.error)
    let isHeld = try lab.count(.established, at: silent.peer.other.port) == 1
    return [
      .timeline("probes", "probes go out at", predicted.sends.map(\.double), sent),
      .count(
        "counted", "TCPKeepAlive grows by", probes,
        try lab.growth("TcpExt.TCPKeepAlive", since: before)),
      .seconds(
        "noticed", "the dead peer is noticed after", predicted.end.double,
        seen.over.map { ($0 - start) / 1000 }),
      .text("error", "what the program sees", "ETIMEDOUT", error),
      .text(
        "without", "without SO_KEEPALIVE the connection is", "ESTABLISHED",
        isHeld ? "ESTABLISHED" : "gone"),
    ]
  }
}
