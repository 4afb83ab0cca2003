import Foundation
import Support

/// What goes wrong in a system call.
enum Fault: Hashable, Sendable {
  /// The process is killed before the call.
  case kill
  /// The call fails: once, or from then on always.
  case error(String, forGood: Bool)
  /// The call says that it has written one byte.
  case short

  /// What no branch of ours tells apart; each call fails with two of them.
  private static let others = ["ENOSPC", "EROFS", "EACCES", "EMFILE"]

  /// Calls that only look: a process killed before one leaves what it leaves before the next that
  /// changes something.
  private static let lookingCalls: Set<String> = [
    "read", "pread64", "newfstatat", "fstat", "fstatfs", "statfs", "getdents64", "ioctl", "fcntl",
    "lseek", "readlink", "access", "fgetxattr", "prlimit64", "poll",
  ]

  /// The faults of one call.
  ///
  /// - Parameters:
  ///   - call: the system call's name.
  ///   - number: which of them.
  /// - Returns: what is put into it, one by one.
  static func all(of call: String, _ number: Int) -> [Fault] {
    // A descriptor is closed whatever close says; a fault would leave it open.
    if call == "close" { return [] }
    let failing: [Fault] = [.error("EIO", forGood: false), .error("EIO", forGood: true)]
    guard !lookingCalls.contains(call) else { return failing }
    let faults: [Fault] =
      [.kill] + failing + [
        .error("EINTR", forGood: false), .error(others[number % 4], forGood: false),
        .error(others[(number + 2) % 4], forGood: true),
      ]
    // A terminal that is interrupted for ever is waited for as long.
    return faults + [call == "write" ? .short : .error("EINTR", forGood: true)]
  }
}

/// One place at which one thing goes wrong.
struct FaultPoint: Hashable, Sendable, CustomStringConvertible {
  var call: String
  /// Which of the calls of that name since the program began.
  var number: Int
  var fault: Fault

  /// As strace wants it.
  var injection: String {
    switch fault {
    case .kill: "\(call):signal=SIGKILL:when=\(number)"
    case .error(let name, let forGood): "\(call):error=\(name):when=\(number)\(forGood ? "+" : "")"
    case .short: "\(call):retval=1:when=\(number)"
    }
  }

  /// Whether nothing can be written any more, a complaint neither.
  var isMute: Bool {
    guard case .error(_, forGood: true) = fault else { return false }
    return call == "write"
  }

  var description: String { injection }
}

/// The system calls of a run, as strace has them.
enum CallLog {
  /// Memory, locks between threads and numbers that cannot fail.
  private static let leftOut: Set<String> = [
    "mmap", "munmap", "mprotect", "brk", "madvise", "futex", "exit_group", "getuid", "geteuid",
    "getpid", "getppid", "gettid", "getsid", "rt_sigaction", "rt_sigreturn", "sched_getaffinity",
    "sigaltstack", "restart_syscall", "clock_nanosleep", "execve", "arch_prctl", "set_robust_list",
    "set_tid_address", "rseq",
  ]

  /// All calls from the first that is marked.
  ///
  /// - Parameters:
  ///   - log: what strace wrote, without -f or of one process.
  ///   - mark: what is in the first line that counts.
  /// - Returns: their names, and which of that name each is.
  static func calls(_ log: [Substring], from mark: String) -> [(name: String, number: Int)] {
    var counts: [String: Int] = [:]
    var isBehindMark = false
    var calls: [(String, Int)] = []
    for line in log {
      guard let end = line.firstIndex(of: "("), line.first?.isLetter == true else { continue }
      let name = String(line[..<end])
      guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { continue }
      counts[name, default: 0] += 1
      if mark.isEmpty || line.contains(mark) { isBehindMark = true }
      if isBehindMark, !leftOut.contains(name) { calls.append((name, counts[name] ?? 0)) }
    }
    return calls
  }

  /// The lines of the process that comes as the first, or as the second, in a log of `strace -f`.
  static func lines(_ log: String, of index: Int) -> [Substring] {
    var processes: [Substring] = []
    var lines: [Substring] = []
    for line in log.split(separator: "\n") {
      let process = line.prefix { $0.isNumber }
      if !processes.contains(process) { processes.append(process) }
      guard processes.firstIndex(of: process) == index else { continue }
      lines.append(line.dropFirst(process.count).drop { $0 == " " })
    }
    return lines
  }
}
