import Facts
import Glibc
import HostFS
import KernelModel
import Netlink

extension Experiment {
  static let synTimeline = Experiment(
    id: "syn-timeline", title: "SYNs to a silent address, and when connect() gives up",
    claims: ["Q2.6"],
    parameters: [
      Parameter("retries", "tcp_syn_retries; --slow takes the kernel's own", Handshake.usual, 1...6)
    ],
    patience: (usual: 160, slow: 160)
  ) { (lab, settings) throws(LabFailure) in
    try Handshake.connect(lab, retries: Handshake.retries(lab, settings, of: .syn), linear: 0)
  }

  static let synLinearTimeline = Experiment(
    id: "syn-linear-timeline",
    title: "SYNs to a silent address with tcp_syn_linear_timeouts: the first are a second apart",
    claims: ["Q2.6"],
    parameters: [
      Parameter(
        "retries", "tcp_syn_retries; --slow takes the kernel's own", Handshake.usual, 1...6),
      Parameter("linear", "tcp_syn_linear_timeouts", 4, 0...60),
    ],
    patience: (usual: 220, slow: 220)
  ) { (lab, settings) throws(LabFailure) in
    try Handshake.connect(
      lab, retries: Handshake.retries(lab, settings, of: .syn), linear: settings["linear"])
  }

  static let synAckTimeline = Experiment(
    id: "syn-ack-timeline",
    title: "SYN-ACKs to a client that never answers, and when its entry leaves the SYN queue",
    claims: ["Q2.5"],
    parameters: [
      Parameter(
        "retries", "tcp_synack_retries; --slow takes the kernel's own", Handshake.usual, 0...6),
      Parameter(
        "rto-max", "tcp_rto_max_ms where there is one, milliseconds", 120_000, 1000...120_000),
    ],
    patience: (usual: 160, slow: 160)
  ) { (lab, settings) throws(LabFailure) in
    if lab.has(Lab.longestWaitKey) { try lab.set(Lab.longestWaitKey, settings["rto-max"]) }
    return try Handshake.request(lab, retries: Handshake.retries(lab, settings, of: .synAck))
  }
}

/// The timelines of handshakes that are never completed.
private enum Handshake {
  /// The two kinds of packets that are resent, by the key of their number.
  enum Resent: String {
    case syn = "net.ipv4.tcp_syn_retries"
    case synAck = "net.ipv4.tcp_synack_retries"
  }

  /// The usual number of retries: seven seconds.
  static let usual: Int64 = 2
  private static let client = "172.16.0.1"
  private static let port: UInt16 = 80

  /// What the user chose, or with `--slow` what the key holds already.
  static func retries(
    _ lab: Lab, _ settings: Experiment.Settings, of kind: Resent
  ) throws(LabFailure) -> Int64 {
    if settings.isSlow, settings["retries"] == usual { return try lab.number(kind.rawValue) }
    try lab.set(kind.rawValue, settings["retries"])
    return settings["retries"]
  }

  /// Has a socket connect to an address that never answers.
  ///
  /// A kernel without tcp_syn_linear_timeouts does what others do with 0.
  static func connect(
    _ lab: Lab, retries: Int64, linear: Int64
  ) throws(LabFailure) -> [Proof.Step] {
    let key = "net.ipv4.tcp_syn_linear_timeouts"
    if linear != 0 || lab.has(key) { try lab.set(key, linear) }
    let predicted = KernelModel.synTimeline(
      retries: retries, linear: linear, rtoMaxMilliseconds: try lab.longestWait())
    let wire = try Wire()
    let client = try Socket()
    let failure = client.connect(Self.client, port: port)
    guard failure == EINPROGRESS else {
      throw .failed("connect: \(HostFS.words(for: failure))")
    }
    let seen = try wire.watch(lab, TimerTolerance().patience(predicted.end.double)) {
      () throws(LabFailure) in
      client.poll() & (POLLERR | POLLHUP) != 0
    }
    let syns = seen.captures.filter { $0.packet.isRequest }
    guard let first = syns.first else { throw .failed("no SYN was seen") }
    return [
      .timeline(
        "syns", "SYNs go out at, with tcp_syn_retries \(retries)", predicted.sends.map(\.double),
        syns.seconds { _ in true }),
      .seconds(
        "given_up", "connect() gives up after", predicted.end.double,
        seen.over.map { ($0 - first.time) / 1000 }),
      .text(
        "error", "what the program sees", "ETIMEDOUT",
        seen.over == nil ? "nothing" : ErrorName.of(client.error)),
    ]
  }

  /// Sends a SYN from an address of nobody to a listener.
  static func request(_ lab: Lab, retries: Int64) throws(LabFailure) -> [Proof.Step] {
    let predicted = KernelModel.synAckTimeline(
      retries: retries, rtoMaxMilliseconds: try lab.predicted(lab.model.synAckLongestWait))
    let listener = try lab.listen(port: port, backlog: 128)
    guard let client = IPv4Address(Self.client), let server = IPv4Address(Lab.server) else {
      throw .failed("an address is not written as one")
    }
    let wire = try Wire()
    try wire.send(
      WirePeer.request(
        from: Endpoint(address: client, port: 40_000), to: Endpoint(address: server, port: port)))
    // Looking at all sockets of the machine costs more than looking at one.
    let seen = try wire.watch(lab, TimerTolerance().patience(predicted.end.double), every: 60) {
      () throws(LabFailure) in
      try lab.count(.synRecv, at: port) == 0
    }
    // Up to here somebody must listen.
    listener.close()
    let answers = seen.captures.filter { $0.packet.isAnswer }
    guard let first = answers.first else { throw .failed("no SYN-ACK was seen") }
    return [
      .timeline(
        "syn_acks", "SYN-ACKs go out at, with tcp_synack_retries \(retries)",
        predicted.sends.map(\.double),
        answers.seconds { _ in true }),
      .seconds(
        "entry_gone", "the entry leaves the SYN queue after", predicted.end.double,
        seen.over.map { ($0 - first.time) / 1000 }),
    ]
  }
}

extension Lab {
  /// The longest that a packet waits before it is sent again, in milliseconds; a constant of the
  /// kernel before 6.15 (TCP_RTO_MAX).
  func longestWait() throws(LabFailure) -> Int64 {
    has(Self.longestWaitKey) ? try number(Self.longestWaitKey) : 120_000
  }

  static let longestWaitKey = "net.ipv4.tcp_rto_max_ms"
}
