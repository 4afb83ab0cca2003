import Foundation
import Support
import Testing

/// `prove` in the middle of an experiment that takes seconds.
private final class Running {
  private let process: pid_t
  private let folder: TestFolder
  private var status: Int32?

  init(_ arguments: [String]) throws {
    folder = try TestFolder()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let write = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 1, folder.path + "/output", write, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // The threads of the tests block signals, and a shell may ignore some: a program in a terminal
    // has none of that.
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
    let words = ([BuiltProgram.path, "prove"] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var process: pid_t = 0
    let failed = posix_spawn(&process, BuiltProgram.path, &actions, &attributes, words, [nil])
    guard failed == 0 else { throw FixtureFailure("prove: \(String(cString: strerror(failed)))") }
    self.process = process
  }

  deinit {
    guard status == nil else { return }
    Glibc.kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  func send(_ signal: Int32) { Glibc.kill(process, signal) }

  /// Waits for the end, at most 150 seconds.
  ///
  /// - Returns: the exit status or 128 and the signal's number, and what it printed.
  func end() throws -> (status: Int32, output: String) {
    for _ in 0..<15_000 {
      var word: Int32 = 0
      if waitpid(process, &word, WNOHANG) == process {
        let status = word & 0x7f == 0 ? (word >> 8) & 0xff : 128 + (word & 0x7f)
        self.status = status
        return (status, try String(contentsOfFile: folder.path + "/output", encoding: .utf8))
      }
      usleep(10_000)
    }
    throw FixtureFailure("prove did not end")
  }

  /// The children that have a namespace of their own by now, so many at least, waited for.
  func children(_ count: Int) throws -> [pid_t] {
    let own = Self.namespace(getpid())
    for _ in 0..<1000 {
      let found = Self.children(of: process)
      if found.count >= count, found.allSatisfy({ Self.namespace($0) != own }) { return found }
      usleep(10_000)
    }
    throw FixtureFailure("prove has no \(count) children in namespaces of their own")
  }

  private static func namespace(_ process: pid_t) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")
  }

  private static func children(of parent: pid_t) -> [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { Self.state(of: $0)?.parent == parent }
  }

  /// The letter of a process's state, and who made it; nil for one that is gone.
  private static func state(of process: pid_t) -> (letter: Substring, parent: pid_t)? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return nil }
    let words = text[text.index(after: end)...].split(separator: " ")
    guard words.count > 2, let parent = pid_t(words[1]) else { return nil }
    return (words[0], parent)
  }

  /// Whether all of them are gone within three seconds; nobody may have reaped them yet.
  static func areGone(_ processes: [pid_t]) -> Bool {
    for _ in 0..<300 {
      let left = processes.filter { state(of: $0).map { $0.letter != "Z" } ?? false }
      if left.isEmpty { return true }
      usleep(10_000)
    }
    return false
  }
}

@Suite(.enabled(if: Proved.refusal == nil, Comment(rawValue: Proved.refusal ?? "")))
struct ProveEndingTests {
  /// A namespace is gone with the last process in it.
  @Test(arguments: [SIGKILL, SIGINT, SIGTERM, SIGHUP])
  func nothingOutlivesTheProgram(_ signal: Int32) throws {
    let running = try Running([])
    // The experiments about queues may have ended by now; those about timers take seconds.
    let children = try running.children(5)
    running.send(signal)
    #expect(try running.end().status == 128 + signal)
    #expect(Running.areGone(children))
  }

  @Test func aChildThatDiesHasFailed() throws {
    let running = try Running(["syn-timeline", "--format", "json"])
    let child = try running.children(1)[0]
    #expect(kill(child, SIGKILL) == 0)
    let (status, output) = try running.end()
    #expect(status == 1)
    #expect(output.contains("\"outcome\": \"failed\""))
    #expect(output.contains("\"reason\": \"signal 9 ended it\""))
    #expect(output.contains("\"agrees\": null"))
  }

  /// A child that does not end is killed when its time is over.
  @Test(.enabled(if: Iterations.count(1) > 1, "takes a minute"))
  func aChildThatHangsIsEnded() throws {
    let running = try Running(["syn-timeline", "--format", "json"])
    let child = try running.children(1)[0]
    #expect(kill(child, SIGSTOP) == 0)
    let (status, output) = try running.end()
    #expect(status == 1)
    #expect(output.contains("\"reason\": \"it did not end within "))
    #expect(Running.areGone([child]))
  }
}
