import CLinux
import Glibc

/// What can go wrong between us and the kernel.
public enum NetlinkFailure: Error, Equatable, Sendable {
  /// A system call failed: its name and the C library's number.
  case system(call: String, errno: CInt)
  /// The kernel answered the request with an error.
  case refused(errno: CInt)
  /// An answer is not what the protocol says: what was expected and what was found.
  case malformed(String)

  /// The failure in words.
  public var reason: String {
    switch self {
    case .system(let call, let errno): "\(call): \(Self.words(errno))"
    case .refused(let errno): "the kernel refuses sock_diag: \(Self.words(errno))"
    case .malformed(let reason): "sock_diag: \(reason)"
    }
  }

  private static func words(_ errno: CInt) -> String {
    unsafe String(cString: strerror(errno))
  }
}

/// A way to exchange whole datagrams with the kernel, or with a recording of it.
///
/// The seam is cut here, so that a fake goes through the same alignment, truncation and multi-part
/// code as the kernel's answers.
public protocol NetlinkTransport: ~Copyable {
  /// Sends one datagram.
  ///
  /// - Throws: ``NetlinkFailure/system(call:errno:)``.
  mutating func send(_ datagram: [UInt8]) throws(NetlinkFailure)
  /// Waits for one datagram and returns it whole.
  ///
  /// - Throws: ``NetlinkFailure`` when none came in time or it did not fit.
  mutating func receive() throws(NetlinkFailure) -> [UInt8]
}

/// A netlink socket; it belongs to the network namespace it was opened in.
public struct NetlinkSocket: NetlinkTransport, ~Copyable {
  /// The kernel fills at most 32 KiB at a time whatever the buffer (net/netlink/af_netlink.c).
  private static let largestDatagram = 32_768
  /// How long the kernel may take over one datagram of a dump, in seconds.
  private static let patience = 10

  private let descriptor: CInt

  /// Opens a socket for sock_diag.
  ///
  /// - Throws: ``NetlinkFailure/system(call:errno:)``.
  public init() throws(NetlinkFailure) {
    try self.init(protocol: NETLINK_SOCK_DIAG)
  }

  /// Opens a socket for one of netlink's protocols.
  init(protocol: CInt) throws(NetlinkFailure) {
    descriptor = socket(
      AF_NETLINK, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), `protocol`)
    guard descriptor >= 0 else { throw .system(call: "socket(AF_NETLINK)", errno: errno) }
    var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Sends one datagram to the kernel: send(2).
  ///
  /// - Throws: ``NetlinkFailure/system(call:errno:)``.
  public mutating func send(_ datagram: [UInt8]) throws(NetlinkFailure) {
    let sent = unsafe Glibc.send(descriptor, datagram, datagram.count, 0)
    guard sent == datagram.count else { throw .system(call: "send(netlink)", errno: errno) }
  }

  /// Receives one datagram: recv(2), again after an interruption by a signal.
  ///
  /// - Throws: ``NetlinkFailure`` when none came in time or it did not fit.
  public mutating func receive() throws(NetlinkFailure) -> [UInt8] {
    var received = 0
    var number: CInt = 0
    var interruptions: CInt = 0
    let datagram = unsafe [UInt8](unsafeUninitializedCapacity: Self.largestDatagram) {
      buffer, count in
      repeat {
        received = unsafe recv(
          descriptor, buffer.baseAddress, Self.largestDatagram, CInt(MSG_TRUNC))
        number = errno
        interruptions += 1
      } while received < 0 && number == EINTR && interruptions < TCPTUNE_MOST_INTERRUPTIONS
      count = min(max(0, received), Self.largestDatagram)
    }
    guard received >= 0 else { throw .system(call: "recv(netlink)", errno: number) }
    guard received <= Self.largestDatagram else {
      throw .malformed(
        "expected at most \(Self.largestDatagram) bytes in a datagram, found \(received)")
    }
    return datagram
  }
}
