import Facts
import SnapshotFile
import Testing

struct SnapshotCase: Sendable, CustomTestStringConvertible {
  var name: String
  var snapshot: Snapshot
  var testDescription: String { name }
}

/// Releases compare by their numbers only, so the text is compared too.
private func expectIdentity(_ snapshot: Snapshot, _ comment: Comment? = nil) throws {
  let text = SnapshotFile.text(snapshot)
  let again = try read(text)
  #expect(again == snapshot, comment)
  let lines = zip(text.split(separator: "\n"), SnapshotFile.text(again).split(separator: "\n"))
  #expect(lines.first { $0 != $1 }.map { "\($0) became \($1)" } == nil, comment)
  let (old, new) = (snapshot.host.release.value, again.host.release.value)
  #expect(new?.text == old?.text, comment)
  #expect(new?.patch == old?.patch, comment)
  #expect(new?.isVendorKernel == old?.isVendorKernel, comment)
}

@Test(arguments: [
  SnapshotCase(name: "every field known", snapshot: Snapshots.whole),
  SnapshotCase(name: "over a window", snapshot: Snapshots.window),
  SnapshotCase(name: "every field missing", snapshot: Snapshots.missing),
  SnapshotCase(
    name: "nothing read yet", snapshot: Snapshot(host: Host(unread: Absence(.notGathered, "")))),
])
func readingWhatWasWritten(_ c: SnapshotCase) throws {
  try expectIdentity(c.snapshot)
}

@Test(arguments: [
  "6.1.0-47-cloud-amd64", "6.12.117+deb13-cloud-amd64", "7.0-rc3", "5.14.0-503.el9.x86_64", "6.18",
  "6.18.44-fc-v509", "6.1.170+",
])
func releases(_ text: String) throws {
  var snapshot = Snapshots.whole
  snapshot.host.release = .known(try #require(KernelRelease(text)))
  try expectIdentity(snapshot)
}

@Test(
  arguments: [
    (0, 1), (5, 1), (1, 100), (1, 1_000_000_000), (672, 100), (123_456_789, 1_000_000_000),
    (9_000_000_000, 1), (8_999_999_999_999_999_999, 1_000_000_000),
    // Longer than nanoseconds in 64 bits, and still a time with one decimal place.
    (100_000_000_005, 10), (.max, 2), (.max, 1_000_000_000),
    // As many decimal places as are read.
    (1, 1_000_000_000_000_000_000), (999_999_999_999_999_999, 1_000_000_000_000_000_000),
  ] as [(Int64, Int64)])
func times(_ above: Int64, _ below: Int64) throws {
  var snapshot = Snapshots.whole
  let time = try #require(Fraction(above, below))
  snapshot.host.uptime = .known(time)
  if above > 0 { snapshot.window = .interval(seconds: time) }
  try expectIdentity(snapshot)
}

@Test func oddTextsSurvive() throws {
  var snapshot = Snapshots.whole
  let text = "\" \\ \n \t \u{1} \u{7f} \u{e9} \u{961f}\u{5217} \u{1f600} {\"missing\": 1}"
  snapshot.host.name = .known(text)
  snapshot.host.bootID = .missing(Absence(.unreadable, text))
  snapshot.tunables[SysctlKey(literal: "net.core.somaxconn")] = .known(text)
  snapshot.counters.values[text] = .min
  snapshot.counters.missing[text] = Absence(.absent, text)
  snapshot.gaps = [Gap(text, text), Gap("", "")]
  try expectIdentity(snapshot)
}

@Test func randomSnapshotsReadBack() throws {
  var generator = SystemRandomNumberGenerator()
  for _ in 0..<200 {
    let snapshot = Snapshot.random(using: &generator)
    try expectIdentity(snapshot)
  }
}

/// Two readings of the same host can be compared as text.
@Test func theSameSnapshotIsTheSameText() throws {
  for snapshot in [Snapshots.whole, Snapshots.window, Snapshots.missing] {
    let text = SnapshotFile.text(snapshot)
    #expect(SnapshotFile.text(snapshot) == text)
    #expect(text.hasSuffix("}\n"))
    #expect(text.contains("\n  \"format_version\": \"1.0\",\n"))
  }
}
