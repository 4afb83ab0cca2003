import CLinux
public import Facts
import Glibc

/// Finds the cgroups that sock_diag names by number.
///
/// Root opens a cgroup by its id. Other users may not, but the id is also the inode that readdir(3)
/// shows for the cgroup's folder: a walk of the tree finds it without privilege.
public struct Cgroups: ~Copyable {
  /// The root of the hierarchy has this id; it names no unit.
  private static let rootID: UInt64 = 1
  /// How many folders a walk may look into before it gives up.
  private static let longestWalk = 20_000

  private let mount: CInt
  private let mountPath: String
  private var paths: [UInt64: Reading<String>] = [:]
  private var mayOpenByID = true

  /// The cgroup2 hierarchy of the machine, where one is mounted.
  public init() {
    for path in ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"] {
      let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      // Every folder of cgroup2 has this file, and no folder of the old hierarchies.
      if unsafe faccessat(descriptor, "cgroup.controllers", F_OK, 0) == 0 {
        mount = descriptor
        mountPath = path
        return
      }
      close(descriptor)
    }
    mount = -1
    mountPath = ""
  }

  deinit {
    if mount >= 0 { close(mount) }
  }

  /// The path of a cgroup below the mount: `/system.slice/nginx.service`.
  public mutating func path(of id: UInt64) -> Reading<String> {
    if let known = paths[id] { return known }
    let path = lookUp(id)
    paths[id] = path
    return path
  }

  /// The systemd unit or container that a cgroup belongs to.
  public mutating func unit(of id: UInt64) -> Reading<String> {
    guard id != Self.rootID else { return .absent("made in the root cgroup") }
    return path(of: id).flatMap { path in
      Self.unitName(path).map(Reading.known) ?? .absent("the cgroup \(path) is no unit")
    }
  }

  /// The processes that a cgroup holds.
  public mutating func processes(of id: UInt64) -> [Int32] {
    guard id != Self.rootID, case .known(let path) = path(of: id) else { return [] }
    let file = String(path.dropFirst()) + "/cgroup.procs"
    let descriptor = unsafe openat(mount, file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    guard let bytes = try? Descriptor.bytes(descriptor) else { return [] }
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap {
      Int32(String(decoding: $0, as: UTF8.self))
    }
  }

  private mutating func lookUp(_ id: UInt64) -> Reading<String> {
    guard mount >= 0 else { return .absent("no cgroup2 hierarchy is mounted") }
    if mayOpenByID {
      let folder = tcptune_open_cgroup(mount, id)
      if folder >= 0 {
        defer { close(folder) }
        return pathBelowMount(of: folder)
      }
      guard errno == EPERM else { return .absent("the cgroup is gone, or not visible from here") }
      mayOpenByID = false
    }
    walk()
    return paths[id] ?? .absent("the cgroup is gone, or not visible from here")
  }

  private func pathBelowMount(of folder: CInt) -> Reading<String> {
    guard let path = Link.target(of: "/proc/self/fd/\(folder)", in: AT_FDCWD),
      path.hasPrefix(mountPath)
    else { return .unreadable("the cgroup's path is not below \(mountPath)") }
    let below = path.dropFirst(mountPath.utf8.count)
    return .known(below.isEmpty ? "/" : String(below))
  }

  /// Notes the path of every cgroup, breadth first.
  private mutating func walk() {
    var queue = [""]
    var next = 0
    while next < queue.count, next < Self.longestWalk {
      let below = queue[next]
      next += 1
      guard let listing = unsafe opendir(mountPath + below) else { continue }
      defer { unsafe closedir(listing) }
      while let entry = unsafe readdir(listing) {
        guard unsafe entry.pointee.d_type == UInt8(DT_DIR) else { continue }
        let name = unsafe entry.pointee.name
        guard name != ".", name != ".." else { continue }
        let path = "\(below)/\(name)"
        let id = unsafe UInt64(entry.pointee.d_ino)
        paths[id] = .known(path)
        queue.append(path)
      }
    }
  }

  /// The name by which an operator of this host knows a cgroup: `nginx.service`,
  /// `container 3f2a90c1d5be`.
  ///
  /// The outermost container is the one that the host's own runtime knows; units and containers
  /// inside it are seen only from there. Else the innermost unit is the nearest name.
  static func unitName(_ path: String) -> String? {
    var unit: Substring?
    for component in path.split(separator: "/") {
      if let container = containerName(component) { return container }
      if unitSuffixes.contains(where: { component.hasSuffix($0) }) { unit = component }
    }
    return unit.map(String.init)
  }

  private static let unitSuffixes = [".service", ".socket", ".scope", ".mount"]
  private static let containerIDLength = 64

  /// Runtimes name a container's cgroup by its id of 64 hexadecimal digits: bare, in a scope
  /// (`docker-ID.scope`), or behind the slice and the runtime (`POD.slice:cri-containerd:ID`).
  private static func containerName(_ component: Substring) -> String? {
    guard component.utf8.count >= containerIDLength else { return nil }
    let scope = component.hasSuffix(".scope") ? component.dropLast(".scope".count) : component
    let id = scope.split { $0 == "-" || $0 == ":" }.last ?? scope
    guard id.utf8.count == containerIDLength, id.allSatisfy(\.isHexDigit) else { return nil }
    return "container \(id.prefix(12))"
  }
}

/// Reads links without following them.
enum Link {
  /// What the link points at, nil when it is none or may not be read.
  static func target(of path: String, in folder: CInt) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let start = characters.baseAddress else { return -1 }
        return unsafe readlinkat(folder, path, start, characters.count)
      }
    }
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }
}
