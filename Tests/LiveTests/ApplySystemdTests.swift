import Foundation
import Support
import Testing

/// Where systemd is process 1 and everything is its own, a timer of its takes a change back.
@Suite(
  .enabled(if: SystemdHost.refusal == nil, Comment(rawValue: SystemdHost.refusal ?? "")),
  .serialized)
struct ApplySystemdTests {
  private static let key = "net.ipv4.tcp_fin_timeout"
  private static let profile = """
    # title: a test
    # for: a test
    # not-for: a test
    # costs: a test
    # leaves: a test

    # A reason.
    net.ipv4.tcp_fin_timeout = 30

    """
  private static let path = "/root/profile.conf"

  private func host() throws -> SystemdHost {
    let host = try SystemdHost()
    let written = try host.run(["sh", "-c", "printf '%s' \"$0\" > \(Self.path)", Self.profile])
    #expect(written.status == 0, "\(written.errors)")
    #expect(try host.value(Self.key) == "60")
    return host
  }

  private static func words(_ way: String...) -> [String] {
    ["apply", "--profile", path, "--in-namespace", "--no-owners", "--format", "json"] + way
  }

  /// The id of the change on trial, as its unit names it.
  private func armed(_ host: SystemdHost) throws -> Substring? {
    try host.units().firstMatch(
      of: #/tcptune-revert-([0-9a-f]{8})\.timer +loaded +active +waiting/#)?.1
  }

  private func wait(_ seconds: Double, until condition: () throws -> Bool) rethrows -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      if try condition() { return true }
      usleep(50_000)
    }
    return false
  }

  private func watchers(_ host: SystemdHost) throws -> String {
    try host.run(["pgrep", "-f", "watch-change"]).output
  }

  @Test func theTimerIsArmedAndConfirmLeavesNothing() throws {
    let host = try host()
    let applied = try host.tcptune(Self.words("--trial", "60s"))
    #expect(applied.status == 0, "\(applied.errors)")
    #expect(try host.value(Self.key) == "30")
    #expect(try armed(host) != nil)
    #expect(try watchers(host) == "")
    let confirmed = try host.tcptune(["confirm", "--in-namespace"])
    #expect(confirmed.status == 0, "\(confirmed.errors)")
    #expect(try host.units() == "")
    #expect(try host.value(Self.key) == "30")
    #expect(try host.tcptune(["rollback", "--in-namespace"]).status == 0)
    #expect(try host.value(Self.key) == "60")
    #expect(try host.units() == "")
    // A rollback of a trial disarms it too.
    #expect(try host.tcptune(Self.words("--trial", "60s")).status == 0)
    #expect(try host.tcptune(["rollback", "--in-namespace"]).status == 0)
    #expect(try host.value(Self.key) == "60")
    #expect(try host.units() == "")
  }

  @Test func itOutlivesReloadAndIsolation() throws {
    let host = try host()
    #expect(try host.tcptune(Self.words("--trial", "4s")).status == 0)
    #expect(try host.run(["systemctl", "daemon-reload"]).status == 0)
    #expect(try host.run(["systemctl", "isolate", "calm.target"]).status == 0)
    #expect(try armed(host) != nil)
    #expect(try host.value(Self.key) == "30")
    #expect(try wait(12) { try host.value(Self.key) == "60" })
    #expect(try wait(5) { try host.units() == "" })
    #expect(try host.tcptune(["confirm", "--in-namespace"]).status == 8)
  }

  /// The session and everything in it is killed while values are being written.
  @Test func itOutlivesTheSession() throws {
    let host = try host()
    let session = try host.start(
      ["setsid", "sh", "-c", "echo $$ > /run/session; \"$@\"; sleep 60", "sh", SystemdHost.program]
        + Self.words("--trial", "4s"))
    #expect(try wait(10) { try host.value(Self.key) == "30" })
    #expect(try host.run(["bash", "-c", "kill -9 -- -$(cat /run/session)"]).status == 0)
    _ = try session.end(within: 10)
    #expect(try wait(12) { try host.value(Self.key) == "60" })
    #expect(try wait(5) { try host.units() == "" })
    let state = try host.tcptune(["history", "--format", "json"])
    #expect(state.output.contains("nobody confirmed it in time"), "\(state.output)")
  }

  /// What systemd would run as root must be root's.
  @Test func aProgramThatOthersCanReplaceIsRefused() throws {
    let host = try host()
    let open = "/opt/open/tcptune"
    let copied = try host.run(
      ["sh", "-c", "mkdir -m 777 /opt/open && cp \(SystemdHost.program) \(open)"])
    #expect(copied.status == 0, "\(copied.errors)")
    let refused = try host.run([open] + Self.words("--trial", "60s"))
    #expect(refused.status == 3)
    #expect(refused.output.contains("install it first"), "\(refused.output)")
    #expect(try host.value(Self.key) == "60")
    let watched = try host.run([open] + Self.words("--trial", "60s", "--watcher"))
    #expect(watched.status == 0, "\(watched.errors)")
    #expect(try host.units() == "")
    #expect(try watchers(host) != "")
    #expect(try host.run([open, "rollback", "--in-namespace"]).status == 0)
    #expect(try host.value(Self.key) == "60")
    #expect(try wait(2) { try watchers(host) == "" })
  }
}
