import Glibc
import HostFS

/// The loopback interface as a wire: packets made by hand go in, and what the kernel sends is seen.
///
/// The lab leads 172.16.0.0/12 to that interface. What the kernel sends there comes back in and is
/// dropped without a word, so that each such address is a peer that only this wire answers for. It
/// needs nothing but AF_PACKET: no module, no second interface, no root of the host.
struct Wire: ~Copyable {
  /// A packet that the kernel sent.
  struct Capture {
    var packet: Packet
    /// When it went out, in milliseconds of the monotonic clock.
    var time: Double
  }

  /// The loopback interface is the first of every namespace (net/core/dev.c).
  private static let loopback: Int32 = 1
  private static let allProtocols: UInt16 = 3  // ETH_P_ALL: only then are outgoing packets shown
  private static let ip: UInt16 = 0x0800
  /// Loopback's largest packet, 65,536 bytes, and then some.
  private static let room = 65_600
  private static let outgoing: UInt8 = 4  // PACKET_OUTGOING
  private static let kindOffset = 10  // sll_pkttype

  private let descriptor: CInt

  /// Opens the wire of this process's namespace.
  ///
  /// - Throws: ``LabFailure/failed(_:)`` with the call that failed.
  init() throws(LabFailure) {
    // Datagrams of a packet socket begin with the IP header.
    descriptor = socket(
      AF_PACKET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Self.failure("socket(AF_PACKET)") }
    var on: CInt = 1
    let length = socklen_t(MemoryLayout<CInt>.size)
    guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, length) == 0 else {
      throw Self.failure("SO_TIMESTAMPNS")
    }
    // For a burst; the kernel may give less.
    var space: CInt = 4 << 20
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &space, length)
    let result = unsafe Self.withAddress(Self.allProtocols) { unsafe bind(descriptor, $0, $1) }
    guard result == 0 else { throw Self.failure("bind(AF_PACKET)") }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  private static func failure(_ call: String) -> LabFailure {
    .failed("\(call): \(HostFS.words(for: errno))")
  }

  /// Hands `struct sockaddr_ll` for the loopback interface to a call.
  private static func withAddress<Result>(
    _ protocol: UInt16, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    // Its words: family and protocol; the interface; type and length of the address; the address.
    // (Every machine that Swift knows Linux on has the lowest byte first.)
    let words: [UInt32] = [
      UInt32(AF_PACKET) | UInt32(`protocol`.bigEndian) << 16, UInt32(loopback), 6 << 24, 0, 0,
    ]
    let length = socklen_t(words.count * MemoryLayout<UInt32>.size)
    return unsafe words.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { preconditionFailure("no words") }
      return unsafe call(start.assumingMemoryBound(to: sockaddr.self), length)
    }
  }

  /// Puts a packet on the wire; the kernel finds it on the loopback interface.
  ///
  /// - Throws: ``LabFailure/failed(_:)`` where it is refused.
  borrowing func send(_ packet: Packet) throws(LabFailure) {
    let bytes = packet.bytes
    var sent = 0
    repeat {
      sent = unsafe Self.withAddress(Self.ip) { address, length in
        unsafe sendto(descriptor, bytes, bytes.count, 0, address, length)
      }
    } while sent < 0 && errno == EINTR
    guard sent == bytes.count else { throw Self.failure("sendto(AF_PACKET)") }
  }

  /// The next packet that the kernel sends, nil when none came up to a time of the lab's clock.
  borrowing func next(until deadline: Double, _ lab: Lab) -> Capture? {
    while true {
      while let received = receive() {
        // Loopback shows every packet twice, on its way out and on its way in.
        guard received.isOutgoing, let packet = Packet(received.bytes) else { continue }
        return Capture(packet: packet, time: lab.now - received.age)
      }
      let rest = deadline - lab.now
      guard rest > 0 else { return nil }
      var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
      _ = unsafe poll(&descriptors, 1, CInt(rest.rounded(.up)))
    }
  }

  /// Throws away what has been seen.
  borrowing func drain() {
    while receive() != nil {}
  }

  /// A packet that has been seen, and how many milliseconds ago; nil where there is none.
  private borrowing func receive() -> (bytes: [UInt8], isOutgoing: Bool, age: Double)? {
    var source = [UInt8](repeating: 0, count: 20)
    // One control message: its length, its kind, and a `struct timespec` of the clock of day.
    var control = [Int](repeating: 0, count: 8)
    var (received, stamped) = (0, 0)
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.room) { buffer, count in
      var piece = unsafe iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
      unsafe source.withUnsafeMutableBytes { source in
        unsafe control.withUnsafeMutableBytes { control in
          unsafe withUnsafeMutablePointer(to: &piece) { piece in
            var message = unsafe msghdr(
              msg_name: source.baseAddress, msg_namelen: socklen_t(source.count),
              msg_iov: piece, msg_iovlen: 1,
              msg_control: control.baseAddress, msg_controllen: control.count, msg_flags: 0)
            repeat {
              received = unsafe recvmsg(descriptor, &message, CInt(MSG_DONTWAIT))
            } while received < 0 && errno == EINTR
            stamped = unsafe message.msg_controllen
          }
        }
      }
      count = max(0, received)
    }
    guard received >= 0 else { return nil }
    let isOutgoing = source[Self.kindOffset] == Self.outgoing
    guard stamped >= 4 * MemoryLayout<Int>.size else { return (bytes, isOutgoing, 0) }
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    let age = Double(time.tv_sec - control[2]) * 1000 + Double(time.tv_nsec - control[3]) / 1e6
    // The clock of day may be set at any moment.
    return (bytes, isOutgoing, (0...10_000).contains(age) ? age : 0)
  }
}
