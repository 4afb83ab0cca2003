import Facts
import Glibc
import HostFS
import KernelModel
import Netlink

/// The network namespace that an experiment has for itself: its keys, counters, sockets and clock.
///
/// It is made in a process that has left the host's namespace; see ``Sandbox``. Whatever it sets is
/// gone with that process.
struct Lab: Sendable {
  /// An address of the namespace besides 127.0.0.1.
  static let server = "10.9.0.1"
  /// Addresses that lead to the loopback interface and belong to nobody.
  static let nobody = "172.16.0.0/12"

  /// The release that the kernel says it is.
  let release: KernelRelease
  private let files = HostFS()

  /// A lab in this process's namespace: loopback up, ``server`` on it, and a route to ``nobody``.
  ///
  /// - Parameter release: the running kernel's.
  /// - Throws: ``LabFailure`` when the namespace cannot be set up.
  init(release: KernelRelease) throws(LabFailure) {
    self.release = release
    try withRouting { (routing) throws(NetlinkFailure) in try routing.raiseLoopback() }
    try address(Self.server)
    try route(Self.nobody)
    // A namespace begins with the host's filters, and hand-made packets come from everywhere.
    for interface in ["all", "default", "lo"] {
      try set("net.ipv4.conf.\(interface).rp_filter", "0")
      try set("net.ipv4.conf.\(interface).accept_local", "1")
    }
  }

  // MARK: Keys

  /// The file of a key, below the root and without a leading slash.
  private static func path(_ key: String) throws(LabFailure) -> String {
    guard let key = SysctlKey(key), key.name.hasPrefix("net.") else {
      throw .failed("'\(key)' is not a key of the network")
    }
    return "proc/sys/\(key.path)"
  }

  /// Whether this kernel, and this namespace, has the key.
  func has(_ key: String) -> Bool { (try? get(key)) != nil }

  /// The text of a key.
  ///
  /// - Throws: ``LabFailure/notApplicable(_:)`` where there is no such key.
  func get(_ key: String) throws(LabFailure) -> String {
    let path = try Self.path(key)
    do {
      return try files.line(path)
    } catch {
      throw Self.failure(key, error.errno)
    }
  }

  /// The one number of a key.
  ///
  /// - Throws: as ``get(_:)``, and where the text is no number.
  func number(_ key: String) throws(LabFailure) -> Int64 {
    let text = try get(key)
    guard let number = Int64(text) else { throw .failed("\(key): '\(text)' is not a number") }
    return number
  }

  /// Writes a key.
  ///
  /// - Throws: ``LabFailure/notApplicable(_:)`` where there is no such key, or only root of the host
  ///   may write it.
  func set(_ key: String, _ value: String) throws(LabFailure) {
    let path = "/" + (try Self.path(key))
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(key, errno) }
    defer { close(descriptor) }
    let count = unsafe write(descriptor, value, value.utf8.count)
    guard count == value.utf8.count else {
      throw .failed("\(key) = \(value): \(HostFS.words(for: errno))")
    }
  }

  /// Writes a key with one number.
  func set(_ key: String, _ value: Int64) throws(LabFailure) { try set(key, String(value)) }

  private static func failure(_ key: String, _ number: CInt) -> LabFailure {
    switch number {
    case ENOENT: .notApplicable(absence(of: key))
    case EACCES, EPERM: .notApplicable("only root may set \(key)")
    default: .failed("\(key): \(HostFS.words(for: number))")
    }
  }

  /// Why a key is not there.
  ///
  /// Older kernels have no net.core in the namespaces of ordinary users (net/core/sysctl_net_core.c,
  /// sysctl_core_net_init), where root of the host sees it.
  private static func absence(of key: String) -> String {
    let map = (try? HostFS().line("proc/self/uid_map")) ?? ""
    let isHost = map.split(separator: " ") == ["0", "0", "4294967295"]
    return !isHost && key.hasPrefix("net.core.")
      ? "this kernel shows \(key) to root of the host only" : "this kernel has no \(key) here"
  }

  // MARK: Predictions

  /// The kernel model for this release and the keys as they are now.
  var model: KernelModel {
    let files = files
    return KernelModel(release: .known(release)) { key in
      do throws(HostFS.Failure) {
        return .known(try files.line("proc/sys/\(key.path)"))
      } catch {
        return error.isAbsent
          ? .absent(Self.absence(of: key.name)) : .unreadable(error.reason)
      }
    }
  }

  /// What the model says, which must have an answer.
  ///
  /// - Throws: ``LabFailure/notApplicable(_:)`` where a key that goes in is not there.
  func predicted<Wrapped>(_ reading: Reading<Wrapped>) throws(LabFailure) -> Wrapped {
    switch reading {
    case .known(let value): return value
    case .missing(let absence):
      throw absence.kind == .absent
        ? .notApplicable(absence.reason) : .failed("no prediction: \(absence)")
    }
  }

  // MARK: Counters

  /// Every counter of the namespace, by the names in its files: `TcpExt.ListenDrops`.
  func counters() -> CounterTable { files.counters().table }

  /// What counters grew by since an earlier look; nil for one that this kernel does not have.
  func growth(_ names: [String], since before: CounterTable) -> [Int64?] {
    let now = counters()
    return names.map { name in
      now.values[name].map { $0 - (before.values[name] ?? 0) }
    }
  }

  /// What one counter grew by.
  ///
  /// - Throws: ``LabFailure/notApplicable(_:)`` where this kernel does not have it.
  func growth(_ name: String, since before: CounterTable) throws(LabFailure) -> Int64 {
    try Self.growth(name, from: before, to: counters())
  }

  /// What one counter grew by between two looks.
  ///
  /// - Throws: as ``growth(_:since:)``.
  static func growth(
    _ name: String, from before: CounterTable, to after: CounterTable
  ) throws(LabFailure) -> Int64 {
    guard let value = after.values[name] else {
      throw .notApplicable("this kernel has no counter \(name)")
    }
    return value - (before.values[name] ?? 0)
  }

  // MARK: Addresses and routes

  /// Gives the loopback interface an address: `10.9.0.2`, or with its prefix.
  func address(_ text: String) throws(LabFailure) {
    let prefix = try Self.prefix(text)
    try withRouting { (routing) throws(NetlinkFailure) in try routing.add(address: prefix) }
  }

  /// Sends what is for these addresses to the loopback interface: `172.16.0.0/12`.
  func route(_ text: String) throws(LabFailure) {
    let prefix = try Self.prefix(text)
    try withRouting { (routing) throws(NetlinkFailure) in try routing.add(route: prefix) }
  }

  /// Takes a route of ``route(_:)`` back, so that sending there fails.
  func removeRoute(_ text: String) throws(LabFailure) {
    let prefix = try Self.prefix(text)
    try withRouting { (routing) throws(NetlinkFailure) in try routing.remove(route: prefix) }
  }

  private static func prefix(_ text: String) throws(LabFailure) -> Routing.Prefix {
    guard let prefix = Routing.Prefix(text) else { throw .failed("'\(text)' is not a prefix") }
    return prefix
  }

  private func withRouting(
    _ body: (inout Routing) throws(NetlinkFailure) -> Void
  ) throws(LabFailure) {
    do {
      var routing = try Routing()
      try body(&routing)
    } catch {
      throw .failed(error.reason)
    }
  }

  // MARK: Time

  /// Milliseconds of the monotonic clock.
  var now: Double { Double(Clock.nanoseconds()) / 1e6 }

  /// Does nothing for so many seconds.
  func pause(_ seconds: Double) {
    let end = now + seconds * 1000
    var rest = end - now
    // A signal may end a sleep early.
    while rest > 0 {
      usleep(useconds_t(rest * 1000) + 1)
      rest = end - now
    }
  }

  /// Waits until something is so, looking every millisecond.
  ///
  /// - Returns: whether it came to be so in time.
  func wait(_ seconds: Double, until isSo: () throws(LabFailure) -> Bool) throws(LabFailure)
    -> Bool
  {
    let end = now + seconds * 1000
    while true {
      if try isSo() { return true }
      if now >= end { return false }
      usleep(1000)
    }
  }
}
