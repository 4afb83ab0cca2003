import Facts
import Glibc
import KernelModel

extension Experiment {
  /// What bounds the bytes that a connection has under way.
  static let buffers: [Experiment] = [sendBuffer]

  static let sendBuffer = Experiment(
    id: "send-buffer",
    title: "how far a send buffer fills, and when a program that waits for room is woken",
    claims: ["Q2.9"],
    parameters: [
      // Loopback's large segments let the buffer grow so far at once.
      Parameter("most", "tcp_wmem[2], bytes", 1 << 20, 1 << 18...1 << 21)
    ]
  ) { (lab, settings) throws(LabFailure) in
    try SendBuffer.connected(lab, most: settings["most"]).steps(lab)
  }
}

/// A connection whose reader can be made to read a little.
private struct SendBuffer: ~Copyable {
  /// What poll(2) says while so much is queued.
  private struct Level {
    var queued: Int64
    var hasRoom: Bool
  }

  private static let port: UInt16 = 8082
  /// A packet of loopback with the kernel's own share, at most: the last one may stand out so far.
  private static let packet: Int64 = 68 << 10

  private let most: Int64
  private let writer: Socket
  private let reader: Socket

  private init(_ most: Int64, _ writer: consuming Socket, _ reader: consuming Socket) {
    self.most = most
    self.writer = writer
    self.reader = reader
  }

  static func connected(_ lab: Lab, most: Int64) throws(LabFailure) -> SendBuffer {
    try lab.set("net.ipv4.tcp_wmem", "4096 16384 \(most)")
    // A small window, so that the buffer empties in many steps.
    try lab.set("net.ipv4.tcp_rmem", "4096 131072 262144")
    let listener = try lab.listen(port: port, backlog: 1)
    let writer = try lab.connected(to: port)
    return SendBuffer(most, writer, try lab.accepted(from: listener))
  }

  func steps(_ lab: Lab) throws(LabFailure) -> [Proof.Step] {
    let full = try fill(lab)
    let levels = try levels(lab)
    let asPredicted = levels.count {
      $0.hasRoom == KernelModel.hasRoom(queued: $0.queued, of: full.most)
    }
    guard levels.contains(where: \.hasRoom), levels.contains(where: { !$0.hasRoom }) else {
      throw .failed("the buffer did not empty step by step")
    }
    return [
      .count("most", "bytes that the buffer may hold: tcp_wmem[2]", most, full.most),
      Proof.Step(
        "full", "bytes in it when send() has no room; the last packet may stand out",
        predicted: .count(most), observed: .count(full.queued),
        agrees: (most..<most + Self.packet).contains(full.queued)),
      .count(
        "levels", "fill levels at which poll() says that there is room if a third is free",
        Int64(levels.count), Int64(asPredicted)),
    ]
  }

  private func memory() throws(LabFailure) -> (most: Int64, queued: Int64) {
    guard let memory = writer.sendMemory else {
      throw .notApplicable("this kernel does not tell what a socket's buffers hold")
    }
    return memory
  }

  /// Writes until nothing moves any more: the reader's window is shut, and the buffer is full.
  private func fill(_ lab: Lab) throws(LabFailure) -> (most: Int64, queued: Int64) {
    let bytes = [UInt8](repeating: 0, count: 100_000)
    var last = lab.now
    let isFull = try lab.wait(10) { () throws(LabFailure) in
      let error = writer.send(bytes)
      guard error == 0 || error == EAGAIN else { throw .failed("send: \(ErrorName.of(error))") }
      if error == 0 { last = lab.now }
      return lab.now - last > 300
    }
    guard isFull else { throw .failed("the send buffer did not fill within 10 s") }
    return try memory()
  }

  /// Reads a little at a time, and looks what poll(2) says at each level.
  private func levels(_ lab: Lab) throws(LabFailure) -> [Level] {
    var levels: [Level] = []
    var last: Int64 = 0
    while true {
      let before = try memory()
      let hasRoom = writer.poll(POLLOUT) & POLLOUT != 0
      // What was acknowledged meanwhile makes a level of its own.
      if try memory() == before, before.queued != last {
        levels.append(Level(queued: before.queued, hasRoom: hasRoom))
        last = before.queued
      }
      guard before.queued > 0 else { return levels }
      let isRead = try lab.wait(3) { () throws(LabFailure) in
        if case .bytes = reader.receive(20_000) { return true }
        return false
      }
      guard isRead else { throw .failed("the bytes did not arrive") }
      lab.pause(0.001)
    }
  }
}
