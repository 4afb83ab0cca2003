import Foundation

/// A program that runs beside the test; it is killed when nobody holds it any more.
///
/// It is made on the calling thread, so it is in that thread's namespaces.
public final class StartedProgram {
  /// Its process.
  public let process: pid_t
  private let folder: TestFolder
  private var status: Int32?

  /// Starts a program, by default the built one, with no signal blocked or ignored.
  ///
  /// - Parameters:
  ///   - arguments: the words after its name.
  ///   - program: its path.
  /// - Throws: ``FixtureFailure`` when it cannot be started.
  public init(_ arguments: [String], program: String = BuiltProgram.path) throws {
    folder = try TestFolder()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let write = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder.path + "/output", write, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, folder.path + "/errors", write, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var process: pid_t = 0
    let failed = posix_spawn(&process, program, &actions, &attributes, words, [nil])
    guard failed == 0 else {
      throw FixtureFailure("\(program): \(String(cString: strerror(failed)))")
    }
    self.process = process
  }

  deinit {
    guard status == nil else { return }
    Glibc.kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  /// Sends it a signal.
  public func send(_ signal: Int32) { Glibc.kill(process, signal) }

  /// The exit status, or 128 and the number of the signal that ended it; nil while it runs.
  public func ended() -> Int32? {
    if let status { return status }
    var word: Int32 = 0
    guard waitpid(process, &word, WNOHANG) == process else { return nil }
    status = word & 0x7f == 0 ? (word >> 8) & 0xff : 128 + (word & 0x7f)
    return status
  }

  /// Waits for the end, at most so many seconds.
  ///
  /// - Returns: the same as ``ended()``.
  public func end(within seconds: Double = 60) throws -> Int32 {
    let last = Date().addingTimeInterval(seconds)
    while Date() < last {
      if let status = ended() { return status }
      usleep(2_000)
    }
    throw FixtureFailure("process \(process) did not end within \(seconds) s")
  }

  /// What it wrote on standard output.
  public var output: String { text("output") }

  /// What it wrote on standard error.
  public var errors: String { text("errors") }

  private func text(_ name: String) -> String {
    (try? String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)) ?? ""
  }
}
