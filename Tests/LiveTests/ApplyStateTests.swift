import Facts
import Foundation
import Support
import Testing

@testable import Apply

/// One thing that somebody did to what the program keeps.
private struct Harm: Sendable, CustomTestStringConvertible {
  var what: String
  var isDone: @Sendable (String) throws -> Void

  var testDescription: String { what }

  init(_ what: String, _ isDone: @escaping @Sendable (String) throws -> Void) {
    self.what = what
    self.isDone = isDone
  }

  /// A harm to the bytes.
  static func bytes(_ what: String, _ change: @escaping @Sendable (inout [UInt8]) -> Void) -> Harm {
    Harm(what) { path in
      var bytes = Array(try Data(contentsOf: URL(filePath: path)))
      change(&bytes)
      let file = open(path, O_WRONLY | O_TRUNC)
      defer { close(file) }
      guard write(file, bytes, bytes.count) == bytes.count else { throw FixtureFailure(path) }
    }
  }

  /// A call that must succeed.
  static func call(_ what: String, _ call: @escaping @Sendable (String) -> Int32) -> Harm {
    Harm(what) { path in
      guard call(path) == 0 else {
        throw FixtureFailure("\(what): \(String(cString: strerror(errno)))")
      }
    }
  }

  /// Another thing in the place of the file.
  static func instead(_ what: String, _ make: @escaping @Sendable (String) -> Int32) -> Harm {
    .call(what) { path in rename(path, path + ".away") == 0 ? make(path) : -1 }
  }

  /// What can be done to any file of ours.
  static let toFiles: [Harm] = [
    .instead("a link to the file itself") { symlink($0 + ".away", $0) },
    .instead("a link to a file of others") { symlink("/etc/passwd", $0) },
    .instead("a link that leads nowhere") { symlink("/nowhere/at/all", $0) },
    .instead("a FIFO") { mkfifo($0, 0o600) },
    .instead("a folder") { mkdir($0, 0o700) },
    .call("a second name") { link($0, $0 + ".second") },
    .call("everybody may write") { chmod($0, 0o666) },
    .call("everybody may read") { chmod($0, 0o644) },
    .call("another owner") { chown($0, 65534, 65534) },
  ]

  /// What can be done to what is in them.
  static let toText: [Harm] = [
    .bytes("empty") { $0 = [] },
    .bytes("torn") { $0.removeLast($0.count / 2) },
    .bytes("without its last byte") { $0.removeLast() },
    .bytes("zeros") { $0 = [UInt8](repeating: 0, count: $0.count) },
    .bytes("a flipped bit") { $0[$0.count / 2] ^= 4 },
    .bytes("five million bytes") { $0 += [UInt8](repeating: 0x20, count: 5 << 20) },
    .bytes("the format of another version") {
      $0 = Array(
        String(decoding: $0, as: UTF8.self).replacing("\"format\": 1", with: "\"format\": 2").utf8)
    },
  ]
}

/// The state is refused, not repaired, where anything in it is not as we leave it.
@Suite(.enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)))
struct ApplyStateTests {
  /// Every command that looks at the state, and what it says where that is damaged.
  private static let commands: [[String]] = [
    ["apply", "--profile", Tried.laterProfile, "--no-trial"], ["confirm"], ["rollback"],
    ["rollback", "--settle"], ["status"], ["history"],
  ]

  /// A host with a change in its history and one that is open, and what is in its state.
  private static func withState(_ host: PrivateHost) throws -> String {
    var old = try LeftBehind.record(.persisted)
    old.id = "00000001"
    old.ending = .kept
    old.ended = 1_790_000_000_001
    try host.leave(history: old)
    var open = try LeftBehind.record(.applying)
    open.sequence = 2
    try host.leave(open)
    try host.write("", to: "\(PrivateHost.state)/lock", mode: 0o600)
    try host.set("net.core.somaxconn", "8192")
    return "\(PrivateHost.state)/history/000001-00000001.json"
  }

  /// Every file below a folder with what is in it, itself and not where it leads.
  private static func contents(_ host: PrivateHost) -> [String: String] {
    var contents: [String: String] = [:]
    let walker = FileManager.default.enumerator(atPath: "/var/lib")
    for case let path as String in walker ?? FileManager.DirectoryEnumerator() {
      var status = stat()
      lstat("/var/lib/\(path)", &status)
      let isFile = status.st_mode & S_IFMT == S_IFREG
      contents[path] =
        "\(status.st_mode) \(status.st_uid) \(isFile ? host.text("/var/lib/\(path)") ?? "" : "")"
    }
    return contents
  }

  /// All commands refuse with one line, and nothing is written: no key, no file, no state.
  private static func expectRefused(
    _ host: PrivateHost, _ seen: Seen, _ what: String, commands: [[String]] = commands,
    line: UInt = #line
  ) throws {
    let before = contents(host)
    for command in commands {
      let isReading = command == ["status"] || command == ["history"]
      let result = try isReading ? host.tcptune(command) : host.change(command)
      seen.expect(result.status, is: 6, "\(what): \(command): \(result):", line: line)
      seen.expect(result.complaints.count, is: 1, "\(what): \(result):", line: line)
      seen.expect(result.errors.contains(PrivateHost.state), "\(what): \(result)", line: line)
      seen.expect(try host.value("net.core.somaxconn"), is: "8192", what, line: line)
    }
    seen.expect(contents(host), is: before, "\(what): the state:", line: line)
    seen.expect(host.names("/etc/sysctl.d"), is: [], what, line: line)
    seen.expectNobody(host, line: line)
  }

  private static func expectRefused(
    _ harms: [Harm], _ pick: @escaping @Sendable (_ history: String) -> String,
    commands: [[String]] = commands
  ) throws {
    try onPrivateHost { host, seen in
      for harm in harms {
        try host.cover("/var/lib")
        let path = pick(try Self.withState(host))
        try harm.isDone(path)
        try Self.expectRefused(host, seen, "\(path): \(harm.what)", commands: commands)
      }
      // Unharmed it is settled: the harm was what was refused.
      try host.cover("/var/lib")
      _ = try Self.withState(host)
      seen.expect(try host.change(["rollback", "--settle"]), ends: 0)
      seen.expect(try host.value("net.core.somaxconn"), is: "4096")
    }
  }

  @Test func harmToTheJournal() throws {
    try Self.expectRefused(Harm.toFiles + Harm.toText, { _ in PrivateHost.journal })
  }

  /// With no change open; one would be finished before the history is looked at.
  @Test func harmToTheHistory() throws {
    try Self.expectRefused(
      Harm.toFiles.filter { !$0.what.hasPrefix("a link to the file") } + Harm.toText,
      { path in
        unlink(PrivateHost.journal)
        return path
      }, commands: Self.commands.filter { $0 != ["rollback", "--settle"] })
  }

  @Test func harmToTheFormat() throws {
    let harms =
      Harm.toFiles + [
        .bytes("empty") { $0 = [] }, .bytes("a later version") { $0 = Array("2\n".utf8) },
        .bytes("torn") { $0 = Array("1".utf8) },
        .bytes("five million bytes") { $0 += [UInt8](repeating: 0x20, count: 5 << 20) },
      ]
    try Self.expectRefused(harms, { _ in "\(PrivateHost.state)/format" })
  }

  @Test func harmToTheLock() throws {
    let changing = Self.commands.filter { $0 != ["status"] && $0 != ["history"] }
    try Self.expectRefused(
      Harm.toFiles, { _ in "\(PrivateHost.state)/lock" }, commands: changing)
  }

  @Test func harmToTheFolder() throws {
    let harms: [Harm] = [
      .instead("a link") { symlink($0 + ".away", $0) },
      .instead("a link that leads nowhere") { symlink("/nowhere/at/all", $0) },
      .instead("a file") { close(open($0, O_WRONLY | O_CREAT, 0o600)) },
      .instead("a FIFO") { mkfifo($0, 0o600) },
      .call("everybody may enter") { chmod($0, 0o755) },
      .call("the group may enter") { chmod($0, 0o710) },
      .call("another owner") { chown($0, 65534, 65534) },
    ]
    try Self.expectRefused(harms, { _ in PrivateHost.state })
  }

  /// Documents with the right digest that no program of ours would have written.
  @Test func keysThatAreNotOurs() throws {
    try onPrivateHost { host, seen in
      let core = host.text("/proc/sys/kernel/core_pattern")
      for key in [
        "kernel.core_pattern", "fs.file-max", "net.ipv4.ip_forward", "net.unheard.of",
        "net.ipv4.conf.all.accept_redirects.x", "vm.swappiness",
      ] {
        for phase in [ChangeRecord.Phase.applying, .trial, .persisting, .reverting] {
          try host.cover("/var/lib")
          _ = try Self.withState(host)
          var record = try LeftBehind.record(
            phase,
            keys: [
              (key: "net.core.somaxconn", before: "4096", after: "8192"),
              (key: key, before: "|/bin/evil", after: "core"),
            ])
          record.sequence = 2
          try host.leave(record)
          try Self.expectRefused(
            host, seen, "\(key) \(phase)",
            commands: phase == .applying ? Self.commands : [["rollback", "--settle"]])
        }
      }
      seen.expect(host.text("/proc/sys/kernel/core_pattern"), is: core)
    }
  }

  @Test func namesInTheHistoryThatAreNotOurs() throws {
    try onPrivateHost { host, seen in
      for name in ["README", "000001-0123abcd.json", "1.json", "999999-00000001.json"] {
        try host.cover("/var/lib")
        let path = try Self.withState(host)
        let other = "\(PrivateHost.state)/history/\(name)"
        guard rename(path, other) == 0 else { throw FixtureFailure(other) }
        try Self.expectRefused(host, seen, name, commands: [["status"], ["history"]])
      }
    }
  }

  // MARK: What is planted

  /// Links at the names that are written to: they go, and what they lead to stays as it is.
  @Test func linksAtUnfinishedNames() throws {
    let outside = try TestFolder()
    let canary = try outside.write(text: "canary", to: "canary")
    try onPrivateHost { [outside] host, seen in
      let places = [
        "\(PrivateHost.file).tcptune-new", "\(PrivateHost.journal).tcptune-new",
        "\(PrivateHost.state)/format.tcptune-new",
        "\(PrivateHost.state)/history/000001-0123abcd.json.tcptune-new",
      ]
      for target in [canary, "\(outside.path)/new"] {
        try host.cover("/var/lib")
        for folder in [PrivateHost.state, "\(PrivateHost.state)/history"] {
          guard mkdir(folder, 0o700) == 0 else { throw FixtureFailure(folder) }
        }
        for place in places {
          guard symlink(target, place) == 0 else { throw FixtureFailure(place) }
        }
        seen.expect(try host.apply("--trial", "60s"), ends: 0)
        seen.expect(try host.change(["confirm"]), ends: 0)
        seen.expect(host.keys, is: Tried.after)
        for place in places { seen.expect(host.exists(place), is: false, place) }
        seen.expect(try host.change(["rollback"]), ends: 0)
        seen.expect(host.keys, is: Tried.before)
        seen.expect(host.text(canary), is: "canary")
        seen.expect(host.names(outside.path), is: ["canary"])
      }
    }
  }

  @Test func whatStandsAtTheFilesName() throws {
    let outside = try TestFolder()
    let canary = try outside.write(text: "canary", to: "canary")
    let plants: [(String, @Sendable (String) -> Int32)] = [
      ("is a link", { symlink(canary, $0) }),
      ("is a link", { symlink("/dev/null", $0) }),
      ("is a link", { symlink("/nowhere/at/all", $0) }),
      ("is no regular file", { mkfifo($0, 0o644) }),
      ("is no regular file", { mkdir($0, 0o755) }),
    ]
    try onPrivateHost { [outside] host, seen in
      for (words, plant) in plants {
        try host.cover("/etc/sysctl.d")
        guard plant(PrivateHost.file) == 0 else { throw FixtureFailure(words) }
        seen.expect(try host.apply("--no-trial"), ends: 3, words)
        seen.expect(try host.apply("--no-trial").errors.contains("--file NAME"))
        seen.expect(host.names("/etc/sysctl.d"), is: ["99-tcptune.conf"])
      }
      try host.cover("/etc/sysctl.d")
      let aside = "\(PrivateHost.file).tcptune-new"
      guard mkdir(aside, 0o755) == 0 else { throw FixtureFailure(aside) }
      seen.expect(try host.apply("--no-trial"), ends: 3, "\(aside) is a folder")
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.text(canary), is: "canary")
      seen.expect(host.names(outside.path), is: ["canary"])
      seen.expect(host.names("/var/lib"), is: [])
    }
  }
}
