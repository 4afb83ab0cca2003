import Foundation
import Support
import Testing

/// A recorded host on which a list from the web was pasted, and what else writes there.
private func host() throws -> TestFolder {
  let folder = try RecordedHost(name: "6.12.117+deb13-cloud-amd64").unpacked()
  try folder.write(
    text: """
      # a list from the web
      net.ipv4.tcp_tw_recycle = 1
      net.core.somaxconn = 1024
      net.ipv4.tcp_fin_timeout = 30 # thirty
      net.ipv4.tcp_rmem = 4096 131072 8192
      net.ipv4.tcp_syncookies = 1
      net.ipv4.tcp_low_latency = 1
      net.ipv4.tcp_thin_dupack = 1
      net.ipv4/tcp_sack = 1
      net/ipv4/tcp_keepalive_time = 600
      vm.swappiness = 10
      net.ipv4.conf.all.rp_filter = 1
      net.ipv4.tcp_retries2 = 300

      """, to: "etc/sysctl.d/50-old.conf")
  try folder.write(
    text: "net.ipv4.tcp_keepalive_time = 300\n", to: "etc/sysctl.d/60-more.conf")
  try folder.write(text: "net.core.netdev_max_backlog = 5000\n", to: "etc/sysctl.conf")
  try folder.write(text: "1\n", to: "run/tuned/tuned.pid")
  return folder
}

@Test(arguments: ["text", "json"])
func filesAreAudited(_ format: String) throws {
  let folder = try host()
  let result = try BuiltProgram.run(["audit", "--root", folder.path, "--format", format])
  #expect(result.status == 1, "\(result.errors)")
  let name = "audit-files.\(format == "json" ? "json" : "txt")"
  let output = result.output.replacing(folder.path, with: "/host")
  #expect(try Golden.difference(output, from: name) == nil)
}

/// What was saved tells the same as the host.
@Test(arguments: ["text", "json"])
func aSavedSnapshotCarriesTheFiles(_ format: String) throws {
  let folder = try host()
  let saved = try BuiltProgram.run(["snapshot", "--root", folder.path])
  #expect(saved.status == 0)
  let file = try folder.write(text: saved.output, to: "saved.json")
  func report(_ source: [String]) throws -> String {
    let result = try BuiltProgram.run(["audit", "--format", format] + source)
    // The next steps name the source, and the files of a saved host are not at hand.
    return result.output.components(separatedBy: "\nNext\n")[0]
  }
  #expect(try report(["--root", folder.path]) == report(["--snapshot", file]))
}

/// Without the files every rule about them is open, for the reason that is told.
@Test func filesAreLeftAlone() throws {
  let folder = try host()
  let result = try BuiltProgram.run(["audit", "--root", folder.path, "--no-files"])
  #expect(result.status == 0)
  #expect(result.output.contains("  sysctl files: not gathered: --no-files\n"))
  #expect(!result.output.contains("50-old.conf"))
  #expect(!result.output.contains("Drift"))
}

/// Lines that ought to go are shown as a patch of their own file, which patch(1) takes.
@Test func linesThatOughtToGoAreShownAsAPatch() throws {
  let folder = try host()
  let result = try BuiltProgram.run(
    ["diff", "--root", folder.path, "--rule", "tw-recycle-written"])
  #expect(result.status == 1)
  #expect(result.output.contains("--- a/etc/sysctl.d/50-old.conf\n"))
  #expect(result.output.contains("\n-net.ipv4.tcp_tw_recycle = 1\n"))
  #expect(!result.output.contains("\n-net.core.somaxconn"))
}

/// `explain` tells what the next boot makes of the key.
@Test(arguments: [
  ("somaxconn", "  next boot     1024, by /etc/sysctl.d/50-old.conf:3\n"),
  ("netdev_max_backlog", "  next boot     no line for it is read at boot\n"),
  ("tcp_wmem", "  next boot     no sysctl file sets it\n"),
  (
    "tcp_keepalive_time",
    "  in files      /etc/sysctl.d/50-old.conf:10: 600, /etc/sysctl.d/60-more.conf:1: 300\n"
  ),
])
func explainTellsOfTheFiles(_ key: String, _ line: String) throws {
  let folder = try host()
  let result = try BuiltProgram.run(["explain", key, "--root", folder.path])
  #expect(result.output.contains(line), "\(result.output)")
}
