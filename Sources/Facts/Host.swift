/// The machine and the network namespace that a snapshot was taken of.
public struct Host: Equatable, Sendable {
  /// The host name, from /proc/sys/kernel/hostname.
  public var name: Reading<String>
  /// The kernel, from /proc/sys/kernel/osrelease and /proc/version.
  public var release: Reading<KernelRelease>
  /// Total memory in bytes, from MemTotal of /proc/meminfo.
  public var memory: Reading<Int64>
  /// CPUs that are online.
  public var cpus: Reading<Int64>
  /// Seconds since boot, from /proc/uptime.
  public var uptime: Reading<Fraction>
  /// Bytes of one memory page.
  public var pageSize: Int64
  /// Buckets of the table of connections; kernels before 6.1 do not tell.
  ///
  /// Without the minus sign by which the kernel says that a namespace shares the host's table.
  public var ehash: Reading<Int64>
  /// Whether this is the first network namespace, in which the host-wide keys exist.
  public var initialNamespace: Reading<Bool>
  /// The network namespace as the kernel names it in /proc/self/ns/net: `net:[4026531840]`.
  public var namespace: Reading<String>
  /// Changes at every boot, from /proc/sys/kernel/random/boot_id.
  public var bootID: Reading<String>

  /// A host of which nothing has been read yet.
  ///
  /// - Parameter unread: why; stands for every field but the page size.
  public init(unread: Absence) {
    name = .missing(unread)
    release = .missing(unread)
    memory = .missing(unread)
    cpus = .missing(unread)
    uptime = .missing(unread)
    pageSize = 4096
    ehash = .missing(unread)
    initialNamespace = .missing(unread)
    namespace = .missing(unread)
    bootID = .missing(unread)
  }
}
