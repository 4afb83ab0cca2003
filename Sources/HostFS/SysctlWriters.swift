public import Facts
import Glibc

extension HostFS {
  /// Where each program that writes sysctls is seen while it runs or is in force: its unit's folder
  /// in the tree of cgroups, or what it keeps on the host.
  private static let traces: [(name: String, paths: [String])] = [
    ("tuned", ["sys/fs/cgroup/system.slice/tuned.service", "run/tuned/tuned.pid"]),
    ("saptune", ["sys/fs/cgroup/system.slice/saptune.service", "run/saptune/saved_state"]),
    (
      "Docker",
      ["sys/fs/cgroup/system.slice/docker.service", "run/docker.sock", "run/docker.pid"]
    ),
    (
      "kube-proxy",
      ["sys/fs/cgroup/kubepods.slice", "sys/fs/cgroup/kubepods", "var/lib/kube-proxy"]
    ),
    ("Cilium", ["run/cilium", "etc/sysctl.d/99-zzz-override_cilium.conf"]),
    ("bpftune", ["sys/fs/cgroup/system.slice/bpftune.service", "run/bpftune.pid"]),
  ]

  /// The firewall's own list of keys; its start script applies it where it is enabled.
  private static let firewall = (settings: "etc/ufw/ufw.conf", keys: "etc/ufw/sysctl.conf")
  /// A longer list is nobody's.
  private static let longestList = 1 << 20

  /// The programs that write sysctls of their own accord and are seen on this host: about a dozen
  /// looks at paths, and no look at processes.
  public func sysctlWriters() -> [SysctlWriter] {
    var writers = Self.traces.compactMap { trace in
      trace.paths.first(where: exists).map {
        SysctlWriter(name: trace.name, seenAt: path($0))
      }
    }
    if exists(Self.firewall.settings), let settings = smallFile(Self.firewall.settings),
      settings.split(separator: "\n").contains(where: {
        String($0).trimmed.lowercased() == "enabled=yes"
      })
    {
      let keys = smallFile(Self.firewall.keys).map(Self.keys) ?? []
      writers.append(
        SysctlWriter(name: "ufw", seenAt: path(Self.firewall.keys), namedKeys: keys))
    }
    return writers
  }

  private func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(self.path(path), &status) == 0
  }

  /// A file's text; nothing of a pipe, a device or a link out of the root.
  private func smallFile(_ path: String) -> String? {
    guard let folder = try? ConfinedFolder(isLive ? "/" : root),
      let inner = try? folder.folder(FileTree.folder(of: "/\(path)")),
      let status = try? inner.status(of: FileTree.name(of: path)),
      status.st_mode & S_IFMT == S_IFREG,
      let bytes = try? inner.bytes(of: FileTree.name(of: path), atMost: Self.longestList)
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The keys that lines set, spelled with dots or slashes.
  private static func keys(in text: String) -> [SysctlKey] {
    text.split(separator: "\n").compactMap { line in
      let line = String(line).trimmed
      guard line.first != "#", let sign = line.utf8.firstIndex(of: UInt8(ascii: "=")) else {
        return nil
      }
      let name = String(line[..<sign]).trimmed
      return SysctlKey(name)
    }
  }
}
