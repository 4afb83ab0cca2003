import Foundation

/// The program as it was built, run as a user runs it.
public struct BuiltProgram: Sendable {
  /// What a run left behind.
  public struct Result: Sendable {
    /// The exit status, or 128 and the number of the signal that ended it.
    public var status: Int32
    /// Standard output.
    public var output: String
    /// Standard error.
    public var errors: String
  }

  /// Where standard output goes.
  public enum Output: Sendable {
    /// Into the result.
    case kept
    /// To a file of that path, opened for writing.
    case file(String)
    /// Nowhere: the descriptor is closed.
    case closed
    /// Into a pipe whose reader has gone.
    case brokenPipe
  }

  /// Where the program stands: beside the tests.
  public static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(filePath: own).deletingLastPathComponent().appending(path: "tcptune")
      .path(percentEncoded: false)
  }()

  /// The longest that a run may take, in seconds.
  private static let patience = 60

  /// Runs the program and waits for it.
  ///
  /// The child is made on the calling thread, so it is in that thread's network namespace.
  ///
  /// - Parameters:
  ///   - arguments: the words after the program's name.
  ///   - input: what it reads on standard input.
  ///   - environment: all its environment.
  ///   - output: where standard output goes.
  ///   - program: another program, for tools that tests compare with.
  /// - Returns: what it left behind.
  /// - Throws: ``FixtureFailure`` when it cannot be started or does not end.
  public static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:],
    output: Output = .kept, program: String = path
  ) throws -> Result {
    let folder = try TestFolder()
    let inputPath = try folder.write(text: input, to: "input")
    let outputPath = folder.path + "/output"
    let errorPath = folder.path + "/errors"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let write = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, inputPath, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, errorPath, write, 0o600)
    var pipeEnds: [CInt] = [-1, -1]
    switch output {
    case .kept: posix_spawn_file_actions_addopen(&actions, 1, outputPath, write, 0o600)
    case .file(let path): posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY, 0)
    case .closed: posix_spawn_file_actions_addclose(&actions, 1)
    case .brokenPipe:
      // A pair of sockets and not a pipe: it can be made closed-on-exec in one step, so no other
      // child, started on another thread meanwhile, keeps the reader's end open.
      let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
      guard socketpair(AF_UNIX, kind, 0, &pipeEnds) == 0 else {
        throw FixtureFailure("socketpair: \(errno)")
      }
      // The reader is gone before the program starts, so that its first write finds nobody.
      close(pipeEnds[0])
      posix_spawn_file_actions_adddup2(&actions, pipeEnds[1], 1)
    }
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { (words + variables).forEach { free($0) } }
    var process: pid_t = 0
    let failed = posix_spawn(&process, program, &actions, nil, words, variables)
    if pipeEnds[1] >= 0 { close(pipeEnds[1]) }
    guard failed == 0 else {
      throw FixtureFailure("\(program): \(String(cString: strerror(failed)))")
    }
    let status = try wait(for: process, arguments)
    return Result(
      status: status, output: (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "",
      errors: (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "")
  }

  private static func wait(for process: pid_t, _ arguments: [String]) throws -> Int32 {
    var status: Int32 = 0
    for _ in 0..<(patience * 500) {
      if waitpid(process, &status, WNOHANG) == process {
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
      }
      usleep(2_000)
    }
    kill(process, SIGKILL)
    waitpid(process, &status, 0)
    throw FixtureFailure("\(arguments): did not end within \(patience) s")
  }
}
