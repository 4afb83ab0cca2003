import CLinux
import Foundation

/// A network namespace of its own, for a test that wants the real kernel.
///
/// Namespaces belong to threads: the body runs on a thread that has left the host's namespace, and
/// so do the programs that it starts. Nothing outside can reach it, and it is gone afterwards.
public struct PrivateNetwork: Sendable {
  /// Whether this process may make one; tests that need it are skipped where it may not.
  public static let isPermitted: Bool = (try? run { _ in true }) ?? false

  /// What is said where it may not.
  public static let reason = "needs root, to make a network namespace"

  /// Runs the body in a new network namespace with its loopback interface up.
  ///
  /// Expectations belong behind it, not into it: they must be made on the test's own task.
  public static func run<Result: Sendable>(
    _ body: @escaping @Sendable (PrivateNetwork) throws -> Result
  ) throws -> Result {
    let outcome = Box<Swift.Result<Result, any Error>>()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      outcome.value = Swift.Result {
        guard tcptune_unshare_network() == 0 else {
          throw FixtureFailure("unshare: \(String(cString: strerror(errno)))")
        }
        let network = PrivateNetwork()
        try network.raiseLoopback()
        return try body(network)
      }
      done.signal()
    }
    thread.stackSize = 1 << 20
    thread.start()
    done.wait()
    guard let outcome = outcome.value else { throw FixtureFailure("the thread left no result") }
    return try outcome.get()
  }

  private final class Box<Value>: @unchecked Sendable {
    var value: Value?
  }

  func raiseLoopback() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var request = ifreq()
    withUnsafeMutableBytes(of: &request.ifr_ifrn) { name in
      name.copyBytes(from: "lo".utf8)
    }
    request.ifr_ifru.ifru_flags = Int16(IFF_UP)
    guard ioctl(descriptor, UInt(SIOCSIFFLAGS), &request) == 0 else {
      throw FixtureFailure("lo up: \(String(cString: strerror(errno)))")
    }
  }

  /// Writes a key of this namespace.
  public func set(_ key: String, _ value: String) throws {
    let path = "/proc/sys/" + key.replacingOccurrences(of: ".", with: "/")
    let descriptor = open(path, O_WRONLY)
    guard descriptor >= 0 else {
      throw FixtureFailure("\(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    guard write(descriptor, value, value.utf8.count) == value.utf8.count else {
      throw FixtureFailure("\(key) = \(value): \(String(cString: strerror(errno)))")
    }
  }

  /// A socket that listens on 127.0.0.1, or on ::1 or another address of IPv6.
  public func listen(
    port: UInt16, backlog: Int32, ipv6: Bool = false, reuse: Bool = false, at place: String? = nil
  ) throws -> TestSocket {
    let listener = try TestSocket(ipv6: ipv6)
    var one: Int32 = 1
    setsockopt(listener.descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    if reuse { setsockopt(listener.descriptor, SOL_SOCKET, SO_REUSEPORT, &one, 4) }
    try listener.bind(port: port, at: place)
    try listener.listen(backlog: backlog)
    return listener
  }

  /// Starts a program that holds a socket and may have few files open, until the result is ended.
  ///
  /// The caller's own descriptor stays open; close it where the program is to be the only owner.
  public func hold(_ socket: TestSocket, openFiles: Int) throws -> HoldingProgram {
    let script = "ulimit -n \(openFiles); exec sleep 60"
    return try HoldingProgram(socket, running: ["/bin/sh", "-c", script])
  }

  /// A process of that name, any bytes but slashes, that holds a socket for a minute at most.
  public func hold(_ socket: TestSocket, named name: [UInt8]) throws -> HoldingProgram {
    // A process is called by the file that it was started from.
    let folder = try TestFolder()
    let path = Array("\(folder.path)/".utf8) + name
    let made = path.withUnsafeBufferPointer { path in
      path.withMemoryRebound(to: CChar.self) { path in
        symlink("/bin/sleep", Array(path + [0]))
      }
    }
    guard made == 0 else { throw FixtureFailure("symlink: \(String(cString: strerror(errno)))") }
    return try HoldingProgram(socket, at: path, running: ["sleep", "60"], folder)
  }

  /// Clients that have begun to connect to a port, on loopback or at another IPv4 address (in the
  /// order of the host); some may never get through.
  public func connect(
    count: Int, to port: UInt16, host: [UInt8] = [127, 0, 0, 1], ipv6: Bool = false
  ) throws -> [TestSocket] {
    try (0..<count).map { _ in
      let client = try TestSocket(ipv6: ipv6)
      client.startConnecting(to: port, host: host)
      return client
    }
  }

  /// Waits until a condition holds, at most so many seconds.
  public func wait(_ seconds: Double = 5, until condition: () throws -> Bool) rethrows -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      if try condition() { return true }
      usleep(5_000)
    }
    return false
  }
}

/// A TCP socket of a test, closed when nobody holds it any more.
public final class TestSocket: Sendable {
  /// The descriptor.
  public let descriptor: Int32
  private let isIPv6: Bool

  /// A socket of one of the families.
  public init(ipv6: Bool) throws {
    isIPv6 = ipv6
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    descriptor = socket(ipv6 ? AF_INET6 : AF_INET, type, 0)
    guard descriptor >= 0 else {
      throw FixtureFailure("socket: \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  /// Hands an address, by default that of the loopback interface, to a call.
  private func withAddress(
    port: UInt16, host: [UInt8] = [127, 0, 0, 1], ipv6 place: String? = nil,
    _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    if isIPv6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = in6addr_loopback
      if let place { inet_pton(AF_INET6, place, &address.sin6_addr) }
      let length = socklen_t(MemoryLayout<sockaddr_in6>.size)
      return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, length) }
      }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = host.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }.bigEndian
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, length) }
    }
  }

  func bind(port: UInt16, at place: String? = nil) throws {
    guard withAddress(port: port, ipv6: place, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
      throw FixtureFailure("bind \(port): \(String(cString: strerror(errno)))")
    }
  }

  /// Calls listen(), also a second time.
  public func listen(backlog: Int32) throws {
    guard Glibc.listen(descriptor, backlog) == 0 else {
      throw FixtureFailure("listen: \(String(cString: strerror(errno)))")
    }
  }

  /// Begins to connect to a port of this host, or of another.
  public func startConnecting(to port: UInt16, host: [UInt8] = [127, 0, 0, 1]) {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = withAddress(port: port, host: host) { Glibc.connect(descriptor, $0, $1) }
  }

  /// Switches SO_KEEPALIVE on.
  public func keepAlive() {
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &one, 4)
  }

  /// Writes until the kernel takes no more.
  ///
  /// - Returns: how many bytes it took.
  @discardableResult
  public func fill() -> Int {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    let bytes = [UInt8](repeating: 0, count: 1 << 16)
    var sent = 0
    while true {
      let count = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      guard count > 0 else { return sent }
      sent += count
    }
  }

  /// Takes the connections that wait, at most so many.
  ///
  /// - Returns: the accepted sockets' descriptors; the caller closes them.
  public func accept(_ most: Int) -> [Int32] {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    var accepted: [Int32] = []
    while accepted.count < most, let connection = acceptConnection(descriptor) {
      accepted.append(connection)
    }
    return accepted
  }
}

/// Takes one connection that waits, and keeps it from the programs that other tests start.
///
/// A child that inherited it would hold it open after the test has closed it, and the audit would
/// rightly say that a program does not close. (accept4 is hidden from Swift: a child that is made
/// between the two calls inherits one.)
///
/// - Returns: the descriptor, which the caller closes, or nil where none waits.
public func acceptConnection(_ listener: Int32) -> Int32? {
  let connection = Glibc.accept(listener, nil, nil)
  guard connection >= 0 else { return nil }
  _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
  return connection
}

/// A program that does nothing but hold a socket of a test.
public final class HoldingProgram: Sendable {
  /// Its process.
  public let process: pid_t

  private let folder: TestFolder?

  /// Runs the words, the first of which is the program's path where no other is given.
  fileprivate init(
    _ socket: TestSocket, at path: [UInt8]? = nil, running script: [String],
    _ folder: TestFolder? = nil
  ) throws {
    self.folder = folder
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // A copy made by the child is not closed on exec.
    posix_spawn_file_actions_adddup2(&actions, socket.descriptor, 9)
    let words = script.map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var process: pid_t = 0
    let program = (path ?? Array(script[0].utf8)).map { CChar(bitPattern: $0) } + [0]
    let failed = posix_spawn(&process, program, &actions, nil, words, environ)
    guard failed == 0 else {
      throw FixtureFailure("\(script): \(String(cString: strerror(failed)))")
    }
    self.process = process
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
  }
}
