import Facts
import HostFS
import Support
import Testing

private func writers(_ files: [String: String]) throws -> [SysctlWriter] {
  let folder = try TestFolder()
  for (path, text) in files { try folder.write(text: text, to: path) }
  return HostFS(root: folder.path).sysctlWriters().map { writer in
    var writer = writer
    writer.seenAt = writer.seenAt.replacing(folder.path, with: "")
    return writer
  }
}

@Test func programsAreSeenByWhatTheyKeep() throws {
  #expect(try writers([:]) == [])
  let found = try writers([
    "run/tuned/tuned.pid": "7\n", "run/docker.pid": "8\n", "var/lib/kube-proxy/config.conf": "",
    "etc/sysctl.d/99-zzz-override_cilium.conf": "",
    "sys/fs/cgroup/system.slice/bpftune.service/cgroup.procs": "9\n",
  ])
  #expect(
    found.map { "\($0.name) \($0.seenAt)" } == [
      "tuned /run/tuned/tuned.pid", "Docker /run/docker.pid", "kube-proxy /var/lib/kube-proxy",
      "Cilium /etc/sysctl.d/99-zzz-override_cilium.conf",
      "bpftune /sys/fs/cgroup/system.slice/bpftune.service",
    ])
  #expect(found[0].writes(SysctlKey(literal: "net.core.somaxconn")))
  #expect(found[0].writes(SysctlKey(literal: "net.core.rmem_max")))
  #expect(!found[0].writes(SysctlKey(literal: "net.ipv4.tcp_sack")))
}

/// The firewall writes the keys of its own list, where it is switched on.
@Test func theFirewallNamesItsKeys() throws {
  let keys = """
    # net/ipv4/tcp_ecn=0
    net/ipv4/tcp_sack=1
    net.ipv4.tcp_syncookies = 0
    net/ipv4/conf/eth0.100/rp_filter=1
    no assignment

    """
  let found = try writers(["etc/ufw/ufw.conf": "ENABLED=yes\n", "etc/ufw/sysctl.conf": keys])
  #expect(
    found == [
      SysctlWriter(
        name: "ufw", seenAt: "/etc/ufw/sysctl.conf",
        namedKeys: [
          SysctlKey(literal: "net.ipv4.tcp_sack"), SysctlKey(literal: "net.ipv4.tcp_syncookies"),
          SysctlKey(literal: "net.ipv4.conf.eth0/100.rp_filter"),
        ])
    ])
  #expect(
    try writers(["etc/ufw/ufw.conf": "ENABLED=no\n", "etc/ufw/sysctl.conf": keys]) == [])
}

/// A recorded tree is the host's own.
@Test func whoseFilesTheseAre() throws {
  let folder = try TestFolder()
  #expect(HostFS(root: folder.path).seesHostFiles() == .known(true))
}
