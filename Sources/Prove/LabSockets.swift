import Facts
import Glibc
import HostFS
import Netlink

extension Lab {
  /// The TCP sockets of the namespace in these states.
  ///
  /// Kernels built without the module tcp_diag do not answer sock_diag; /proc/net/tcp has the same,
  /// but for a listener's limit.
  func connections(in states: Set<TCPState>) throws(LabFailure) -> [Connection] {
    do {
      var dump = SocketDump(over: try NetlinkSocket())
      return try dump.connections(in: states)
    } catch {
      switch error {
      case .refused(ENOENT), .refused(EINVAL), .system(_, EPROTONOSUPPORT):
        return try connectionsFromFiles(in: states)
      default: throw .failed(error.reason)
      }
    }
  }

  /// The same from /proc/net/tcp and tcp6.
  func connectionsFromFiles(in states: Set<TCPState>) throws(LabFailure) -> [Connection] {
    var found: [Connection] = []
    // The namespace of this thread, which may not be the first thread's; before 3.17 there is only
    // the process's.
    let thread = HostFS().isFolder("proc/thread-self") ? "thread-self" : "self"
    for file in ["proc/\(thread)/net/tcp", "proc/\(thread)/net/tcp6"] {
      let text: String
      do {
        text = try HostFS().text(file)
      } catch {
        // A kernel without IPv6 has no second file.
        if error.isAbsent, file.hasSuffix("6") { continue }
        throw .failed("\(error.path): \(error.reason)")
      }
      for line in text.split(separator: "\n") {
        if let connection = Connection(line: line), states.contains(connection.state) {
          found.append(connection)
        }
      }
    }
    return found
  }

  /// How many sockets at a local port are in a state.
  func count(_ state: TCPState, at port: UInt16) throws(LabFailure) -> Int64 {
    Int64(try connections(in: [state]).count { $0.localPort == port })
  }

  /// The listener at a port: its length, and its limit where the kernel shows it.
  func listener(at port: UInt16) throws(LabFailure) -> Connection {
    guard let found = try connections(in: [.listen]).first(where: { $0.localPort == port }) else {
      throw .failed("nobody listens at port \(port)")
    }
    return found
  }

  /// A listener at all addresses of the namespace.
  ///
  /// - Parameters:
  ///   - port: where; 0 lets the kernel choose.
  ///   - backlog: what listen() is given, also a negative number.
  /// - Returns: the socket, which listens as long as it is held.
  /// - Throws: ``LabFailure/failed(_:)`` with the call that failed.
  func listen(port: UInt16 = 0, backlog: Int64) throws(LabFailure) -> Socket {
    let socket = try Socket()
    try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
    try socket.bind("0.0.0.0", port: port)
    try socket.listen(backlog)
    return socket
  }

  /// A client that has connected to a port of 127.0.0.1.
  func connected(to port: UInt16, at address: String = "127.0.0.1") throws(LabFailure) -> Socket {
    let client = try Socket()
    let failure = client.connect(address, port: port)
    guard failure == 0 || failure == EINPROGRESS else {
      throw .failed("connect: \(HostFS.words(for: failure))")
    }
    guard try wait(3, until: { () throws(LabFailure) in client.isConnected }) else {
      throw .failed("connect to \(address):\(port) was not answered within 3 s")
    }
    return client
  }

  /// The connection at the head of a listener's queue, waited for.
  func accepted(from listener: borrowing Socket, within seconds: Double = 3) throws(LabFailure)
    -> Socket
  {
    let end = now + seconds * 1000
    while now < end {
      if let socket = listener.accept() { return socket }
      usleep(1000)
    }
    throw .failed("no connection came within \(seconds) s")
  }
}
