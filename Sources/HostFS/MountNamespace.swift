public import Facts
import Glibc

extension HostFS {
  /// The numbers that the kernel gives the first mount namespace: a fixed one since 6.18, before
  /// that the first or second free one (include/uapi/linux/nsfs.h, fs/namespace.c).
  private static let firstMounts = ["mnt:[4026531832]", "mnt:[4026531840]", "mnt:[4026531841]"]
  /// The number of the first process namespace, since 3.8 (include/linux/proc_ns.h).
  private static let firstProcesses = "pid:[4026531836]"

  /// Whether the files that are seen here are those that the host's own loaders see at boot.
  ///
  /// A container with the host's network has files of its own. A recorded tree is taken for the
  /// host's.
  public func seesHostFiles() -> Reading<Bool> {
    guard isLive else { return .known(true) }
    guard let own = Link.target(of: "/proc/self/ns/mnt", in: AT_FDCWD) else {
      return .unreadable("/proc/self/ns/mnt: \(Self.words(for: errno))")
    }
    if Self.firstMounts.contains(own) { return .known(true) }
    let processes = Link.target(of: "/proc/self/ns/pid", in: AT_FDCWD)
    guard processes == Self.firstProcesses else { return .known(false) }
    if let first = Link.target(of: "/proc/1/ns/mnt", in: AT_FDCWD) { return .known(own == first) }
    return .unreadable("/proc/1/ns/mnt: \(Self.words(for: errno)); root may look")
  }
}
