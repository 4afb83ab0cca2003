import CLinux
import Foundation

/// A host to be changed: a network namespace of its own, and a mount namespace of its own in which
/// /var/lib, /run and the folders of sysctl files are empty.
///
/// Both belong to a thread: the body and the programs that it starts live in there, and so does
/// whatever those leave behind, which is ended with the body.
public struct PrivateHost: Sendable {
  /// Whether this process may make one; tests that need it are skipped where it may not.
  public static let isPermitted: Bool = (try? run { _ in true }) ?? false

  /// What is said where it may not.
  public static let reason = "needs root, to make network and mount namespaces"

  /// Its network.
  public let network = PrivateNetwork()
  /// How the kernel writes its mount namespace.
  private let mounts: String

  /// Runs the body on a new host with its loopback interface up.
  ///
  /// Expectations belong behind it, not into it: they must be made on the test's own task.
  public static func run<Result: Sendable>(
    _ body: @escaping @Sendable (PrivateHost) throws -> Result
  ) throws -> Result {
    let outcome = Box<Swift.Result<Result, any Error>>()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      outcome.value = Swift.Result {
        let host = try PrivateHost()
        defer { host.endAll() }
        return try body(host)
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

  private init() throws {
    let before = try Self.mountNamespace("/proc/thread-self")
    guard tcptune_unshare_network_and_mounts() == 0 else { throw Self.failure("unshare") }
    mounts = try Self.mountNamespace("/proc/thread-self")
    // Nothing below may happen to the host of the tests.
    guard mounts != before else { throw FixtureFailure("unshare: the mount namespace is the same") }
    try mount(nil, at: "/", flags: MS_REC | MS_PRIVATE)
    try cover("/var/lib")
    try cover("/run")
    let folders = ["/etc/sysctl.d", "/usr/lib/sysctl.d", "/usr/local/lib/sysctl.d"]
    for folder in folders where access(folder, F_OK) == 0 { try cover(folder) }
    if access("/etc/sysctl.conf", F_OK) == 0 { try bind("/dev/null", at: "/etc/sysctl.conf") }
    try network.raiseLoopback()
  }

  private static func failure(_ what: String) -> FixtureFailure {
    FixtureFailure("\(what): \(String(cString: strerror(errno)))")
  }

  private static func mountNamespace(_ process: String) throws -> String {
    // Asked of every process, and often: a hundred times as fast as Foundation does it.
    var room = [CChar](repeating: 0, count: 64)
    let length = readlink("\(process)/ns/mnt", &room, room.count)
    guard length > 0 else { throw failure("\(process)/ns/mnt") }
    return String(decoding: room[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: Mounts

  private func mount(
    _ source: String?, at place: String, type: String? = nil, flags: Int, options: String? = nil
  ) throws {
    guard Glibc.mount(source, place, type, UInt(flags), options) == 0 else {
      throw Self.failure("mount \(place)")
    }
  }

  /// Mounts an empty file system over a folder: tmpfs with these options.
  public func cover(_ folder: String, _ options: String = "mode=755") throws {
    try mount("tcptune-test", at: folder, type: "tmpfs", flags: 0, options: options)
  }

  /// Mounts a file or a folder over another.
  public func bind(_ source: String, at place: String) throws {
    try mount(source, at: place, flags: MS_BIND)
  }

  /// Mounts a folder over itself so that nobody can write to it.
  public func makeReadOnly(_ folder: String) throws {
    try bind(folder, at: folder)
    try mount(nil, at: folder, flags: MS_REMOUNT | MS_BIND | MS_RDONLY)
  }

  /// Takes the topmost mount at a place away.
  public func unmount(_ place: String) throws {
    guard umount2(place, Int32(MNT_DETACH)) == 0 else { throw Self.failure("umount \(place)") }
  }

  // MARK: Programs

  /// Runs the built program here.
  public func tcptune(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) throws -> BuiltProgram.Result {
    try BuiltProgram.run(arguments, input: input, environment: environment)
  }

  /// The processes of this host, such as a watcher; none of the tests' own.
  public var processes: [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { process in
      process != getpid() && (try? Self.mountNamespace("/proc/\(process)")) == mounts
    }.sorted()
  }

  /// Ends all of them; one that has ended is not there even where nobody has waited for it.
  public func endAll() {
    for _ in 0..<1000 {
      let left = processes
      if left.isEmpty { return }
      for process in left { kill(process, SIGKILL) }
      for process in left { waitpid(process, nil, WNOHANG) }
      usleep(5_000)
    }
  }

  /// Waits until a condition holds, at most so many seconds.
  public func wait(_ seconds: Double = 10, until condition: () throws -> Bool) rethrows -> Bool {
    try network.wait(seconds, until: condition)
  }

  // MARK: Keys and files

  /// The text of a key without the newline at its end.
  public func value(_ key: String) throws -> String {
    let path = "/proc/sys/" + key.replacingOccurrences(of: ".", with: "/")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// Writes a key.
  public func set(_ key: String, _ value: String) throws { try network.set(key, value) }

  /// The text of a file, nil where there is none.
  public func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Writes a file with exactly that mode.
  public func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard file >= 0 else { throw Self.failure(path) }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count, fchmod(file, mode) == 0 else {
      throw Self.failure(path)
    }
  }

  /// The names in a folder, sorted; none where there is no such folder.
  public func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  /// A file's permission bits, nil where there is none.
  public func mode(_ path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
  }
}
