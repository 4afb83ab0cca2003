import Foundation

/// The socket farm of Tests/Benchmarks: listeners and connections in a network namespace of their
/// own, all gone when it ends.
public final class Farm: Sendable {
  /// A process in the farm's namespace.
  public let process: pid_t
  private let farm: pid_t
  private let folder: TestFolder

  /// Why there can be none, nil where there can.
  public static let obstacle: String? = {
    guard PrivateNetwork.isPermitted else { return PrivateNetwork.reason }
    return compiler == nil ? "needs clang or cc, to build the farm" : nil
  }()

  private static let compiler = ["clang", "cc"].compactMap { path(of: $0) }.first

  /// Where a program stands, nil where it is not installed.
  public static func path(of program: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin:/usr/sbin:/sbin")
      .split(separator: ":").map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Builds the farm and waits until its sockets are there.
  ///
  /// - Parameter options: as its source explains them.
  /// - Throws: ``FixtureFailure`` where it cannot be built or does not get ready.
  public init(_ options: [String]) throws {
    guard let compiler = Self.compiler else { throw FixtureFailure("no compiler for C") }
    folder = try TestFolder()
    let program = folder.path + "/farm"
    let source = Fixtures.package.appending(path: "Tests/Benchmarks/farm/farm.c").path
    let built = try BuiltProgram.run(
      ["-O1", "-w", "-o", program, source],
      environment: ProcessInfo.processInfo.environment, program: compiler)
    guard built.status == 0 else { throw FixtureFailure(built.errors) }
    let output = folder.path + "/ready"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let words = ([program, "--hold", "60"] + options).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var pid: pid_t = 0
    // The threads that run tests block signals, and would hand that on.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    guard posix_spawn(&pid, program, &actions, &attributes, words, environ) == 0 else {
      throw FixtureFailure("the farm cannot be started")
    }
    farm = pid
    process = try Self.whenReady(output, farm: pid)
  }

  deinit {
    kill(farm, SIGKILL)
    waitpid(farm, nil, 0)
  }

  /// Reads `ready {"nspid":…}`.
  private static func whenReady(_ output: String, farm: pid_t) throws -> pid_t {
    for _ in 0..<600 {
      let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
      if text.hasPrefix("ready"), let name = text.range(of: "\"nspid\":"),
        let pid = pid_t(text[name.upperBound...].prefix { $0.isNumber })
      {
        return pid
      }
      usleep(50_000)
    }
    kill(farm, SIGKILL)
    waitpid(farm, nil, 0)
    throw FixtureFailure("the farm was not ready within half a minute")
  }
}
