import Foundation

/// A container in which systemd is process 1, with the built program installed; its network is
/// process 1's own, and so is everything that it writes.
public final class SystemdHost {
  /// Where the program stands in it.
  public static let program = "/usr/local/bin/tcptune"

  private static let systemd = "/usr/lib/systemd/systemd"

  /// Why none can be made here, nil where it can.
  public static let refusal: String? = {
    guard geteuid() == 0 else { return "needs root, to make a container" }
    for path in [systemd, "/usr/bin/systemd-run", "/usr/bin/nsenter"]
    where access(path, X_OK) != 0 { return "needs \(path)" }
    guard cgroups != nil else { return "needs a cgroup2 file system" }
    do {
      _ = try SystemdHost()
      return nil
    } catch {
      return "systemd cannot be process 1 of a container here: \(error)"
    }
  }()

  /// Where the unified hierarchy is mounted.
  private static let cgroups: String? = {
    let mounts = (try? String(contentsOfFile: "/proc/mounts", encoding: .utf8)) ?? ""
    for line in mounts.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count > 2, words[2] == "cgroup2" { return String(words[1]) }
    }
    return nil
  }()

  private let folder: TestFolder
  private let cgroup: String
  private let outside: StartedProgram
  private let first: pid_t

  /// What is run first in the new namespaces: the host's root below a layer of its own, and systemd.
  private static func script(_ root: String) -> String {
    """
    set -e
    mount --make-rprivate /
    mount -t tmpfs t \(root)
    cd \(root)
    mkdir upper work root
    mount -t overlay o -o lowerdir=/,upperdir=\(root)/upper,workdir=\(root)/work root
    cd root
    mount -t proc p proc
    mount -t sysfs s sys
    mount -t cgroup2 c sys/fs/cgroup
    mount -t tmpfs -o mode=755 d dev
    for name in null zero full random urandom tty; do
      touch dev/$name
      mount --bind /dev/$name dev/$name
    done
    mount -t tmpfs -o mode=755 r run
    mount -t tmpfs -o mode=755 l var/lib
    mkdir -p etc/sysctl.d usr/local/bin run/systemd/system
    mount -t tmpfs -o mode=755 e etc/sysctl.d
    cp \(BuiltProgram.path) usr/local/bin/tcptune
    for target in quiet calm; do
      printf '[Unit]\\nDefaultDependencies=no\\nAllowIsolate=yes\\n' \
        > run/systemd/system/$target.target
    done
    : > etc/fstab
    : > etc/machine-id
    mkdir host
    pivot_root . host
    umount -l /host
    exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \(systemd) --system \
      --unit=quiet.target --show-status=no --log-target=null
    """
  }

  /// Starts a container and waits until systemd runs in it.
  public init() throws {
    folder = try TestFolder()
    let root = "\(folder.path)/root"
    mkdir(root, 0o755)
    let script = try folder.write(text: Self.script(root), to: "init")
    cgroup = "\(Self.cgroups ?? "")/tcptune-test-\(UUID().uuidString)"
    guard mkdir(cgroup, 0o755) == 0 else {
      throw FixtureFailure("\(cgroup): \(String(cString: strerror(errno)))")
    }
    let unshare = "exec unshare -pmniuC --fork --kill-child /bin/bash \(script)"
    outside = try StartedProgram(
      ["-c", "echo $BASHPID > \(cgroup)/cgroup.procs; \(unshare)"], program: "/bin/bash")
    var found: pid_t?
    for _ in 0..<1000 where found == nil && outside.ended() == nil {
      usleep(10_000)
      let path = "/proc/\(outside.process)/task/\(outside.process)/children"
      let children = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      guard let child = children.split(separator: " ").first.flatMap({ pid_t($0) }) else {
        continue
      }
      let name = try? String(contentsOfFile: "/proc/\(child)/comm", encoding: .utf8)
      guard name == "systemd\n" else { continue }
      let state = try BuiltProgram.run(
        ["-t", "\(child)", "-m", "-n", "-p", "-C", "systemctl", "is-system-running"],
        program: "/usr/bin/nsenter")
      guard state.output == "running\n" else { continue }
      found = child
    }
    guard let found else {
      let errors = outside.errors
      Self.remove(cgroup, outside)
      throw FixtureFailure(errors.isEmpty ? "it does not start" : errors)
    }
    first = found
  }

  deinit { Self.remove(cgroup, outside) }

  private static func remove(_ cgroup: String, _ outside: StartedProgram) {
    try? "1".write(toFile: "\(cgroup)/cgroup.kill", atomically: false, encoding: .utf8)
    outside.send(SIGKILL)
    for _ in 0..<500 {
      let walker = FileManager.default.enumerator(
        at: URL(filePath: cgroup), includingPropertiesForKeys: [.isDirectoryKey])
      let inner = (walker?.compactMap { $0 as? URL } ?? []).filter(\.hasDirectoryPath)
      for url in inner.reversed() { rmdir(url.path(percentEncoded: false)) }
      if rmdir(cgroup) == 0 || errno == ENOENT { return }
      usleep(10_000)
    }
  }

  private func entering(_ words: [String]) -> [String] {
    ["-t", "\(first)", "-m", "-u", "-i", "-n", "-p", "-C", "--"] + words
  }

  /// Runs a program in the container and waits for it.
  public func run(_ words: [String]) throws -> BuiltProgram.Result {
    try BuiltProgram.run(
      entering(words), environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
      program: "/usr/bin/nsenter")
  }

  /// Runs the built program in the container.
  public func tcptune(_ arguments: [String]) throws -> BuiltProgram.Result {
    try run([Self.program] + arguments)
  }

  /// Starts a program in the container.
  public func start(_ words: [String]) throws -> StartedProgram {
    try StartedProgram(entering(words), program: "/usr/bin/nsenter")
  }

  /// The text of a key.
  public func value(_ key: String) throws -> String {
    let path = "/proc/sys/" + key.replacingOccurrences(of: ".", with: "/")
    return try run(["cat", path]).output.trimmingCharacters(in: .newlines)
  }

  /// systemd's units of changes that it knows, with their state: loaded ones and failed ones.
  public func units() throws -> String {
    try run(["systemctl", "list-units", "--all", "--plain", "--no-legend", "tcptune-*"]).output
  }
}
