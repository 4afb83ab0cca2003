import CLinux
import Facts
import Glibc

/// A process of ours that takes a change back: in a session of its own, so that it outlives the
/// terminal and the connection.
///
/// It holds a pipe of the command that started it: where that dies before the trial has begun, it
/// does not wait for the deadline.
public enum Watcher {
  /// The hidden command's name.
  public static let command = "watch-change"
  /// How long it may take to be ready, in milliseconds.
  private static let patience: Int32 = 10_000
  /// How long it waits before it looks again whether the change is still open, in milliseconds.
  private static let look: Int32 = 3_000
  /// How long it waits before it tries again what failed.
  private static let again: Int64 = 2_000

  /// Starts one and waits until it watches.
  ///
  /// - Returns: the pipe's end that tells it that we live.
  static func start(_ id: String) throws(CallFailure) -> CInt {
    var alive: [CInt] = [-1, -1]
    var ready: [CInt] = [-1, -1]
    try SystemCall.made("pipe") { unsafe tcptune_pipe(&alive) }
    defer { close(alive[0]) }
    do {
      try SystemCall.made("pipe") { unsafe tcptune_pipe(&ready) }
    } catch {
      close(alive[1])
      throw error
    }
    defer { close(ready[0]) }
    do throws(CallFailure) {
      defer { close(ready[1]) }
      _ = try Spawn.start(
        "/proc/self/exe", ["tcptune", command, id], hold: alive[0], ready: ready[1],
        ownSession: true)
    } catch {
      close(alive[1])
      throw error
    }
    // Its end of the pipe closes when it dies, and then a byte never comes.
    var waited = [pollfd(fd: ready[0], events: Int16(POLLIN), revents: 0)]
    var byte: UInt8 = 0
    do throws(CallFailure) {
      let count = try SystemCall.made("poll") { unsafe poll(&waited, 1, patience) }
      guard count == 1, try SystemCall.made("read", { unsafe read(ready[0], &byte, 1) }) == 1 else {
        throw CallFailure(place: "the watcher did not start", errno: ECHILD)
      }
    } catch {
      close(alive[1])
      throw error
    }
    return alive[1]
  }

  /// Whether the watcher of a change still lives; nil where it has left no file, as on a full /run.
  static func isWatching(_ id: String) -> Bool? {
    guard let folder = try? Folder(following: Places.runParent).folder(Places.runName),
      let file = try? folder.file(name(id), atMost: 100), file.status.st_uid == geteuid()
    else { return nil }
    let words = String(decoding: file.bytes, as: UTF8.self).split(separator: " ")
    guard words.count == 2, let pid = Int32(words[0]), pid > 1 else { return nil }
    return startTime(of: pid).map { $0 == words[1] } ?? false
  }

  /// Ends the watcher of a change that is over; where it cannot be found it ends a moment later.
  static func end(_ id: String) {
    guard let folder = try? Folder(following: Places.runParent).folder(Places.runName),
      let file = try? folder.file(name(id), atMost: 100), file.status.st_uid == geteuid()
    else { return }
    let words = String(decoding: file.bytes, as: UTF8.self).split(separator: " ")
    remove(id, from: folder)
    guard words.count == 2, let pid = Int32(words[0]), pid > 1 else { return }
    let process = tcptune_hold_process(pid)
    guard process >= 0 else { return }
    defer { close(process) }
    // Held, it cannot be another one with the same number after this look.
    guard startTime(of: pid).map({ $0 == words[1] }) == true else { return }
    _ = tcptune_signal_process(process, SIGTERM)
  }

  /// Ends those that watch nothing: no change is open.
  static func endAll() {
    guard let folder = try? Folder(following: Places.runParent).folder(Places.runName),
      let names = try? folder.names()
    else { return }
    let prefix = name("")
    for name in names where name.hasPrefix(prefix) {
      let id = String(name.dropFirst(prefix.count).prefix(8))
      guard RecordJSON.isID(id) else { continue }
      end(id)
      remove(id, from: folder)
    }
  }

  private static func name(_ id: String) -> String { "watcher-\(id)" }

  /// When a process began, in ticks since boot: field 22 of /proc/PID/stat; nil for one that has
  /// ended, though nobody has waited for it.
  private static func startTime(of pid: Int32) -> Substring? {
    guard let line = try? Surroundings.line("/proc/\(pid)/stat"),
      let end = line.utf8.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let words = line[end...].split(separator: " ")
    return words.count > 20 && words[1] != "Z" && words[1] != "X" ? words[20] : nil
  }

  // MARK: Watching

  /// What the hidden command does: waits, and takes the change back unless it was confirmed.
  ///
  /// - Returns: whether the change is over.
  public static func watch(_ id: String, _ changes: Changes) -> Bool {
    let pipe: CInt = 3
    let ready: CInt = 4
    signal(SIGHUP, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    // Past a limit of file sizes that the caller has it goes on without the file.
    signal(SIGXFSZ, SIG_IGN)
    let signals = unsafe tcptune_hold_signals([SIGTERM, SIGINT, SIGQUIT], 3)
    spare()
    register(id)
    defer { forget(id) }
    // A pipe that is not there says nothing.
    guard RecordJSON.isID(id), fcntl(pipe, F_GETFD) >= 0 else { return false }
    var byte: UInt8 = 1
    // Where nobody reads it any more the other pipe tells so too.
    _ = unsafe Glibc.write(ready, &byte, 1)
    close(ready)
    var hasParent = true
    while true {
      guard let deadline = changes.deadline(of: id) else { return true }
      let timer = tcptune_alarm_at(deadline)
      defer { close(timer) }
      var waited = [
        pollfd(fd: timer, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        pollfd(fd: hasParent ? pipe : -1, events: Int16(POLLIN), revents: 0),
      ]
      // Now and then it looks whether the change is still open: nobody may have found it to tell it.
      // Without a timer, or where it cannot wait, it looks at the clock twice a second.
      if unsafe poll(&waited, 3, timer < 0 ? 500 : look) < 0 { SystemCall.pause(500) }
      let isAsked = waited[1].revents != 0
      if waited[2].revents != 0 {
        hasParent = false
        close(pipe)
      }
      let isOver = SystemCall.sinceBoot >= deadline
      guard isAsked || isOver || waited[2].revents != 0 else { continue }
      if isAsked { _ = tcptune_next_signal(signals) }
      while true {
        switch changes.takeBack(id, unlessInTrial: !isAsked && !isOver) {
        case .over: return true
        case .inTrial: break
        case .failed:
          SystemCall.pause(again)
          continue
        }
        break
      }
    }
  }

  /// Asks the kernel to end others first when memory runs out, and to list it by our name.
  private static func spare() {
    write("-1000", to: "/proc/self/oom_score_adj")
    write("tcptune", to: "/proc/self/comm")
  }

  private static func write(_ text: String, to path: String) {
    let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
  }

  private static func register(_ id: String) {
    guard RecordJSON.isID(id),
      let folder = try? Folder(following: Places.runParent).makingFolder(Places.runName),
      let began = startTime(of: getpid())
    else { return }
    try? folder.replace(
      name(id),
      StoredFile.Wish(
        bytes: Array("\(getpid()) \(began)".utf8), mode: 0o600, owner: nil, label: nil))
  }

  private static func forget(_ id: String) {
    guard RecordJSON.isID(id),
      let folder = try? Folder(following: Places.runParent).folder(Places.runName)
    else { return }
    remove(id, from: folder)
  }

  private static func remove(_ id: String, from folder: borrowing Folder) {
    try? folder.remove(name(id))
    try? folder.remove(name(id) + Places.unfinished)
  }
}
