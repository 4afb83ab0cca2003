import Glibc
import HostFS

/// Clients that connect to 127.0.0.1 and do nothing more; they are closed together.
struct Clients: ~Copyable {
  private var descriptors: [CInt] = []

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }

  /// Starts so many more connections.
  ///
  /// - Throws: ``LabFailure/failed(_:)`` where there are not enough descriptors or ports.
  mutating func connect(_ count: Int64, to port: UInt16) throws(LabFailure) {
    let flags = CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    for _ in 0..<max(0, count) {
      let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | flags, 0)
      guard descriptor >= 0 else { throw .failed("socket: \(HostFS.words(for: errno))") }
      descriptors.append(descriptor)
      let result = unsafe Socket.call("127.0.0.1", port) {
        unsafe Glibc.connect(descriptor, $0, $1)
      }
      guard result == 0 || errno == EINPROGRESS else {
        throw .failed("connect: \(HostFS.words(for: errno))")
      }
    }
  }

  /// The newest of them sends a byte, if it is connected.
  func send() {
    if let newest = descriptors.last { _ = unsafe Glibc.send(newest, [0], 1, CInt(MSG_NOSIGNAL)) }
  }
}

extension Socket {
  /// Of a listener: how many connections wait for accept(), and the limit of that queue.
  ///
  /// TCP_INFO has them in the places of tcpi_unacked and tcpi_sacked (net/ipv4/tcp.c), also on
  /// kernels without sock_diag.
  var acceptQueue: (length: Int64, limit: Int64)? {
    info.map { (Int64($0.tcpi_unacked), Int64($0.tcpi_sacked)) }
  }

  /// The same, which must be there.
  func queue() throws(LabFailure) -> (length: Int64, limit: Int64) {
    guard let queue = acceptQueue else { throw .failed("TCP_INFO: \(HostFS.words(for: errno))") }
    return queue
  }
}

extension Lab {
  /// Sends SYNs from addresses nobody owns, none of which will be completed.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - port: where the listener is.
  ///   - wire: what they go over.
  /// - Throws: ``LabFailure/failed(_:)`` where the wire takes none.
  func flood(_ count: Int64, to port: UInt16, over wire: borrowing Wire) throws(LabFailure) {
    guard let first = IPv4Address("172.16.0.1"), let server = IPv4Address(Self.server) else {
      throw .failed("no addresses for peers")
    }
    let destination = Endpoint(address: server, port: port)
    for index in 0..<UInt32(clamping: count) {
      let source = Endpoint(
        address: first.advanced(by: index), port: 1024 + UInt16(index % 60_000))
      try wire.send(
        Packet(
          source: source, destination: destination, sequence: 1000 + index, flags: .syn,
          options: [.maximumSegment(1460)]))
    }
  }
}
