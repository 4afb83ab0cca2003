import Foundation
import Support
import Testing

// Keys that hold names, ports or a secret, through the whole program.

private let names = """
  # title: names
  # for: a test

  # It does not slow down for every loss.
  net.ipv4.tcp_congestion_control = bbr

  # It paces.
  net.core.default_qdisc = fq

  # Our own services.
  net.ipv4.ip_local_reserved_ports = 9000-9010,8080

  """

private func host() throws -> TestFolder {
  try RecordedHost(name: "7.3.4+deb13-cloud-amd64").unpacked()
}

@Test func namesInAPatchAndInAPlan() throws {
  let host = try host()
  let folder = try TestFolder()
  let profile = try folder.write(text: names, to: "names.conf")
  let plan = try BuiltProgram.run([
    "apply", "--profile", profile, "--dry-run", "--root", host.path,
  ])
  #expect(plan.output.contains("net.ipv4.tcp_congestion_control  cubic -> bbr\n"))
  #expect(plan.output.contains("net.core.default_qdisc  fq_codel -> fq\n"))
  #expect(
    plan.output.contains("net.ipv4.ip_local_reserved_ports  (empty) -> 8080,9000-9010\n"))
  let patch = try BuiltProgram.run(["diff", "--profile", profile, "--root", host.path])
  #expect(patch.output.contains("\n+net.ipv4.tcp_congestion_control = bbr\n"))
  #expect(patch.output.contains("\n+net.ipv4.ip_local_reserved_ports = 8080,9000-9010\n"))
}

@Test func namesInAnExplanation() throws {
  let host = try host()
  let text = try BuiltProgram.run(["explain", "BBR", "--root", host.path])
  #expect(text.output.contains("\n  here          cubic\n"))
  let json = try BuiltProgram.run([
    "explain", "tcp_congestion_control", "--format", "json", "--root", host.path,
  ])
  #expect(json.output.contains("\"net.ipv4.tcp_congestion_control\": \"cubic\""))
  let table = try BuiltProgram.run(["explain", "tcp_ehash_entries", "--root", host.path])
  #expect(table.output.contains("read-only"))
}

/// A page, a snapshot and an audit name the key and never its value, whoever may read the file.
@Test func theCookieKeyStaysSecret() throws {
  let host = try host()
  let key = "11111111-22222222-33333333-44444444"
  try host.write(text: "\(key)\n", to: "proc/sys/net/ipv4/tcp_fastopen_key", mode: 0o644)
  for arguments in [
    ["explain", "tcp_fastopen_key"], ["explain", "tcp_fastopen_key", "--format", "json"],
    ["snapshot"], ["audit", "--format", "json"], ["files", "net.ipv4.tcp_fastopen_key"],
  ] {
    let result = try BuiltProgram.run(arguments + ["--root", host.path])
    #expect(result.output.contains("tcp_fastopen_key"), "\(arguments)")
    #expect(!result.output.contains("22222222"), "\(arguments)")
    #expect(!result.errors.contains("22222222"), "\(arguments)")
  }
}
