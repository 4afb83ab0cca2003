import CLinux
import Facts
import Glibc

/// Chooses, arms and disarms what takes a change back when nobody confirms it.
enum Alarm {
  /// What can be used here, or why nothing can.
  ///
  /// systemd's timer runs in the namespaces of process 1 and the program from its path, so it is
  /// used only where ours are the same and nobody but root can replace the program.
  static func choice(preferring watcher: Bool) throws(ApplyFailure) -> ChangeRecord.Alarm {
    guard !watcher, SystemdTimer.isAvailable, Surroundings.areNamespacesOfInit() else {
      return .watcher
    }
    guard let program = Surroundings.program() else {
      throw .refused("the program's file is gone: install it first, or use --watcher")
    }
    if let reason = Surroundings.distrust(of: program) {
      throw .refused(
        "systemd would run \(program) as root, and \(reason): install it first, or use --watcher")
    }
    return .timer
  }

  /// What is armed, held until it goes: a watcher sees by it that we live.
  struct Armed: ~Copyable {
    fileprivate let hold: CInt

    deinit { if hold >= 0 { close(hold) } }
  }

  /// Arms it; on return it is active.
  static func arm(_ record: ChangeRecord) throws(CallFailure) -> Armed {
    switch record.alarm {
    case .timer:
      try SystemdTimer.arm(record)
      return Armed(hold: -1)
    case .watcher: return Armed(hold: try Watcher.start(record.id))
    }
  }

  /// Whether what was armed is still there, as far as files tell; nil where nothing does.
  static func isArmed(_ record: ChangeRecord) -> Bool? {
    switch record.alarm {
    case .timer: SystemdTimer.isArmed(record)
    case .watcher: Watcher.isWatching(record.id)
    }
  }

  /// Disarms it; one that is gone already is disarmed.
  static func disarm(_ record: ChangeRecord) {
    switch record.alarm {
    case .timer: SystemdTimer.disarm(record)
    case .watcher: Watcher.end(record.id)
    }
  }
}

/// Programs that are started with nothing of the caller's environment.
enum Spawn {
  private static let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: its absolute path.
  ///   - words: its arguments, its name first.
  ///   - hold: what becomes its descriptor 3, or -1.
  ///   - ready: what becomes its descriptor 4, where there is a 3.
  ///   - errors: what becomes its standard error.
  ///   - ownSession: whether it gets a session of its own.
  /// - Returns: the process.
  /// - Throws: why it could not be started.
  static func start(
    _ program: String, _ words: [String], hold: CInt = -1, ready: CInt = -1, errors: CInt = -1,
    ownSession: Bool = false
  ) throws(CallFailure) -> pid_t {
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer {
      unsafe arguments.forEach { unsafe free($0) }
      unsafe variables.forEach { unsafe free($0) }
    }
    return try SystemCall.made(program) {
      unsafe tcptune_spawn(
        program, &arguments, &variables, hold, ready, errors, ownSession ? 1 : 0)
    }
  }

  /// Runs a program to its end.
  ///
  /// - Returns: its exit status, 128 and more for a signal, and the start of what it complained.
  static func run(_ program: String, _ words: [String]) throws(CallFailure) -> (Int32, String) {
    var ends: [CInt] = [-1, -1]
    try SystemCall.made("pipe") { unsafe tcptune_pipe(&ends) }
    defer { close(ends[0]) }
    let process: pid_t
    do {
      process = try start(program, words, errors: ends[1])
    } catch {
      close(ends[1])
      throw error
    }
    close(ends[1])
    let words = try? SystemCall.readAll(ends[0], atMost: 1 << 16, program)
    var status: Int32 = 0
    try SystemCall.made(program) { unsafe waitpid(process, &status, 0) }
    let ended = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f
    let line = String(decoding: words ?? [], as: UTF8.self).split(separator: "\n").first ?? ""
    return (ended, String(line.prefix(200)))
  }
}
