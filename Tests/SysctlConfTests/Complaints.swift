import Facts
import Foundation
import SysctlConf

/// What a loader complains of: which file, line or key, and the kernel's error, as far as it says.
///
/// Programs spell keys in different ways; here all separators are dots.
struct Complaint: Equatable, Comparable, CustomStringConvertible {
  /// `file`, `line` or `key`.
  var about: String
  /// Its name; empty where the program does not say which.
  var subject: String
  /// The error's name, nil where there is none.
  var errno: String?

  var description: String { "\(about) \(subject) \(errno ?? "")" }
  static func < (a: Self, b: Self) -> Bool { a.description < b.description }

  static func file(_ path: String, _ errno: String) -> Complaint {
    Complaint(about: "file", subject: path, errno: errno)
  }

  static func line(_ number: Int?) -> Complaint {
    Complaint(about: "line", subject: number.map(String.init) ?? "", errno: nil)
  }

  static func key(_ name: String, _ errno: String?) -> Complaint {
    let path = name.contains("/../") ? KernelTree.resolved(name) ?? name : name
    let dotted = path.replacing("/", with: ".").trimmingCharacters(in: ["."])
    return Complaint(about: "key", subject: dotted, errno: errno)
  }
}

extension LoaderCase {
  /// What the recorded program said, without remarks on style and on what it left alone.
  var recordedComplaints: [Complaint] {
    recorded.errors.compactMap { error -> Complaint? in
      switch error.kind {
      case "open", "read": .file(error.path ?? "", error.errno ?? "")
      case "syntax": .line(hasZeroByte ? nil : error.line)
      case "outside-proc-sys": .key((error.path ?? "").replacing("/proc/sys/", with: ""), nil)
      case "deprecated": .key(error.key ?? "", "ENOENT")
      // The recordings spell bytes that are no UTF-8 as numbers.
      case "write", "unknown-key":
        .key((error.key ?? "").replacing(/\\x[89a-f][0-9a-f]/, with: "\u{fffd}"), error.errno)
      default: nil
      }
    }.sorted()
  }

  /// What the program would say of a run of ours.
  func complaints(of run: LoaderRun) -> [Complaint] {
    // The recordings name once what Alpine's loop meets by both names of a linked folder.
    func isMetTwice(_ file: String) -> Bool { loader == .alpine && file.hasPrefix("/lib/") }
    var said = run.problems.compactMap { isMetTwice($0.file) ? nil : complaint(of: $0) }
    said += run.actions.compactMap { isMetTwice($0.place.file) ? nil : complaint(of: $0) }
    return said.sorted()
  }

  /// Zero bytes are line ends for systemd-sysctl, whose numbers are then not those of editors.
  private var hasZeroByte: Bool {
    recorded.files.values.contains { content in
      if case .bytes(let bytes) = content { bytes.contains(0) } else { false }
    }
  }

  private func complaint(of problem: ConfProblem) -> Complaint? {
    switch (problem.kind, loader) {
    // A file that a link leads nowhere from is one that masks, for systemd-sysctl.
    case (.danglingLink, .systemd): invocation.files == nil ? nil : .file(problem.file, "ENOENT")
    case (.danglingLink, _): .file(problem.file, "ENOENT")
    case (.linkLoop, _): .file(problem.file, "ELOOP")
    // The others read a folder as a file without lines.
    case (.folder, .systemd): .file(problem.file, "EISDIR")
    case (.longLine, _): .file(problem.file, "ENOBUFS")
    // busybox does not say which line has no key.
    case (.emptyKey, .alpine): .line(nil)
    case (.noAssignment, _), (.emptyKey, _), (.emptyValue, _):
      .line(hasZeroByte ? nil : problem.line)
    default: nil
    }
  }

  private func complaint(of action: LoaderAction) -> Complaint? {
    let name = action.path
    switch action.result {
    case .wrote(let write):
      guard let failure = write.failure, !isSilent(action, failure) else { return nil }
      // busybox names the file that it gives up, and not the key.
      return .key(loader == .alpine ? "" : name, failure.rawValue)
    case .unknownKey: return isSilentAboutUnknown(action) ? nil : .key(name, unknown(action))
    case .folder: return .key(name, folder(name))
    case .readOnly: return readOnly(action)
    case .outside(let followed):
      if case .systemd = loader { return .key(action.spelling, "EINVAL") }
      return followed ? nil : .key(name, nil)
    case .superseded, .repeats, .cancelled, .notReached, .nothing: return nil
    }
  }

  private func isSilent(_ action: LoaderAction, _ failure: KernelWrite.Failure) -> Bool {
    guard case .systemd = loader else { return false }
    return action.ignoresFailure || (failure != .invalid && !invocation.isStrict)
  }

  private func isSilentAboutUnknown(_ action: LoaderAction) -> Bool {
    switch loader {
    case .systemd: action.ignoresFailure
    case .procps:
      !isDeprecated(action) && (invocation.files == nil || invocation.ignoresUnknownKeys)
    case .alpine: false
    }
  }

  /// The old `sysctl` says of these two that it does not set them, wherever they are.
  private func isDeprecated(_ action: LoaderAction) -> Bool {
    loader == .procps(.v3_3_17)
      && ["base_reachable_time", "retrans_time"].contains { action.path.hasSuffix("/\($0)") }
  }

  private func unknown(_ action: LoaderAction) -> String {
    guard action.spelling.hasSuffix(".") else { return "ENOENT" }
    return loader == .alpine ? "EISDIR" : "ENOTDIR"
  }

  /// procps looks whether the path is one below /proc/sys before it looks what stands there.
  private func folder(_ name: String) -> String? {
    if case .procps(let version) = loader, name.isEmpty || version == .v3_3_17 { return nil }
    return "EISDIR"
  }

  private func readOnly(_ action: LoaderAction) -> Complaint? {
    let isMount = recorded.environment == "ro-proc-sys"
    switch loader {
    case .systemd: return invocation.isStrict ? .key(action.path, "EROFS") : nil
    // These two print the number that an earlier call happened to leave behind.
    case .procps(.v3_3_17) where !isMount: return .key(action.path, nil)
    case .procps(.v4_0_2) where !isMount: return .key(action.path, "EINVAL")
    case .procps: return .key(action.path, isMount ? "EROFS" : "EPERM")
    case .alpine: return .key(action.path, isMount ? "EROFS" : "EACCES")
    }
  }
}
