import Foundation
import Support
import SysctlConf

/// How the keys and the file of a host stand.
struct Situation: Equatable, Sendable, CustomStringConvertible {
  /// The values, in the order of ``FaultyHost/keys``.
  var values: [String]
  /// The file without our own lines: nil for none.
  var body: String?

  var description: String {
    let lines = body?.split(separator: "\n").filter { !$0.hasPrefix("#") && $0 != "" }
    return "\(values.joined(separator: ", ")); file: \(lines?.joined(separator: ", ") ?? "none")"
  }
}

/// What a host is brought to before each run: its values, and the files below the folders that are
/// written.
struct Scene: Sendable {
  struct File: Sendable {
    var path: String
    var mode: mode_t
    /// Nil for a folder.
    var bytes: Data?
  }

  var situation: Situation
  var files: [File]
  /// The phase of the open change, nil for none.
  var phase: String?
}

/// A private host with a few keys and two profiles of them, brought from one state to another.
struct FaultyHost {
  static let keys = [
    "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_rmem",
    "net.core.somaxconn",
  ]
  static let folders = ["/var/lib/tcptune", "/etc/sysctl.d", "/run/tcptune"]
  static let file = "/etc/sysctl.d/99-tcptune.conf"
  static let journal = "/var/lib/tcptune/journal.json"

  /// The program that is made to fail: what TCPTUNE_FAULTY names, such as the release build, which
  /// is four times as fast; else the one beside the tests.
  static let program =
    ProcessInfo.processInfo.environment["TCPTUNE_FAULTY"] ?? BuiltProgram.path

  let host: PrivateHost
  let folder: TestFolder

  init(_ host: PrivateHost) throws {
    self.host = host
    folder = try TestFolder()
    for (name, values) in [
      ("first", ["30", "1200", "8192 262144 8388608", "8192"]),
      ("second", ["20", "600", "4096 131072 16777216", "16384"]),
    ] {
      let head = ["title", "for", "not-for", "costs", "leaves"].map { "# \($0): a test\n" }
      let lines = zip(Self.keys, values).map { "\n# A reason.\n\($0) = \($1)\n" }
      try folder.write(text: (head + lines).joined(), to: "\(name).conf")
    }
  }

  /// The words that apply one of the two profiles.
  func applying(_ profile: String, _ way: [String]) -> [String] {
    ["apply", "--profile", "\(folder.path)/\(profile).conf", "--in-namespace", "--no-owners"] + way
  }

  /// Runs it without a fault.
  func tcptune(_ arguments: [String]) throws -> BuiltProgram.Result {
    try BuiltProgram.run(arguments, program: Self.program)
  }

  // MARK: Looking

  func value(_ key: String) throws -> String {
    try host.value(key).split { $0 == "\t" || $0 == " " }.joined(separator: " ")
  }

  /// The text of the file; what is there and is not as we write it is told by its whole text.
  var body: String? {
    guard let text = host.text(Self.file) else { return nil }
    guard case .ours(_, let body) = OwnedText.owner(of: Array(text.utf8)) else {
      return "NOT OURS: \(text)"
    }
    return String(decoding: body, as: UTF8.self)
  }

  func situation() throws -> Situation {
    Situation(values: try Self.keys.map(value), body: body)
  }

  /// The phase of the open change, nil where none is open.
  var phase: String? {
    guard let text = host.text(Self.journal) else { return nil }
    return text.firstMatch(of: #/"phase": ?"([a-z]+)"/#).map { String($0.1) } ?? "unreadable"
  }

  /// The id of the open change, nil where none is open.
  var openID: String? {
    host.text(Self.journal)?.firstMatch(of: #/"id": ?"([0-9a-f]+)"/#).map { String($0.1) }
  }

  /// Names that may not be there once nothing is open.
  var leftovers: [String] {
    var names: [String] = []
    for folder in Self.folders + ["/var/lib/tcptune/history"] {
      names += host.names(folder).filter { name in
        name.hasSuffix(".tcptune-new") || name.hasPrefix("watcher-") || name == "journal.json"
          || folder == "/etc/sysctl.d" && name != "99-tcptune.conf"
      }.map { "\(folder)/\($0)" }
    }
    return names
  }

  // MARK: Scenes

  func scene() throws -> Scene {
    var files: [Scene.File] = []
    for folder in Self.folders where access(folder, F_OK) == 0 {
      files.append(Scene.File(path: folder, mode: host.mode(folder) ?? 0o755, bytes: nil))
      let walker = FileManager.default.enumerator(atPath: folder)
      for case let name as String in walker ?? .init() {
        let path = "\(folder)/\(name)"
        // Nil for a folder.
        let bytes = FileManager.default.contents(atPath: path)
        files.append(Scene.File(path: path, mode: host.mode(path) ?? 0, bytes: bytes))
      }
    }
    return Scene(situation: try situation(), files: files, phase: phase)
  }

  /// Brings the host back to a scene; nothing of ours may run meanwhile.
  func restore(_ scene: Scene) throws {
    for path in Self.folders {
      for name in host.names(path) {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
      }
    }
    for file in scene.files {
      if let bytes = file.bytes {
        try host.write(String(decoding: bytes, as: UTF8.self), to: file.path, mode: file.mode)
      } else {
        mkdir(file.path, file.mode)
        chmod(file.path, file.mode)
      }
    }
    for (key, value) in zip(Self.keys, scene.situation.values) { try host.set(key, value) }
  }

  /// Runs the program, which must do what it is asked to.
  @discardableResult
  func make(_ arguments: [String]) throws -> BuiltProgram.Result {
    let result = try tcptune(arguments)
    guard result.status == 0 else {
      throw FixtureFailure("\(arguments): status \(result.status): \(result.errors)")
    }
    return result
  }

  /// The watcher of the open change.
  func watcher() throws -> pid_t {
    let names = host.names("/run/tcptune")
    let name = names.first { $0.hasPrefix("watcher-") }
    let text = name.flatMap { host.text("/run/tcptune/\($0)") }
    guard let number = text?.split(separator: " ").first, let process = pid_t(number) else {
      throw FixtureFailure(
        "no watcher: \(names), '\(text ?? "")', journal \(phase.map { "\($0)" } ?? "none"),"
          + " processes \(host.processes)")
    }
    return process
  }

  /// What is there when a command is stopped behind one of its system calls; nil where it ended
  /// without it.
  func stopped<Result>(
    _ arguments: [String], at call: String, _ number: Int, _ look: () throws -> Result
  ) throws -> Result? {
    guard let stop = try stop(arguments, at: call, number) else { return nil }
    defer { stop.end() }
    return try look()
  }

  /// Stops a command behind one of its system calls, which may have failed; nil where it ended
  /// without it.
  func stop(
    _ arguments: [String], at call: String, _ number: Int, failing error: String? = nil
  ) throws -> StoppedCommand? {
    let failure = error.map { "error=\($0):" } ?? ""
    let log = "\(folder.path)/stopped"
    try? FileManager.default.removeItem(atPath: log)
    let strace = try StartedProgram(
      [
        "-o", log, "-e", "trace=\(call)", "-e",
        "inject=\(call):\(failure)signal=SIGSTOP:when=\(number)", "--", Self.program,
      ] + arguments, program: "/usr/bin/strace")
    var stops = false
    let found = host.wait(20) {
      stops = host.text(log)?.contains("--- stopped by SIGSTOP ---") ?? false
      return stops || strace.ended() != nil
    }
    let stop = StoppedCommand(host: host, strace: strace)
    if found, stops { return stop }
    stop.end()
    return nil
  }

  /// Kills everything here, the program that looks at the others last: what dies of it may not act.
  func end(_ strace: StartedProgram) { StoppedCommand(host: host, strace: strace).end() }
}

/// A command that stands still behind one of its system calls.
struct StoppedCommand {
  let host: PrivateHost
  let strace: StartedProgram

  /// The command's own process.
  private var process: pid_t? {
    let path = "/proc/\(strace.process)/task/\(strace.process)/children"
    return host.text(path)?.split(separator: " ").first.flatMap { pid_t($0) }
  }

  /// Kills it alone.
  func kill() { if let process { Glibc.kill(process, SIGKILL) } }

  /// Lets it go on to its end.
  ///
  /// - Returns: its exit status.
  func goOn() throws -> Int32 {
    if let process { Glibc.kill(process, SIGCONT) }
    return try strace.end(within: 40)
  }

  /// Kills everything here, the program that looks at the others last: what dies of it may not act.
  func end() {
    for process in host.processes.reversed() where process != strace.process {
      Glibc.kill(process, SIGKILL)
    }
    if (try? strace.end(within: 5)) == nil { strace.send(SIGKILL) }
    host.endAll()
  }
}
