import Foundation
import Support
import Testing

/// The whole life of a change, as the program does it and tells it.
@Suite(.enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)))
struct ApplyLifeTests {
  @Test func keptAtOnceAndRolledBack() throws {
    try onPrivateHost { host, seen in
      let kept = seen.expect(try host.apply("--no-trial"), ends: 0, "kept: change ")
      seen.expect(kept.errors.contains("99-tcptune.conf is read at boot"), kept.errors)
      seen.expect(kept.errors.split(separator: "\n").count, is: 1, kept.errors)
      seen.expect(host.keys, is: Tried.after)
      let text = host.text(PrivateHost.file) ?? ""
      for line in ["net.core.somaxconn = 8192\n", "net.ipv4.tcp_rmem = 4096 131072 8388608\n"] {
        seen.expect(text.contains(line), text)
      }
      seen.expect(host.mode(PrivateHost.file), is: 0o644)
      seen.expect(host.names("/etc/sysctl.d"), is: ["99-tcptune.conf"])
      seen.expect(host.names(PrivateHost.state), is: ["format", "history", "lock"])
      seen.expectNobody(host)
      seen.expect(try host.tcptune(["status"]), ends: 0, "as kept: ")
      seen.expect(try host.tcptune(["confirm", "--in-namespace"]), ends: 2, "is kept already")

      seen.expect(try host.change(["rollback"]), ends: 0, "rolled back: change ")
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.names("/etc/sysctl.d"), is: [])
      seen.expectNobody(host)
      seen.expect(try host.change(["rollback"]), ends: 2, "there is no change to roll back")
      seen.expect(try host.tcptune(["status"]), ends: 0, "has changed nothing here")
      let history = seen.expect(try host.tcptune(["history"]), ends: 0).output
      seen.expect(history.split(separator: "\n").count { $0.hasPrefix("2") }, is: 2)
    }
  }

  @Test func onTrialAndConfirmed() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--trial", "60s"), ends: 0, "on trial: change ")
      seen.expect(host.keys, is: Tried.after)
      seen.expect(host.names("/etc/sysctl.d"), is: [], "the file comes with the confirmation:")
      seen.expect(host.processes.count, is: 1, "watchers:")
      seen.expect(host.names("/run/tcptune").count, is: 1)
      let id = try host.openChange() ?? ""
      seen.expect(try host.apply("--no-trial", profile: Tried.laterProfile), ends: 7, id)
      seen.expect(try host.change(["rollback", "--settle"]), ends: 0, "nothing to settle")
      seen.expect(try host.change(["confirm", "ffffffff"]), ends: 2, id)
      seen.expect(try host.change(["rollback", "ffffffff"]), ends: 2, id)
      seen.expect(host.keys, is: Tried.after)
      seen.expect(try host.change(["confirm", id]), ends: 0, "kept: change \(id)")
      seen.expect(host.text(PrivateHost.file) != nil)
      seen.expectNobody(host)
      seen.expect(host.names("/run/tcptune"), is: [])
      seen.expect(try host.change(["confirm", id]), ends: 2, "is kept already")
    }
  }

  @Test func onTrialAndTakenBack() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--trial", "60s"), ends: 0)
      seen.expect(try host.change(["rollback"]), ends: 0, "put back: change ")
      seen.expect(host.keys, is: Tried.before)
      seen.expectNobody(host)
      seen.expect(try host.change(["confirm"]), ends: 8, "was taken back: it was rolled back")
      // Nobody confirms: it goes back by itself.
      seen.expect(try host.apply("--trial", "1s"), ends: 0)
      seen.expect(host.wait { host.keys == Tried.before }, "nothing took it back")
      seen.expectNobody(host)
      seen.expect(try host.change(["confirm"]), ends: 8, "nobody confirmed it in time")
      seen.expect(host.names("/etc/sysctl.d"), is: [])
      seen.expect(host.exists(PrivateHost.journal), is: false)
    }
  }

  /// The names that programs may rely on.
  @Test func theDocumentsOfALife() throws {
    try onPrivateHost { host, seen in
      func look(
        _ result: BuiltProgram.Result, _ outcome: String, _ phase: String, line: UInt = #line
      ) {
        let document = result.document
        seen.expect(document["outcome"] as? String, is: outcome, result, line: line)
        seen.expect(document["format_version"] as? String, is: "1.0", line: line)
        let transaction = document["transaction"] as? [String: Any] ?? [:]
        seen.expect(transaction["phase"] as? String, is: phase, line: line)
        seen.expect((transaction["id"] as? String)?.count, is: 8, line: line)
        seen.expect((transaction["deadline"] is String) == (phase == "trial"), line: line)
        let changes = document["changes"] as? [[String: Any]] ?? []
        seen.expect(changes.count, is: 3, line: line)
        for change in changes {
          let key = change["key"] as? String ?? ""
          let source = change["source"] as? String ?? ""
          seen.expect(change["verified"] as? Bool, is: true, key, line: line)
          seen.expect(change["before"] as? String, is: Tried.before[key], key, line: line)
          seen.expect(change["after"] as? String, is: Tried.after[key], key, line: line)
          seen.expect(change["now"] as? String, is: host.keys[key], key, line: line)
          seen.expect(source.hasPrefix(Tried.profile), source, line: line)
        }
      }
      look(try host.apply("--trial", "60s", "--format", "json"), "trial", "trial")
      look(try host.tcptune(["status", "--format", "json"]), "trial", "trial")
      look(try host.change(["confirm", "--format", "json"]), "kept", "kept")
      look(try host.tcptune(["status", "--format", "json"]), "kept", "kept")
      let back = try host.change(["rollback", "--format", "json"]).document
      seen.expect(back["outcome"] as? String, is: "kept")
      seen.expect((back["transaction"] as? [String: Any])?["kind"] as? String, is: "rollback")
      look(try host.apply("--trial", "60s", "--format", "json"), "trial", "trial")
      look(try host.change(["rollback", "--format", "json"]), "reverted", "reverted")
      // Failures are documents too.
      for (words, outcome, status) in [
        (["confirm"], "too-late", 8), (["confirm", "ffffffff"], "nothing", 2),
        (["rollback"], "nothing", 2),
      ] as [([String], String, Int32)] {
        let result = try host.change(words + ["--format", "json"])
        seen.expect(result, ends: status)
        seen.expect(result.document["outcome"] as? String, is: outcome, words)
        seen.expect(result.document["error"] is [String: Any], result)
      }
      let history = try host.tcptune(["history", "--format", "json"]).document["history"]
      let kinds = (history as? [[String: Any]])?.compactMap { $0["kind"] as? String }
      seen.expect(kinds, is: ["apply", "rollback", "apply"])
    }
  }

  @Test func appliedTwiceChangesNothing() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--no-trial"), ends: 0)
      let file = host.text(PrivateHost.file)
      let history = host.names("\(PrivateHost.state)/history")
      for words in [["--no-trial"], ["--trial", "60s"]] {
        let again = try host.change(["apply", "--profile", Tried.profile] + words)
        seen.expect(again, ends: 0, "nothing to change")
      }
      seen.expect(host.text(PrivateHost.file), is: file)
      seen.expect(host.names("\(PrivateHost.state)/history"), is: history)
      seen.expectNobody(host)
    }
  }

  @Test func oneAboveTheOther() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--no-trial"), ends: 0)
      let first = host.text(PrivateHost.file)
      let older = host.names("\(PrivateHost.state)/history")[0].dropFirst(7).prefix(8)
      seen.expect(try host.apply("--no-trial", profile: Tried.laterProfile), ends: 0)
      seen.expect(host.keys, is: Tried.later)
      let second = host.text(PrivateHost.file)
      seen.expect(second?.contains("net.ipv4.tcp_fin_timeout = 20") == true, "lines of the first")
      seen.expect(second?.contains("net.core.somaxconn = 16384") == true)

      // The file is the later one's: the older one cannot take it back.
      let refused = try host.change(["rollback", String(older)])
      seen.expect(refused, ends: 3, "is not as change \(older) left it")
      seen.expect(host.keys, is: Tried.later)
      seen.expect(host.text(PrivateHost.file), is: second)

      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.keys, is: Tried.after)
      seen.expect(host.text(PrivateHost.file), is: first)
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.names("/etc/sysctl.d"), is: [])
      seen.expect(try host.change(["rollback", String(older)]), ends: 2, "rolled back already")
    }
  }

  @Test func whatSomebodyElseChangedIsLeftAlone() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--trial", "60s"), ends: 0)
      try host.set("net.core.somaxconn", "1000")
      let refused = try host.change(["confirm"])
      seen.expect(refused, ends: 5, "net.core.somaxconn is 1000: neither 4096 (before) nor 8192")
      seen.expect(host.names("/etc/sysctl.d"), is: [])
      seen.expect(host.exists(PrivateHost.journal), "the trial goes on")
      let back = try host.change(["rollback"])
      seen.expect(back, ends: 5, "net.core.somaxconn is 1000")
      seen.expect(host.keys, is: Tried.before.merging(["net.core.somaxconn": "1000"]) { $1 })
      seen.expect(host.exists(PrivateHost.journal), is: false)
    }
  }

  @Test func withoutAFileAndWithAnother() throws {
    try onPrivateHost { host, seen in
      seen.expect(try host.apply("--no-trial", "--runtime-only"), ends: 0, "no file keeps it")
      seen.expect(host.keys, is: Tried.after)
      seen.expect(host.names("/etc/sysctl.d"), is: [])
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.keys, is: Tried.before)

      seen.expect(try host.apply("--no-trial", "--file", "60-web.conf"), ends: 0, "60-web.conf")
      seen.expect(host.names("/etc/sysctl.d"), is: ["60-web.conf"])
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(host.names("/etc/sysctl.d"), is: [])
      for name in ["../x.conf", "x", ".x.conf", "/etc/x.conf", ""] {
        seen.expect(try host.apply("--no-trial", "--file", name), ends: 2, "--file: expected")
      }
      let both = try host.apply("--no-trial", "--file", "60-web.conf", "--runtime-only")
      seen.expect(both, ends: 2, "found both")
      seen.expect(host.keys, is: Tried.before)
    }
  }

  @Test func fromFindings() throws {
    try onPrivateHost { host, seen in
      // A rule about a switch that somebody turned off, whatever the host does.
      try host.set("net.ipv4.tcp_syncookies", "0")
      let dry = try host.change(["apply", "--findings", "--dry-run"])
      seen.expect(dry, ends: 0, "net.ipv4.tcp_syncookies")
      seen.expect(try host.value("net.ipv4.tcp_syncookies"), is: "0")
      seen.expect(try host.change(["apply", "--findings", "--no-trial"]), ends: 0, "kept: ")
      seen.expect(try host.value("net.ipv4.tcp_syncookies"), is: "1")
      seen.expect(host.text(PrivateHost.file)?.contains("net.ipv4.tcp_syncookies = 1") == true)
      seen.expect(try host.change(["rollback"]), ends: 0)
      seen.expect(try host.value("net.ipv4.tcp_syncookies"), is: "0")
    }
  }

  @Test func whatIsMissingIsSkippedOnlyWhenAsked() throws {
    let folder = try TestFolder()
    let profile = try folder.write(
      text: """
        # title: a test
        # for: tests

        # A test wants it.
        net.core.somaxconn = 8192

        # A test wants it.
        net.ipv4.tcp_tw_recycle = 1

        """, to: "missing.conf")
    try onPrivateHost { [folder] host, seen in
      _ = folder
      let refused = try host.apply("--no-trial", profile: profile)
      seen.expect(refused, ends: 3, "net.ipv4.tcp_tw_recycle")
      seen.expect(refused.errors.contains("--skip-missing"), refused)
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.exists(PrivateHost.state), is: false)
      seen.expect(try host.apply("--no-trial", "--skip-missing", profile: profile), ends: 0)
      seen.expect(try host.value("net.core.somaxconn"), is: "8192")
      seen.expect(host.text(PrivateHost.file)?.contains("tcp_tw_recycle") == false)
    }
  }

  @Test func aDryRunOnlyTells() throws {
    try onPrivateHost { host, seen in
      let words = ["apply", "--profile", Tried.profile, "--dry-run"]
      let root = try host.tcptune(words)
      seen.expect(root, ends: 0, "net.core.somaxconn  4096 -> 8192")
      seen.expect(root.output.contains("--in-namespace if it is the one you mean"), root)
      seen.expect(try host.change(words), ends: 0)
      let user = try host.shell(
        "exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$0\" \"$@\"", words)
      seen.expect(user, ends: 0, "net.core.somaxconn  4096 -> 8192")
      seen.expect(user.output.contains("only root may change these keys"), user)
      let document = try host.tcptune(words + ["--format", "json"])
      seen.expect(document, ends: 0, "--in-namespace if it is the one you mean")
      seen.expect(document.document["changes"] is [[String: Any]], document)
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.names("/var/lib") + host.names("/etc/sysctl.d"), is: [])
    }
  }

  /// A trial of which nobody is told would be over before anybody knew.
  @Test func withoutATerminalTheTrialMustBeGiven() throws {
    try onPrivateHost { host, seen in
      for more in [[], ["--format", "json"]] {
        let result = try host.change(["apply", "--profile", Tried.profile] + more)
        seen.expect(result, ends: 2)
        let line = "tcptune apply --profile \(Tried.profile) --in-namespace"
        seen.expect(result.errors.contains("'\(line) --trial 120s'"), result)
        seen.expect(result.errors.contains("'\(line) --no-trial'"), result)
        seen.expect(result.complaints.count, is: 1)
      }
      for words in [["--trial", "999ms"], ["--trial", "901s"], ["--trial", "x"]] {
        let result = try host.change(["apply", "--profile", Tried.profile] + words)
        seen.expect(result, ends: 2, "--trial: expected a time")
      }
      seen.expect(host.keys, is: Tried.before)
      seen.expect(host.names("/var/lib"), is: [])
    }
  }
}
