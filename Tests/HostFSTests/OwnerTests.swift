import Facts
import Foundation
import HostFS
import Support
import Testing

/// A socket of this process that listens on a port of the kernel's choice.
private final class OwnSocket {
  private(set) var descriptor: Int32
  let inode: UInt32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var status = stat()
    guard descriptor >= 0, listen(descriptor, 1) == 0, fstat(descriptor, &status) == 0 else {
      throw FixtureFailure("socket: \(String(cString: strerror(errno)))")
    }
    inode = UInt32(truncatingIfNeeded: status.st_ino)
  }

  /// Gives the socket a descriptor of at least that number instead of its own.
  func move(to number: Int32) throws {
    let other = fcntl(descriptor, F_DUPFD_CLOEXEC, number)
    guard other >= 0 else { throw FixtureFailure("dup: \(String(cString: strerror(errno)))") }
    close(descriptor)
    descriptor = other
  }

  deinit { close(descriptor) }
}

/// This process as the reader should see it.
private func thisProcess(
  holders: Reading<Int64> = .notGathered("not looked for outside a cgroup of its own")
) throws -> Listener.Owner {
  let name = try String(contentsOfFile: "/proc/self/comm", encoding: .utf8)
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
    throw FixtureFailure("getrlimit: \(String(cString: strerror(errno)))")
  }
  return Listener.Owner(
    pid: getpid(), name: .known(name.trimmingCharacters(in: .newlines)),
    nofile: .known(Int64(clamping: limit.rlim_cur)), holders: holders)
}

private func owners(
  of inodes: [UInt32], listeners: [Listener] = []
) -> [UInt32: Reading<Listener.Owner>] {
  var cgroups = Cgroups()
  return ListenerOwners(inodes: inodes).owners(of: listeners, in: &cgroups)
}

@Test func aSocketOfThisProcess() throws {
  let socket = try OwnSocket()
  #expect(try owners(of: [socket.inode]) == [socket.inode: .known(thisProcess())])
}

@Test func severalSockets() throws {
  let sockets = try [OwnSocket(), OwnSocket(), OwnSocket()]
  let owner = Reading.known(try thisProcess())
  let wanted = Dictionary(uniqueKeysWithValues: sockets.map { ($0.inode, owner) })
  #expect(owners(of: sockets.map(\.inode)) == wanted)
}

/// Low descriptors are asked for by number; one that is high, with gaps before it, is found too.
@Test(arguments: [200, 900]) func aSocketOfAHighNumber(_ number: Int32) throws {
  let socket = try OwnSocket()
  try socket.move(to: number)
  #expect(try owners(of: [socket.inode])[socket.inode] == .known(thisProcess()))
}

@Test func aSocketWhoseCgroupIsKnown() throws {
  let socket = try OwnSocket()
  let listener = Listener(
    address: "0.0.0.0", port: 1, family: .ipv4, length: 0, limit: 1, drops: .known(0), cookie: 1,
    inode: socket.inode, uid: 0, cgroup: .known(.max))
  let found = owners(of: [socket.inode], listeners: [listener])
  #expect(try found == [socket.inode: .known(thisProcess())])
}

@Test func noInodeIsNobodys() {
  #expect(owners(of: [0]).isEmpty)
  #expect(owners(of: []).isEmpty)
}

@Test func aSocketThatIsClosed() throws {
  let inode = try OwnSocket().inode
  let refused = try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { name in
    guard Int32(name) != nil else { return false }
    if access("/proc/\(name)/fd", R_OK) != 0 { return errno == EACCES }
    // A folder that may be listed may still have links that may not be read.
    var target = [CChar](repeating: 0, count: 64)
    return readlink("/proc/\(name)/fd/0", &target, 64) < 0 && errno == EACCES
  }
  #expect(
    owners(of: [inode]) == [
      inode: refused
        ? .unreadable(
          geteuid() == 0
            ? "the kernel keeps some processes from root here"
            : "not permitted to look into other users' processes")
        : .absent("no process seen from here holds the socket")
    ])
}
