import Facts
import Glibc
import KernelModel
import Netlink

extension Experiment {
  static let timeWait = Experiment(
    id: "time-wait", title: "tcp_fin_timeout does not shorten TIME_WAIT",
    claims: ["Q2.11", "Q3.5"],
    parameters: [Parameter("timeout", "tcp_fin_timeout, seconds", 5, 1...50)],
    patience: (usual: 70, slow: 90)
  ) { (lab, settings) throws(LabFailure) in
    try AfterClose.timeWait(lab, timeout: settings["timeout"], toTheEnd: settings.isSlow)
  }

  static let finWait2 = Experiment(
    id: "fin-wait-2", title: "how long FIN_WAIT2 lasts where no program holds the socket",
    claims: ["Q3.9"],
    parameters: [
      Parameter("timeout", "tcp_fin_timeout, seconds", 5, 1...60),
      Parameter("long", "tcp_fin_timeout above 60, seconds; --slow adds 65", 61, 61...120),
    ],
    patience: (usual: 220, slow: 240)
  ) { (lab, settings) throws(LabFailure) in
    var steps: [Proof.Step] = []
    var timeouts = [settings["long"], settings["timeout"]]
    if settings.isSlow, !timeouts.contains(65) { timeouts.append(65) }
    for timeout in timeouts { steps.append(try AfterClose.finWait2(lab, timeout: timeout)) }
    return steps
  }
}

/// Sockets that outlive their close().
private enum AfterClose {
  private static let key = "net.ipv4.tcp_fin_timeout"
  /// How far the timer of a TIME_WAIT may be from the constant, in seconds: it is read as it was
  /// set, before the wheel rounds it.
  private static let nearness = 1.0

  /// A socket whose FIN is acknowledged, with the peer that did it.
  private static func closed(
    _ lab: Lab, _ wire: borrowing Wire, timeout: Int64, answer: Packet.Flags
  ) throws(LabFailure) -> WirePeer {
    try lab.set(key, timeout)
    let connection = try WireConnection(wire, to: "172.16.0.1", lab)
    var peer = connection.peer
    connection.socket.close()
    let fin = try wire.packet(within: 3, "FIN", lab) {
      peer.isMine($0) && $0.flags.contains(.fin)
    }
    peer.note(fin.packet)
    try wire.send(peer.segment(answer))
    return peer
  }

  static func timeWait(
    _ lab: Lab, timeout: Int64, toTheEnd: Bool
  ) throws(LabFailure) -> [Proof.Step] {
    let wire = try Wire()
    let peer = try closed(lab, wire, timeout: timeout, answer: .fin)
    let entered = lab.now
    let port = peer.other.port
    let constant = Double(KernelModel.timeWait)
    guard
      let socket = try lab.connections(in: [.timeWait]).first(where: { $0.localPort == port })
    else { throw .failed("no socket came to be in TIME_WAIT") }
    let timer = Double(socket.expires) / 1000 + (lab.now - entered) / 1000
    var steps: [Proof.Step] = [
      Proof.Step(
        "timer", "the timer of the socket in TIME_WAIT, with tcp_fin_timeout \(timeout)",
        predicted: .seconds(constant), observed: .seconds((timer * 1000).rounded() / 1000),
        agrees: abs(timer - constant) <= nearness)
    ]
    lab.pause(max(0, Double(timeout) + 1 - (lab.now - entered) / 1000))
    steps.append(
      .count(
        "still_there", "sockets in TIME_WAIT \(timeout + 1) s later", 1,
        try lab.count(.timeWait, at: port)))
    if toTheEnd {
      let seen = try wire.watch(lab, TimerTolerance().patience(constant), every: 100) {
        () throws(LabFailure) in
        try lab.count(.timeWait, at: port) == 0
      }
      steps.append(
        .seconds(
          "gone", "the socket is gone after", constant, seen.over.map { ($0 - entered) / 1000 }))
    }
    return steps
  }

  static func finWait2(_ lab: Lab, timeout: Int64) throws(LabFailure) -> Proof.Step {
    let wire = try Wire()
    let peer = try closed(lab, wire, timeout: timeout, answer: [])
    let entered = lab.now
    let port = peer.other.port
    guard try lab.count(.finWait2, at: port) == 1 else {
      throw .failed("no socket came to be in FIN_WAIT2")
    }
    let predicted = Double(KernelModel.finWait2Lifetime(timeout: timeout))
    let seen = try wire.watch(lab, TimerTolerance().patience(predicted), every: 80) {
      () throws(LabFailure) in
      try lab.count(.finWait2, at: port) == 0
    }
    return .seconds(
      "timeout_\(timeout)", "with tcp_fin_timeout \(timeout), FIN_WAIT2 ends after", predicted,
      seen.over.map { ($0 - entered) / 1000 })
  }
}
