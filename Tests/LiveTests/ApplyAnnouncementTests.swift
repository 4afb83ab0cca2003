import Foundation
import Support
import Testing

/// Who is told when a change goes back by itself.
@Suite(.enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)))
struct ApplyAnnouncementTests {
  /// The system's log as a program finds it: a socket in a /dev of the host's own.
  private final class Log {
    private let socket: Int32

    init(_ host: PrivateHost) throws {
      let folder = try TestFolder()
      let terminals = "\(folder.path)/pts"
      mkdir(terminals, 0o755)
      try host.bind("/dev/pts", at: terminals)
      try host.cover("/dev")
      mkdir("/dev/pts", 0o755)
      try host.bind(terminals, at: "/dev/pts")
      try host.unmount(terminals)
      for (name, minor) in [("null", 3), ("urandom", 9)] as [(String, dev_t)] {
        guard mknod("/dev/\(name)", S_IFCHR | 0o666, 1 << 8 | minor) == 0 else {
          throw FixtureFailure("/dev/\(name): \(String(cString: strerror(errno)))")
        }
      }
      guard mknod("/dev/ptmx", S_IFCHR | 0o666, 5 << 8 | 2) == 0 else {
        throw FixtureFailure("/dev/ptmx: \(String(cString: strerror(errno)))")
      }
      socket = Glibc.socket(
        AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "/dev/log".utf8) }
      let length = socklen_t(MemoryLayout<sockaddr_un>.size)
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(socket, $0, length) }
      }
      guard bound == 0 else { throw FixtureFailure("/dev/log: \(errno)") }
    }

    deinit { close(socket) }

    /// The next line, nil for none.
    func line() -> String? {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = recv(socket, &bytes, bytes.count, 0)
      return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
  }

  /// The command that began it has ended, and its terminal shows a prompt.
  @Test(arguments: [false, true]) func theTerminalAndTheLogAreTold(_ isDisturbed: Bool) throws {
    let (line, text, values, stock) = try PrivateHost.run { host in
      let log = try Log(host)
      let faulty = try FaultyHost(host)
      let stock = try faulty.situation().values
      let program = try TerminalProgram(
        faulty.applying("first", ["--trial", "2s", "--format", "json"]), columns: 200, rows: 40)
      guard try program.end() == 0 else { throw FixtureFailure(program.written) }
      if isDisturbed { try host.set(FaultyHost.keys[0], "42") }
      _ = program.wait { $0.contains("was taken back") && $0.contains("time") }
      var line: String?
      _ = host.wait(5) {
        line = log.line()
        return line != nil
      }
      _ = host.wait(2) { host.processes.isEmpty }
      return (line, program.written, try faulty.situation().values, stock)
    }
    for told in [line ?? "", text] {
      #expect(told.contains(#/change [0-9a-f]{8} \(first\) was taken back: nobody confirmed/#))
      #expect(told.contains("left alone") == isDisturbed, "\(told)")
      #expect(told.contains(FaultyHost.keys[0] + "\r") || !isDisturbed || told == line, "\(told)")
    }
    #expect(line?.contains("tcptune[") == true, "\(line ?? "")")
    #expect(values == [isDisturbed ? "42" : stock[0]] + stock.dropFirst())
  }
}
