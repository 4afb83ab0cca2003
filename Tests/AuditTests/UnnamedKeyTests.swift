import Audit
import Catalogue
import Facts
import HostFS
import Pages
import Support
import SysctlConf
import Testing

private let finTimeout = SysctlKey(literal: "net.ipv4.tcp_fin_timeout")
private let somaxconn = SysctlKey(literal: "net.core.somaxconn")

private func drift(_ snapshot: Snapshot, assuming: [SysctlKey: String] = [:]) -> [Drift] {
  Audit(of: snapshot, with: catalogue, assuming: assuming).report().drift
}

/// Nothing of a stock host is called changed.
@Test(arguments: RecordedHost.all)
func stockHostsHaveNoDrift(_ host: RecordedHost) throws {
  #expect(drift(try snapshot(of: host)) == [])
}

/// Their defaults depend on the memory of a small machine, and are exact on a larger one.
private let ofLittleMemory = ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]
/// The kernel computes these from its memory, or from another key.
private let uncertain = ofLittleMemory + ["net.ipv4.tcp_mem", "net.netfilter.nf_conntrack_max"]

/// Every key with an exactly known default is told when it shows something else, and no other.
@Test(arguments: RecordedHost.all)
func changedKeysAreToldWhereTheDefaultIsCertain(_ host: RecordedHost) throws {
  var snapshot = try snapshot(of: host)
  let stock = Audit(of: snapshot, with: catalogue).report()
  var expected: [SysctlKey] = []
  for row in stock.tunables {
    guard case .known(let text) = row.value, let numbers = Snapshot.numbers(in: text) else {
      continue
    }
    // A number that no release chooses.
    snapshot.tunables[row.key] = .known(numbers.map { String($0 + 7) }.joined(separator: "\t"))
    if row.defaultValue?.value != nil, !uncertain.contains(row.key.name) {
      expected.append(row.key)
    }
  }
  let found = drift(snapshot).filter { !ofLittleMemory.contains($0.key.name) }
  #expect(found.map(\.key) == expected)
  #expect(expected.count >= 15)
  for drift in found {
    #expect(drift.source == nil)
    #expect(drift.system == drift.running)
    let row = try #require(stock.tunables.first { $0.key == drift.key })
    #expect(drift.boot == row.defaultValue?.value)
  }
}

/// Where the files were not seen whole, or are not the host's, nobody can say that none names a key.
@Test func whatWasNotReadMayNameTheKey() throws {
  var changed = try stockSnapshot().with(finTimeout.name, "77")
  #expect(drift(changed).map(\.key) == [finTimeout])
  let whole = try #require(changed.files.value)
  for kind in ["unread", "too-many", "special-file", "blocks-loader"] {
    var files = whole
    files.problems = [
      FilesReport.Problem(
        file: "/etc/sysctl.d/a.conf", line: nil, kind: kind, message: "x", loaders: [])
    ]
    changed.files = .known(files)
    #expect(drift(changed) == [], "\(kind)")
  }
  var files = whole
  files.problems = [
    FilesReport.Problem(
      file: "/etc/sysctl.d/a.conf", line: 1, kind: "unknown-key", message: "x", loaders: [])
  ]
  changed.files = .known(files)
  #expect(drift(changed).map(\.key) == [finTimeout])
  files.gaps = [Gap("/etc/sysctl.d", "not permitted")]
  changed.files = .known(files)
  #expect(drift(changed) == [])
  files = whole
  files.notCompared = "a container's own"
  changed.files = .known(files)
  #expect(drift(changed) == [])
  changed.files = .absent("no files were recorded")
  #expect(drift(changed) == [])
}

/// A distributor's kernel may have another release's default: 128 for somaxconn is one of 4.18's.
@Test func vendorsMayHaveAnotherReleasesDefault() throws {
  func told(_ release: String, _ value: String) throws -> Bool {
    var snapshot = try stockSnapshot().with(somaxconn.name, value)
    snapshot.host.release = .known(try #require(KernelRelease(release)))
    return drift(snapshot).contains { $0.key == somaxconn }
  }
  #expect(try !told("5.14.0-503.el9.x86_64", "128"))
  #expect(try !told("4.18.0-513.el8.x86_64", "4096"))
  #expect(try told("5.14.0-503.el9.x86_64", "1024"))
  #expect(try told("5.14.5", "128"))
  #expect(try !told("5.14.5", "4096"))
}

/// What was assumed is not changed, and hides no other key.
@Test func assumedValuesAreNoDrift() throws {
  let changed = try stockSnapshot().with(finTimeout.name, "77")
  #expect(drift(changed, assuming: [somaxconn: "1"]).map(\.key) == [finTimeout])
  #expect(drift(changed, assuming: [finTimeout: "60"]) == [])
}

/// `files` lists the same keys, whatever else the files say.
@Test func filesListsKeysThatNoFileNames() throws {
  let host = try #require(RecordedHost.all.last)
  let folder = try host.unpacked()
  let files = HostFS(root: folder.path)
  let words = KernelArguments(parsing: [])
  func report(_ text: String, of key: SysctlKey? = nil) throws -> FilesReport {
    let tree = FileTree(["/etc/sysctl.d/a.conf": .file(Array(text.utf8))])
    var listing = try #require(
      files.keyListing(reading: FileDrift.wanted(in: tree, words, catalogue.pages)))
    listing.keys[finTimeout.path]?.text = .known("77")
    let tunables = files.tunables(expected: catalogue.pages.tunables.keys)
    let host = files.host(tunables).host
    return FileDrift(
      FilesInput(
        tree: tree, listing: listing, arguments: words, release: host.release.value, isLive: false,
        isInitialNamespace: .known(true), gaps: [], host: host), with: catalogue
    ).report(of: key)
  }
  let unnamed = FilesReport.Unnamed(key: finTimeout, running: "77", standard: "60")
  #expect(try report("net.core.somaxconn = 1\n").unnamed == [unnamed])
  #expect(try report("", of: finTimeout).unnamed == [unnamed])
  #expect(try report("", of: somaxconn).unnamed == [])
  #expect(try report("net.ipv4.tcp_fin_timeout = 50\n").unnamed == [])
  #expect(try report("net.ipv4.tcp_fin_*out = 50\n").unnamed == [])
  // A line that no loader can write names the key too.
  #expect(try report("-net.ipv4.tcp_fin_timeout = x\n").unnamed == [])
}
