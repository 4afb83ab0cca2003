import Facts
import Foundation
import Support
import Testing

@testable import Apply

/// What is made of a change that was interrupted, by the phase that it had come to.
@Suite(.enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)))
struct ApplySettleTests {
  private static let otherBoot = "00000000-0000-4000-8000-000000000000"
  private static let somaxconn = "net.core.somaxconn"

  /// The commands that settle first, or do nothing else.
  private static let commands: [[String]] = [
    ["rollback", "--settle"], ["rollback"], ["confirm"],
    ["apply", "--profile", Tried.laterProfile, "--no-trial"],
  ]

  @Test(arguments: ChangeRecord.Phase.allCases)
  func onTheSameBoot(_ phase: ChangeRecord.Phase) throws {
    try onPrivateHost { host, seen in
      let isKept = phase == .persisting || phase == .persisted
      // The key has the value before, ours, or somebody else's.
      for now in ["4096", "8192", "1000"] {
        for hasFile in [false, true] {
          try host.cover("/var/lib")
          try host.cover("/etc/sysctl.d")
          try host.set(Self.somaxconn, now)
          if hasFile {
            try host.write(LeftBehind.file.after?.text ?? "", to: PrivateHost.file)
          }
          try host.leave(try LeftBehind.record(phase))
          let isForeign = now == "1000"
          let what = "\(phase) \(now) \(hasFile):"
          let status = try host.tcptune(["status"])
          seen.expect(status, ends: 0, "interrupted: change 0123abcd")
          let settled = try host.change(["rollback", "--settle", "--format", "json"])
          seen.expect(settled, ends: isForeign ? 5 : 0)
          seen.expect(
            try host.value(Self.somaxconn), is: isForeign ? now : isKept ? "8192" : "4096", what)
          seen.expect(
            host.text(PrivateHost.file), is: isKept ? LeftBehind.file.after?.text : nil, what)
          seen.expect(host.exists(PrivateHost.journal), is: false, what)
          seen.expect(
            host.names("\(PrivateHost.state)/history"), is: ["000001-0123abcd.json"], what)
          let history = try host.tcptune(["history", "--format", "json"]).document["history"]
          let record = (history as? [[String: Any]])?.first
          seen.expect(record?["phase"] as? String, is: isKept ? "kept" : "reverted", what)
          seen.expect(
            record?["conflicts"] as? [String], is: isForeign ? [Self.somaxconn] : [], what)
          // Once more does nothing.
          let again = try host.change(["rollback", "--settle"])
          seen.expect(again, ends: 0, "nothing to settle")
        }
      }
    }
  }

  /// With a boot the values are gone; only the file is settled.
  @Test(arguments: ChangeRecord.Phase.allCases)
  func onAnotherBoot(_ phase: ChangeRecord.Phase) throws {
    try onPrivateHost { host, seen in
      let isKept = phase == .persisting || phase == .persisted
      for (now, isFirst) in [("4096", false), ("8192", false), ("4096", true)] {
        for hasFile in [false, true] {
          try host.cover("/var/lib")
          try host.cover("/etc/sysctl.d")
          try host.set(Self.somaxconn, now)
          if hasFile {
            try host.write(LeftBehind.file.after?.text ?? "", to: PrivateHost.file)
          }
          // A deadline far off: the clock that it is of began anew.
          try host.leave(
            try LeftBehind.record(
              phase, boot: Self.otherBoot, network: 1, deadline: .max, isFirstNetwork: isFirst))
          let what = "\(phase) \(now) \(hasFile):"
          let settled = try host.change(["rollback", "--settle", "--format", "json"])
          seen.expect(settled, ends: 0)
          if !isKept {
            seen.expect(settled.output.contains("the machine was started anew"), settled)
          }
          seen.expect(try host.value(Self.somaxconn), is: now, what)
          seen.expect(
            host.text(PrivateHost.file), is: isKept ? LeftBehind.file.after?.text : nil, what)
          seen.expect(host.exists(PrivateHost.journal), is: false, what)
        }
      }
    }
  }

  /// Whichever command comes first.
  @Test(arguments: [ChangeRecord.Phase.applying, .trial, .persisting])
  func everyCommandSettlesFirst(_ phase: ChangeRecord.Phase) throws {
    try onPrivateHost { host, seen in
      let isKept = phase == .persisting
      for (command, status) in zip(
        Self.commands, isKept ? [0, 0, 0, 0] : [0, 0, 8, 0] as [Int32])
      {
        try host.cover("/var/lib")
        try host.cover("/etc/sysctl.d")
        try host.reset()
        try host.set(Self.somaxconn, "8192")
        try host.leave(try LeftBehind.record(phase))
        let result = try host.change(command)
        seen.expect(result, ends: status)
        seen.expect(host.exists(PrivateHost.journal), is: false, command)
        let value = try host.value(Self.somaxconn)
        switch command[0] {
        case "apply":
          seen.expect(value, is: "16384", command)
          seen.expect(result.errors.contains("0123abcd was interrupted and is settled"), result)
        case "confirm": seen.expect(value, is: isKept ? "8192" : "4096", command)
        // What was interrupted is what the user wants back, kept or not.
        default:
          let goesBack = !isKept || command == ["rollback"]
          seen.expect(value, is: goesBack ? "4096" : "8192", command)
        }
      }
    }
  }

  /// Reading commands mention it and leave it alone.
  @Test func readingCommandsOnlyMentionIt() throws {
    try onPrivateHost { host, seen in
      try host.set(Self.somaxconn, "8192")
      try host.leave(try LeftBehind.record(.applying))
      let journal = host.text(PrivateHost.journal)
      for words in [["audit", "--fail-on", "never"], ["status"], ["history"], ["queues"]] {
        seen.expect(try host.tcptune(words), ends: 0)
      }
      let audit = try host.tcptune(["audit", "--fail-on", "never"])
      seen.expect(audit.errors.contains("tcptune rollback --settle"), audit)
      seen.expect(try host.value(Self.somaxconn), is: "8192")
      seen.expect(host.text(PrivateHost.journal), is: journal)
    }
  }

  /// Without /proc/sys nobody can tell whether the values are gone: the way back stays.
  @Test func withoutTheKernelsKeysNothingIsSettled() throws {
    try onPrivateHost { host, seen in
      try host.set(Self.somaxconn, "8192")
      try host.leave(try LeftBehind.record(.applying))
      let journal = host.text(PrivateHost.journal)
      try host.cover("/proc/sys")
      for command in Self.commands {
        let result = try host.change(command)
        seen.expect([3, 5].contains(result.status), result)
        seen.expect(host.text(PrivateHost.journal), is: journal, command)
      }
      try host.unmount("/proc/sys")
      seen.expect(try host.change(["rollback", "--settle"]), ends: 0)
      seen.expect(try host.value(Self.somaxconn), is: "4096")
    }
  }

  // MARK: Another network namespace

  /// Runs a body on a host whose state another one, in another network namespace, shares.
  private static func onTwoHosts(
    _ first: @escaping @Sendable (PrivateHost, Seen) throws -> Void,
    _ second: @escaping @Sendable (PrivateHost, Seen) throws -> Void
  ) throws {
    let shared = try TestFolder()
    try onPrivateHost { host, seen in
      try host.bind(shared.path, at: "/var/lib")
      try first(host, seen)
      seen.add(
        try Seen.faults(of: { other, seen in
          try other.bind(shared.path, at: "/var/lib")
          try second(other, seen)
        }))
    }
  }

  @Test func aTrialElsewhereIsNotOurs() throws {
    try Self.onTwoHosts(
      { host, seen in seen.expect(try host.apply("--trial", "60s"), ends: 0) },
      { host, seen in
        let journal = host.text(PrivateHost.journal)
        let words = "run the command there"
        seen.expect(try host.change(["confirm"]), ends: 3, words)
        seen.expect(try host.change(["rollback"]), ends: 3, words)
        seen.expect(try host.change(["rollback", "--settle"]), ends: 0, "nothing to settle")
        seen.expect(try host.apply("--no-trial"), ends: 7)
        seen.expect(host.text(PrivateHost.journal), is: journal)
        seen.expect(host.keys, is: Tried.before)
      })
  }

  @Test func whatWasInterruptedElsewhereIsNotOurs() throws {
    try Self.onTwoHosts(
      { host, seen in
        try host.set(Self.somaxconn, "8192")
        try host.leave(try LeftBehind.record(.applying))
        // Somebody must be there.
        _ = try host.shell("sleep 60 >/dev/null 2>&1 &")
      },
      { host, seen in
        let journal = host.text(PrivateHost.journal)
        for command in Self.commands {
          seen.expect(try host.change(command), ends: 3)
        }
        seen.expect(host.text(PrivateHost.journal), is: journal)
        seen.expect(host.keys, is: Tried.before)
      })
  }

  /// Without a sight of every process nobody knows whether a namespace is gone.
  private static let seesEverybody = (try? Surroundings.namespace("/proc/1/ns/net")) != nil

  /// A container that has ended: its values are gone, and nobody can go there any more.
  @Test(
    .enabled(if: seesEverybody, "process 1 cannot be looked at"),
    arguments: [ChangeRecord.Phase.applying, .trial])
  func whatIsLeftOfANamespaceThatIsGone(_ phase: ChangeRecord.Phase) throws {
    try onPrivateHost { host, seen in
      for (command, status) in zip(Self.commands, [0, 0, 8, 0] as [Int32]) {
        try host.cover("/var/lib")
        try host.reset()
        // No namespace has so low a number.
        try host.leave(try LeftBehind.record(phase, network: 7, deadline: .max))
        seen.expect(try host.change(command), ends: status)
        seen.expect(host.exists(PrivateHost.journal), is: false, command)
        seen.expect(
          host.names("\(PrivateHost.state)/failed"), is: ["000001-0123abcd.json"], command)
        let value = try host.value(Self.somaxconn)
        seen.expect(value, is: command[0] == "apply" ? "16384" : "4096", command)
        try host.cover("/etc/sysctl.d")
      }
    }
  }

  @Test(.enabled(if: !seesEverybody, "every process can be looked at"))
  func whatMayBeGoneIsLeftAlone() throws {
    try onPrivateHost { host, seen in
      try host.leave(try LeftBehind.record(.applying, network: 7))
      for command in Self.commands {
        seen.expect(try host.change(command), ends: 3, "net:[7]")
        seen.expect(host.exists(PrivateHost.journal), "\(command)")
      }
      seen.expect(host.keys, is: Tried.before)
    }
  }
}
