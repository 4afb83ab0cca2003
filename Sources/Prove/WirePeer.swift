import Glibc
import HostFS

/// The far end of one TCP connection, played by us at an address of nobody.
///
/// It says only what it is told to say: an experiment decides when it answers and when it has gone
/// silent. It offers neither timestamps nor selective acknowledgements: without the latter the
/// kernel makes no tail loss probes, and nothing but the retransmission timer sends again.
struct WirePeer {
  /// Where it is.
  let own: Endpoint
  /// Where the kernel's end is.
  let other: Endpoint
  /// The number of its next byte.
  private(set) var sequence: UInt32
  /// The number of the kernel's next byte that it has not seen.
  private(set) var expected: UInt32

  /// The first number of every peer; any will do.
  private static let initialSequence: UInt32 = 9000
  /// What it takes in one segment, in bytes.
  private static let segment: UInt16 = 1460

  /// The SYN with which a client at `own` asks for a connection.
  static func request(from own: Endpoint, to other: Endpoint) -> Packet {
    Packet(
      source: own, destination: other, sequence: initialSequence, flags: .syn,
      options: [.maximumSegment(segment)])
  }

  /// The end that a SYN or a SYN-ACK of the kernel is for.
  init(answering packet: Packet) {
    own = packet.destination
    other = packet.source
    // A SYN-ACK has seen our SYN.
    sequence = Self.initialSequence &+ (packet.flags.contains(.acknowledgement) ? 1 : 0)
    expected = packet.sequence &+ packet.span
  }

  /// The segment with these flags and bytes that comes next; it acknowledges all that was noted.
  mutating func segment(_ flags: Packet.Flags = [], _ payload: [UInt8] = []) -> Packet {
    var packet = Packet(
      source: own, destination: other, sequence: sequence, acknowledged: expected,
      flags: flags.union(.acknowledgement), payload: payload)
    if flags.contains(.syn) { packet.options = [.maximumSegment(Self.segment)] }
    sequence &+= packet.span
    return packet
  }

  /// Takes notice of a segment of the kernel's, to acknowledge it with the next of its own.
  mutating func note(_ packet: Packet) {
    if isMine(packet), packet.sequence == expected { expected &+= packet.span }
  }

  /// Whether the kernel sent a packet to this end.
  func isMine(_ packet: Packet) -> Bool { packet.destination == own && packet.source == other }
}

extension Wire {
  /// Has a socket connect to an address of nobody, and plays the peer that takes the connection.
  ///
  /// - Returns: the peer, with the handshake behind it.
  /// - Throws: ``LabFailure/failed(_:)`` where the handshake does not end within three seconds.
  borrowing func peer(
    accepting client: borrowing Socket, at own: Endpoint, _ lab: Lab
  ) throws(LabFailure) -> WirePeer {
    drain()
    let failure = client.connect(own.address.description, port: own.port)
    guard failure == EINPROGRESS else {
      throw .failed("connect \(own): \(HostFS.words(for: failure))")
    }
    let syn = try packet(within: 3, "SYN", lab) { $0.isRequest && $0.destination == own }
    var peer = WirePeer(answering: syn.packet)
    try send(peer.segment(.syn))
    guard try lab.wait(3, until: { () throws(LabFailure) in client.isConnected }) else {
      throw .failed("connect \(own): the SYN-ACK had no effect")
    }
    return peer
  }

  /// Plays a client that connects to a listener of the kernel's.
  ///
  /// - Returns: the peer, with the handshake behind it.
  /// - Throws: as ``peer(accepting:at:_:)``.
  borrowing func peer(
    connecting own: Endpoint, to listener: Endpoint, _ lab: Lab
  ) throws(LabFailure) -> WirePeer {
    drain()
    try send(WirePeer.request(from: own, to: listener))
    let answer = try packet(within: 3, "SYN-ACK", lab) {
      $0.isAnswer && $0.destination == own && $0.source == listener
    }
    var peer = WirePeer(answering: answer.packet)
    try send(peer.segment())
    return peer
  }

  /// The next packet of the kernel's that is as wanted.
  ///
  /// - Returns: the packet and its time.
  /// - Throws: ``LabFailure/failed(_:)`` when none comes in so many seconds.
  borrowing func packet(
    within seconds: Double, _ name: String, _ lab: Lab, where isWanted: (Packet) -> Bool
  ) throws(LabFailure) -> Capture {
    let end = lab.now + seconds * 1000
    while let capture = next(until: end, lab) {
      if isWanted(capture.packet) { return capture }
    }
    throw .failed("no \(name) came within \(seconds) s")
  }

  /// What the kernel sends until something is so, or until so many seconds are over; the thing is
  /// looked at every `period` milliseconds.
  ///
  /// - Returns: the packets in order, and when it came to be so, in milliseconds of the lab's clock;
  ///   nil where the time was up.
  /// - Throws: what looking throws.
  borrowing func watch(
    _ lab: Lab, _ seconds: Double, every period: Double = 20,
    until isOver: () throws(LabFailure) -> Bool
  ) throws(LabFailure) -> (captures: [Capture], over: Double?) {
    let end = lab.now + seconds * 1000
    var captures: [Capture] = []
    while true {
      let look = min(end, lab.now + period)
      while let capture = next(until: look, lab) { captures.append(capture) }
      if try isOver() { return (captures, lab.now) }
      if lab.now >= end { return (captures, nil) }
    }
  }
}
