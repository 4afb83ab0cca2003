import Foundation
import Support
import Testing

/// What the caller's surroundings are makes no difference to what is written.
@Suite(.enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)))
struct ApplySurroundingsTests {
  private static let trial = [
    "apply", "--profile", Tried.profile, "--in-namespace", "--trial", "60s",
  ]
  private static let confirm = ["confirm", "--in-namespace"]
  private static let rollback = ["rollback", "--in-namespace"]

  /// A whole life through a shell's script, which ends as ever and leaves the same files.
  private static func expectLife(
    _ host: PrivateHost, _ seen: Seen, _ script: String, environment: [String: String] = [:],
    line: UInt = #line
  ) throws {
    func run(_ words: [String]) throws -> BuiltProgram.Result {
      try host.shell(script, words, environment: environment)
    }
    seen.expect(try run(trial), ends: 0, line: line)
    seen.expect(host.keys, is: Tried.after, script, line: line)
    for process in host.processes {
      let surroundings = host.text("/proc/\(process)/environ") ?? ""
      seen.expect(
        surroundings, is: "PATH=/usr/sbin:/usr/bin:/sbin:/bin\0LC_ALL=C\0", "the watcher's:",
        line: line)
    }
    seen.expect(host.mode("/run/tcptune"), is: 0o700, script, line: line)
    seen.expect(host.mode(PrivateHost.journal), is: 0o600, script, line: line)
    seen.expect(try run(confirm), ends: 0, line: line)
    let names = host.names("\(PrivateHost.state)/history")
    seen.expect(names.count, is: 1, script, line: line)
    for (path, mode) in [
      ("", 0o700), ("/format", 0o600), ("/lock", 0o600), ("/history", 0o700),
      ("/history/\(names.first ?? "")", 0o600),
    ] as [(String, mode_t)] {
      seen.expect(host.mode(PrivateHost.state + path), is: mode, "\(script) \(path)", line: line)
    }
    seen.expect(host.mode(PrivateHost.file), is: 0o644, script, line: line)
    seen.expect(try run(rollback), ends: 0, line: line)
    seen.expect(host.keys, is: Tried.before, script, line: line)
    seen.expect(host.names("/etc/sysctl.d"), is: [], script, line: line)
    seen.expectNobody(host, line: line)
    try host.cover("/var/lib")
    try host.cover("/run")
  }

  @Test func variables() throws {
    let folder = try TestFolder()
    let evil = "#!/bin/sh\necho evil >> \(folder.path)/canary\n"
    for name in ["systemctl", "systemd-run", "sh", "tcptune", "pager"] {
      try folder.write(text: evil, to: "bin/\(name)", mode: 0o755)
    }
    try onPrivateHost { [folder] host, seen in
      try Self.expectLife(
        host, seen, "exec \"$0\" \"$@\"",
        environment: [
          "PATH": "\(folder.path)/bin", "LD_PRELOAD": "\(folder.path)/none.so",
          "LD_LIBRARY_PATH": "\(folder.path)", "LC_ALL": "tr_TR.UTF-8", "LANG": "\u{1b}[31m",
          "TMPDIR": "/nowhere", "HOME": "/nowhere", "PAGER": "\(folder.path)/bin/pager",
          "COLUMNS": "-1", "TERM": "\u{1b}", "IFS": "/", "NO_COLOR": "1",
          "SHELL": "\(folder.path)/bin/sh", "MALLOC_CHECK_": "3",
        ])
      try Self.expectLife(host, seen, "exec env -i \"$0\" \"$@\"")
      seen.expect(host.exists("\(folder.path)/canary"), is: false, "something of it was run")
    }
  }

  /// No file of ours gets the number of a standard stream.
  @Test func closedStreams() throws {
    try onPrivateHost { host, seen in
      for combination in 0..<8 {
        let closed = ["0<&-", "1>&-", "2>&-"].enumerated()
          .filter { combination & 1 << $0.offset != 0 }.map(\.element).joined(separator: " ")
        try Self.expectLife(host, seen, "exec \"$0\" \"$@\" \(closed)")
      }
    }
  }

  /// A full disk under the output does not undo what was done, nor hide it.
  @Test func streamsThatTakeNothing() throws {
    try onPrivateHost { host, seen in
      for output in ["/dev/full"] {
        try Self.expectLife(host, seen, "exec \"$0\" \"$@\" >>\(output) 2>>\(output)")
      }
    }
  }

  @Test func fileModes() throws {
    try onPrivateHost { host, seen in
      for mask in ["0", "0777", "0177"] {
        try Self.expectLife(host, seen, "umask \(mask); exec \"$0\" \"$@\"")
      }
    }
  }

  @Test func fewDescriptors() throws {
    try onPrivateHost { host, seen in
      // Those that the tests happen to have open are not the program's.
      let closing =
        "for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ $fd -lt 3 ] || eval \"exec $fd>&-\"; done"
      try Self.expectLife(host, seen, "\(closing); ulimit -n 16; exec \"$0\" \"$@\"")
    }
  }

  /// Signals that the caller ignores or blocks.
  @Test func ignoredSignals() throws {
    try onPrivateHost { host, seen in
      try Self.expectLife(host, seen, "trap '' INT TERM QUIT HUP PIPE CHLD; exec \"$0\" \"$@\"")
    }
  }

  /// Where no file may grow nothing is begun; a trial that was begun elsewhere is taken back.
  @Test func noFileMayGrow() throws {
    try onPrivateHost { host, seen in
      func limited(_ words: [String]) throws -> (status: String, text: String) {
        let script = "{ (ulimit -f 0; exec \"$0\" \"$@\"); echo \"=$?\"; } 2>&1 | cat"
        let text = try host.shell(script, words).output
        return (String(text.split(separator: "\n").last ?? ""), text)
      }
      let refused = try limited(Self.trial)
      seen.expect(refused.status, is: "=3", refused.text)
      seen.expect(refused.text.contains("File too large"), refused.text)
      seen.expect(host.keys, is: Tried.before)
      seen.expectNobody(host)
      seen.expect(host.exists(PrivateHost.journal), is: false)

      seen.expect(try host.tcptune(Self.trial), ends: 0)
      let confirm = try limited(Self.confirm)
      seen.expect(confirm.status, is: "=4", confirm.text)
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.names("/etc/sysctl.d"), is: [])
      seen.expect(try host.change(["rollback", "--settle"]), ends: 0)
      seen.expect(host.exists(PrivateHost.journal), is: false)

      seen.expect(try host.tcptune(Self.trial), ends: 0)
      seen.expect(try limited(Self.rollback).status, is: "=0")
      seen.expect(host.keys, is: Tried.before)
      seen.expect(try host.change(["rollback", "--settle"]), ends: 0)

      seen.expect(try host.apply("--no-trial"), ends: 0)
      seen.expect(try limited(Self.rollback).status, is: "=3")
      seen.expect(host.keys, is: Tried.after)
      seen.expect(try host.tcptune(Self.rollback), ends: 0)
      seen.expectNobody(host)
    }
  }
}
