import CLinux
import Glibc
import HostFS

/// Leaves the host's network namespace for a new one.
enum Namespace {
  /// Why that is not to be had.
  struct Refusal: Error {
    var reason: String
  }

  /// Moves this process, which must have one thread, into a network namespace of its own: as root
  /// directly, as anybody else by way of a user namespace in which it may do everything.
  ///
  /// - Throws: ``Refusal`` where the process is still where it was, or may not set keys there.
  static func enter() throws(Refusal) {
    guard let before = link("/proc/self/ns/net") else {
      throw Refusal(reason: "/proc/self/ns/net: \(HostFS.words(for: errno))")
    }
    let user = getuid()
    let group = getgid()
    if tcptune_unshare_network() != 0 {
      guard errno == EPERM else { throw Refusal(reason: reason(errno)) }
      guard tcptune_unshare_user_and_network() == 0 else { throw Refusal(reason: reason(errno)) }
      try map(user: user, group: group)
    }
    // What must never happen is a key of the host being written.
    guard let after = link("/proc/self/ns/net"), after != before else {
      throw Refusal(reason: "the kernel left this process in the host's network namespace")
    }
    var status = statvfs()
    guard unsafe statvfs("/proc/sys", &status) == 0, status.f_flag & UInt(ST_RDONLY) == 0
    else {
      throw Refusal(reason: "/proc/sys is mounted read-only here, as containers have it")
    }
  }

  /// Makes this user root of the new user namespace, and nobody else anything.
  private static func map(user: uid_t, group: gid_t) throws(Refusal) {
    // Since 3.19 the map of groups may only be written once setgroups(2) is given up.
    _ = write("deny", to: "/proc/self/setgroups")
    for (file, text) in [("uid_map", "0 \(user) 1"), ("gid_map", "0 \(group) 1")] {
      let failure = write(text, to: "/proc/self/\(file)")
      guard failure == 0 else {
        throw Refusal(
          reason: "/proc/self/\(file): \(HostFS.words(for: failure))" + (suspect() ?? ""))
      }
    }
  }

  private static func write(_ text: String, to path: String) -> CInt {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    return unsafe Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count ? 0 : errno
  }

  private static func link(_ path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: 64)
    let count = unsafe readlink(path, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: Reasons

  /// Why unshare(2) failed, with the key that may be to blame.
  private static func reason(_ number: CInt) -> String {
    let words = "unshare: \(HostFS.words(for: number))"
    switch number {
    case ENOSPC:
      for key in ["user/max_net_namespaces", "user/max_user_namespaces"] {
        if let text = try? HostFS().line("proc/sys/\(key)"), let limit = Int64(text), limit < 64 {
          let name = key.split(separator: "/").joined(separator: ".")
          return "\(words): \(name) is \(limit)"
        }
      }
      return "\(words): more namespaces than user.max_net_namespaces allows"
    case EPERM: return words + (suspect() ?? ": a container or a seccomp filter forbids it")
    case EINVAL, ENOSYS: return "\(words): this kernel has no network namespaces for users"
    default: return words
    }
  }

  /// The key by which distributions forbid user namespaces, if one is set so.
  static func suspect() -> String? {
    let keys = [
      ("kernel/unprivileged_userns_clone", "0"),
      ("kernel/apparmor_restrict_unprivileged_userns", "1"),
    ]
    for (key, value) in keys where (try? HostFS().line("proc/sys/\(key)")) == value {
      return ": \(key.split(separator: "/").joined(separator: ".")) is \(value)"
    }
    return nil
  }
}
