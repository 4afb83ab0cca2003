import Foundation
import Support
import Testing

/// A repository with sysctl files and nothing else, as CI sees it.
private func repository() throws -> TestFolder {
  let folder = try TestFolder()
  try folder.write(
    text: """
      # what this site wants
      net.ipv4.tcp_fin_timeout = 30 # thirty
      net.ipv4.tcp_rmem = 8192
      net.core.somaxconn = 4096
      vm.swappiness = 10
      net.ipv4.tcp_syncookies = 300
      net.ipv4.tcp_nope 3
      -net.ipv4.tcp_retries2 = abc

      """, to: "etc/sysctl.d/50-a.conf")
  try folder.write(
    text: "net.core.somaxconn=128\nnet.ipv4.tcp_fin_timeout = 25\n", to: "etc/sysctl.conf")
  try folder.write(text: "net.core.somaxconn=1\n", to: "usr/lib/sysctl.d/50-a.conf")
  try folder.write(
    text: "net.core.somaxconn=1\nnet.ipv4.conf.*.rp_filter = 1\n", to: "usr/lib/sysctl.d/10-a.conf")
  mkfifo(folder.path + "/usr/lib/sysctl.d/not-a-conf", 0o644)
  return folder
}

@Test(arguments: [
  (["files"], "files.txt"), (["files", "somaxconn"], "files-somaxconn.txt"),
  (["files", "--kernel", "5.10", "--format", "json"], "files-5.10.json"),
])
func aRepositoryIsLinted(_ arguments: [String], _ file: String) throws {
  let folder = try repository()
  let result = try BuiltProgram.run(arguments + ["--root", folder.path])
  #expect(result.status == 1, "\(result.errors)")
  #expect(try Golden.difference(result.output, from: file) == nil)
}

@Test func aCleanRepositoryExitsWithZero() throws {
  let folder = try TestFolder()
  try folder.write(
    text: "# why\nnet.ipv4.tcp_fin_timeout = 30\n", to: "etc/sysctl.d/99-site.conf")
  let result = try BuiltProgram.run(["files", "--root", folder.path])
  #expect(result.status == 0)
  #expect(result.output.hasPrefix("no problem in 1 file: 1 key set\n"))
}

/// Where no kernel is there to tell, a name that is a letter off a known one is a problem; keys that
/// merely have no page are none.
@Test func misspeltKeysAreTold() throws {
  let folder = try TestFolder()
  try folder.write(
    text: """
      net.ipv4.tcp_keepalive_tim = 300
      net.core.somaxcon = 4096
      net.ipv4.udp_mem = 1 2 3
      net.ipv4.udp_early_demux = 1
      net.netfilter.nf_conntrack_sctp_timeout_established = 1
      net.ipv4.conf.all.rp_filter = 1

      """, to: "etc/sysctl.d/10.conf")
  let result = try BuiltProgram.run(["files", "--root", folder.path, "--format", "json"])
  #expect(result.status == 1)
  let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
  let problems = json?["problems"] as? [[String: Any]] ?? []
  #expect(
    problems.map { "\($0["line"] ?? 0): \($0["message"] ?? "")" } == [
      "1: no page describes 'net.ipv4.tcp_keepalive_tim'; did you mean 'net.ipv4.tcp_keepalive_time'?",
      "2: no page describes 'net.core.somaxcon'; did you mean 'net.core.somaxconn'?",
    ])
}

/// Values of a recorded host are held against its files.
@Test func drifFromTheFilesIsTold() throws {
  let host = try #require(RecordedHost.all.last)
  let folder = try host.unpacked()
  try folder.write(
    text: "net.ipv4.tcp_fin_timeout = 30\nnet.ipv4.tcp_no_such = 1\n",
    to: "etc/sysctl.d/99-site.conf")
  let result = try BuiltProgram.run(["files", "--root", folder.path])
  #expect(result.status == 1)
  #expect(
    result.output.hasPrefix(
      "1 problem in 1 file; 1 key runs with another value than boot would set\n"))
  #expect(result.output.contains("  running  60\n  boot     30  /etc/sysctl.d/99-site.conf:1\n"))
  #expect(
    result.output.contains(
      "  /etc/sysctl.d/99-site.conf:2: no key 'net.ipv4.tcp_no_such' here\n"))
}

@Test(arguments: [
  (["files", "a", "b"], "tcptune files: expected at most one key, found 'b' after it"),
  (
    ["files", "somaxcon"],
    "tcptune files: expected a key as in 'net.core.somaxconn', found 'somaxcon'"
      + "; did you mean 'somaxconn'?"
  ),
  (
    ["files", "--root", "/nonexistent"],
    "tcptune: --root: expected a folder with etc/ in it, found '/nonexistent'"
  ),
  (
    ["files", "--kernel", "x"],
    "tcptune: --kernel: expected a release since 3.10 as in '5.10' or '6.1.170', found 'x'"
  ),
])
func filesRefusesWords(_ arguments: [String], _ line: String) throws {
  let result = try BuiltProgram.run(arguments)
  #expect(result.status == 2)
  #expect(result.errors == line + "\n")
}

/// A saved host answers as the host did, as far as a snapshot goes, and says how far.
@Test func filesOfASnapshot() throws {
  let host = try #require(RecordedHost.all.last)
  let folder = try host.unpacked()
  try folder.write(
    text: "net.ipv4.tcp_fin_timeout = 30\n-net.core.somaxconn = 5\n",
    to: "etc/sysctl.d/99-site.conf")
  try folder.write(text: "120\n", to: "proc/sys/net/ipv4/tcp_keepalive_time")
  let saved = try BuiltProgram.run(["snapshot", "--root", folder.path])
  try folder.write(text: saved.output, to: "saved.json")
  let path = "\(folder.path)/saved.json"
  let ours = try BuiltProgram.run(["files", "--snapshot", path])
  let theirs = try BuiltProgram.run(["files", "--root", folder.path])
  #expect(ours.status == 0)
  let gap =
    "\nNot read\n  snapshot: it has the keys below net for two loaders; what is wrong with single"
  let cut = try #require(ours.output.range(of: gap))
  // The recorded host's command line names a key that is not below net.
  let further =
    "1 more key that no page describes, each as the files say; tcptune files KEY shows one\n\n"
  #expect(theirs.output.contains(further))
  #expect(
    String(ours.output[..<cut.lowerBound]) == theirs.output.replacing(further, with: ""))
  #expect(theirs.output.contains("net.ipv4.tcp_keepalive_time  120  7200"))
  let one = try BuiltProgram.run(["files", "tcp_keepalive_time", "--snapshot", path])
  #expect(one.output.hasPrefix("no file sets net.ipv4.tcp_keepalive_time, and it is changed now\n"))
  // What is assumed runs.
  for source in [["--snapshot", path], ["--root", folder.path]] {
    let assumed = try BuiltProgram.run(
      ["files", "--set", "tcp_fin_timeout=30", "--set", "somaxconn=5"] + source)
    #expect(
      assumed.output.hasPrefix("1 key is changed now and named by no file\n"), "\(assumed.output)")
    #expect(assumed.output.contains("as if net.core.somaxconn = 5, net.ipv4.tcp_fin_timeout = 30"))
  }
}

@Test func filesRefusesWhatItCannotAnswer() throws {
  let folder = try repository()
  for (arguments, message) in [
    (["--set", "somaxconn=1", "--root", folder.path], "--set: expected a host, found files"),
    (["--kernel", "5.10", "--snapshot", "x.json"], "--kernel: a snapshot carries"),
    (["--root", "/", "--snapshot", "x.json"], "expected --snapshot or --root, found both"),
    (["--root", "/", "--netns", "x"], "--netns: expected a live host"),
    (["--netns", "no-such-namespace"], "--netns: "),
  ] {
    let result = try BuiltProgram.run(["files"] + arguments)
    #expect(result.status == 2)
    #expect(result.errors.contains(message), "\(result.errors)")
  }
}

@Test func watchLooksIntoOtherNamespaces() throws {
  let missing = try BuiltProgram.run(["watch", "--count", "1", "--netns", "no-such-namespace"])
  #expect(missing.status == 2)
  #expect(missing.errors.hasPrefix("tcptune: --netns: "))
}
