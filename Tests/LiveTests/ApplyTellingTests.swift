import Foundation
import Support
import Testing

/// What a person is told of a host's changes is how they stand.
@Suite(.enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)))
struct ApplyTellingTests {
  /// A change that was kept elsewhere is neither rolled back from here nor touched.
  @Test func aRollbackOfAnotherNetworkNamespace() throws {
    let shared = try TestFolder()
    try onPrivateHost { host, seen in
      try host.bind(shared.path, at: "/var/lib")
      seen.expect(try host.apply("--no-trial"), ends: 0)
      let file = host.text(PrivateHost.file) ?? ""
      let id = try host.lastChange()
      seen.add(
        try Seen.faults(of: { other, seen in
          try other.bind(shared.path, at: "/var/lib")
          try other.write(file, to: PrivateHost.file)
          // The same values: they would be put back if it were not for the namespace.
          for (key, value) in Tried.after { try other.set(key, value) }
          for words in [["rollback"], ["rollback", id]] {
            let refused = try other.change(words)
            seen.expect(refused, ends: 3, "change \(id) was made in the network namespace net:[")
            seen.expect(refused, ends: 3, "run the command there")
          }
          seen.expect(other.keys, is: Tried.after)
          seen.expect(other.text(PrivateHost.file), is: file)
          seen.expect(other.names("\(PrivateHost.state)/history").count, is: 1)
          seen.expect(
            try other.tcptune(["status"]), ends: 0, "the change was made in the network namespace")
        }))
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.keys, is: Tried.before)
    }
  }

  /// What the house allows is not changed by the remedies of findings, and is named.
  @Test func whatIsAllowedStays() throws {
    try onPrivateHost { host, seen in
      try host.set("net.ipv4.tcp_abort_on_overflow", "1")
      try host.set("net.ipv4.tcp_syncookies", "0")
      try host.coverHouse()
      let named = "allowed, so it stays"
      let commands = [["apply", "--findings", "--dry-run"], ["diff"]]
      for words in commands {
        let without = try host.tcptune(words)
        seen.expect(without.output.contains("tcp_abort_on_overflow"), without)
        seen.expect(!(without.output + without.errors).contains(named), without)
      }
      try host.write("abort-on-overflow: balanced\n", to: "/etc/tcptune/allow")
      for words in commands {
        let with = try host.tcptune(words)
        seen.expect((with.output + with.errors).contains(named), with)
        seen.expect(!with.output.contains("tcp_abort_on_overflow = 0"), with)
        seen.expect(with.output.contains("tcp_syncookies"), with)
      }
      seen.expect(try host.change(["apply", "--findings", "--no-trial"]), ends: 0)
      seen.expect(try host.value("net.ipv4.tcp_abort_on_overflow"), is: "1")
      seen.expect(try host.value("net.ipv4.tcp_syncookies"), is: "1")
      seen.expect(host.text(PrivateHost.file)?.contains("tcp_abort_on_overflow = 0") == false)
    }
  }

  /// Values that run already and that no file keeps are kept by the next apply without --runtime-only.
  @Test func runningOnlyAndKeptAfterwards() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--no-trial", "--runtime-only"), ends: 0, "no file keeps it")
      let first = try host.lastChange()
      let kept = try host.apply("--no-trial")
      seen.expect(
        kept, ends: 0, "no value had to be changed; \(PrivateHost.file) keeps what runs")
      seen.expect(!kept.output.contains("0 keys"), kept)
      seen.expect(host.keys, is: Tried.after)
      seen.expect(host.text(PrivateHost.file)?.contains("net.core.somaxconn = 8192\n") == true)
      seen.expect(try host.tcptune(["status"]), ends: 0, "as kept: ")
      seen.expect(try host.apply("--no-trial"), ends: 0, "nothing to change")
      // Taken back one after the other: the file first, then the values.
      seen.expect(try host.change(["rollback"]), ends: 0, "no value had to be put back")
      seen.expect(host.names("/etc/sysctl.d"), is: [])
      seen.expect(host.keys, is: Tried.after)
      seen.expect(try host.change(["rollback"]), ends: 0, "change \(first)")
      seen.expect(host.keys, is: Tried.before)
      let history = try host.tcptune(["history"])
      seen.expect(history, ends: 0, "rolled back \(first)")
    }
  }

  @Test func anEditIsSeen() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--no-trial"), ends: 0)
      let ours = host.text(PrivateHost.file) ?? ""
      try host.write(ours + "vm.swappiness = 1\n", to: PrivateHost.file)
      let edited = try host.tcptune(["status"])
      seen.expect(edited, ends: 0, "the file not as kept: ")
      seen.expect(
        !edited.output.contains("as kept: the last change is")
          || edited.output.hasPrefix("the file not as kept"), edited)
      seen.expect(edited.output.contains("it was edited (+ vm.swappiness = 1)"), edited)
      try host.set("net.core.somaxconn", "100")
      seen.expect(try host.tcptune(["status"]), ends: 0, "1 key and the file not as kept: ")
      let document = try host.tcptune(["status", "--format", "json"]).document
      let remarks = document["remarks"] as? [String] ?? []
      seen.expect(remarks.contains { $0.contains("it was edited") }, remarks)
      unlink(PrivateHost.file)
      seen.expect(try host.tcptune(["status"]), ends: 0, "the file is gone")
      try host.write(ours, to: PrivateHost.file)
      try host.set("net.core.somaxconn", "8192")
      seen.expect(try host.tcptune(["status"]).output.hasPrefix("as kept: "))
    }
  }

  /// A trial that nothing would end says so, and what to do.
  @Test func aWatcherThatWasKilled() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--trial", "60s"), ends: 0)
      let words = "the process that watches it is gone"
      let watched = try host.tcptune(["status"])
      seen.expect(!watched.output.contains(words), watched)
      host.endAll()
      let alone = seen.expect(try host.tcptune(["status"]), ends: 0, words)
      for command in ["tcptune confirm", "tcptune rollback"] {
        seen.expect(
          alone.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .contains(command), alone)
      }
      for name in host.names("/run/tcptune") { unlink("/run/tcptune/\(name)") }
      seen.expect(try host.tcptune(["status"]), ends: 0, "has left no trace")
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.keys, is: Tried.before)
    }
  }

  @Test func aDryRunKnowsOfTheOpenTrial() throws {
    try onPrivateHost { host, seen in
      let words = ["apply", "--profile", Tried.laterProfile, "--dry-run"]
      seen.expect(!(try host.change(words).output.contains("is in its trial")))
      seen.expect(try host.apply("--trial", "60s"), ends: 0)
      let id = try host.openChange() ?? "none"
      seen.expect(try host.change(words), ends: 0, "change \(id) is in its trial for another")
      let document = try host.change(words + ["--format", "json"]).document
      let reasons = document["would_refuse"] as? [String] ?? []
      seen.expect(reasons.contains { $0.hasPrefix("change \(id) is in its trial") }, reasons)
    }
  }

  /// An older change whose keys a later one has: that is no uncertainty, and that one goes first.
  @Test func anOlderChangeUnderALaterOne() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--no-trial", "--runtime-only"), ends: 0)
      let older = try host.lastChange()
      let later = try host.apply("--no-trial", "--runtime-only", profile: Tried.laterProfile)
      seen.expect(later, ends: 0)
      let newer = try host.lastChange()
      let refused = try host.change(["rollback", older])
      seen.expect(
        refused, ends: 3,
        "net.core.somaxconn has the value of change \(newer), which came later: roll that one back"
          + " first; nothing was done")
      seen.expect(host.keys, is: Tried.later)
      seen.expect(try host.change(["rollback", newer]), ends: 0)
      seen.expect(host.keys, is: Tried.after)
      seen.expect(try host.change(["rollback", older]), ends: 0)
      seen.expect(host.keys, is: Tried.before)
      // Somebody else's value is what it was: left alone and told.
      seen.expect(try host.apply("--no-trial", "--runtime-only"), ends: 0)
      try host.set("net.core.somaxconn", "100")
      seen.expect(try host.change(["rollback"]), ends: 5, "net.core.somaxconn is 100")
    }
  }

  /// A journal that another command replaces between the opening and the look is not damaged: a watcher
  /// that took it for that would leave its trial alone.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace"), "needs strace"))
  func aJournalThatIsReplacedMeanwhile() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--trial", "900s"), ends: 0)
      let journal = "\(PrivateHost.state)/journal.json"
      let replacing =
        "for i in $(seq 3000); do cp -p \(journal) /var/lib/new; mv -f /var/lib/new \(journal);"
        + " sleep 0.01; done"
      let other = try StartedProgram(["-c", replacing], program: "/bin/sh")
      var slow = ["-o", "/dev/null", "-e", "trace=fstat,newfstatat"]
      for call in ["fstat", "newfstatat"] { slow += ["-e", "inject=\(call):delay_enter=2000"] }
      for _ in 0..<40 {
        let status = try StartedProgram(
          slow + ["--", FaultyHost.program, "status"], program: "/usr/bin/strace")
        let number = try status.end(within: 60)
        seen.expect(number == 0, status.errors)
      }
      other.send(SIGTERM)
      _ = try other.end(within: 60)
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.keys, is: Tried.before)
    }
  }

  /// Pages of the house can be wrong; what ends a change does not read them.
  @Test func aBrokenPageOfTheHouse() throws {
    try onPrivateHost { host, seen in
      try host.coverHouse()
      seen.expect(try host.apply("--trial", "60s"), ends: 0)
      try host.write("this is no page\n", to: "/etc/tcptune/rules/bad.md")
      seen.expect(try host.tcptune(["audit"]), ends: 2, "bad.md")
      seen.expect(try host.tcptune(["status"]), ends: 0, "on trial: ")
      seen.expect(try host.change(["confirm"]), ends: 0, "kept: ")
      seen.expect(try host.tcptune(["history"]), ends: 0, "kept")
      seen.expect(try host.change(["rollback", "--settle"]), ends: 0)
      seen.expect(try host.change(["rollback"]), ends: 0, "rolled back: ")
      seen.expect(host.keys, is: Tried.before)
    }
  }

  @Test func historyTellsWhatWasPutBack() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--trial", "60s"), ends: 0)
      seen.expect(try host.change(["rollback"]), ends: 0)
      let history = seen.expect(try host.tcptune(["history"]), ends: 0, "put back at ").output
      seen.expect(history.contains("net.core.somaxconn  4096 again; 8192 was tried\n"), history)
      seen.expect(!history.contains("->"), history)
    }
  }
}

extension PrivateHost {
  /// Gives it an /etc of its own, in which the house has a folder.
  fileprivate func coverHouse() throws {
    try cover("/etc")
    for folder in ["/etc/sysctl.d", "/etc/tcptune", "/etc/tcptune/rules"] {
      guard mkdir(folder, 0o755) == 0 else { throw FixtureFailure(folder) }
    }
  }
}
