import Glibc
import HostFS

/// A TCP socket over IPv4 that never blocks; it is closed at the end of its life.
struct Socket: ~Copyable {
  /// What reading gave.
  enum Received: Equatable {
    case bytes([UInt8])
    /// The peer has closed.
    case end
    /// Nothing is there yet.
    case nothing
    /// The C library's number.
    case failed(CInt)
  }

  let descriptor: CInt

  /// A new socket.
  init() throws(LabFailure) {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | Self.flags, 0)
    guard descriptor >= 0 else { throw .failed("socket: \(HostFS.words(for: errno))") }
  }

  /// A socket that the kernel has made.
  fileprivate init(adopting descriptor: CInt) {
    self.descriptor = descriptor
  }

  deinit {
    if descriptor >= 0 { Glibc.close(descriptor) }
  }

  private static let flags =
    CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)

  /// Closes it now: close(2).
  consuming func close() {}

  // MARK: Addresses

  func bind(_ address: String, port: UInt16) throws(LabFailure) {
    let result = unsafe Self.call(address, port) { unsafe Glibc.bind(descriptor, $0, $1) }
    guard result == 0 else {
      throw .failed("bind \(address):\(port): \(HostFS.words(for: errno))")
    }
  }

  /// Calls listen(2), also a second time.
  func listen(_ backlog: Int64) throws(LabFailure) {
    guard Glibc.listen(descriptor, CInt(clamping: backlog)) == 0 else {
      throw .failed("listen: \(HostFS.words(for: errno))")
    }
  }

  /// Starts connecting: connect(2).
  ///
  /// - Returns: 0, the error number, or EINPROGRESS where the answer will come.
  func connect(_ address: String, port: UInt16) -> CInt {
    let result = unsafe Self.call(address, port) { unsafe Glibc.connect(descriptor, $0, $1) }
    return result == 0 ? 0 : errno
  }

  /// The next connection that waits, nil where none does.
  func accept() -> Socket? {
    let connection = Glibc.accept(descriptor, nil, nil)
    guard connection >= 0 else { return nil }
    _ = fcntl(connection, F_SETFL, O_NONBLOCK)
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    return Socket(adopting: connection)
  }

  /// The port that it is bound to.
  var localPort: UInt16 {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length)
      }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  /// Hands an address to a call.
  static func call(
    _ text: String, _ port: UInt16,
    _ call: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard unsafe inet_pton(AF_INET, text, &address.sin_addr) == 1 else {
      errno = EINVAL
      return -1
    }
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call($0, length) }
    }
  }

  // MARK: State

  /// The error that waits, which this takes: SO_ERROR.
  var error: CInt {
    var value: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length)
    return result == 0 ? value : errno
  }

  /// What poll(2) says of it now; errors and hang-ups are always among it.
  func poll(_ events: Int32 = POLLIN | POLLOUT) -> Int32 {
    var descriptors = [pollfd(fd: descriptor, events: Int16(events), revents: 0)]
    _ = unsafe Glibc.poll(&descriptors, 1, 0)
    return Int32(descriptors[0].revents)
  }

  /// Whether the handshake is over, as connect() sees it.
  var isConnected: Bool {
    let events = poll()
    return events & POLLOUT != 0 && events & (POLLERR | POLLHUP) == 0
  }

  /// struct tcp_info, as far as this C library knows it; nil where the kernel refuses.
  var info: tcp_info? {
    var info = tcp_info()
    var length = socklen_t(MemoryLayout<tcp_info>.size)
    let result = unsafe getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &info, &length)
    return result == 0 ? info : nil
  }

  /// What its send buffer may hold, and what is in it with the kernel's own share, in bytes; nil where
  /// the kernel refuses, as before 4.12.
  var sendMemory: (most: Int64, queued: Int64)? {
    // SO_MEMINFO and the places in it, from include/uapi/linux/sock_diag.h.
    let (option, most, queued): (CInt, Int, Int) = (55, 3, 5)
    var memory = [UInt32](repeating: 0, count: 9)
    var length = socklen_t(memory.count * MemoryLayout<UInt32>.size)
    let result = unsafe getsockopt(descriptor, SOL_SOCKET, option, &memory, &length)
    return result == 0 ? (Int64(memory[most]), Int64(memory[queued])) : nil
  }

  // MARK: Data

  /// Sends bytes: send(2) without SIGPIPE.
  ///
  /// - Returns: 0, or the error number.
  func send(_ bytes: [UInt8]) -> CInt {
    unsafe Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) >= 0 ? 0 : errno
  }

  /// Receives what is there, at most so many bytes.
  func receive(_ most: Int = 65_536) -> Received {
    var bytes = [UInt8](repeating: 0, count: most)
    let count = unsafe recv(descriptor, &bytes, most, 0)
    if count > 0 { return .bytes(Array(bytes[..<count])) }
    if count == 0 { return .end }
    return errno == EAGAIN ? .nothing : .failed(errno)
  }

  /// Says that no more will be sent: shutdown(2) of the writing side.
  func finish() { _ = shutdown(descriptor, CInt(SHUT_WR)) }

  // MARK: Options

  func set(_ level: CInt, _ option: CInt, _ value: CInt) throws(LabFailure) {
    var value = value
    let length = socklen_t(MemoryLayout<CInt>.size)
    guard unsafe setsockopt(descriptor, level, option, &value, length) == 0 else {
      throw .failed("setsockopt(\(level), \(option)): \(HostFS.words(for: errno))")
    }
  }

  /// Makes close() send a RST after so many seconds; at once with 0.
  func linger(_ seconds: CInt) throws(LabFailure) {
    var value = Glibc.linger(l_onoff: 1, l_linger: seconds)
    let length = socklen_t(MemoryLayout<Glibc.linger>.size)
    guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, length) == 0 else {
      throw .failed("SO_LINGER: \(HostFS.words(for: errno))")
    }
  }

  /// Switches keepalive on, with the namespace's times.
  func keepAlive() throws(LabFailure) { try set(SOL_SOCKET, SO_KEEPALIVE, 1) }
}

/// Names of the errors that experiments see.
enum ErrorName {
  private static let names: [CInt: String] = [
    0: "success", EADDRINUSE: "EADDRINUSE", EADDRNOTAVAIL: "EADDRNOTAVAIL", EAGAIN: "EAGAIN",
    ECONNABORTED: "ECONNABORTED", ECONNREFUSED: "ECONNREFUSED", ECONNRESET: "ECONNRESET",
    EHOSTUNREACH: "EHOSTUNREACH", EINPROGRESS: "EINPROGRESS", EINVAL: "EINVAL",
    ENETUNREACH: "ENETUNREACH", ENOTCONN: "ENOTCONN", EPIPE: "EPIPE", ETIMEDOUT: "ETIMEDOUT",
  ]

  /// `ETIMEDOUT`, or the number.
  static func of(_ number: CInt) -> String { names[number] ?? "error \(number)" }
}
