import Foundation
import Support
import Testing

/// Where a change would not go well it is refused before anything is changed, with what to do.
@Suite(.enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)))
struct ApplyRefusalTests {
  /// A change is refused with words, and nothing is there afterwards that was not before.
  private static func expectRefused(
    _ host: PrivateHost, _ seen: Seen, _ words: String..., more: [String] = [], line: UInt = #line
  ) throws {
    let (state, files) = (host.names("/var/lib"), host.names("/etc/sysctl.d"))
    for way in [["--no-trial"], ["--trial", "60s"]] {
      let result = try host.change(["apply", "--profile", Tried.profile] + way + more)
      seen.expect(result, ends: 3, line: line)
      for word in words { seen.expect(result.errors.contains(word), result, line: line) }
      seen.expect(result.output, is: "", line: line)
    }
    seen.expect(host.names("/var/lib"), is: state, line: line)
    seen.expect(host.names("/etc/sysctl.d"), is: files, line: line)
    seen.expectNobody(host)
  }

  @Test func toAllButRoot() throws {
    try onPrivateHost { host, seen in
      let user = "exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$0\" \"$@\""
      let apply = ["apply", "--profile", Tried.profile, "--in-namespace", "--no-trial"]
      for words in [apply, ["confirm", "--in-namespace"], ["rollback", "--in-namespace"]] {
        let result = try host.shell(user, words)
        seen.expect(result, ends: 3, "only root may change these keys: run it with sudo")
        seen.expect(result.complaints.count, is: 1, result)
      }
      seen.expect(host.names("/var/lib"), is: [])
      // With a change that is open, and one that was kept.
      for way in [["--trial", "60s"], ["--no-trial"]] {
        seen.expect(try host.change(["apply", "--profile", Tried.profile] + way), ends: 0)
        for words in [apply, ["confirm", "--in-namespace"], ["rollback", "--in-namespace"]] {
          seen.expect(try host.shell(user, words), ends: 3, "only root may")
        }
        seen.expect(try host.shell(user, ["status"]), ends: 3, "only root may look into it")
        seen.expect(host.keys, is: Tried.after)
        seen.expect(try host.change(["rollback"]), ends: 0)
      }
    }
  }

  @Test func outsideTheFirstNamespaceUnlessAsked() throws {
    try onPrivateHost { host, seen in
      let words = "--in-namespace if it is the one you mean"
      let apply = ["apply", "--profile", Tried.profile, "--no-trial"]
      for command in [apply, ["confirm"], ["rollback"], ["rollback", "--settle"]] {
        seen.expect(try host.tcptune(command), ends: 3, words)
      }
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.names("/var/lib"), is: [])
    }
  }

  @Test func whereTheKeysCannotBeWritten() throws {
    try onPrivateHost { host, seen in
      try host.makeReadOnly("/proc/sys")
      try Self.expectRefused(host, seen, "/proc/sys is mounted read-only, as in a container")
      try host.unmount("/proc/sys")
      try host.cover("/proc/sys")
      try Self.expectRefused(host, seen, "/proc/sys")
      try host.unmount("/proc/sys")
      try host.cover("/proc/sys/net/core")
      try Self.expectRefused(host, seen, "net.core.somaxconn")
      try host.unmount("/proc/sys/net/core")
      // One key that looks like one of the kernel's.
      let folder = try TestFolder()
      let key = "/proc/sys/net/core/somaxconn"
      try host.bind(try folder.write(text: "4096\n", to: "somaxconn"), at: key)
      try Self.expectRefused(host, seen, key)
      try host.unmount(key)
      seen.expect(host.keys, is: Tried.before)
    }
  }

  @Test func whereTheWayBackCannotBeKept() throws {
    try onPrivateHost { host, seen in
      let words = "the way back cannot be kept there"
      try host.makeReadOnly("/var/lib")
      try Self.expectRefused(host, seen, "/var/lib is mounted read-only", words)
      try host.unmount("/var/lib")
      try host.cover("/var")
      try Self.expectRefused(host, seen, "/var/lib: No such file or directory", words)
      try host.unmount("/var")
      try host.cover("/var/lib", "mode=755,nr_inodes=1")
      try Self.expectRefused(host, seen, "/var/lib/tcptune: No space left on device")
      try host.unmount("/var/lib")
      seen.expect(host.keys, is: Tried.before)
    }
  }

  /// On a full disk everything is as before, or all of it is done.
  @Test(arguments: 1...8)
  func whereTheDiskIsFull(_ pages: Int) throws {
    try onPrivateHost { host, seen in
      func expectWhole(_ result: BuiltProgram.Result, _ good: [Int32], line: UInt = #line) {
        let isNew = host.keys == Tried.after
        seen.expect(good.contains(result.status), result, line: line)
        seen.expect(isNew == (result.status == 0), "\(host.keys): \(result)", line: line)
        if !isNew { seen.expect(host.keys, is: Tried.before, line: line) }
      }
      for way in [["--no-trial"], ["--trial", "60s"]] {
        try host.cover("/var/lib", "mode=755,size=\(pages * 4)k")
        try host.reset()
        let apply = try host.change(["apply", "--profile", Tried.profile] + way)
        expectWhole(apply, [0, 3, 4])
        // The file follows the confirmation.
        seen.expect(host.exists(PrivateHost.file), is: apply.status == 0 && way.count == 1)
        if apply.status == 0, way.count == 2 {
          expectWhole(try host.change(["confirm"]), [0, 4])
          seen.expect(host.exists(PrivateHost.file), is: host.keys == Tried.after)
        }
        if host.keys == Tried.after {
          let back = try host.change(["rollback"])
          seen.expect([0, 3, 4].contains(back.status), back)
          seen.expect(host.keys, is: back.status == 0 ? Tried.before : Tried.after)
          seen.expect(host.exists(PrivateHost.file), is: back.status != 0)
        }
        // With room again all goes on.
        try host.write("", to: "/var/lib/x")
        _ = unlink("/var/lib/x")
        seen.expect(host.names("/etc/sysctl.d").count <= 1)
        try host.cover("/var/lib")
        try host.cover("/etc/sysctl.d")
        host.endAll()
      }
    }
  }

  @Test func whereTheFileCannotBeKept() throws {
    try onPrivateHost { host, seen in
      let folder = "/etc/sysctl.d"
      try host.makeReadOnly(folder)
      try Self.expectRefused(
        host, seen, "\(folder) is mounted read-only", "--runtime-only keeps no file")
      try host.makeReadOnly("/etc")
      try Self.expectRefused(host, seen, "\(folder) is mounted read-only")
      try host.unmount("/etc")
      // That is said because it works.
      seen.expect(try host.apply("--no-trial", "--runtime-only"), ends: 0)
      seen.expect(try host.change(["rollback"]), ends: 0)
      try host.unmount(folder)
      try host.cover(folder, "mode=777")
      try Self.expectRefused(host, seen, "expected a folder that only root may write", "777")
      try host.cover(folder, "mode=775")
      try Self.expectRefused(host, seen, "expected a folder that only root may write", "775")
      try host.cover(folder, "mode=755,uid=65534")
      try Self.expectRefused(host, seen, "expected a folder of root, found one of user 65534")
      try host.cover(folder, "mode=755,size=4k")
      try host.write("x", to: "\(folder)/README")
      try Self.expectRefused(host, seen, "\(folder): no room on the device")
      try host.cover(folder, "mode=755,nr_inodes=1")
      let full = try host.apply("--no-trial")
      seen.expect([3, 4].contains(full.status), full)
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.names(folder), is: [])
      seen.expect(host.exists(PrivateHost.journal), is: false)
    }
  }

  @Test func whereTheFilesFolderIsNoFolder() throws {
    let outside = try TestFolder()
    try onPrivateHost { host, seen in
      try host.cover("/etc")
      try Self.expectRefused(
        host, seen, "/etc/sysctl.d does not exist: make it", "--runtime-only keeps no file")
      seen.expect(try host.apply("--no-trial", "--runtime-only"), ends: 0)
      seen.expect(try host.change(["rollback"]), ends: 0)
      _ = symlink(outside.path, "/etc/sysctl.d")
      try Self.expectRefused(host, seen, "/etc/sysctl.d: expected a folder, found a link")
      seen.expect(host.names(outside.path), is: [])
      unlink("/etc/sysctl.d")
      try host.write("", to: "/etc/sysctl.d")
      try Self.expectRefused(host, seen, "/etc/sysctl.d: expected a folder, found a link or")
      unlink("/etc/sysctl.d")
      seen.expect(host.keys, is: Tried.before)
    }
  }

  @Test func allReasonsAtOnce() throws {
    try onPrivateHost { host, seen in
      try host.cover("/etc/sysctl.d", "mode=777,uid=65534")
      try host.write("net.core.somaxconn = 1\n", to: PrivateHost.file)
      try host.makeReadOnly("/var/lib")
      let result = try host.tcptune(["apply", "--profile", Tried.profile, "--no-trial"])
      seen.expect(result, ends: 3)
      for words in [
        "--in-namespace if it is the one you mean", "/var/lib is mounted read-only",
        "expected a folder of root", "expected a folder that only root may write",
        "is not a file of tcptune's",
      ] { seen.expect(result.errors.contains(words), "\(words): \(result)") }
      seen.expect(result.complaints.count, is: 5, result)
      let json = try host.tcptune(
        ["apply", "--profile", Tried.profile, "--no-trial", "--format", "json"])
      let error = json.document["error"] as? [String: Any]
      seen.expect((error?["problems"] as? [String])?.count, is: 5, json)
      seen.expect(json.document["outcome"] as? String, is: "refused")
    }
  }

  // MARK: Somebody else's file

  @Test func aFileOfSomebodyElse() throws {
    try onPrivateHost { host, seen in
      let theirs = "# mine\nnet.core.somaxconn = 1\n"
      for text in [theirs, "", "# Kept by tcptune\n"] {
        try host.write(text, to: PrivateHost.file)
        try Self.expectRefused(
          host, seen, "\(PrivateHost.file) is not a file of tcptune's: --file NAME chooses another")
        seen.expect(host.text(PrivateHost.file), is: text)
      }
      try host.write(theirs, to: PrivateHost.file)
      seen.expect(try host.apply("--no-trial", "--file", "60-web.conf"), ends: 0)
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.text(PrivateHost.file), is: theirs)
    }
  }

  @Test func aFileThatWasEdited() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--no-trial"), ends: 0)
      let ours = host.text(PrivateHost.file) ?? ""
      let edited = ours.replacing("net.core.somaxconn = 8192", with: "net.core.somaxconn = 512")
      try host.write(edited + "vm.swappiness = 1\n", to: PrivateHost.file)
      let result = try host.apply("--no-trial", profile: Tried.laterProfile)
      seen.expect(result, ends: 3, "was edited since change")
      for line in [
        "- net.core.somaxconn = 8192", "+ net.core.somaxconn = 512", "+ vm.swappiness = 1",
      ] { seen.expect(result.errors.contains(line), result) }
      let refused = try host.change(["rollback"])
      seen.expect(refused, ends: 3, "is not as change")
      seen.expect(refused, ends: 3, "take the edit out, or move the file away; nothing was done")
      seen.expect(host.keys, is: Tried.after)
      seen.expect(host.text(PrivateHost.file), is: edited + "vm.swappiness = 1\n")
      // The edit taken out, all goes on.
      try host.write(ours, to: PrivateHost.file)
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.keys, is: Tried.before)
    }
  }

  /// A file that was deleted, or came back from a backup, leaves a way to go on.
  @Test func aFileThatWentOrCameBack() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--no-trial"), ends: 0)
      let first = host.text(PrivateHost.file) ?? ""
      seen.expect(try host.apply("--no-trial", profile: Tried.laterProfile), ends: 0)
      let second = host.text(PrivateHost.file) ?? ""
      let newer = try host.lastChange()
      seen.expect(try host.apply("--no-trial"), ends: 0)
      let newest = try host.lastChange()

      unlink(PrivateHost.file)
      seen.expect(
        try host.change(["rollback", newer]), ends: 3,
        "the file is gone, and change \(newest) wrote it since: roll that one back first")
      seen.expect(host.text(PrivateHost.file) == nil)
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.text(PrivateHost.file), is: second, "the file from before is there again")
      seen.expect(host.keys, is: Tried.later)
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.text(PrivateHost.file), is: first)
      seen.expect(host.keys, is: Tried.after)

      try host.write(second, to: PrivateHost.file)
      let refused = try host.change(["rollback"])
      seen.expect(
        refused, ends: 3,
        "it is the file of change \(newer), which is not in force: a copy was put there: move it"
          + " away; nothing was done")
      unlink(PrivateHost.file)
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.text(PrivateHost.file) == nil)
    }
  }

  @Test func aFileThatOthersMayWrite() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--no-trial"), ends: 0)
      chmod(PrivateHost.file, 0o666)
      let result = try host.apply("--no-trial", profile: Tried.laterProfile)
      seen.expect(result, ends: 3, "expected a file of root that only root may write")
      seen.expect(host.keys, is: Tried.after)
    }
  }

  /// A file that comes while a change is on trial.
  @Test func aFileThatComesMeanwhile() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--trial", "60s"), ends: 0)
      try host.write("# mine\n", to: PrivateHost.file)
      let confirm = try host.change(["confirm"])
      seen.expect(confirm, ends: 3, "was changed since the trial began; nothing was kept")
      seen.expect(host.keys, is: Tried.after)
      seen.expect(host.exists(PrivateHost.journal), "the trial goes on")
      let back = try host.change(["rollback"])
      seen.expect(back, ends: 5, "somebody else changed it")
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.text(PrivateHost.file), is: "# mine\n")
    }
  }
}
