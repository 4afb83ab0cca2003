import Facts
import Glibc
import KernelModel
import Netlink

extension Experiment {
  static let timeWaitReuse = Experiment(
    id: "tw-reuse",
    title: "connect() where the only port is in TIME_WAIT, with tcp_tw_reuse 0, 1 and 2",
    claims: ["Q3.6", "Q4.20"],
    parameters: [
      Parameter("delay", "tcp_tw_reuse_delay, milliseconds, where there is one", 500, 200...5000)
    ]
  ) { (lab, settings) throws(LabFailure) in
    try Reuse.steps(lab, delay: settings["delay"])
  }
}

/// A destination to which a connection stands in TIME_WAIT, and what connect() makes of it.
private struct Reuse {
  /// Unique in the experiment.
  var id: String
  /// What is looked at, for people.
  var title: String
  /// tcp_tw_reuse.
  var mode: Int64
  /// An address of this namespace, one for each case: they share the only port.
  var destination: String
  /// Whether this host uses timestamps, in both connections.
  var hasTimestamps = true
  /// Whether connect() is called before the connection may be old enough.
  var isYoung = false

  private static let port: UInt16 = 7000
  private static let onlyPort = "40000 40000"
  private static let delayKey = "net.ipv4.tcp_tw_reuse_delay"
  /// What is waited beyond the age that is asked for, in seconds.
  private static let extra = 0.2

  private static let cases = [
    Reuse(
      id: "one_young", title: "1, before the connection is old enough", mode: 1,
      destination: "127.0.0.1", isYoung: true),
    Reuse(id: "zero", title: "0, to a loopback address", mode: 0, destination: "127.0.0.2"),
    Reuse(id: "one_loopback", title: "1, to a loopback address", mode: 1, destination: "127.0.0.3"),
    Reuse(
      id: "one_own", title: "1, to another address of this host", mode: 1,
      destination: "10.9.0.1"),
    Reuse(id: "two_loopback", title: "2, to a loopback address", mode: 2, destination: "127.0.0.4"),
    Reuse(
      id: "two_own", title: "2, to another address of this host", mode: 2,
      destination: "10.9.0.2"),
    Reuse(
      id: "no_timestamps", title: "1, without timestamps", mode: 1,
      destination: "127.0.0.5", hasTimestamps: false),
  ]

  /// How old a TIME_WAIT must be now for its port to be taken, in seconds; nil where none is.
  private static func age(_ lab: Lab) throws(LabFailure) -> Double? {
    let delay = lab.model.limit(.portReuseDelay).value
    return delay.absence?.kind == .never ? nil : try lab.predicted(delay).amount.double
  }

  /// Makes the connections, lets them grow old, and connects again.
  static func steps(_ lab: Lab, delay: Int64) throws(LabFailure) -> [Proof.Step] {
    if lab.has(delayKey) { try lab.set(delayKey, delay) }
    try lab.set("net.ipv4.tcp_tw_reuse", 1)
    let age = try age(lab) ?? 0
    // Whole seconds may turn over at any moment: nothing is certain to be too young.
    let cases = Self.cases.filter { !$0.isYoung || lab.has(delayKey) }
    try lab.address("10.9.0.2")
    try lab.set("net.ipv4.ip_local_port_range", onlyPort)
    let listener = try lab.listen(port: port, backlog: 32)
    var born: [Double] = []
    for reuse in cases.reversed() { born.append(try reuse.leaveTimeWait(lab, listener)) }
    born.reverse()
    let all = Int64(cases.count)
    guard
      try lab.wait(
        3,
        until: { () throws(LabFailure) in
          Int64(try lab.connections(in: [.timeWait]).count) == all
        })
    else { throw .failed("not every connection came to be in TIME_WAIT") }

    let before = lab.counters()
    var steps: [Proof.Step] = []
    for (reuse, born) in zip(cases, born) {
      if !reuse.isYoung { lab.pause(max(0, age + extra - (lab.now - born) / 1000)) }
      let old = (lab.now - born) / 1000
      try lab.set("net.ipv4.tcp_tw_reuse", reuse.mode)
      try lab.set("net.ipv4.tcp_timestamps", reuse.hasTimestamps ? 1 : 0)
      let predicted = reuse.outcome(lab.release, old, age: try Self.age(lab))
      let observed = try reuse.connectAgain(lab)
      steps.append(.text(reuse.id, "tcp_tw_reuse \(reuse.title)", predicted, observed))
    }
    let taken = steps.count { $0.predicted == .text("connected") }
    steps.append(
      .count(
        "recycled", "TWRecycled grows by", Int64(taken),
        try lab.growth("TcpExt.TWRecycled", since: before)))
    return steps
  }

  private static let refusal = ErrorName.of(EADDRNOTAVAIL)

  /// What the kernel decides about a connection that is so many seconds old.
  private func outcome(_ release: KernelRelease, _ old: Double, age: Double?) -> String {
    guard let age, old > age else { return Self.refusal }
    // Loopback only is a meaning of 2 since 4.18; before, any number but 0 was 1.
    let isMeant = mode != 2 || isLoopback || !release.isAtLeast(4, 18)
    return isMeant ? "connected" : Self.refusal
  }

  private var isLoopback: Bool { destination.hasPrefix("127.") }

  /// Connects and closes, the client first.
  ///
  /// - Returns: when it was done, by the lab's clock.
  private func leaveTimeWait(
    _ lab: Lab, _ listener: borrowing Socket
  ) throws(LabFailure) -> Double {
    try lab.set("net.ipv4.tcp_timestamps", hasTimestamps ? 1 : 0)
    let client = try lab.connected(to: Self.port, at: destination)
    let server = try lab.accepted(from: listener)
    client.close()
    guard try lab.wait(3, until: { () throws(LabFailure) in server.receive(1) == .end }) else {
      throw .failed("the end of a connection to \(destination) did not arrive")
    }
    server.close()
    return lab.now
  }

  /// What a program sees that connects to the same place once more.
  private func connectAgain(_ lab: Lab) throws(LabFailure) -> String {
    let client = try Socket()
    let failure = client.connect(destination, port: Self.port)
    guard failure == 0 || failure == EINPROGRESS else { return ErrorName.of(failure) }
    let isConnected = try lab.wait(3) { () throws(LabFailure) in client.isConnected }
    return isConnected ? "connected" : "not connected in time"
  }
}
