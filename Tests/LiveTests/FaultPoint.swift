import Foundation
import Support

/// What goes wrong in a system call.
enum Fault: Hashable, Sendable {
  /// The process is killed before the call.
  case kill
  /// The call fails: once, or from then on always.
  case error(String, forGood: Bool)
  /// The call says that it has written one byte, and has written none: once, or from then on always.
  case short(forGood: Bool)

  private static let errors = ["EIO", "ENOSPC", "EINTR", "EROFS", "EACCES", "EMFILE"]

  /// Calls that fail with none of these, but before which a process can be killed.
  ///
  /// They give back a number that the kernel always has, or are about memory and the threads' locks,
  /// where the language's runtime ends the process as if it were killed.
  private static let unfailing: Set<String> = [
    "mmap", "munmap", "mprotect", "brk", "madvise", "futex", "exit_group", "getuid", "geteuid",
    "getgid", "getegid", "getpid", "getppid", "gettid", "getsid", "umask", "rt_sigreturn",
    "sched_getaffinity", "sched_yield", "arch_prctl", "set_robust_list", "set_tid_address", "rseq",
  ]

  /// Whether it stays.
  var isForGood: Bool {
    switch self {
    case .kill: false
    case .error(_, let forGood), .short(let forGood): forGood
    }
  }

  /// The faults of one call.
  ///
  /// - Parameter call: the system call's name.
  /// - Returns: what is put into it, one by one.
  static func all(of call: String) -> [Fault] {
    if unfailing.contains(call) { return [.kill] }
    var failing = errors.flatMap { error in
      [false, true].map { Fault.error(error, forGood: $0) }
    }
    switch call {
    // A call that is made to fail is not made. The kernel closes a descriptor whatever close says:
    // one that stays open once is harder than that, and a lock that nobody can let go is another
    // system.
    case "close": failing.removeAll { $0.isForGood }
    // The kernel lets no signal end one of up to 256 bytes, and the language's runtime, which asks
    // for its hashing's seed so, counts on that.
    case "getrandom": failing.removeAll { $0 == .error("EINTR", forGood: true) }
    default: break
    }
    let short = call == "write" ? [false, true].map { Fault.short(forGood: $0) } : []
    return [.kill] + failing + short
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
    case .short(let forGood): "\(call):retval=1:when=\(number)\(forGood ? "+" : "")"
    }
  }

  /// Whether nothing can be written any more, a complaint neither.
  var isMute: Bool {
    fault.isForGood && call == "write"
  }

  var description: String { injection }

  /// Where it stands among all: as good as drawn by lot, and the same in every run.
  ///
  /// - Parameter command: the command that it is a point of.
  /// - Returns: what points are sorted by.
  func rank(in command: String) -> UInt64 {
    let bytes = "\(command), \(self)".utf8
    let hash = bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    var numbers = Seeded(state: hash)
    return numbers.next()
  }
}

/// The system calls of a run, as strace has them.
enum CallLog {
  /// Begun anew by the kernel, and not by the program.
  private static let leftOut: Set<String> = ["execve", "restart_syscall"]

  /// All calls from the first to the last that count.
  ///
  /// - Parameters:
  ///   - log: what strace wrote, without -f or of one process.
  ///   - begin: what is in the first line that counts; empty for the first behind those of the
  ///     dynamic loader, which are not the program's.
  ///   - end: what is in the first line that counts no more; nil for none.
  /// - Returns: their names, and which of that name each is.
  static func calls(
    _ log: [Substring], from begin: String, to end: String? = nil
  ) -> [(name: String, number: Int)] {
    var counts: [String: Int] = [:]
    let loaded = log.lastIndex { $0.hasPrefix("openat(") && $0.contains(".so") } ?? -1
    var isBehindMark = false
    var calls: [(String, Int)] = []
    for (index, line) in log.enumerated() {
      guard let bracket = line.firstIndex(of: "("), line.first?.isLetter == true else { continue }
      let name = String(line[..<bracket])
      guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { continue }
      counts[name, default: 0] += 1
      if begin.isEmpty ? index > loaded : line.contains(begin) { isBehindMark = true }
      if let end, line.contains(end) { break }
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
