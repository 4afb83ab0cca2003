import Facts
import Testing

struct ReleaseCase: Sendable, CustomTestStringConvertible {
  var text: String
  var version = ""
  var printed: String?
  var isVendor = false
  var testDescription: String { text }
}

private let debian =
  "Linux version 6.1.0-56-cloud-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14)"
  + " 12.2.0, GNU ld 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-09-01)"

@Test(arguments: [
  ReleaseCase(text: "6.18.44", printed: "6.18.44"),
  ReleaseCase(text: "5.10", printed: "5.10"),
  ReleaseCase(text: "3.10.4", printed: "3.10.4"),
  ReleaseCase(text: "7.0-rc3", printed: "7.0.0"),
  ReleaseCase(text: "6.18.44-fc-v509", printed: "6.18.44", isVendor: true),
  ReleaseCase(text: "6.18.44+", printed: "6.18.44"),
  ReleaseCase(text: "6.1.0-56-cloud-amd64", version: debian, printed: "6.1.192", isVendor: true),
  ReleaseCase(text: "6.1.0-56-cloud-amd64", printed: "6.1", isVendor: true),
  ReleaseCase(
    text: "5.15.0-91-generic", version: "Ubuntu 5.15.0-91.101-generic 5.15.131",
    printed: "5.15.131", isVendor: true),
  ReleaseCase(text: "5.14.0-503.14.1.el9_5.x86_64", printed: "5.14", isVendor: true),
  ReleaseCase(text: "6.12.117+deb13-cloud-amd64", printed: "6.12.117", isVendor: true),
  ReleaseCase(text: "5.10.134-16.al8.x86_64", printed: "5.10.134", isVendor: true),
  ReleaseCase(text: "linux"),
  ReleaseCase(text: ""),
  ReleaseCase(text: "6"),
  ReleaseCase(text: "0.9"),
  ReleaseCase(text: "6.x"),
  ReleaseCase(text: "99999999999999999999.1"),
])
func kernelRelease(_ c: ReleaseCase) {
  let release = KernelRelease(c.text, version: c.version)
  #expect(release?.description == c.printed)
  #expect(release?.isVendorKernel ?? false == c.isVendor)
}

@Test func releasesCompareByTheirNumbers() throws {
  let texts = ["3.10.4", "4.4", "5.4.289", "5.4.290", "5.10", "6.1.125-x", "6.12.9", "7.3.4"]
  let releases = try texts.map { try #require(KernelRelease($0)) }
  #expect(releases.sorted() == releases)
  #expect(try #require(KernelRelease("6.1.0-47-amd64")) >= #require(KernelRelease("6.1")))
  #expect(try #require(KernelRelease("6.1.125")) == #require(KernelRelease("6.1.125-cloud")))
}
