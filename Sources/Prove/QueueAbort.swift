import Facts
import Glibc
import KernelModel

extension Experiment {
  private static let deferPort: UInt16 = 8081

  static let abortOnOverflow = Experiment(
    id: "abort-on-overflow",
    title: "what a client sees when its handshake ends at a full accept queue",
    claims: ["Q1.2", "Q4.2"],
    parameters: [
      Parameter("backlog", "What the program passes to listen()", 2, 2...1000)
    ]
  ) { (lab, settings) throws(LabFailure) in
    try lab.set("net.ipv4.tcp_syncookies", "1")
    return try withoutAbort(lab, settings) + withAbort(lab, settings)
  }

  /// 0: the client believes that it is connected and waits; it is served when there is a place.
  private static func withoutAbort(
    _ lab: Lab, _ settings: Settings
  ) throws(LabFailure) -> [Proof.Step] {
    try lab.set("net.ipv4.tcp_abort_on_overflow", "0")
    let scene = try Overflow.set(lab, backlog: settings["backlog"], port: deferPort)
    var steps: [Proof.Step] = []
    steps.add(
      "abort_0_connect", "abort 0: connect() of the client", "connected",
      scene.client.isConnected ? "connected" : "not connected")
    let before = lab.counters()
    let sent = scene.client.send([1])
    steps.add("abort_0_write", "abort 0: its first write", ErrorName.of(0), ErrorName.of(sent))
    _ = try lab.wait(1) { () throws(LabFailure) in
      try lab.growth("TcpExt.ListenOverflows", since: before) > 0
    }
    // The segment that completes the handshake goes over loopback at once. Each retransmission of it
    // counts again: the first comes after 200 ms, which a busy machine may be late for.
    let after = lab.counters()
    let resent =
      try Lab.growth("Tcp.RetransSegs", from: before, to: after)
      - Lab.growth("TcpExt.TCPSynRetrans", from: before, to: after)
    steps.add(
      "abort_0_overflows", "abort 0: TcpExt.ListenOverflows grew by", 1,
      try Lab.growth("TcpExt.ListenOverflows", from: before, to: after) - resent)
    steps.add(
      "abort_0_read", "abort 0: its first read", "waits", scene.words(scene.client.receive(1)))
    // One place becomes free; the client's next retransmission takes it.
    let length = try scene.listener.queue().length
    let accepted = try lab.accepted(from: scene.listener)
    let isServed = try lab.wait(4) { () throws(LabFailure) in
      try scene.listener.queue().length == length
    }
    steps.add(
      "abort_0_later", "abort 0: when accept() has made room", "it is queued",
      isServed ? "it is queued" : "it is not queued")
    accepted.close()
    return steps
  }

  /// 1: the client is reset, which it learns at its first read.
  private static func withAbort(
    _ lab: Lab, _ settings: Settings
  ) throws(LabFailure) -> [Proof.Step] {
    try lab.set("net.ipv4.tcp_abort_on_overflow", "1")
    let scene = try Overflow.set(lab, backlog: settings["backlog"], port: deferPort + 1)
    var steps: [Proof.Step] = []
    steps.add(
      "abort_1_connect", "abort 1: connect() of the client", "connected",
      scene.client.isConnected ? "connected" : "not connected")
    let before = lab.counters()
    let sent = scene.client.send([1])
    steps.add("abort_1_write", "abort 1: its first write", ErrorName.of(0), ErrorName.of(sent))
    var received = Socket.Received.nothing
    _ = try lab.wait(1) { () throws(LabFailure) in
      received = scene.client.receive(1)
      return received != .nothing
    }
    steps.add("abort_1_read", "abort 1: its first read", "ECONNRESET", scene.words(received))
    let grown = lab.counters()
    for (id, name) in [
      ("abort_1_overflows", "TcpExt.ListenOverflows"), ("abort_1_resets", "TcpExt.EmbryonicRsts"),
    ] {
      steps.add(id, "abort 1: \(name) grew by", 1, try Lab.growth(name, from: before, to: grown))
    }
    return steps
  }
}

/// A listener whose accept queue is full, and a client in whose handshake only the last segment is
/// missing.
///
/// With TCP_DEFER_ACCEPT the bare ACK does not complete a handshake; the first data does. So the
/// client's SYN is answered while there is room, and its last segment meets a full queue.
private struct Overflow: ~Copyable {
  let listener: Socket
  let client: Socket
  private var others: Clients

  private init(_ listener: consuming Socket, _ client: consuming Socket) {
    self.listener = listener
    self.client = client
    others = Clients()
  }

  static func set(_ lab: Lab, backlog: Int64, port: UInt16) throws(LabFailure) -> Overflow {
    let capacity = try PredictedQueues(lab, backlog: backlog).accept.capacity
    let listener = try lab.listen(port: port, backlog: backlog)
    try listener.set(CInt(IPPROTO_TCP), TCP_DEFER_ACCEPT, 30)
    var scene = Overflow(listener, try lab.connected(to: port))
    for count in 1...capacity {
      try scene.others.connect(1, to: port)
      guard try scene.isQueued(count, lab) else {
        throw .failed("of \(capacity) connections that fit only \(count - 1) were queued")
      }
    }
    return scene
  }

  /// Has the newest of the others send, and waits until so many are queued.
  private func isQueued(_ count: Int64, _ lab: Lab) throws(LabFailure) -> Bool {
    try lab.wait(2) { () throws(LabFailure) in
      others.send()
      return try listener.queue().length >= count
    }
  }

  /// What a read saw, in words.
  func words(_ received: Socket.Received) -> String {
    switch received {
    case .bytes: "data"
    case .end: "end of file"
    case .nothing: "waits"
    case .failed(let number): ErrorName.of(number)
    }
  }
}
