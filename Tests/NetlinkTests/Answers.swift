import Facts
import Netlink
import Support
import Testing

/// Datagrams made by hand, byte for byte as the kernel makes them on a little-endian machine.
enum Made {
  static let done: UInt16 = 3
  static let error: UInt16 = 2
  static let interrupted: UInt16 = 0x10
  /// What the requests' answers carry; the transports put the true number in.
  static let sequence: UInt32 = 1

  static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  /// A message, filled up to the next multiple of four.
  static func message(
    _ type: UInt16, flags: UInt16 = 2, sequence: UInt32 = sequence, _ payload: [UInt8]
  ) -> [UInt8] {
    let whole =
      bytes(UInt32(16 + payload.count)) + bytes(type) + bytes(flags) + bytes(sequence)
      + bytes(UInt32(0)) + payload
    return padded(whole)
  }

  /// The end of a dump, with an error number as the C library has it.
  static func done(errno: Int32 = 0, flags: UInt16 = 2) -> [UInt8] {
    message(done, flags: flags, bytes(-errno))
  }

  /// A refusal: the number and the request that it answers.
  static func refusal(errno: Int32) -> [UInt8] {
    message(error, flags: 0, bytes(-errno) + [UInt8](repeating: 0, count: 16))
  }

  /// An attribute, filled up to the next multiple of four.
  static func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    padded(bytes(UInt16(4 + value.count)) + bytes(type) + value)
  }

  /// SKMEMINFO with that many words, the ninth of which is the drop counter.
  static func memory(drops: UInt32, words: Int = 9) -> [UInt8] {
    attribute(7, (0..<words).flatMap { bytes($0 == 8 ? drops : UInt32(0)) })
  }

  static func cgroup(_ id: UInt64) -> [UInt8] { attribute(21, bytes(id)) }

  /// The fixed part of what is said about a socket.
  static func socket(
    state: UInt8 = 10, address: [UInt8] = [0, 0, 0, 0], peer: [UInt8] = [], port: UInt16 = 80,
    peerPort: UInt16 = 0, timer: UInt8 = 0, retransmissions: UInt8 = 0, interface: UInt32 = 0,
    cookie: UInt64 = 1, length: UInt32 = 0, limit: UInt32 = 128, uid: UInt32 = 0,
    inode: UInt32 = 1
  ) -> [UInt8] {
    let family: UInt8 = address.count == 16 ? 10 : 2
    let place = [address, peer].flatMap { $0 + [UInt8](repeating: 0, count: 16 - $0.count) }
    let ports = [port, peerPort].flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    return [family, state, timer, retransmissions] + ports + place + bytes(interface)
      + bytes(cookie) + bytes(UInt32(0)) + bytes(length) + bytes(limit)
      + bytes(uid) + bytes(inode)
  }

  /// A whole message about a socket, as a dump has it.
  static func answer(
    _ socket: [UInt8], _ attributes: [UInt8] = memory(drops: 0) + cgroup(1), flags: UInt16 = 2
  ) -> [UInt8] {
    message(20, flags: flags, socket + attributes)
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
  }
}

/// What came of asking for listeners.
enum Outcome: Equatable {
  case listeners([Listener], gaps: [Gap])
  case failure(NetlinkFailure)

  /// The listeners, none where there was a failure.
  var listeners: [Listener] {
    if case .listeners(let listeners, _) = self { listeners } else { [] }
  }
}

/// Asks for listeners; each recording answers one request.
func ask(_ recordings: [RecordedAnswers]) -> Outcome {
  ask(over: RecordedTransport(recordings))
}

/// Asks for listeners; each list of datagrams answers one request.
func ask(_ answers: [[UInt8]]...) -> Outcome {
  ask(answers.map { RecordedAnswers(answers: $0) })
}

func ask(over transport: consuming some NetlinkTransport & ~Copyable) -> Outcome {
  var dump = SocketDump(over: transport)
  do {
    let (listeners, gaps) = try dump.listeners()
    return .listeners(listeners, gaps: gaps)
  } catch {
    return .failure(error)
  }
}

/// A listener as the made answers show it.
func listener(
  _ address: String = "0.0.0.0", port: Int64 = 80, cookie: UInt64 = 1, length: Int64 = 0,
  limit: Int64 = 128, drops: Reading<Int64> = .known(0), cgroup: Reading<UInt64> = .known(1)
) -> Listener {
  Listener(
    address: address, port: port, family: address.contains(":") ? .ipv6 : .ipv4, length: length,
    limit: limit, drops: drops, cookie: cookie, inode: 1, uid: 0, cgroup: cgroup)
}

let noDrops = Reading<Int64>.absent("kernels before 4.7 do not count a listener's drops")
let noCgroup = Reading<UInt64>.absent("kernels before 5.7 do not name the cgroup")
let noAnswer = NetlinkFailure.system(call: "recv(netlink)", errno: 11)

/// Plays datagrams exactly as they are, whatever was asked.
struct StubbornTransport: NetlinkTransport {
  var datagrams: [[UInt8]]
  var refusesToSend = false

  mutating func send(_ datagram: [UInt8]) throws(NetlinkFailure) {
    if refusesToSend { throw .system(call: "send(netlink)", errno: 1) }
  }

  mutating func receive() throws(NetlinkFailure) -> [UInt8] {
    guard !datagrams.isEmpty else { throw noAnswer }
    return datagrams.removeFirst()
  }
}
