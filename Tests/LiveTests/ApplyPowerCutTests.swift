import Foundation
import Support
import Testing

/// A file system in a file, of which copies can be made while it is mounted: what the disk holds at
/// that instant.
private struct LoopDisk {
  let host: PrivateHost
  let path: String

  /// Why none can be mounted here, nil where it can.
  static let refusal: String? = {
    guard PrivateHost.isPermitted else { return PrivateHost.reason }
    for program in ["/usr/sbin/mkfs.ext4", "/usr/bin/mount", "/usr/bin/strace"]
    where access(program, X_OK) != 0 { return "needs \(program)" }
    do {
      try PrivateHost.run { host in
        let folder = try TestFolder()
        try LoopDisk(host, "\(folder.path)/disk").mount(at: "/var/lib")
        try host.unmount("/var/lib")
      }
      return nil
    } catch {
      return "no loop device with ext4 can be mounted here: \(error)"
    }
  }()

  /// Makes an empty one.
  init(_ host: PrivateHost, _ path: String) throws {
    self.host = host
    self.path = path
    try host.write("", to: path)
    guard truncate(path, 8 << 20) == 0 else { throw FixtureFailure("truncate \(path)") }
    try Self.run("/usr/sbin/mkfs.ext4", ["-q", "-m", "0", path])
  }

  private init(_ host: PrivateHost, copied path: String) {
    self.host = host
    self.path = path
  }

  static func run(_ program: String, _ words: [String]) throws {
    let result = try BuiltProgram.run(words, program: program)
    guard result.status == 0 else {
      throw FixtureFailure("\(program) \(words): \(result.errors)")
    }
  }

  func mount(at place: String) throws {
    try Self.run("/usr/bin/mount", ["-o", "loop", path, place])
    rmdir("\(place)/lost+found")
  }

  /// What a power cut would leave now.
  func copy() throws -> LoopDisk {
    let copy = LoopDisk(host, copied: "\(path).cut")
    try Self.run("/bin/cp", ["--sparse=always", path, copy.path])
    return copy
  }
}

/// The power fails while a change is kept: behind each of the calls that may reach the disk.
@Suite(.enabled(if: LoopDisk.refusal == nil, Comment(rawValue: LoopDisk.refusal ?? "")))
struct ApplyPowerCutTests {
  private struct Cut: Sendable {
    var at: String
    var phase: String?
    var body: String?
    var status: Int32
    var errors: String
    var after: Situation
    var leftovers: [String]
  }

  private struct Cuts: Sendable {
    var cuts: [Cut]
    var stock: Situation
    var old: Situation
    var new: Situation
  }

  private static let calls: Set<String> = [
    "openat", "write", "fsync", "fchmod", "fchown", "renameat", "renameat2", "unlinkat", "mkdirat",
    "close",
  ]
  private static let confirm = ["confirm", "--in-namespace"]
  private static let places = ["/etc/sysctl.d", "/var/lib"]

  private static func cuts() throws -> Cuts {
    try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let disks = try places.indices.map { try LoopDisk(host, "\(faulty.folder.path)/disk\($0)") }
      for (disk, place) in zip(disks, places) { try disk.mount(at: place) }
      let stock = try faulty.situation()
      try faulty.make(faulty.applying("first", ["--no-trial"]))
      let old = try faulty.situation()
      try faulty.make(faulty.applying("second", ["--trial", "900s"]))
      host.endAll()
      let begin = try faulty.scene()
      let log = "\(faulty.folder.path)/log"
      let strace = try StartedProgram(
        ["-o", log, "--", BuiltProgram.path] + confirm, program: "/usr/bin/strace")
      guard try strace.end() == 0 else { throw FixtureFailure("confirm: \(strace.errors)") }
      let new = try faulty.situation()
      var points = CallLog.calls(
        (host.text(log) ?? "").split(separator: "\n"), from: #"(AT_FDCWD, "/var/lib""#
      ).filter { calls.contains($0.name) }
      if Iterations.count(1) == 1 {
        // Those that look for what is there change nothing; of the others every third.
        points = points.filter { $0.name != "openat" && $0.name != "close" }
        points = points.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
      }
      var cuts: [Cut] = []
      // One call more than there are: it has ended, and the power fails right then.
      for point in points + [("write", 1000)] {
        try faulty.restore(begin)
        try LoopDisk.run("/bin/sync", ["-f"] + places)
        let stop = try faulty.stop(confirm, at: point.0, point.1)
        let copies = try disks.map { try $0.copy() }
        stop?.end()
        cuts.append(
          try afterBoot(faulty, copies, stock, stop == nil ? "end" : "\(point.0) \(point.1)"))
      }
      for place in places { try host.unmount(place) }
      return Cuts(cuts: cuts, stock: stock, old: old, new: new)
    }
  }

  /// The machine comes up again with what the disks hold: other values, and another boot.
  private static func afterBoot(
    _ faulty: FaultyHost, _ copies: [LoopDisk], _ stock: Situation, _ point: String
  ) throws -> Cut {
    let host = faulty.host
    for (copy, place) in zip(copies, places) { try copy.mount(at: place) }
    let boot = "\(faulty.folder.path)/boot_id"
    try host.write("00000000-0000-4000-8000-000000000000\n", to: boot)
    try host.bind(boot, at: "/proc/sys/kernel/random/boot_id")
    defer { try? host.unmount("/proc/sys/kernel/random/boot_id") }
    for (key, value) in zip(FaultyHost.keys, stock.values) { try host.set(key, value) }
    let (phase, body) = (faulty.phase, faulty.body)
    let settled = try host.tcptune(["rollback", "--settle", "--in-namespace"])
    let cut = Cut(
      at: point, phase: phase, body: body, status: settled.status, errors: settled.errors,
      after: try faulty.situation(), leftovers: faulty.leftovers.filter { !$0.hasPrefix("/run/") })
    for place in places { try host.unmount(place) }
    return cut
  }

  @Test func theFileAndTheJournalAreOldOrNew() throws {
    let cuts = try Self.cuts()
    for cut in cuts.cuts {
      #expect([cuts.old.body, cuts.new.body].contains(cut.body), "\(cut)")
      #expect([nil, "trial", "persisting", "persisted"].contains(cut.phase), "\(cut)")
      #expect(cut.status == 0, "\(cut)")
      let isKept = cut.phase != "trial"
      #expect(cut.after.body == (isKept ? cuts.new : cuts.old).body, "\(cut)")
      // Running values are gone with the boot; the file is read by whoever reads it then.
      #expect(cut.after.values == cuts.stock.values, "\(cut)")
      #expect(cut.leftovers.isEmpty, "\(cut)")
    }
    #expect(cuts.cuts.last?.body == cuts.new.body)
    #expect(cuts.cuts.last?.phase == nil)
    #expect(cuts.cuts.contains { $0.phase == "trial" })
    #expect(cuts.cuts.contains { $0.phase == "persisting" && $0.body == cuts.old.body })
    #expect(cuts.cuts.contains { $0.phase != "trial" && $0.body == cuts.new.body })
    print("\(cuts.cuts.count) power cuts")
  }
}
