import Facts
import Netlink

extension Experiment {
  static let closeUnread = Experiment(
    id: "close-unread", title: "close() answers RST where bytes were left unread, FIN where not",
    claims: ["Q4.14"]
  ) { (lab, _) throws(LabFailure) in
    let wire = try Wire()
    return try Unread.close(lab, wire, unread: true) + Unread.close(lab, wire, unread: false)
      + Unread.late(lab, wire)
  }
}

/// What close() does with bytes that nobody read.
private enum Unread {
  private static let bytes: [UInt8] = Array("unread".utf8)

  /// Closes a socket with or without bytes in its queue.
  static func close(
    _ lab: Lab, _ wire: borrowing Wire, unread: Bool
  ) throws(LabFailure) -> [Proof.Step] {
    var connection = try WireConnection(wire, to: "172.16.0.1", lab)
    if unread {
      try wire.send(connection.peer.segment(.push, bytes))
      let port = connection.peer.other.port
      let arrived = try lab.wait(3) { () throws(LabFailure) in
        try lab.connections(in: [.established]).contains {
          $0.localPort == port && $0.receiveQueue == Int64(bytes.count)
        }
      }
      guard arrived else { throw .failed("the peer's bytes did not arrive") }
    }
    let peer = connection.peer
    let before = lab.counters()
    wire.drain()
    connection.socket.close()
    let answer = try answer(lab, wire, peer)
    let name = unread ? "unread" : "read"
    let state = unread ? "with unread bytes" : "with nothing unread"
    return [
      .text("\(name)_answer", "close() \(state) sends", unread ? "RST" : "FIN", answer),
      .count(
        "\(name)_abort_on_close", "TCPAbortOnClose grows by", unread ? 1 : 0,
        try lab.growth("TcpExt.TCPAbortOnClose", since: before)),
    ]
  }

  /// Sends bytes to a socket that has been closed.
  static func late(_ lab: Lab, _ wire: borrowing Wire) throws(LabFailure) -> [Proof.Step] {
    let connection = try WireConnection(wire, to: "172.16.0.1", lab)
    var peer = connection.peer
    connection.socket.close()
    let fin = try wire.packet(within: 3, "FIN", lab) {
      peer.isMine($0) && $0.flags.contains(.fin)
    }
    peer.note(fin.packet)
    let before = lab.counters()
    try wire.send(peer.segment(.push, bytes))
    return [
      .text(
        "late_answer", "bytes that arrive after close() are answered by", "RST",
        try answer(lab, wire, peer)),
      .count(
        "late_abort_on_data", "TCPAbortOnData grows by", 1,
        try lab.growth("TcpExt.TCPAbortOnData", since: before)),
    ]
  }

  /// The first FIN or RST that the kernel sends to a peer.
  private static func answer(
    _ lab: Lab, _ wire: borrowing Wire, _ peer: WirePeer
  ) throws(LabFailure) -> String {
    let end = lab.now + 3000
    while let capture = wire.next(until: end, lab) {
      guard peer.isMine(capture.packet) else { continue }
      if capture.packet.flags.contains(.reset) { return "RST" }
      if capture.packet.flags.contains(.fin) { return "FIN" }
    }
    return "nothing"
  }
}
