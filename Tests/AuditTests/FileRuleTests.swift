import Audit
import Catalogue
import Expressions
import Facts
import HostFS
import KernelModel
import Pages
import Support
import SysctlConf
import Testing

/// What was recorded of each host, unpacked once: many sets of files are laid over it.
private let recorded: [String: (snapshot: Snapshot, listing: KeyListing)] = {
  var all: [String: (snapshot: Snapshot, listing: KeyListing)] = [:]
  for host in RecordedHost.all {
    guard let snapshot = try? snapshot(of: host), let folder = try? host.unpacked() else {
      continue
    }
    all[host.name] = HostFS(root: folder.path).keyListing(
      reading: FileDrift.isAudited, entering: FileDrift.isAuditedFolder
    ).map { (snapshot, $0) }
  }
  return all
}()

/// A recorded host on which these files stand, its running values those that boot leaves.
private func booted(
  _ host: RecordedHost, _ files: [String: String], isRunningThem: Bool = true
) throws -> Snapshot {
  let found = try #require(recorded[host.name])
  var result = found.snapshot
  result.host.initialNamespace = .known(true)
  func report() -> FilesReport {
    var listing = found.listing
    for (path, key) in listing.keys {
      guard let sysctl = SysctlKey(path), let reading = result.tunables[sysctl] else { continue }
      listing.keys[path] = KeyListing.Key(text: reading, isWritable: key.isWritable)
    }
    return FileDrift(
      FilesInput(
        tree: FileTree(files.mapValues { .file(Array($0.utf8)) }), listing: listing,
        arguments: KernelArguments(parsing: []), release: result.host.release.value,
        isLive: false, isInitialNamespace: .known(true), gaps: []), with: catalogue
    ).summary()
  }
  let first = report()
  if isRunningThem {
    for key in first.keys {
      guard let sysctl = SysctlKey(key.name), let value = key.loaders[first.boot]?.effective else {
        continue
      }
      result.tunables[sysctl] = .known(value)
    }
  }
  result.files = .known(isRunningThem ? report() : first)
  return result
}

/// What distributions ship below /usr/lib and /etc that touches the network.
struct Distribution: Sendable, CustomTestStringConvertible {
  var name: String
  var files: [String: String]
  var testDescription: String { name }

  static let all: [Distribution] = [
    Distribution(name: "nothing at all", files: [:]),
    Distribution(
      name: "Debian 12",
      files: [
        "/usr/lib/sysctl.d/50-pid-max.conf": "kernel.pid_max = 4194304\n",
        "/usr/lib/sysctl.d/99-protect-links.conf": "fs.protected_hardlinks = 1\n",
        "/etc/sysctl.conf": "#net.ipv4.tcp_syncookies=1\n#net.ipv4.ip_forward=1\n",
      ]),
    Distribution(
      name: "Debian 13",
      files: [
        "/usr/lib/sysctl.d/50-default.conf": """
        net.ipv4.conf.default.rp_filter = 2
        net.ipv4.conf.*.rp_filter = 2
        -net.ipv4.conf.all.rp_filter
        net.ipv4.conf.default.accept_source_route = 0
        net.ipv4.conf.*.accept_source_route = 0
        -net.ipv4.conf.all.accept_source_route
        net.ipv4.conf.default.promote_secondaries = 1
        -net.ipv4.ping_group_range = 0 2147483647
        -net.core.default_qdisc = fq_codel

        """
      ]),
    Distribution(
      name: "Ubuntu 24.04",
      files: [
        "/etc/sysctl.d/10-bufferbloat.conf": "-net.core.default_qdisc = fq_codel\n",
        "/etc/sysctl.d/10-network-security.conf":
          "net.ipv4.conf.default.rp_filter=2\nnet.ipv4.conf.all.rp_filter=2\n",
        "/etc/sysctl.d/10-ipv6-privacy.conf": "net.ipv6.conf.all.use_tempaddr = 2\n",
      ]),
    Distribution(
      name: "RHEL 9",
      files: ["/usr/lib/sysctl.d/50-libkcapi-optmem_max.conf": "net.core.optmem_max = 81920\n"]),
    Distribution(
      name: "Amazon Linux 2023",
      files: [
        "/etc/sysctl.d/00-defaults.conf":
          "net.ipv4.tcp_wmem = 4096 20480 4194304\nnet.ipv4.ip_default_ttl = 127\n"
      ]),
    Distribution(
      name: "Google",
      files: [
        "/etc/sysctl.d/60-gce-network-security.conf":
          "net.ipv4.tcp_syncookies=1\nnet.ipv4.ip_forward=0\nnet.ipv4.conf.all.rp_filter=1\n"
      ]),
    Distribution(
      name: "Alpine",
      files: [
        "/etc/alpine-release": "3.22.0\n",
        "/usr/lib/sysctl.d/00-alpine.conf":
          "net.ipv4.tcp_syncookies = 1\nnet.ipv4.tcp_rfc1337 = 1\nnet.ipv4.conf.all.rp_filter = 1\n",
      ]),
  ]
}

private let fileRules = Set(
  catalogue.pages.rules.filter { rule in
    rule.subject == .entry || rule.when.asked.contains { $0.hasPrefix("files.") }
  }.map(\.id))

/// What a distribution ships is no reason for a warning on any kernel.
@Test(arguments: Distribution.all)
func whatIsShippedIsNoMoreThanANote(_ distribution: Distribution) throws {
  for host in RecordedHost.all {
    let snapshot = try booted(host, distribution.files)
    let report = Audit(of: snapshot, with: catalogue).report()
    let findings = report.findings.filter { fileRules.contains($0.rule) }
    #expect(findings.filter { $0.severity > .note } == [], "\(host)")
    #expect(report.drift == [], "\(host)")
    if distribution.files.isEmpty { #expect(findings == [], "\(host)") }
  }
}

/// Files that are wrong in one way, and the rules that say so.
struct WrongFile: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var files: [String: String]
  var rules: Set<String>
  var isRunning = true
}

private let site = "/etc/sysctl.d/50-site.conf"

@Test(arguments: [
  WrongFile(
    testDescription: "not loaded", files: [site: "net.ipv4.tcp_fin_timeout = 30\n"],
    rules: ["running-differs-from-boot"], isRunning: false),
  WrongFile(testDescription: "loaded", files: [site: "net.ipv4.tcp_fin_timeout = 30\n"], rules: []),
  WrongFile(
    testDescription: "sysctl.conf against sysctl.d",
    files: [
      site: "net.ipv4.tcp_fin_timeout = 30\n",
      "/etc/sysctl.conf": "net.ipv4.tcp_fin_timeout = 20\n",
    ], rules: ["boot-and-system-disagree"]),
  WrongFile(
    testDescription: "dead at boot, in force by hand",
    files: ["/etc/sysctl.conf": "net.ipv4.tcp_fin_timeout = 60\n"],
    rules: ["line-not-read-at-boot"]),
  WrongFile(
    testDescription: "removed", files: [site: "net.ipv4.tcp_thin_dupack = 1\n"],
    rules: ["key-removed"]),
  WrongFile(
    testDescription: "recycle", files: [site: "net.ipv4.tcp_tw_recycle = 1\n"],
    rules: ["tw-recycle-written"]),
  WrongFile(
    testDescription: "recycle off, and gone", files: [site: "net.ipv4.tcp_tw_recycle = 0\n"],
    rules: ["key-removed"]),
  WrongFile(
    testDescription: "misspelled", files: [site: "net.ipv4/tcp_sack = 1\n"],
    rules: ["key-not-here"]),
  WrongFile(
    testDescription: "below what the kernel chooses", files: [site: "net.core.somaxconn = 1024\n"],
    rules: ["stale-pin"]),
  WrongFile(
    testDescription: "what the kernel chooses", files: [site: "net.core.somaxconn = 4096\n"],
    rules: ["default-written-down"]),
  WrongFile(
    testDescription: "nobody reads it", files: [site: "net.ipv4.tcp_low_latency = 1\n"],
    rules: ["key-without-effect"]),
  WrongFile(
    testDescription: "twice, once with slashes",
    files: [site: "net.core.somaxconn = 8192\nnet/core/somaxconn = 16384\n"],
    rules: ["line-overridden"]),
  WrongFile(
    testDescription: "a unit that the kernel does not know",
    files: [site: "net.core.somaxconn = 8k\n"], rules: ["value-not-taken"]),
  WrongFile(
    testDescription: "refused", files: [site: "net.ipv4.tcp_retries2 = 300\n"],
    rules: ["value-not-taken"]),
  WrongFile(
    testDescription: "partly", files: [site: "net.ipv4.tcp_rmem = 8192 262144 big\n"],
    rules: ["value-not-taken"]),
  WrongFile(
    testDescription: "descending", files: [site: "net.ipv4.tcp_rmem = 8192 67108864 50331648\n"],
    rules: ["file-vector-not-ascending"]),
])
func wrongFiles(_ c: WrongFile) throws {
  let host = try #require(RecordedHost.all.last)
  let snapshot = try booted(host, c.files, isRunningThem: c.isRunning)
  let audit = Audit(of: snapshot, with: catalogue)
  let report = audit.report()
  let findings = report.findings.filter { fileRules.contains($0.rule) }
  #expect(Set(findings.map(\.rule)) == c.rules)
  #expect(report.drift.isEmpty == c.isRunning)
  // With the lines gone that ought to go, nothing asks for that again.
  var files = c.files
  for removal in findings.flatMap(\.removals).sorted(by: { $0.line > $1.line }) {
    var lines = try #require(files[removal.file]).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[removal.line - 1].hasPrefix(removal.key.name))
    lines[removal.line - 1] = ""
    files[removal.file] = lines.joined(separator: "\n")
  }
  let after = Audit(of: try booted(host, files), with: catalogue).report()
  #expect(after.findings.flatMap(\.removals) == [])
}

/// A named pipe and a folder among the files, by name.
@Test func thingsThatAreNoFiles() throws {
  var snapshot = try stockSnapshot()
  let tree = FileTree([
    "/etc/sysctl.d/90-pipe.conf": .pipe, "/etc/sysctl.d/20-folder.conf": .folder,
    "/etc/sysctl.d/30-gone.conf": .link("/nowhere"), "/etc/sysctl.d/40-mask.conf": .null,
  ])
  snapshot.files = .known(
    FileDrift(
      FilesInput(
        tree: tree, listing: KeyListing(), arguments: KernelArguments(parsing: []),
        release: snapshot.host.release.value, isLive: false, isInitialNamespace: .known(true),
        gaps: []), with: catalogue
    ).summary())
  let findings = Audit(of: snapshot, with: catalogue).report().findings
  let blocks = try #require(findings.first { $0.rule == "file-blocks-loader" })
  #expect(blocks.severity == .error)
  #expect(blocks.subjects == ["/etc/sysctl.d/90-pipe.conf"])
  let others = try #require(findings.first { $0.rule == "file-not-readable" })
  #expect(others.subjects.contains("/etc/sysctl.d/20-folder.conf"))
  #expect(!others.subjects.contains("/etc/sysctl.d/40-mask.conf"))
}

/// Where no file was read every rule about files says why, and none passes.
@Test func withoutFilesNothingIsSaidOfThem() throws {
  var snapshot = try stockSnapshot()
  snapshot.files = .notGathered("--no-files")
  let report = Audit(of: snapshot, with: catalogue).report()
  #expect(Set(report.notChecked.map(\.rule)).isSuperset(of: fileRules))
  #expect(report.filesMissing == Absence(.notGathered, "--no-files"))
}

/// A program that was seen is named only beside keys that the report speaks of.
@Test func writersAreNamedBesideTheirKeys() throws {
  let host = try #require(RecordedHost.all.last)
  var snapshot = try booted(
    host, [site: "net.core.somaxconn = 8192\n"], isRunningThem: false)
  let tuned = SysctlWriter(name: "tuned", seenAt: "/run/tuned/tuned.pid")
  let ufw = SysctlWriter(
    name: "ufw", seenAt: "/etc/ufw/sysctl.conf",
    namedKeys: [SysctlKey(literal: "net.ipv4.tcp_sack")])
  snapshot.writers = [tuned, ufw]
  let report = Audit(of: snapshot, with: catalogue).report()
  #expect(report.drift.map(\.writers) == [["tuned"]])
  #expect(report.writers == [SysctlWriter.Touched(writer: tuned, keys: [.somaxconn])])
}
