import Facts
import Foundation
import HostFS
import Support
import Testing

private let folders = ["/etc/sysctl.d", "/usr/lib/sysctl.d"]

private func read(_ folder: TestFolder) -> SysctlFiles {
  HostFS(root: folder.path).sysctlFiles(folders: folders, files: ["/etc/sysctl.conf"])
}

private func link(_ folder: TestFolder, _ path: String, to target: String) throws {
  try FileManager.default.createSymbolicLink(
    atPath: "\(folder.path)/\(path)", withDestinationPath: target)
}

@Test func aTreeIsReadWithItsLinks() throws {
  let folder = try TestFolder()
  try folder.write(text: "a", to: "etc/sysctl.d/10-a.conf")
  try folder.write(text: "not of this kind", to: "etc/sysctl.d/README")
  try folder.write(text: "b", to: "etc/sysctl.conf")
  try folder.write(text: "c", to: "etc/real/c")
  try link(folder, "etc/sysctl.d/99-sysctl.conf", to: "../sysctl.conf")
  try link(folder, "etc/sysctl.d/mask.conf", to: "/dev/null")
  try link(folder, "etc/sysctl.d/far.conf", to: "/etc/real/c")
  try link(folder, "etc/sysctl.d/gone.conf", to: "/gone")
  try link(folder, "etc/sysctl.d/loop.conf", to: "loop.conf")
  try FileManager.default.createDirectory(
    atPath: folder.path + "/etc/sysctl.d/dir.conf", withIntermediateDirectories: true)
  let files = read(folder)
  #expect(files.gaps.isEmpty)
  let tree = files.tree
  #expect(
    tree.place("/etc/sysctl.d/10-a.conf")
      == .found(
        path: "/etc/sysctl.d/10-a.conf", .file(Array("a".utf8))))
  #expect(
    tree.place("/etc/sysctl.d/99-sysctl.conf")
      == .found(
        path: "/etc/sysctl.conf", .file(Array("b".utf8))))
  #expect(
    tree.place("/etc/sysctl.d/far.conf")
      == .found(
        path: "/etc/real/c", .file(Array("c".utf8))))
  #expect(tree.place("/etc/sysctl.d/mask.conf") == .found(path: "/dev/null", .null))
  #expect(tree.place("/etc/sysctl.d/gone.conf") == .missing(.noEntry))
  #expect(tree.place("/etc/sysctl.d/loop.conf") == .missing(.endlessLinks))
  #expect(
    tree.place("/etc/sysctl.d/dir.conf")
      == .found(
        path: "/etc/sysctl.d/dir.conf", .folder))
  #expect(tree["/etc/sysctl.d/README"] == nil)
}

/// However a link tries, it does not leave the root.
@Test func nothingIsReadOutsideOfTheRoot() throws {
  let outside = try TestFolder()
  try outside.write(text: "secret", to: "secret.conf")
  let folder = try TestFolder()
  try folder.write(text: "", to: "etc/sysctl.d/x")
  let up = String(repeating: "../", count: 30)
  try link(folder, "etc/sysctl.d/a.conf", to: outside.path + "/secret.conf")
  try link(folder, "etc/sysctl.d/b.conf", to: up + outside.path.dropFirst() + "/secret.conf")
  try link(folder, "etc/out", to: outside.path)
  try link(folder, "etc/sysctl.d/c.conf", to: "../out/secret.conf")
  try link(folder, "usr", to: "/")
  try link(folder, "etc/sysctl.conf", to: "/proc/self/root" + outside.path + "/secret.conf")
  let tree = read(folder).tree
  for path in tree.paths {
    if case .file(let bytes) = tree[path] { #expect(bytes.isEmpty, "\(path)") }
  }
  #expect(tree.place("/etc/sysctl.d/a.conf") == .missing(.noEntry))
  #expect(tree.place("/etc/sysctl.d/c.conf") == .missing(.noEntry))
}

/// Pipes and devices are told, and nobody waits for them.
@Test func pipesAndDevicesAreNotOpened() throws {
  let folder = try TestFolder()
  try folder.write(text: "", to: "etc/sysctl.d/x")
  mkfifo(folder.path + "/etc/sysctl.d/a.conf", 0o644)
  mkfifo(folder.path + "/etc/pipe", 0o644)
  try link(folder, "etc/sysctl.d/b.conf", to: "/etc/pipe")
  let made = mknod(folder.path + "/etc/sysctl.d/zero.conf", S_IFCHR | 0o644, 1 << 8 | 5) == 0
  let tree = read(folder).tree
  #expect(tree["/etc/sysctl.d/a.conf"] == .pipe)
  #expect(tree.place("/etc/sysctl.d/b.conf") == .found(path: "/etc/pipe", .pipe))
  if made { #expect(tree["/etc/sysctl.d/zero.conf"] == .special) }
}

@Test func aFileOfAGibibyteIsNotRead() throws {
  let folder = try TestFolder()
  let path = try folder.write(text: "", to: "etc/sysctl.d/big.conf")
  #expect(truncate(path, 1 << 30) == 0)
  try folder.write(text: "a", to: "etc/sysctl.d/small.conf")
  let tree = read(folder).tree
  #expect(tree["/etc/sysctl.d/big.conf"] == .unread("larger than 16 MiB"))
  #expect(tree["/etc/sysctl.d/small.conf"] == .file([0x61]))
}

/// Names of any bytes are read, and sorted by them.
@Test func namesMayBeAnyBytes() throws {
  let folder = try TestFolder()
  try folder.write(text: "", to: "etc/sysctl.d/x")
  for name in [[0xff, 0xfe], [0x1b, 0x5b], Array("é".utf8), Array("z".utf8), [0x5c]] as [[UInt8]] {
    let path = Array((folder.path + "/etc/sysctl.d/").utf8) + name + Array(".conf\0".utf8)
    let descriptor = open(path.map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o644)
    #expect(descriptor >= 0)
    close(descriptor)
  }
  #expect(
    read(folder).tree.names(in: "/etc/sysctl.d") == [
      "\\x1B[.conf", "\\x5C.conf", "z.conf", "\\xC3\\xA9.conf", "\\xFF\\xFE.conf",
    ])
}

/// A hundred thousand files: the first 512 are read, and that is said.
@Test func manyFilesAreLeftOut() throws {
  let folder = try TestFolder()
  let path = folder.path + "/etc/sysctl.d"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  for number in 100_000..<200_000 {
    close(open("\(path)/\(number).conf", O_WRONLY | O_CREAT, 0o644))
  }
  var found: SysctlFiles?
  #expect(processorSeconds { found = read(folder) } < 20)
  let files = try #require(found)
  #expect(files.tree.names(in: "/etc/sysctl.d").count == 512)
  #expect(files.tree["/etc/sysctl.d/100511.conf"] == .file([]))
  #expect(
    files.gaps == [
      Gap("/etc/sysctl.d", "99488 files were not read: there are more than 512")
    ])
}

@Test func keysAreListedAndWantedOnesRead() throws {
  let folder = try TestFolder()
  #expect(HostFS(root: folder.path).keyListing { _ in true } == nil)
  try folder.write(text: "60\n", to: "proc/sys/net/ipv4/tcp_fin_timeout")
  try folder.write(text: "1\n", to: "proc/sys/net/ipv4/conf/eth0.100/rp_filter", mode: 0o444)
  try folder.write(text: "secret\n", to: "proc/sys/net/ipv4/tcp_fastopen_key", mode: 0o600)
  try link(folder, "proc/sys/net/out", to: "/")
  let listing = try #require(HostFS(root: folder.path).keyListing { !$0.hasSuffix("timeout") })
  #expect(
    listing.names == [
      "net/ipv4/tcp_fin_timeout", "net/ipv4/conf/eth0.100/rp_filter", "net/ipv4/tcp_fastopen_key",
    ])
  #expect(
    listing.folders == ["", "net", "net/ipv4", "net/ipv4/conf", "net/ipv4/conf/eth0.100"])
  #expect(listing.keys["net/ipv4/tcp_fin_timeout"] == nil)
  #expect(
    listing.keys["net/ipv4/conf/eth0.100/rp_filter"]
      == KeyListing.Key(text: .known("1"), isWritable: false))
  #expect(listing.keys["net/ipv4/tcp_fastopen_key"]?.text.absence?.kind == .notGathered)
}
