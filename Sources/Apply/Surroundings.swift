import CLinux
import Facts
import Glibc

/// Who calls, from where, and on which host: read from the kernel, not from the environment.
enum Surroundings {
  /// The host now.
  static func origin(_ keys: borrowing KeyFolder) throws(CallFailure) -> ChangeRecord.Origin {
    let memory = try? line("/proc/meminfo").split(separator: " ")
    let kibibytes = memory.flatMap { $0.count > 1 ? Int64($0[1]) : nil } ?? 0
    return ChangeRecord.Origin(
      boot: try boot(),
      kernel: try line("/proc/sys/kernel/osrelease"), memory: kibibytes * 1024,
      namespaces: ChangeRecord.Namespaces(
        network: try namespace("/proc/thread-self/ns/net"),
        mounts: try namespace("/proc/thread-self/ns/mnt"),
        processes: try namespace("/proc/thread-self/ns/pid")),
      isInitialNetwork: try isFirstNetwork(keys))
  }

  /// The number that the kernel gave itself when it started.
  static func boot() throws(CallFailure) -> String {
    try line("/proc/sys/kernel/random/boot_id")
  }

  /// Whether this is the first network namespace: only that one has this key.
  static func isFirstNetwork(_ keys: borrowing KeyFolder) throws(CallFailure) -> Bool {
    try keys.has(SysctlKey(literal: "net.ipv4.tcp_mem"))
  }

  /// The calling process.
  static func caller() -> ChangeRecord.Caller {
    func number(_ path: String) -> UInt32? {
      // All ones: nobody logged in.
      (try? line(path)).flatMap { UInt32($0) }.flatMap { $0 == .max ? nil : $0 }
    }
    return ChangeRecord.Caller(
      user: getuid(), loginUser: number("/proc/self/loginuid"),
      loginSession: number("/proc/self/sessionid"), session: getsid(0),
      terminal: Terminals.own())
  }

  /// Whether our network, mount and process namespaces are those of process 1: only there a timer of
  /// systemd would reach what we change.
  static func areNamespacesOfInit() -> Bool {
    ["net", "mnt", "pid"].allSatisfy { kind in
      guard let own = try? namespace("/proc/self/ns/\(kind)"),
        let first = try? namespace("/proc/1/ns/\(kind)")
      else { return false }
      return own == first
    }
  }

  /// Whether the files in /etc are those that process 1 loads at boot, although this network
  /// namespace is not its.
  static func areFilesOfAnotherNamespace() -> Bool {
    guard let own = try? namespace("/proc/thread-self/ns/net"),
      let first = try? namespace("/proc/1/ns/net"), own != first
    else { return false }
    var here = stat()
    var there = stat()
    guard unsafe stat(Places.files, &here) == 0,
      unsafe stat("/proc/1/root\(Places.files)", &there) == 0
    else { return false }
    return here.st_dev == there.st_dev && here.st_ino == there.st_ino
  }

  /// The number of a namespace: 4026531840.
  static func namespace(_ path: String) throws(CallFailure) -> UInt64 {
    var status = stat()
    try SystemCall.made(path) { unsafe stat(path, &status) }
    return UInt64(status.st_ino)
  }

  /// The first line of a small file.
  static func line(_ path: String) throws(CallFailure) -> String {
    let file = try SystemCall.made(path) { unsafe open(path, O_RDONLY | O_CLOEXEC) }
    defer { close(file) }
    let bytes = try SystemCall.readAll(file, atMost: 1 << 16, path)
    return String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
  }

  /// The program's own path, nil where it has none any more.
  static func program() -> String? {
    var room = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = unsafe readlink("/proc/self/exe", &room, room.count - 1)
    guard length > 0 else { return nil }
    let path = String(decoding: room[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path.hasSuffix(" (deleted)") ? nil : path
  }

  /// Why others than root could replace a program before it is run, nil where they cannot.
  static func distrust(of program: String) -> String? {
    var path = ""
    let parts = program.split(separator: "/")
    for (index, part) in ([Substring("")] + parts).enumerated() {
      path = index == 0 ? "/" : path == "/" ? "/\(part)" : "\(path)/\(part)"
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { return "\(path) cannot be looked at" }
      if status.st_uid != 0 { return "\(path) belongs to user \(status.st_uid)" }
      let isSticky = status.st_mode & S_IFMT == S_IFDIR && status.st_mode & S_ISVTX != 0
      if status.st_mode & 0o022 != 0, !isSticky { return "\(path) can be written by others" }
    }
    return nil
  }

  /// Eight hexadecimal digits that nobody can foresee.
  static func newID() throws(CallFailure) -> String {
    var number: UInt32 = 0
    try SystemCall.made("getrandom") {
      unsafe withUnsafeMutableBytes(of: &number) {
        unsafe tcptune_random($0.baseAddress, UInt32($0.count))
      }
    }
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}
